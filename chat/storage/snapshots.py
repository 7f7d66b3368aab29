"""Snapshots: reading all of the database as it is at one moment, and the keys that come next."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.color import no_style
from django.db import connection, models, transaction

#: How long PostgreSQL waits for whoever reads a snapshot and does not go on, in seconds: as long as it
#: lasts nothing that is deleted meanwhile can be cleared away.
PATIENCE = 60


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read within is read as it is now, whatever others write. Nobody waits for it.

    Not for writing. Within a transaction it is that one's.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{PATIENCE}s'")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own would keep everybody from writing
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def last_key(model: type[models.Model]) -> int:
    """The highest key that a row of a table with whole numbers for keys has ever had, deleted or not."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [f'"{table}"'])
            [sequence] = cursor.fetchone() or (None,)
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def set_last_keys(tables: dict[type[models.Model], int]) -> None:
    """Rows were inserted with their keys: the next of each table gets one above them, and above these."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
    for model, least in tables.items():
        if last_key(model) < least:
            _set_last_key(model._meta.db_table, least)


def _set_last_key(table: str, key: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [f'"{table}"', key])
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [key, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, key])
