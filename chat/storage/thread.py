"""A thread that talks to the database over a connection of its own, and is not held up by it for ever."""

import asyncio
import contextlib
import math
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from django.db import connection, reset_queries

from chat.storage import database_file, vendor

R = TypeVar("R")

#: How much longer than it may the database may say nothing at all, in seconds. Then its connection is cut.
GRACE = 0.5


class DatabaseThread:
    """Runs one function after the other. Its connection stays open from one to the next.

    That is none of those that pages share, so a flood of pages holds up nobody's talk. Where it prepares,
    what comes again and again is planned once (vendor.cursor).
    """

    def __init__(self, name: str, *, prepares: bool = False) -> None:
        self._prepares = prepares
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        #: When the function that runs takes too long, by the monotonic clock.
        self._overdue_at = math.inf
        #: The connection, and a descriptor of ours for its socket.
        self._connected: object = None
        self._line: int | None = None
        self._lock = Lock()

    async def run(self, function: Callable[[], R], patience: float) -> R:
        """What `function` returns or raises, in its turn.

        A lock is waited for, and a statement may take, `patience` seconds; then it raises OperationalError.
        So it does where a database says nothing at all, because its machine is gone or its processes stand
        still: what was not committed by then never is.
        """
        running = asyncio.get_running_loop().run_in_executor(self._executor, self._run, function, patience)
        limit = patience + GRACE
        while not (await asyncio.wait([running], timeout=limit))[0]:
            self._cut_what_is_overdue()
            limit = GRACE
        return running.result()

    def _run(self, function: Callable[[], R], patience: float) -> R:
        self._overdue_at = time.monotonic() + patience + GRACE
        try:
            reset_queries()  # with DEBUG Django keeps what it asked, until a request begins
            database_file.check()
            self._open()
            vendor.wait_at_most(patience)
            return function()
        finally:
            # Where something went wrong, this asks whether the connection is still good for anything.
            connection.close_if_unusable_or_obsolete()
            self._overdue_at = math.inf

    def _open(self) -> None:
        vendor.keep_open(prepares=self._prepares)
        if self._connected is not connection.connection:
            self._connected = connection.connection
            number = vendor.socket_number()
            with self._lock:
                if self._line is not None:
                    os.close(self._line)
                # A duplicate: the number itself may stand for another file by the time it is wanted.
                self._line = None if number is None else os.dup(number)

    def _cut_what_is_overdue(self) -> None:
        with self._lock:
            if time.monotonic() < self._overdue_at or self._line is None:
                return
            with socket.socket(fileno=os.dup(self._line)) as line, contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
