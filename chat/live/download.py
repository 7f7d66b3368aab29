"""Downloads: what is long and comes little by little, as an answer of a server that waits for nobody."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

#: How many are under way in a process; others wait for their turn, for so many seconds at most.
AT_A_TIME, PATIENCE = 2, 60.0

_turns = threading.BoundedSemaphore(AT_A_TIME)


async def stream(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks of a generator that reads the database, one after the other as the client takes them.

    It runs in a thread of its own, with a connection of its own. Raises TimeoutError where others take too
    long.
    """
    download = _Download(chunks)
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chat-download")
    loop = asyncio.get_running_loop()
    try:
        while chunk := await loop.run_in_executor(executor, download.next):
            yield chunk
    finally:
        executor.submit(download.close)
        executor.shutdown(wait=False)


class _Download:
    """All that is done in the thread."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._has_turn = False

    def next(self) -> bytes:
        """The next chunk; none where there is nothing more."""
        if not self._has_turn and not _turns.acquire(timeout=PATIENCE):
            raise TimeoutError("Others are downloading.")
        self._has_turn = True
        return next(self._chunks, b"")

    def close(self) -> None:
        """Let go of the database, whether or not all was taken."""
        try:
            if close := getattr(self._chunks, "close", None):
                close()
            connection.close()
        finally:
            if self._has_turn:
                _turns.release()
