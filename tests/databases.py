"""Databases as somebody else has them open, beside the chat: to look into them, and to lock them."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import environ
import psycopg
from django.db import connection, transaction

from harness.site import Site


class Database:
    """A connection to a SQLite file or to PostgreSQL, each statement of which is a transaction."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """The database of `config`, which is written as in Django's DATABASES."""
        self._is_sqlite = config["ENGINE"].endswith("sqlite3")
        self._connection: Any
        if self._is_sqlite:
            self._connection = sqlite3.connect(config["NAME"], isolation_level=None)
        else:
            self._connection = psycopg.connect(
                host=config["HOST"],
                port=config["PORT"],
                user=config["USER"],
                password=config["PASSWORD"],
                dbname=config["NAME"],
                autocommit=True,
            )

    @classmethod
    def at(cls, url: str) -> "Database":
        """The database that a site is told of as `url`."""
        return cls(environ.Env.db_url_config(url))

    @classmethod
    def of(cls, site: Site) -> "Database":
        """The database of a site."""
        return cls.at(site.environment["DATABASE_URL"])

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a statement gives, with `values` in the places of its %s."""
        cursor = self._connection.cursor()
        if self._is_sqlite:
            cursor.execute(statement.replace("%s", "?"), values)
        else:
            cursor.execute(statement, values or None)  # without any, a % is only that
        return list(cursor.fetchall()) if cursor.description else []

    def lock(self) -> None:
        """Keep everybody else from writing to the chat's tables until `unlock`; whoever reads may."""
        if self._is_sqlite:
            self.execute("BEGIN IMMEDIATE")
        else:
            self.execute("BEGIN")
            tables = (
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'chat\\_%' ORDER BY 1"
            )
            names = ", ".join(name for (name,) in self.execute(tables))
            self.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")

    def unlock(self) -> None:
        """Let them write again."""
        self.execute("ROLLBACK")


#: What `migrate` itself writes after each of its runs, and so does Django's own `flush`, for 60 ms.
KEPT = {"django_content_type", "auth_permission"}


def empty(_case: object = None) -> None:
    """Leave nothing in the database of the tests in this process, after a test that has committed."""
    tables = sorted({*connection.introspection.django_table_names(include_views=False)} - KEPT)
    tables.append("chat_wordindex")  # which is no model's
    with transaction.atomic(), connection.cursor() as cursor:  # which looks at foreign keys at its end
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608


@contextlib.contextmanager
def locked(site: Site | None = None) -> Iterator[None]:
    """Keep everybody else from writing to the database of a site, or of the tests in this process."""
    with Database.of(site) if site else Database(connection.settings_dict) as database:
        database.lock()
        try:
            yield
        finally:
            database.unlock()
