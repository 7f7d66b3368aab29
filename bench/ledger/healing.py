"""Healing: how long after a fault everybody has everything that was committed or asked for by then."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.database import Database
from bench.ledger.reader import Reader


@dataclass
class Outage:
    """A fault that may heal, and who does not have everything yet."""

    kind: str
    since: float
    epoch: str
    version: int
    #: Who was there, and the refs that each waited for.
    clients: dict[Reader, frozenset[str]]
    #: Whether anybody has got everything without being hit once more.
    has_healed: bool = False

    def has_healed_for(self, reader: Reader) -> bool:
        """Whether it is in, hears something again, is level, and has an answer to all it waited for."""
        is_back = reader.is_in and reader.heard_at > self.since and reader.epoch == self.epoch
        return is_back and reader.position >= self.version and not self.clients[reader] & reader.waiting()


class Healing:
    """Looks at the outages of a run until they have healed."""

    def __init__(self, database: Database, readers: Sequence[Reader]) -> None:
        self._database, self._readers = database, readers
        self._outages: list[Outage] = []
        #: What it was and how long it took until it had healed for everybody, in seconds.
        self.healed: list[tuple[str, float]] = []
        #: How long it took for each client of each outage.
        self.times: list[float] = []

    def begin(self, kind: str) -> None:
        """From now on a fault may heal."""
        clients = {reader: reader.waiting() for reader in self._readers if not reader.proxy.is_spoilt}
        since, epoch, version = time.monotonic(), self._database.epoch(), self._database.version()
        self._outages.append(Outage(kind, since, epoch, version, clients))

    @property
    def open(self) -> int:
        """How many have not healed yet."""
        return len(self._outages)

    async def watch(self) -> None:
        """Take the time, until cancelled."""
        while True:
            await asyncio.sleep(0.02)
            self._outages = [outage for outage in self._outages if not self._look_at(outage)]

    def give_up(self) -> None:
        """What has not healed by now has taken as long as this, at least."""
        for outage in self._outages:
            self.times += [time.monotonic() - outage.since] * len(outage.clients)

    def _look_at(self, outage: Outage) -> bool:
        """Has it healed? Whoever is hit by another fault meanwhile is left to that one."""
        whole = [reader for reader in outage.clients if not reader.proxy.is_spoilt]
        behind = [reader for reader in whole if not outage.has_healed_for(reader)]
        if behind and all(reader.epoch not in (None, outage.epoch) for reader in behind):
            # The room has another epoch since then, as where a copy was put back, and they know it already.
            outage.epoch = self._database.epoch()
        took = time.monotonic() - outage.since
        self.times += [took] * (len(whole) - len(behind))
        outage.has_healed |= len(whole) > len(behind)
        outage.clients = {reader: outage.clients[reader] for reader in behind}
        if not behind and outage.has_healed:
            self.healed.append((outage.kind, took))
        return not behind


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that `share` of them do not exceed; 0 where there is none."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
