"""The recipe: something that goes wrong while people talk, and what is promised nevertheless."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from bench.ledger.plan import Plan
from bench.ledger.run import Run
from bench.ledger.stack import Shape

#: As documented for more than one process: three of them behind nginx, on PostgreSQL and Redis.
THREE = Shape(database="postgresql", layer="redis", processes=3, has_front=True, is_balanced=True)
#: The same, where each process has lines of its own to both.
LINED = replace(THREE, has_lines=True)
#: As on a laptop: one process on SQLite, and no layer between processes.
ONE = Shape(database="sqlite", layer="none", processes=1, is_balanced=True)

#: Who talks where a recipe says nothing else.
CAST = Plan(seconds=20, writers=12, readers=8, v1=4, pace=0.4, patience=25, quiet_words=5)
#: For how long there is talk without a fault in the end, in seconds: by then all has to have healed.
CALM = 5.0


@dataclass(frozen=True)
class Promise:
    """What must hold, in seconds at most. None is not promised, or not asked.

    Nothing that was acknowledged is lost, nothing comes twice or out of order, no process has to be killed
    to end, and no log has a traceback: that goes without saying.
    """

    #: The p99 until a client that was hit has everything, an answer to all it asked for included.
    heals_in: float | None = None
    #: The longest time in which nothing at all was acknowledged.
    silence: float | None = None
    #: The p99 until what cannot be stored now was refused.
    refused_in: float | None = 6.5
    #: The p90 of how late a word is told by another process, after the first, when all is over.
    lag: float | None = 0.3


class Scene:
    """What a recipe acts upon: a site, and others that have something in common with it."""

    def __init__(self, run: Run, *others: Run) -> None:
        self.run, self.others, self.stack = run, others, run.stack
        self.servers = run.stack.servers

    async def every(self, seconds: float, lasting: float = 0) -> AsyncIterator[int]:
        """Count, once in so many seconds, as long as what lasts so long ends before the calm does begin.

        Once at least. People talk for a while before.
        """
        await asyncio.sleep(2)
        at, number = time.monotonic(), 0
        while number == 0 or at + lasting < self._end:
            await asyncio.sleep(at - time.monotonic())
            yield number
            at, number = at + seconds, number + 1

    @property
    def _end(self) -> float:
        """When the calm begins."""
        return self.run.began + self.run.plan.seconds - CALM

    def heals(self) -> None:
        """From now on it may heal: the time is taken."""
        self.run.healing.begin("fault")

    async def ask(self, query: str, *values: Any) -> list[Any]:
        """What PostgreSQL says, asked as its superuser."""
        return await asyncio.to_thread(self._ask, query, values)

    def _ask(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        with self.stack.superuser() as connection:
            return connection.execute(query, values).fetchall()


Strike = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Recipe:
    """Something that goes wrong while people talk."""

    name: str
    #: What is done, in words.
    what: str
    promise: Promise
    #: Does it, and returns when it is over.
    strike: Strike
    shape: Shape = THREE
    plan: Plan = CAST
    #: How many sites share Redis.
    sites: int = 1
    #: The reason why it cannot be carried out on this machine, or nothing.
    missing: Callable[[], str] = str


def recipe(name: str, what: str, promise: Promise, **others: Any) -> Callable[[Strike], Recipe]:
    """A recipe of the strike that stands below."""

    def of(strike: Strike) -> Recipe:
        return Recipe(name, what, promise, strike, **others)

    return of


async def nothing(scene: Scene) -> None:
    """Nothing goes wrong: that there are others is trouble enough."""
