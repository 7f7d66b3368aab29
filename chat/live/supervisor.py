"""The supervisor: the tasks of a process. Work that never ends is begun again where an error ended it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)

#: How long to wait before it begins again, in seconds, so that what fails at once does not spin.
PAUSE = 1.0


class Supervisor:
    """Keeps tasks alive, and says in the log why one has ended. Belongs to one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        # Kept, because the loop itself keeps no task alive.
        self._tasks: set[asyncio.Task[None]] = set()

    def keep_running(self, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Do `work`, and again whenever it ends, until the task is cancelled or the loop turns no more."""
        return self.run(supervise(work))

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something once."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s has ended by an error.", task.get_coro(), exc_info=error)


async def supervise(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do `work`, and again whenever it ends, until this task is cancelled. Why it ended is logged."""
    while True:
        try:
            await work()
            logger.error("%s has ended; it begins again.", work.__qualname__)
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            # A library has let the end of a task of its own come through.
            logger.exception("%s was cancelled from inside; it begins again.", work.__qualname__)
        except Exception:
            logger.exception("%s has ended by an error; it begins again.", work.__qualname__)
        await asyncio.sleep(PAUSE)


def _is_cancelled() -> bool:
    """Whether somebody wants this task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
