"""The readers: threads that read the database, so that nobody who reads waits for the writer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from itertools import chain
from typing import Generic, ParamSpec, TypeVar

from chat.storage import vendor
from chat.storage.thread import DatabaseThread

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")

#: How many keys are read at a time, where nothing else is said.
MANY = 500

#: One for whoever asks, and one for the hub, which does not wait behind them. More would not be faster:
#: what costs is the interpreter, and the event loop would wait for its turn behind each of them.
_reader, _poller = DatabaseThread("chat-reader"), DatabaseThread("chat-poller")
#: And one that searches, and fills the index for that, so that nobody who only reads waits for either.
searcher = DatabaseThread("chat-searcher", prepares=True)


def reading(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """`function`, which only reads the database for somebody who asks, as something to await."""
    return _in(_reader, function)


def polling(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """`function`, which only reads the database for the hub, as something to await."""
    return _in(_poller, function)


def searching(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """`function`, which only reads the database for somebody who searches, as something to await."""
    return _in(searcher, function)


def _in(thread: DatabaseThread, function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    @wraps(function)
    async def read(*args: P.args, **kwargs: P.kwargs) -> R:
        return await thread.run(partial(function, *args, **kwargs), only_reads=True)

    return read


class BatchLoader(Generic[K, V]):
    """A reading function of many keys, to be awaited for one: while one call runs, the next gathers.

    So a thousand who come at once cost some tens of queries, and as many changes of thread. `most` is how
    many keys are read at a time. Belongs to one event loop.
    """

    def __init__(self, function: Callable[[list[K]], Mapping[K, V]], *, most: int = MANY) -> None:
        self._read = reading(function)
        self._most = most
        self._loop = asyncio.get_running_loop()
        #: Those who wait for a key, each with a future of their own: one may give up without the others.
        self._waiting: dict[K, list[asyncio.Future[V]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, key: K) -> V:
        """What `function` gives for this key, or raises."""
        answer: asyncio.Future[V] = self._loop.create_future()
        self._waiting.setdefault(key, []).append(answer)
        if self._task is None:
            self._task = self._loop.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, {}
                for keys in (list(asked)[at : at + self._most] for at in range(0, len(asked), self._most)):
                    await self._answer({key: asked[key] for key in keys})
        finally:
            self._task = None

    async def _answer(self, asked: dict[K, list[asyncio.Future[V]]]) -> None:
        try:
            found = await self._read(list(asked))
            values = [found[key] for key in asked]
        except Exception as error:  # theirs, who wait for it
            if len(asked) > 1 and not isinstance(error, vendor.UNAVAILABLE):
                # One of them cannot be read; the others can.
                for key, answers in asked.items():
                    await self._answer({key: answers})
                return
            for answer in chain.from_iterable(asked.values()):
                if not answer.done():
                    answer.set_exception(error)
        else:
            for answers, value in zip(asked.values(), values, strict=True):
                for answer in answers:
                    if not answer.done():
                        answer.set_result(value)
