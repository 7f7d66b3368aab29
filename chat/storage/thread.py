"""A thread that talks to the database over a connection of its own, and is not held up by it for ever."""

import asyncio
import atexit
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from django.db import InternalError, OperationalError

from chat.storage import database_file, vendor

logger = logging.getLogger(__name__)

R = TypeVar("R")

#: How long anybody waits for the database, in seconds.
PATIENCE = 5.0
#: How much longer than it may the database may say nothing at all, in seconds. Then its connection is cut.
#: After as long again nobody waits for what comes of that: Django may be opening another one.
GRACE = 0.25


#: Told in the loop what has come of a job: what it has returned, or what it has raised.
Told = Callable[[Any, BaseException | None], None]


class _Job:
    """One function that is to be run, how far that has come, and who is told what comes of it."""

    def __init__(
        self, function: Callable[[], Any], patience: float, told: Told, *, only_reads: bool
    ) -> None:
        self.function, self.patience, self.only_reads = function, patience, only_reads
        self.loop = asyncio.get_running_loop()
        self._told = told
        #: What looks after it once it is overdue.
        self._overdue: asyncio.TimerHandle | None = None
        #: Whether it has begun, whether its connection was cut, and whether nobody waits for it any more.
        self.is_begun = self.is_cut = self.is_given_up = False
        #: Whether it was told what has come of it.
        self.is_over = False

    def look_after(self, look: "Callable[[_Job], None]", delay: float) -> None:
        """Call `look` after so many seconds, unless it is over by then."""
        self._overdue = self.loop.call_later(delay, look, self)

    def tell(self, outcome: Any, error: BaseException | None = None) -> None:
        """What has come of it. From any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
            self.loop.call_soon_threadsafe(self.settle, outcome, error)

    def settle(self, outcome: Any, error: BaseException | None = None) -> None:
        """Tell who waits, where nobody has told them."""
        if not self.is_over:
            self.is_over = True
            if self._overdue is not None:
                self._overdue.cancel()
            self._told(outcome, error)


class DatabaseThread:
    """Runs one function after the other. Its connection stays open from one to the next.

    That is none of those that pages share, so a flood of pages holds up nobody's talk. Where it prepares,
    what comes again and again is planned once (vendor.cursor).
    """

    def __init__(self, name: str, *, prepares: bool = False) -> None:
        self._name, self._prepares = name, prepares
        #: What is to be done, in turn; None ends the thread, which begins with the first.
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None
        #: What runs.
        self._job: _Job | None = None
        #: The connection, and a descriptor of ours for its socket.
        self._connected: Any = None
        self._line: int | None = None
        self._lock = Lock()
        atexit.register(self._end)

    async def run(
        self, function: Callable[[], R], patience: float = PATIENCE, *, only_reads: bool = False
    ) -> R:
        """What `function` returns or raises, in its turn.

        Where it only reads it is run once more if its connection was found broken, as after a restart.

        A lock is waited for, and a statement may take, `patience` seconds; then it raises OperationalError.
        So it does where a database says nothing at all, because its machine is gone or its processes stand
        still: what was not committed by then never is.
        """
        outcome: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.submit(function, patience, partial(settle, outcome), only_reads=only_reads)
        return await outcome

    def submit(
        self, function: Callable[[], R], patience: float, told: Told, *, only_reads: bool = False
    ) -> None:
        """As `run`, without a task that waits: what `function` returns or raises is `told`, once."""
        job = _Job(function, patience, told, only_reads=only_reads)
        job.look_after(self._look_after, patience + GRACE)
        self._do(partial(self._run, job))

    def _do(self, work: Callable[[], None]) -> None:
        self._work.put(work)
        with self._lock:
            if self._thread is None:
                thread = Thread(target=self._work_on, name=self._name, daemon=True)
                try:
                    thread.start()
                    self._thread = thread
                except RuntimeError as error:  # whoever waits hears of it when their time is up
                    logger.error("%s cannot begin: %s", self._name, error)

    def _work_on(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except BaseException:  # nobody else would go on with what is next
                logger.exception("%s could not say what has come of its work.", self._name)
            del work  # or all that it was about would be kept until there is more

    def _end(self) -> None:
        """The process ends: do what is left, and close the connection."""
        self._work.put(None)
        if self._thread is not None:
            self._thread.join()
        if self._connected is not None:
            self._connected.close()

    def _look_after(self, job: _Job) -> None:
        """A job is overdue: give it up, or look after it again in a moment."""
        if self._give_up(job):
            job.settle(None, OperationalError("The database was not to be reached in time."))
        else:
            job.look_after(self._look_after, GRACE)

    def _run(self, job: _Job) -> None:
        self._job = job
        outcome: Any = None
        error: BaseException | None = None
        try:
            try:
                outcome = self._tried(job)
            finally:
                self._is_connected()
                self._job = None
        except BaseException as raised:  # whoever waits gets it
            error = raised
        job.tell(outcome, error)

    def _tried(self, job: _Job) -> Any:
        try:
            return self._talk(job)
        except vendor.UNAVAILABLE:
            if not job.only_reads or job.is_cut or self._is_connected():
                raise
            return self._talk(job)

    def _talk(self, job: _Job) -> Any:
        self._check(job)
        vendor.here().queries_log.clear()  # with DEBUG Django keeps what it asked, until a request begins
        database_file.check()
        self._open()
        vendor.wait_at_most(job.patience)
        with self._lock:
            self._check(job)
            job.is_begun = True
        try:
            return job.function()
        except InternalError as error:
            if not vendor.stood_still(error):
                raise
            raise OperationalError(str(error)) from error

    @staticmethod
    def _is_connected() -> bool:
        """Whether the connection is good for more; where something went wrong this asks the database."""
        mine = vendor.here()
        if mine.errors_occurred or not mine.autocommit:
            mine.close_if_unusable_or_obsolete()
        return mine.connection is not None

    @staticmethod
    def _check(job: _Job) -> None:
        if job.is_given_up:
            raise OperationalError("Nobody waits for it any more.")

    def _open(self) -> None:
        if self._connected is not None and self._connected is vendor.here().connection:
            return
        vendor.keep_open(prepares=self._prepares)
        self._connected = vendor.here().connection
        number = vendor.socket_number()
        with self._lock:
            if self._line is not None:
                os.close(self._line)
            # A duplicate: the number itself may stand for another file by the time it is wanted.
            self._line = None if number is None else os.dup(number)

    def _give_up(self, job: _Job) -> bool:
        """What becomes of a job that is overdue; whether nobody has to wait for it any more.

        What has begun has its connection cut first, and time to fail; what has not never begins.
        """
        with self._lock:
            job.is_given_up = job.is_cut or not job.is_begun
            if self._job is job and self._line is not None:
                job.is_cut = True
                with socket.socket(fileno=os.dup(self._line)) as line, contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            return job.is_given_up


def settle(waited_for: "asyncio.Future[Any]", outcome: Any, error: BaseException | None = None) -> None:
    """Wake up who waits, where somebody still does."""
    if waited_for.done():
        return
    if error is None:
        waited_for.set_result(outcome)
    elif isinstance(error, StopIteration):  # which no future may have
        waited_for.set_exception(RuntimeError("There is no next one."))
    else:
        waited_for.set_exception(error)
