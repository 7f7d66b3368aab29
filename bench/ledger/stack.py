"""The stack of a run: the services that a site stands on, and the processes that serve it."""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

import psycopg

from bench.database import LOBBY, ONLOOKER, Database
from bench.ledger.proxy import Place, Proxy, Target
from bench.ledger.servers import Server
from harness.ports import free_port
from harness.services import Postgres, Redis, Service, prepared
from harness.site import Site


@dataclass(frozen=True)
class Shape:
    """What a stack is made of."""

    database: Literal["sqlite", "postgresql"] = "sqlite"
    #: How the processes tell each other: in datagrams that are lost (bench.ledger.layer), or not at all.
    layer: Literal["flaky", "redis", "none"] = "flaky"
    processes: int = 2
    #: The command that serves; see harness.site.
    server: str = "serve"
    #: Whether each process has a line of its own to each service, which can be spoilt.
    has_lines: bool = False
    #: Whether another process takes over where one is down, as behind a load balancer.
    is_balanced: bool = False
    #: Variables of the site's.
    environment: Mapping[str, str] = field(default_factory=dict)


class Stack:
    """A site in the folder `home`, and what it stands on. `redis` is one that another site has, too."""

    def __init__(self, home: Path, shape: Shape, seed: int, redis: Redis | None = None) -> None:
        self.home, self.shape = home, shape
        self._random = Random(f"{seed}:lines")  # noqa: S311  # to be repeated, not to be secret
        prepared(home)
        self.postgres = Postgres(_folder(home / "postgresql")) if shape.database == "postgresql" else None
        self._owns_redis = redis is None
        if shape.layer == "redis" and redis is None:
            redis = Redis(_folder(home / "redis"))
        self.redis = redis
        self.path = home / "db.sqlite3"
        self.url = self.postgres.url if self.postgres else f"sqlite:///{self.path}"
        self.database = Database(self.url)
        #: The lines of each process to the database, and to Redis, where there are any.
        self.to_postgres: list[Proxy] = []
        self.to_redis: list[Proxy] = []
        secret = secrets.token_urlsafe(50)
        self.servers = [self._server(number, seed, secret) for number in range(shape.processes)]

    @property
    def targets(self) -> Sequence[Target]:
        """Where clients may connect."""
        return self.servers

    @property
    def log(self) -> str:
        """What all its processes have logged."""
        path = self.home / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    async def start(self) -> None:
        """Start everything, with an empty database, and return when it answers."""
        await asyncio.to_thread(self._start_services)
        for line in (*self.to_postgres, *self.to_redis):
            await line.open()
        await asyncio.gather(*(server.start() for server in self.servers))

    async def stop(self) -> None:
        """End everything as its owner would."""
        for line in (*self.to_postgres, *self.to_redis):
            line.heal()
        await asyncio.gather(*(server.stop() for server in self.servers))
        for line in (*self.to_postgres, *self.to_redis):
            line.close()
        self.database.close()
        if self.redis is not None and self._owns_redis:
            await asyncio.to_thread(self.redis.stop)
        if self.postgres is not None:
            await asyncio.to_thread(self.postgres.stop)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Nobody else can write to the lobby meanwhile."""
        if self.postgres is None:
            with sqlite3.connect(self.path, timeout=10, isolation_level=None) as file:
                file.execute("begin immediate")
                yield
                file.execute("rollback")
            file.close()
            return
        with psycopg.connect(self.url, application_name=ONLOOKER) as connection:
            connection.execute("select 1 from chat_room where slug = %s for update", [LOBBY])
            yield
            connection.rollback()

    def _start_services(self) -> None:
        if self.redis is not None and self._owns_redis:
            self.redis.start()
        if self.postgres is not None:
            self.postgres.start()
        # Not by way of a line: the loop that carries it may wait for this.
        site = self.servers[0].site
        Site(self.home, **{**site.environment, "DATABASE_URL": self.url}).manage("migrate")

    def _server(self, number: int, seed: int, secret: str) -> Server:
        environment = {
            "SECRET_KEY": secret,
            "CHAT_LIMITS": "0",
            **self.shape.environment,
            "DATABASE_URL": self.url,
            "REDIS_URL": "",
        }
        if self.shape.layer == "flaky":
            environment["DJANGO_SETTINGS_MODULE"] = "bench.ledger.settings"
            environment["BENCH_SOCKETS"] = str(self.home)
            environment["BENCH_SEED"] = f"{seed}:{number}"
        elif self.shape.layer == "redis":
            assert self.redis
            environment["REDIS_URL"] = self.redis.url
        if self.shape.has_lines:
            self._lay_lines(environment)
        return Server(Site(self.home, **environment), self.shape.server)

    def _lay_lines(self, environment: dict[str, str]) -> None:
        if self.postgres is not None:
            self.to_postgres.append(line := self._line_to(self.postgres))
            environment["DATABASE_URL"] = self.url.replace(f":{self.postgres.port}/", f":{line.port}/")
        if self.redis is not None:
            self.to_redis.append(line := self._line_to(self.redis))
            environment["REDIS_URL"] = self.redis.url.replace(f":{self.redis.port}/", f":{line.port}/")

    def _line_to(self, service: Service) -> Proxy:
        return Proxy([Place(service.port)], self._random, port=free_port())


def _folder(path: Path) -> Path:
    path.mkdir()
    return prepared(path)
