"""The pipeline: the statements of a change, sent without waiting for each, past Django's cursors."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from chat.storage import vendor

#: Returns when all that was executed in a pipeline so far is answered.
Answered = Callable[[], None]


def opened() -> AbstractContextManager[Answered]:
    """Have what `execute` is given within wait for no answer: all is sent, and answered, at the end.

    Or where what this gives is called: each of both is one round trip, and only then are there rows to
    fetch. Whoever asks by Django in between has to call it once more: rows that are fetched before stop the
    clock of idle_in_transaction_session_timeout. SQLite answers each statement as it is executed.
    """
    return _sent() if vendor.is_postgresql() else _AnsweredAtOnce()


class _AnsweredAtOnce:
    def __enter__(self) -> Answered:
        return _answered

    def __exit__(self, kind: type[BaseException] | None, *raised: Any) -> None:
        if kind is not None:
            vendor.here().wrap_database_errors.__exit__(kind, *raised)


@contextmanager
def _sent() -> Iterator[Answered]:
    mine = vendor.here()
    mine.ensure_connection()
    with mine.wrap_database_errors, mine.connection.pipeline() as sent:
        yield mine.wrap_database_errors(sent.sync)
    if mine.connection.pgconn.transaction_status:  # IDLE is 0
        # The end of a pipeline has stopped the clock of idle_in_transaction_session_timeout.
        with mine.cursor() as cursor:
            cursor.execute("SELECT 1")


def _answered() -> None:
    pass


def execute(sql: str, parameters: Sequence[Any] = ()) -> Any:
    """Execute a statement in a pipeline; a cursor with what it finds, to be fetched once that is answered.

    It goes past the layers of Django's cursors, which are dearer than a small statement: what the database
    raises the pipeline translates for all of them.
    """
    mine = vendor.here()
    if vendor.is_watched(mine):
        cursor = mine.cursor()  # which shows whoever looks at it a statement with its values
        cursor.execute(sql, parameters)
        return cursor
    if vendor.is_postgresql():
        from psycopg import Cursor

        return Cursor(mine.connection).execute(sql, parameters)
    return mine.connection.execute(vendor.in_sqlite(sql), parameters)


def fetched(sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """What one statement finds by itself, in no pipeline: on SQLite as near to the database as in one."""
    mine = vendor.here()
    if vendor.is_postgresql() or vendor.is_watched(mine):
        with vendor.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall()) if cursor.description else []
    mine.ensure_connection()
    with mine.wrap_database_errors:
        return list(mine.connection.execute(vendor.in_sqlite(sql), parameters).fetchall())


def commit() -> None:
    """Commit the outermost transaction of this thread with what is sent; Django finds nothing left to do.

    A transaction that is within another is left to that. SQLite commits as Django asks it to.
    """
    if vendor.is_postgresql() and not any(vendor.here().savepoint_ids):
        execute("COMMIT")
