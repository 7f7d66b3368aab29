"""What differs between the databases that the chat runs on: SQLite and PostgreSQL."""

from typing import Any

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


def has_index(name: str) -> bool:
    """Whether PostgreSQL has an index of this name, ready for use. Of SQLite nobody asks for any."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid", [name])
        return cursor.fetchone() is not None


def file() -> str | None:
    """The path of the database, where it is a file."""
    if connection.vendor != "sqlite" or _connection.is_in_memory_db():
        return None
    return str(connection.settings_dict["NAME"])


def keep_open() -> None:
    """Have the connection of this thread open for as long as the thread lives."""
    connection.ensure_connection()
    _connection.close_at = None  # to open the file anew for each query costs more than the query
