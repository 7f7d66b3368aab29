"""The writer: one for each process. While one transaction runs, what is asked for gathers into the next.

So a thousand people who talk cost some tens of transactions a second, not a thousand.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    reset_queries,
)

from chat.core.errors import Internal
from chat.live import database_file

logger = logging.getLogger(__name__)

#: How long an order may wait for a database that is locked or gone, in seconds.
PATIENCE = 5.0
#: The most orders of one transaction: enough to gather a crowd, few enough to answer the first soon.
BATCH = 500
#: Where something was written within BUSY seconds, a lively room is answering: the next transaction is held
#: back for GATHER seconds, so that it takes in all the answers. Otherwise it begins at once.
GATHER, BUSY = 0.001, 0.02
#: How long to wait before a database is asked again that has refused at once, in seconds; and how long
#: it has at least, lest a crowd that has waited long keeps failing with the one who has waited longest.
PAUSE = 0.1

#: Where everything is written: one connection, which stays.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-writer")

Order = TypeVar("Order")
Outcome = TypeVar("Outcome")


class Writer(Generic[Order, Outcome]):
    """Hands orders to `write`, many at a time, in the writers' thread. Belongs to one event loop.

    `write` carries out all of a batch in one transaction or raises, and returns an outcome for each.
    `tell` gets these outcomes after they were given to those who wait for them. `again` does what `write`
    does for orders that were tried before and may have been kept: a database may be lost before it says so.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Order]], Sequence[Outcome]],
        tell: Callable[[Sequence[Outcome]], None],
        again: Callable[[Sequence[Order]], Sequence[Outcome]] | None = None,
    ) -> None:
        self._write, self._again = write, again or write
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting[Order, Outcome]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._wrote_at = -BUSY
        #: How many of those who wait go alone, because one of them cannot be carried out.
        self._alone = 0
        #: Whether the database took what it was given last.
        self._is_well = True

    def belongs_to(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether this is the writer of `loop`."""
        return self._loop is loop

    def put(self, order: Order) -> "asyncio.Future[Outcome | Internal]":
        """Have `order` carried out, after all that were put before. Its outcome comes after the commit.

        An order that the database has not taken within PATIENCE, or does not take at all, comes out as
        Internal, and then nothing of it was kept; save where the database went away in the very commit.
        """
        waiting: _Waiting[Order, Outcome] = _Waiting(order, self._loop)
        self._waiting.append(waiting)
        if self._task is None:
            self._task = self._loop.create_task(self._run())
        return waiting.outcome

    async def _run(self) -> None:
        try:
            if self._loop.time() < self._wrote_at + BUSY:
                await asyncio.sleep(GATHER)
            while batch := self._next_batch(1 if self._alone else BATCH):
                try:
                    await self._carry_out(batch)
                except (
                    Exception
                ):  # a fault of ours: nobody waits for ever, and those behind have their turn
                    logger.exception("Nobody knows what came of %d orders.", len(batch))
                    for waiting in batch:
                        waiting.give(Internal())
                self._wrote_at = self._loop.time()
        finally:
            self._task = None

    def _next_batch(self, most: int) -> "list[_Waiting[Order, Outcome]]":
        """The orders whose turn it is. Those that have waited too long are given up."""
        batch: list[_Waiting[Order, Outcome]] = []
        given_up, now = 0, self._loop.time()
        while self._waiting and len(batch) < most:
            waiting = self._waiting.popleft()
            if waiting.deadline > now:
                batch.append(waiting)
            else:
                waiting.give(Internal())
                given_up += 1
        if given_up:
            logger.error("%d orders were given up: the database did not take them in time.", given_up)
        return batch

    async def _carry_out(self, batch: "list[_Waiting[Order, Outcome]]") -> None:
        orders = [waiting.order for waiting in batch]
        write = self._again if any(waiting.was_tried for waiting in batch) else self._write
        left = min(waiting.deadline for waiting in batch) - self._loop.time()
        try:
            outcomes = await self._loop.run_in_executor(
                _thread, self._in_thread, write, orders, max(left, PAUSE)
            )
        except (OperationalError, InterfaceError) as error:
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
                logger.exception("%s could not be carried out.", type(orders[0]).__name__)
                batch[0].give(Internal())
            else:
                logger.warning("A batch of %d failed (%s); each goes alone.", len(batch), error)
                self._waiting.extendleft(reversed(batch))
                self._alone = len(batch)
                return
        else:
            self._is_well = True
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.give(outcome)
            # After those who wait have been woken: they do not wait for the telling.
            self._loop.call_soon(self._tell_all, outcomes)
        self._alone = max(0, self._alone - len(batch))

    def _tell_all(self, outcomes: Sequence[Outcome]) -> None:
        try:
            self._tell(outcomes)
        except Exception:  # a fault of ours; they are stored, and whoever listens hears of them by the beat
            logger.exception("What came of %d orders could not be told.", len(outcomes))

    def _in_thread(
        self,
        write: Callable[[Sequence[Order]], Sequence[Outcome]],
        orders: Sequence[Order],
        patience: float,
    ) -> Sequence[Outcome]:
        close_old_connections()
        reset_queries()  # with DEBUG Django keeps what it asked, until a request begins
        try:
            database_file.check()
            _be_patient(patience)
            outcomes = write(orders)
            database_file.check()  # or what is acknowledged may be in a file that nobody finds again
            return outcomes
        finally:
            close_old_connections()


class _Waiting(Generic[Order, Outcome]):
    """An order, and the one who waits for it."""

    __slots__ = ("deadline", "order", "outcome", "was_tried")

    def __init__(self, order: Order, loop: asyncio.AbstractEventLoop) -> None:
        self.order = order
        self.deadline = loop.time() + PATIENCE
        self.outcome: asyncio.Future[Any] = loop.create_future()
        #: Whether it was given to the database before, which has not said whether it was kept.
        self.was_tried = False

    def give(self, outcome: Any) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def _be_patient(seconds: float) -> None:
    """How long this thread's connection waits for another writer's lock."""
    milliseconds = max(1, int(seconds * 1000))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        else:
            cursor.execute(f"SET lock_timeout = {milliseconds}; SET statement_timeout = {milliseconds}")
