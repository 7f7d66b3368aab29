"""The guest: a client of dialect v1."""

import time
from random import Random

from bench.ledger.client import TRANSIENT, Client, Frame
from bench.ledger.journal import Journal
from bench.ledger.proxy import Proxy

#: What may be told to somebody who has done nothing wrong.
_PASSING = (*TRANSIENT, "restart")


class Guest(Client):
    """A client of v1: it shows what it hears as it comes. Some write, and get no ack."""

    dialect = 1

    def __init__(self, name: str, proxy: Proxy, journal: Journal, random: Random, pace: float) -> None:
        super().__init__(name, proxy, journal, random)
        #: The ids of the messages heard, for each connection.
        self.heard: list[list[int]] = []
        self.is_talking = pace > 0
        self._pace = pace
        self._number = 0
        self._next_at = 0.0

    def forget(self) -> None:
        """What was heard so far is of a history that is gone."""
        self.heard = [[]]

    def _begin(self) -> None:
        super()._begin()
        self.heard.append([])

    async def _take(self, frame: Frame) -> None:
        match frame["type"]:
            case "request_name":
                await self.say({"name": self.name})
            case "message":
                self.heard[-1].append(self.journal.see(self.name, frame).id)
            case "notification":
                self.is_in = True
                if frame["color"] == "danger" and frame["code"] not in _PASSING:
                    self.journal.flag("wrong", f"{self.name} was refused: {frame}")
            case other:
                self.journal.flag("wrong", f"{self.name} of v1 was told of {other}")

    async def _look_after(self) -> None:
        # `_watch` gives up who hears nothing; here the pongs keep watch, which it does not see.
        self.heard_at = time.monotonic()
        if self.is_in and self.is_talking and time.monotonic() > self._next_at:
            self._next_at = time.monotonic() + self.random.uniform(0, 2 * self._pace)
            self._number += 1
            await self.say({"type": "message", "message": f"{self.name} {self._number}"})
