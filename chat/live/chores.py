"""Chores: what a process does now and then beside serving, in a thread that nobody waits for."""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic

from django.db import connection

from chat.storage import vendor
from chat.storage.thread import DatabaseThread

logger = logging.getLogger(__name__)

#: How long after the start a chore is done first, and how often from then on, in seconds.
FIRST, EVERY = 60.0, 3600.0
#: How long the database is left alone between two portions, in seconds.
PAUSE = 0.1
#: And for how many times as long as the portion took.
RESTS = 3


class Chore:
    """Has `work` done in small portions: once more at once as long as it says that there is more.

    In a thread of its own, whose connection is closed after each portion; or in one that is kept.
    """

    def __init__(
        self,
        work: Callable[[], bool],
        *,
        thread: DatabaseThread | None = None,
        first: float | None = None,
        every: float | None = None,
    ) -> None:
        self._work = work
        self._first = FIRST if first is None else first
        self._every = EVERY if every is None else every
        self._is_own = thread is None
        self._thread = thread or DatabaseThread("chat-chore")

    async def run(self) -> None:
        """Do it now and then, for ever. A database that does not answer is asked again the next time."""
        await asyncio.sleep(self._first)
        while True:
            is_more, took = False, 0.0
            try:
                is_more, took = await self._thread.run(self._do_some)
            except vendor.UNAVAILABLE as error:
                logger.warning("%s waits for the database: %s", self._work.__qualname__, error)
            await asyncio.sleep(max(PAUSE if is_more else self._every, RESTS * took))

    def _do_some(self) -> tuple[bool, float]:
        """Whether there is more, and how many seconds this took."""
        began = monotonic()
        try:
            return self._work(), monotonic() - began
        finally:
            if self._is_own:
                connection.close()  # an hour is long
