"""The writer: one for each process. While one transaction runs, what is asked for gathers into the next.

So a thousand people who talk cost some tens of transactions a second, not a thousand.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from chat.core.errors import Internal
from chat.storage import database_file, vendor
from chat.storage.thread import PATIENCE, DatabaseThread

logger = logging.getLogger(__name__)

#: The most commands of one transaction: enough to gather a crowd, few enough to answer the first soon.
BATCH = 500
#: Where something was written within BUSY seconds, a lively room is answering: the next transaction waits
#: until as many commands have come as it had answered, for GATHER seconds at most. Otherwise it begins at
#: once: nobody waits for others who have said nothing just before.
GATHER, BUSY = 0.001, 0.02
#: How long to wait before a database is asked again that has refused at once, in seconds; and how long
#: it has at least, lest a crowd that has waited long keeps failing with the one who has waited longest.
PAUSE = 0.1
#: How long a command waits for others that nobody waits for, in seconds: who is here through the process is
#: written sooner (live/presence_writer.py), and with that whatever there is.
LATER = 0.2

#: Where everything is written.
_thread = DatabaseThread("chat-writer", prepares=True)

Command = TypeVar("Command")
Outcome = TypeVar("Outcome")


class Writer(Generic[Command, Outcome]):
    """Hands commands to `write`, many at a time, in the writers' thread. Belongs to one event loop.

    `write` carries out all of a batch in one transaction or raises, and returns an outcome for each.
    `publish` gets these outcomes after they were given to those who wait for them. `retry` does what
    `write` does for commands that were tried before and may have been kept: a database may be lost before
    it says so.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Command]], Sequence[Outcome]],
        publish: Callable[[Sequence[Outcome]], None],
        retry: Callable[[Sequence[Command]], Sequence[Outcome]] | None = None,
    ) -> None:
        self._write, self._retry = write, retry or write
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting[Command, Outcome]] = deque()
        self._task: asyncio.Task[None] | None = None
        #: What begins with those that nobody waits for.
        self._timer: asyncio.TimerHandle | None = None
        self._wrote_at = -BUSY
        #: How many commands the last transaction had, and what is set when as many wait again.
        self._answered = 0
        self._gathered: asyncio.Future[None] | None = None
        #: How many of those who wait go alone, because one of them cannot be carried out.
        self._alone = 0
        #: Whether the database took what it was given last.
        self._is_well = True

    def put(self, command: Command, *, later: bool = False) -> "asyncio.Future[Outcome | Internal]":
        """Have `command` carried out, after all that were put before. Its outcome comes after the commit.

        One for `later`, which nobody waits for, goes with the next that is put, or the next `hurry`; after
        LATER seconds by itself.

        A command that the database has not taken within PATIENCE, or does not take at all, comes out as
        Internal, and then nothing of it was kept; save where the database went away in the very commit.
        """
        waiting: _Waiting[Command, Outcome] = _Waiting(command, self._loop)
        self._waiting.append(waiting)
        if self._task is None and later:
            self._timer = self._timer or self._loop.call_later(LATER, self.hurry)
        elif self._task is None:
            self._begin()
        elif self._gathered is not None and len(self._waiting) >= self._answered:
            _wake(self._gathered)
        return waiting.outcome

    def hurry(self) -> None:
        """Somebody waits, after all, for what was put."""
        if self._task is None and self._waiting:
            self._begin()

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._task = self._loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            if self._loop.time() < self._wrote_at + BUSY and len(self._waiting) < self._answered:
                await self._gather()
            while batch := self._next_batch(1 if self._alone else BATCH):
                try:
                    await self._carry_out(batch)
                except (
                    Exception
                ):  # a fault of ours: nobody waits for ever, and those behind have their turn
                    logger.exception("Nobody knows what came of %d commands.", len(batch))
                    for waiting in batch:
                        waiting.give(Internal())
                self._wrote_at, self._answered = self._loop.time(), len(batch)
        finally:
            self._task = None

    async def _gather(self) -> None:
        """Return when as many wait as were answered last, or after GATHER seconds."""
        self._gathered = self._loop.create_future()
        timer = self._loop.call_later(GATHER, _wake, self._gathered)
        try:
            await self._gathered
        finally:
            timer.cancel()
            self._gathered = None

    def _next_batch(self, most: int) -> "list[_Waiting[Command, Outcome]]":
        """The commands whose turn it is. Those that have waited too long are given up."""
        batch: list[_Waiting[Command, Outcome]] = []
        given_up, now = 0, self._loop.time()
        while self._waiting and len(batch) < most:
            waiting = self._waiting.popleft()
            if waiting.deadline > now:
                batch.append(waiting)
            else:
                waiting.give(Internal())
                given_up += 1
        if given_up:
            logger.error("%d commands were given up: the database did not take them in time.", given_up)
        return batch

    async def _carry_out(self, batch: "list[_Waiting[Command, Outcome]]") -> None:
        commands = [waiting.command for waiting in batch]
        write = self._retry if any(waiting.was_tried for waiting in batch) else self._write
        left = min(waiting.deadline for waiting in batch) - self._loop.time()
        try:
            outcomes = await _thread.run(partial(_written, write, commands), max(left, PAUSE))
        except vendor.UNAVAILABLE as error:
            if self._is_well:
                logger.warning("The database takes nothing just now: %s", str(error).strip())
            self._is_well = False
            for waiting in batch:
                waiting.was_tried = True
            self._waiting.extendleft(reversed(batch))
            await asyncio.sleep(PAUSE)
            return
        except Exception as error:  # a row that the database refuses: a fault of ours
            if len(batch) == 1:
                logger.exception("%s could not be carried out.", type(commands[0]).__name__)
                batch[0].give(Internal())
            else:
                logger.warning("A batch of %d failed (%s); each goes alone.", len(batch), error)
                for waiting in batch:  # what failed may be what comes after the commit
                    waiting.was_tried = True
                self._waiting.extendleft(reversed(batch))
                self._alone = len(batch)
                return
        else:
            self._is_well = True
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.give(outcome)
            # After those who wait have been woken: they do not wait for the others.
            self._loop.call_soon(self._publish_all, outcomes)
        self._alone = max(0, self._alone - len(batch))

    def _publish_all(self, outcomes: Sequence[Outcome]) -> None:
        try:
            self._publish(outcomes)
        except Exception:  # a fault of ours; they are stored, and whoever listens hears of them by the poll
            logger.exception("What came of %d commands could not be told.", len(outcomes))


def _wake(gathered: "asyncio.Future[None]") -> None:
    if not gathered.done():
        gathered.set_result(None)


def _written(
    write: Callable[[Sequence[Command]], Sequence[Outcome]], commands: Sequence[Command]
) -> Sequence[Outcome]:
    outcomes = write(commands)
    database_file.check()  # or what is acknowledged may be in a file that nobody finds again
    return outcomes


class _Waiting(Generic[Command, Outcome]):
    """A command, and the one who waits for it."""

    __slots__ = ("command", "deadline", "outcome", "was_tried")

    def __init__(self, command: Command, loop: asyncio.AbstractEventLoop) -> None:
        self.command = command
        self.deadline = loop.time() + PATIENCE
        self.outcome: asyncio.Future[Any] = loop.create_future()
        #: Whether it was given to the database before, which has not said whether it was kept.
        self.was_tried = False

    def give(self, outcome: Any) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)
