"""What a run of the tests stands on: SQLite with the layer inside the process, or PostgreSQL with Redis.

The settings say which, and so DATABASE_URL and REDIS_URL, as for any site; `python -m tests` sets them.
"""

import contextlib
import os
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psycopg
from django.conf import settings

from harness.site import Site
from tests.databases import Database

#: The stack on which every test runs.
FIRST = "sqlite"


def name() -> str:
    """The stack of this run: sqlite or postgresql."""
    return str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2].removesuffix("3")


@contextlib.contextmanager
def tested(database: Any, url: str) -> Iterator[None]:
    """Have the tests of this process, by Django's connection, go to the database at `url` meanwhile."""
    name = environ.Env.db_url_config(url)["NAME"]
    before, database.settings_dict["NAME"] = database.settings_dict["NAME"], name
    yield
    database.close()
    database.settings_dict["NAME"] = before


def let_go(options: dict[str, Any]) -> None:
    """Have the connections of this process, by their OPTIONS, wait for no disk, and for a slow test.

    A test has a transaction open as long as it takes, and others beside it have the machine.
    """
    if name() == FIRST:
        options["init_command"] += "; PRAGMA synchronous=OFF"
    else:
        options["options"] = "-c idle_in_transaction_session_timeout=30000"


class Stack(ABC):
    """Makes sites that stand on the stack of this run, each with a database of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._urls: dict[Path, str] = {}
        #: The address of a database with all tables, in which nothing has happened.
        self._template = os.environ.get("TESTS_TEMPLATE")

    def site(self, home: Path, **environment: str) -> Site:
        """A site in the folder `home`, with these variables in its environment.

        Another site in the same folder is another process of the first one: it has the same database.
        """
        if home not in self._urls:
            self._urls[home] = self.database(home)
        return Site(home, **{**self._variables(self._urls[home]), **environment})

    def bare_site(self, home: Path, **environment: str) -> Site:
        """A site whose database has no tables yet."""
        return Site(home, **{**self._variables(self._new(home)), **environment})

    @abstractmethod
    def processes(self, home: Path) -> dict[str, str]:
        """The variables by which several processes of the site in `home` hear each other."""

    def database(self, home: Path) -> str:
        """The address of a new database with all tables, which may be a file in the folder `home`."""
        if self._template is None:
            self._template = self._new(self._home)
            Site(self._home, **self._variables(self._template)).manage("migrate")
        url = self._copy(self._template, home)
        # Rooms and the site have names of their rows' birth, and two sites must have none in common.
        with Database.at(url) as database:
            database.execute("UPDATE chat_room SET epoch = %s", secrets.token_hex(8))
            database.execute("UPDATE chat_directory SET site = %s", secrets.token_hex(8))
        return url

    @abstractmethod
    def _variables(self, url: str) -> dict[str, str]:
        """What the environment of a site says of the database at `url`, and of the layer."""

    @abstractmethod
    def _new(self, home: Path) -> str:
        """The address of a new database, without tables."""

    @abstractmethod
    def _copy(self, template: str, home: Path) -> str:
        """The address of a new database, with the tables and rows of `template`."""

    @abstractmethod
    def close(self) -> None:
        """Take the databases away."""


class Sqlite(Stack):
    """Each site has a file in its folder, and no layer but that of its process."""

    def processes(self, home: Path) -> dict[str, str]:
        """The layer of the ledger, which keeps calm."""
        (home / "calm").touch()
        base = {"DJANGO_SETTINGS_MODULE": "bench.ledger.settings"}
        return {**base, "BENCH_SOCKETS": str(home), "BENCH_SEED": "1"}

    def _variables(self, url: str) -> dict[str, str]:
        return {"DATABASE_URL": url}

    def _new(self, home: Path) -> str:
        (home / "db.sqlite3").touch()
        return f"sqlite:///{home / 'db.sqlite3'}"

    def _copy(self, template: str, home: Path) -> str:
        shutil.copy(urlsplit(template).path, home / "db.sqlite3")
        return f"sqlite:///{home / 'db.sqlite3'}"

    def close(self) -> None:
        """pytest takes the folders away."""


class PostgresqlAndRedis(Stack):
    """Each site has a database on the server of DATABASE_URL. All of them share the Redis of REDIS_URL."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._server, self._redis = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
        self._names: list[str] = []

    def processes(self, home: Path) -> dict[str, str]:
        """Nothing more: they have Redis in common."""
        return {}

    def _variables(self, url: str) -> dict[str, str]:
        return {"DATABASE_URL": url, "REDIS_URL": self._redis}

    def _new(self, home: Path) -> str:
        return self._create("")

    def _copy(self, template: str, home: Path) -> str:
        return self._create(f'TEMPLATE "{_name(template)}"')

    def _create(self, how: str) -> str:
        name = f"test_site_{secrets.token_hex(8)}"
        self._tell(f'CREATE DATABASE "{name}" {how}')
        self._names.append(name)
        return urlsplit(self._server)._replace(path=f"/{name}").geturl()

    def close(self) -> None:
        for name in self._names:
            # Whoever has not left yet, such as a process that was killed, holds nothing up.
            self._tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as server:
            server.execute(statement)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Stack]:
    """The stack of this run, which may keep things in the folder `home`."""
    stack = Sqlite(home) if name() == FIRST else PostgresqlAndRedis(home)
    try:
        yield stack
    finally:
        stack.close()
