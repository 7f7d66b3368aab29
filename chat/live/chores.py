"""Chores: what a process does now and then beside serving, in a thread that nobody waits for."""

import asyncio
import logging
from collections.abc import Callable

from django.db import connection

from chat.storage import vendor
from chat.storage.thread import DatabaseThread

logger = logging.getLogger(__name__)

#: How long after the start a chore is done first, and how often from then on, in seconds.
FIRST, EVERY = 60.0, 3600.0
#: How long the database is left alone between two portions, in seconds.
PAUSE = 0.1


class Chore:
    """Has `work` done in small portions: once more at once as long as it says that there is more."""

    def __init__(self, work: Callable[[], bool]) -> None:
        self._work = work
        self._thread = DatabaseThread("chat-chore")

    async def run(self) -> None:
        """Do it now and then, for ever. A database that does not answer is asked again the next time."""
        await asyncio.sleep(FIRST)
        while True:
            is_more = False
            try:
                is_more = await self._thread.run(self._do_some)
            except vendor.UNAVAILABLE as error:
                logger.warning("%s waits for the database: %s", self._work.__qualname__, error)
            await asyncio.sleep(PAUSE if is_more else EVERY)

    def _do_some(self) -> bool:
        try:
            return self._work()
        finally:
            connection.close()  # an hour is long
