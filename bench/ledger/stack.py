"""The stack of a run: the services that a site stands on, and the processes that serve it."""

import asyncio
import secrets
import signal
import sqlite3
import sysconfig
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

import psycopg

from bench.database import LOBBY, ONLOOKER, Database
from bench.ledger.proxy import Place, Proxy, Target
from bench.ledger.servers import Server
from harness.disk import Disk
from harness.nginx import Nginx
from harness.services import Postgres, Redis, Service, prepared
from harness.site import Site

#: Where Debian's package libfaketime puts the library that sets the clock of a process.
LIBFAKETIME = Path(f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/faketime/libfaketime.so.1")
#: The wall clock alone, as where somebody sets it: what counts seconds goes on.
FAKE_CLOCK = {
    "LD_PRELOAD": str(LIBFAKETIME),
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_CACHE_DURATION": "1",
    "NO_FAKE_STAT": "1",
}


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
    #: Whether each process has a clock of its own, which can be set (by libfaketime).
    has_clocks: bool = False
    #: The size of a disk for the database of SQLite alone, in MiB; 0 is none.
    disk: int = 0
    #: Whether nginx stands in front of them, as documented.
    has_front: bool = False
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
        #: Where the database of SQLite is.
        self.folder = home / "disk" if shape.disk else home
        self._disk = Disk(self.folder, shape.disk) if shape.disk else None
        self.path = self.folder / "db.sqlite3"
        self.url = self.postgres.url if self.postgres else f"sqlite:///{self.path}"
        self.database = Database(self.url)
        #: The lines of each process to the database, and to Redis, where there are any.
        self.to_postgres: list[Proxy] = []
        self.to_redis: list[Proxy] = []
        secret = secrets.token_urlsafe(50)
        self.servers = [self._server(number, seed, secret) for number in range(shape.processes)]
        ports = [server.port for server in self.servers]
        self.front = Nginx(_folder(home / "nginx"), ports) if shape.has_front else None

    @property
    def targets(self) -> Sequence[Target]:
        """Where clients may connect."""
        if self.front is None:
            return self.servers
        return [Place(self.front.port)]

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
        if self.front is not None:
            await asyncio.to_thread(self.front.start)

    async def stop(self) -> None:
        """End everything as its owner would."""
        for line in (*self.to_postgres, *self.to_redis):
            line.heal()
        await asyncio.gather(*(server.stop() for server in self.servers))
        for line in (*self.to_postgres, *self.to_redis):
            line.close()
        self.database.close()
        if self.front is not None:
            await asyncio.to_thread(self.front.stop, signal.SIGTERM)
        if self.redis is not None and self._owns_redis:
            await asyncio.to_thread(self.redis.stop)
        if self.postgres is not None:
            await asyncio.to_thread(self.postgres.stop)
        if self._disk is not None:
            await asyncio.to_thread(self._disk.stop)

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
        with self.superuser() as connection:
            connection.execute("select 1 from chat_room where slug = %s for update", [LOBBY])
            yield
            connection.rollback()

    def superuser(self) -> "psycopg.Connection[Any]":
        """A connection to PostgreSQL that may do anything."""
        return psycopg.connect(self.url, application_name=ONLOOKER, connect_timeout=5)

    def set_clock(self, number: int, seconds: int) -> None:
        """Have the clock of a process be so much ahead, or behind where it is less than 0."""
        self._clock(number).write_text(f"{seconds:+d}")

    def _start_services(self) -> None:
        if self._disk is not None:
            self._disk.start()
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
        if self.shape.has_clocks:
            environment |= FAKE_CLOCK | {"FAKETIME_TIMESTAMP_FILE": str(self._clock(number))}
            self.set_clock(number, 0)
        options = ["--proxy-headers"] if self.shape.has_front else []
        return Server(Site(self.home, **environment), self.shape.server, *options)

    def _lay_lines(self, environment: dict[str, str]) -> None:
        if self.postgres is not None:
            self.to_postgres.append(line := self._line_to(self.postgres))
            environment["DATABASE_URL"] = self.url.replace(f":{self.postgres.port}/", f":{line.port}/")
        if self.redis is not None:
            self.to_redis.append(line := self._line_to(self.redis))
            environment["REDIS_URL"] = self.redis.url.replace(f":{self.redis.port}/", f":{line.port}/")

    def _clock(self, number: int) -> Path:
        return self.home / f"clock-{number}"

    def _line_to(self, service: Service) -> Proxy:
        return Proxy([Place(service.port)], self._random)


def _folder(path: Path) -> Path:
    path.mkdir()
    return prepared(path)
