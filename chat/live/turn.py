"""The turn of the loop: what gathers while it lasts leaves at its end, what rooms are told first.

With that goes what was meant for one client alone: who has said something gets the ack and hears it in one
write. What is left of it has one more turn to gather.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

logger = logging.getLogger(__name__)


class Gathering(Protocol):
    """What is meant for one client alone, and may have gone by the time it is asked to: a SendQueue."""

    @property
    def is_gathering(self) -> bool:
        """Whether anything is left."""

    def leave(self) -> None:
        """Send what is left."""


class Turn:
    """What waits for the end of the turn: one callback of its event loop for all of it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._rooms: list[Callable[[], None]] = []
        #: For whom something gathers since this turn, and since the last one.
        self._clients: list[Gathering] = []
        self._leaving: list[Gathering] = []
        self._is_ending = False

    def tell_room(self, flush: Callable[[], None]) -> None:
        """Have a room told what it is to hear."""
        self._rooms.append(flush)
        self._end_soon()

    def tell_client(self, client: Gathering) -> None:
        """Have a client sent what is gathering for it, unless that has gone with what a room is told."""
        self._clients.append(client)
        self._end_soon()

    def whole(self, function: Callable[[], None]) -> None:
        """Call a function that says all there is to say: it leaves at once, not when the loop turns."""
        if self._is_ending:
            return function()
        self._is_ending = True
        try:
            function()
        finally:
            self._end()

    def _end_soon(self) -> None:
        if not self._is_ending:
            self._is_ending = True
            self.loop.call_soon(self._end)

    def _end(self) -> None:
        rooms, self._rooms = self._rooms, []
        for tell in (*rooms, *(client.leave for client in self._leaving)):
            try:
                tell()
            except Exception:  # of one alone
                logger.exception("A room or a client could not be told.")
        self._leaving = [client for client in self._clients if client.is_gathering]
        self._clients.clear()
        self._is_ending = False
        if self._leaving or self._rooms:
            self._end_soon()


_turn: Turn | None = None


def current() -> Turn:
    """That of the running event loop."""
    global _turn
    if _turn is None or _turn.loop is not asyncio.get_running_loop():
        _turn = Turn()
    return _turn
