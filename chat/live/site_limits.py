"""The limits of the site: Redis counts for all processes what those take who take a lot.

Nobody waits for it. Each process lets through by what it knows, and finds out a moment later what the
others have let through meanwhile. Where Redis does not answer, each process goes by its own count.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

from limits.aio.storage import RedisStorage
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from chat.core.limits import Rate, Throttle
from chat.core.shared_throttle import SharedThrottle
from chat.live.supervisor import Supervisor

logger = logging.getLogger(__name__)

#: How long what is taken gathers before Redis is told, in seconds.
GATHER = 0.1
#: How long Redis may take for an answer, and how long it is left alone where it gives none, in seconds.
PATIENCE, PAUSE = 1.0, 1.0
#: How many connections to Redis a process has for this at most.
LINES = 4

#: What was taken, and by whom, and where that counts.
Told = tuple[str, SharedThrottle, str, int]


class SiteLimits:
    """The throttles of one process that the others have as well. Belongs to one event loop.

    `site` gives the name of the site, or "" while it is not known: then nothing is counted together.
    `processes` gives how many processes the site has.
    """

    def __init__(
        self,
        url: str,
        prefix: str,
        supervisor: Supervisor,
        site: Callable[[], str],
        processes: Callable[[], int],
    ) -> None:
        self._url, self._prefix = url, prefix
        self._supervisor = supervisor
        self._site, self._processes = site, processes
        self._loop = asyncio.get_running_loop()
        self._throttles: dict[str, SharedThrottle] = {}
        self._pool: ConnectionPool | None = None
        self._storage: RedisStorage | None = None
        #: What tells Redis, as long as there is anything to tell.
        self._telling: asyncio.Task[None] | None = None

    def throttle(self, name: str, rate: Rate) -> Throttle:
        """A throttle for this rate, which the other processes know by the same name."""
        throttle = self._throttles[name] = SharedThrottle(rate, self._processes, self._wake)
        return throttle

    async def close(self) -> None:
        """Let go of Redis. What it was not told is not told any more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])
        if self._pool is not None:
            await self._pool.disconnect()

    def _wake(self) -> None:
        if self._telling is None:
            self._telling = self._supervisor.run(self._tell())

    async def _tell(self) -> None:
        try:
            await asyncio.sleep(GATHER)
            while told := self._untold():
                is_well = await self._count_all(told)
                await asyncio.sleep(GATHER if is_well else PAUSE)
        finally:
            self._telling = None

    def _untold(self) -> list[Told]:
        site = self._site()
        return [
            (f"{site}:{name}:{key}", throttle, key, amount)
            for name, throttle in self._throttles.items()
            for key, amount in throttle.untold().items()
            if site
        ]

    async def _count_all(self, told: list[Told]) -> bool:
        """Have it counted, and hear what the others have told; whether Redis is there for it."""
        left = iter(told)
        lines = (self._count(left) for _ in range(min(LINES, len(told))))
        errors = [error for error in await asyncio.gather(*lines, return_exceptions=True) if error]
        for error in errors:
            if not isinstance(error, (RedisError, OSError)):
                raise error
        if errors:
            logger.warning("Each process counts for itself: Redis does not answer: %s", errors[0])
        return not errors

    async def _count(self, told: Iterator[Told]) -> None:
        storage = self._opened()
        for name, throttle, key, amount in told:
            total = await storage.incr(name, throttle.window, amount)
            throttle.hear(key, amount, total, self._loop.time())

    def _opened(self) -> RedisStorage:
        if self._storage is None:
            self._pool = ConnectionPool.from_url(
                self._url,
                max_connections=LINES,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
            )
            # Where it is stands in the pool: `limits` wants a port in its address.
            pool: Any = self._pool
            self._storage = RedisStorage(
                "async+redis://",
                implementation="redispy",
                key_prefix=f"{self._prefix}.limits",
                connection_pool=pool,
            )
        return self._storage
