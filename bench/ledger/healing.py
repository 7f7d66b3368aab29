"""Healing: how long after the end of a fault everybody has everything that was committed by then."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.database import Database
from bench.ledger.reader import Reader


@dataclass
class Outage:
    """A fault that is over, and who does not have everything yet."""

    kind: str
    since: float
    version: int
    clients: list[Reader]
    #: Whether anybody has got everything without being hit once more.
    has_healed: bool = False


class Healing:
    """Looks at the outages of a run until they have healed."""

    def __init__(self, database: Database, readers: Sequence[Reader]) -> None:
        self._database, self._readers = database, readers
        self._outages: list[Outage] = []
        #: What it was and how long it took, in seconds.
        self.healed: list[tuple[str, float]] = []

    def begin(self, kind: str) -> None:
        """A fault is over: from now on it may heal."""
        whole = [reader for reader in self._readers if not reader.proxy.is_spoilt]
        self._outages.append(Outage(kind, time.monotonic(), self._database.version(), whole))

    @property
    def open(self) -> int:
        """How many have not healed yet."""
        return len(self._outages)

    async def watch(self) -> None:
        """Take the time, until cancelled."""
        while True:
            await asyncio.sleep(0.02)
            self._outages = [outage for outage in self._outages if not self._look_at(outage)]

    def _look_at(self, outage: Outage) -> bool:
        """Has it healed? Whoever is hit by another fault meanwhile is left to that one."""
        whole = [reader for reader in outage.clients if not reader.proxy.is_spoilt]
        behind = [reader for reader in whole if reader.position < outage.version]
        outage.has_healed |= len(whole) > len(behind)
        outage.clients = behind
        if not behind and outage.has_healed:
            self.healed.append((outage.kind, time.monotonic() - outage.since))
        return not behind


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that `share` of them do not exceed; 0 where there is none."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
