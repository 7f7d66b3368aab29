"""The threads in which the synchronous world runs: a few that read, so that nobody waits for a writer."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
R = TypeVar("R")

_readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="chat-reader")


def reading(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """`function`, which only reads the database, as something to await. Several run at a time."""
    return database_sync_to_async(function, thread_sensitive=False, executor=_readers)
