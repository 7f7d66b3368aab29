"""The crowd: in a large room who comes and who goes is counted, and told once in a while."""

import asyncio
import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)

#: How long it is counted before it is told, in seconds.
PERIOD = 1.0

Notify = Callable[[int, int], None]


class Crowd:
    """Counts for each room how many came and went since that was told last."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._counts: dict[int, tuple[int, int, Notify]] = {}

    def count(self, room: int, *, came: int = 0, went: int = 0, notify: Notify) -> None:
        """Count; within PERIOD `notify` gets how many came and how many went, of all that were counted."""
        if room not in self._counts:
            self._loop.call_later(PERIOD, self._notify, room)
        came_before, went_before, _notify = self._counts.get(room, (0, 0, notify))
        self._counts[room] = came_before + came, went_before + went, notify

    def forget(self, room: int) -> None:
        """Tell nothing of a room that is gone."""
        self._counts.pop(room, None)

    def _notify(self, room: int) -> None:
        if room in self._counts:
            came, went, notify = self._counts.pop(room)
            try:
                notify(came, went)
            except Exception:  # of one room; the others are told all the same
                logger.exception("It could not be told how many came and went.")
