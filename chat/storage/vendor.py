"""What differs between the databases that the chat runs on: SQLite and PostgreSQL."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import connection

_connection: Any = connection  # each vendor's knows more than Django's base

#: The most values of one statement that every SQLite takes.
MAX_VALUES = 999


def row_lock() -> str:
    """What ends a SELECT that locks its rows. SQLite has locked the whole database with BEGIN IMMEDIATE."""
    return " FOR UPDATE" if connection.features.has_select_for_update else ""


def wait_at_most(seconds: float) -> None:
    """How long this thread's connection waits for another writer's lock from now on."""
    milliseconds = max(1, int(seconds * 1000))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        else:
            cursor.execute(f"SET lock_timeout = {milliseconds}; SET statement_timeout = {milliseconds}")


def numbers(versions: Mapping[int, int]) -> tuple[str, list[Any]]:
    """A table `asked` of these ids and versions, to be put behind FROM, and its parameters."""
    if connection.vendor == "sqlite":
        table = "(SELECT CAST(key AS INTEGER) AS id, value AS version FROM json_each(%s)) AS asked"
        return table, [msgspec.json.encode(versions).decode()]
    return "unnest(%s::bigint[], %s::bigint[]) AS asked(id, version)", [
        list(versions.keys()),
        list(versions.values()),
    ]


def file() -> str | None:
    """The path of the database, where it is a file."""
    if connection.vendor != "sqlite" or _connection.is_in_memory_db():
        return None
    return str(connection.settings_dict["NAME"])


def keep_open() -> None:
    """Have the connection of this thread open for as long as the thread lives."""
    connection.ensure_connection()
    _connection.close_at = None  # to open the file anew for each query costs more than the query
