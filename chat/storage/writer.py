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
from chat.storage.thread import PATIENCE, DatabaseThread, settle

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
    it says so. `whole` calls a function that gives and publishes all that came of a batch.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Command]], Sequence[Outcome]],
        publish: Callable[[Sequence[Outcome]], None],
        retry: Callable[[Sequence[Command]], Sequence[Outcome]] | None = None,
        whole: Callable[[Callable[[], None]], None] = lambda tell: tell(),
    ) -> None:
        self._write, self._retry = write, retry or write
        self._whole = whole
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting[Command, Outcome]] = deque()
        #: Whether it writes, or is about to.
        self._is_busy = False
        #: What begins with those that nobody waits for.
        self._timer: asyncio.TimerHandle | None = None
        self._wrote_at = -BUSY
        #: How many commands the last transaction had, and what begins at the latest where as many are
        #: waited for again.
        self._answered = 0
        self._gathering: asyncio.TimerHandle | None = None
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
        outcome: asyncio.Future[Outcome | Internal] = self._loop.create_future()
        self._put(command, partial(settle, outcome), later=later, wakes=True)
        return outcome

    def submit(
        self, command: Command, answer: "Callable[[Outcome | Internal], None]" = lambda _outcome: None
    ) -> None:
        """As `put`, with the outcome given to `answer`, by a call, or to nobody: nobody has to be woken."""
        self._put(command, answer, later=False, wakes=False)

    def _put(self, command: Command, answer: Callable[[Any], None], *, later: bool, wakes: bool) -> None:
        waiting: _Waiting[Command, Outcome] = _Waiting(
            command, self._loop.time() + PATIENCE, answer, wakes=wakes
        )
        self._waiting.append(waiting)
        if self._is_busy:
            if self._gathering is not None and len(self._waiting) >= self._answered:
                self._gathering.cancel()
                self._gathering = None
                self._loop.call_soon(self._go_on)
        elif later:
            self._timer = self._timer or self._loop.call_later(LATER, self.hurry)
        else:
            self._begin()

    def hurry(self) -> None:
        """Somebody waits, after all, for what was put."""
        if not self._is_busy and self._waiting:
            self._begin()

    def _begin(self) -> None:
        """Go on when the loop turns; in a lively room once as many wait as were answered last."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_busy = True
        if len(self._waiting) < self._answered and self._loop.time() < self._wrote_at + BUSY:
            self._gathering = self._loop.call_later(GATHER, self._go_on)
        else:
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Have the next batch written, until nobody waits."""
        self._gathering = None
        batch = self._next_batch(1 if self._alone else BATCH)
        self._is_busy = bool(batch)
        if batch:
            commands = [waiting.command for waiting in batch]
            write = self._retry if any(waiting.was_tried for waiting in batch) else self._write
            left = min(waiting.deadline for waiting in batch) - self._loop.time()
            _thread.submit(partial(_written, write, commands), max(left, PAUSE), partial(self._came, batch))

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

    def _came(
        self,
        batch: "list[_Waiting[Command, Outcome]]",
        outcomes: Sequence[Outcome],
        error: BaseException | None,
    ) -> None:
        """The batch is written, or it is not; go on with the next."""
        self._wrote_at, self._answered = self._loop.time(), len(batch)
        if isinstance(error, vendor.UNAVAILABLE):
            if self._is_well:
                logger.warning("The database takes nothing just now: %s", str(error).strip())
            self._is_well = False
            self._put_back(batch)
            self._loop.call_later(PAUSE, self._go_on)
        elif error is not None and len(batch) > 1:
            logger.warning("A batch of %d failed (%s); each goes alone.", len(batch), error)
            self._put_back(batch)  # what failed may be what comes after the commit
            self._alone = len(batch)
            self._go_on()
        elif error is not None:  # a row that the database refuses: a fault of ours
            logger.error("%s could not be carried out.", type(batch[0].command).__name__, exc_info=error)
            batch[0].give(Internal())
            self._alone = max(0, self._alone - 1)
            self._go_on()
        else:
            self._is_well = True
            self._alone = max(0, self._alone - len(batch))
            self._whole(partial(self._tell, batch, outcomes))

    def _tell(self, batch: "list[_Waiting[Command, Outcome]]", outcomes: Sequence[Outcome]) -> None:
        for waiting, outcome in zip(batch, outcomes, strict=True):
            waiting.give(outcome)
        wakes = any(waiting.wakes for waiting in batch)
        if wakes:  # those do not wait for the others to be told
            self._loop.call_soon(self._publish_all, outcomes)
        self._go_on()  # with what has come meanwhile, which does not wait for that either
        if not wakes:
            self._publish_all(outcomes)

    def _put_back(self, batch: "list[_Waiting[Command, Outcome]]") -> None:
        """They are tried again, before all others."""
        for waiting in batch:
            waiting.was_tried = True
        self._waiting.extendleft(reversed(batch))

    def _publish_all(self, outcomes: Sequence[Outcome]) -> None:
        try:
            self._publish(outcomes)
        except Exception:  # a fault of ours; they are stored, and whoever listens hears of them by the poll
            logger.exception("What came of %d commands could not be told.", len(outcomes))


def _written(
    write: Callable[[Sequence[Command]], Sequence[Outcome]], commands: Sequence[Command]
) -> Sequence[Outcome]:
    outcomes = write(commands)
    if len(outcomes) != len(commands):
        raise LookupError(f"There are {len(outcomes)} outcomes of {len(commands)} commands.")
    database_file.check()  # or what is acknowledged may be in a file that nobody finds again
    return outcomes


class _Waiting(Generic[Command, Outcome]):
    """A command, and the one who is answered."""

    __slots__ = ("_answer", "command", "deadline", "wakes", "was_tried")

    def __init__(
        self, command: Command, deadline: float, answer: Callable[[Any], None], *, wakes: bool
    ) -> None:
        self.command, self.deadline, self._answer = command, deadline, answer
        #: Whether the answer wakes somebody who goes on when the loop turns.
        self.wakes = wakes
        #: Whether it was given to the database before, which has not said whether it was kept.
        self.was_tried = False

    def give(self, outcome: Any) -> None:
        try:
            self._answer(outcome)
        except Exception:  # of one alone; the others have to hear it all the same
            logger.exception("An answer could not be given: %s", type(self.command).__name__)
