"""What differs between the databases that the chat runs on: SQLite and PostgreSQL."""

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    connections,
    models,
)
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

#: What is raised where the database takes or gives nothing just now, and may if it is asked again.
UNAVAILABLE = (OperationalError, InterfaceError)
#: What PostgreSQL calls it that a transaction has stood still for too long: an internal error.
_STOOD_STILL = "25P03"
#: The steps in which patience is counted, in seconds: to have it exact would cost a statement each time.
_STEP = 0.25


#: The connection of a thread that keeps one open.
_of_thread = threading.local()


def here() -> Any:  # each vendor's knows more than Django's base
    """This thread's connection. Django's `connection` looks for it each time that it is asked."""
    return getattr(_of_thread, "connection", None) or connections[DEFAULT_DB_ALIAS]


def is_watched(mine: Any) -> bool:
    """Whether somebody looks at the statements of a connection, which Django has to know of then."""
    return bool(mine.force_debug_cursor or mine.execute_wrappers or _keeps_queries())


@cache
def _keeps_queries() -> bool:
    return bool(settings.DEBUG)  # once: to ask Django's settings is dearer than many a thing


@cache
def is_postgresql() -> bool:
    """Whether it is PostgreSQL; else SQLite."""
    return bool(here().vendor == "postgresql")


@cache
def room_lock() -> str:
    """What ends a SELECT that locks rooms in turn, so that no two processes wait for each other.

    SQLite has locked the whole database with BEGIN IMMEDIATE.
    """
    return (
        " ORDER BY chat_room.id FOR UPDATE OF chat_room"
        if connection.features.has_select_for_update
        else ""
    )


def skip_locked() -> str:
    """What ends a SELECT that leaves out what another process is about to change."""
    return " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""


def now() -> str:
    """The moment of a statement that has parameters, by the database's clock."""
    if connection.vendor == "postgresql":
        return "statement_timestamp()"
    return "strftime('%%Y-%%m-%%d %%H:%%M:%%f')"


def exactly(column: str) -> str:
    """A moment as the database has it, so that what is read can be compared with it later."""
    return column if connection.vendor == "postgresql" else f"CAST({column} AS TEXT)"


def age(column: str) -> str:
    """How many seconds ago that was which a column says, by the database's clock."""
    if connection.vendor == "postgresql":
        return f"EXTRACT(EPOCH FROM statement_timestamp() - {column})::float8"
    return f"(julianday('now') - julianday({column})) * 86400"


def seconds(column: str) -> str:
    """The moment that a column says, in seconds since 1970; to the millisecond."""
    if connection.vendor == "postgresql":
        return f"EXTRACT(EPOCH FROM {column})::float8"
    return f"(julianday({column}) - 2440587.5) * 86400"


def wait_at_most(seconds: float) -> None:
    """How long this thread's connection waits for another writer's lock from now on; about."""
    wanted, mine = max(1, math.ceil(seconds / _STEP)) * _STEP, here()
    if getattr(mine, "chat_patience", None) == (mine.connection, wanted):
        return
    milliseconds = int(wanted * 1000)
    with mine.cursor() as cursor:
        if mine.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        else:
            cursor.execute(f"SET lock_timeout = {milliseconds}; SET statement_timeout = {milliseconds}")
    mine.chat_patience = mine.connection, wanted


def has_index(name: str) -> bool:
    """Whether PostgreSQL has an index of this name, ready for use. Of SQLite nobody asks for any."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid", [name])
        return cursor.fetchone() is not None


def pairs(numbers: Mapping[int, int]) -> tuple[str, list[Any]]:
    """A table `asked` of an `id` and a `number` each, to be put behind FROM, and its parameters."""
    if connection.vendor == "sqlite":
        table = "(SELECT CAST(key AS INTEGER) AS id, value AS number FROM json_each(%s)) AS asked"
        return table, [msgspec.json.encode(numbers).decode()]
    return "unnest(%s::bigint[], %s::bigint[]) AS asked(id, number)", [
        list(numbers.keys()),
        list(numbers.values()),
    ]


def stood_still(error: InternalError) -> bool:
    """Whether a transaction was ended because it stood still: another try may help."""
    return getattr(error.__cause__, "sqlstate", None) == _STOOD_STILL


def file() -> str | None:
    """The path of the database, where it is a file."""
    return None if is_postgresql() else _file(here().settings_dict["NAME"])


@cache
def _file(name: object) -> str | None:
    return None if here().creation.is_in_memory_db(name) else str(name)


#: For PostgreSQL: a plan that is made while a table is empty would otherwise read all of it later on. What
#: has to look at a whole table all the same is believed to cost so much that it would be compiled first,
#: for a second or two.
ALONG_INDEXES = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off"
)


def keep_open(*, prepares: bool) -> None:
    """Have a connection of this thread's own open for as long as the thread lives, and none of the pool's.

    Where it prepares, what is executed by `cursor` is planned once. Raises OperationalError where the
    database is not to be reached.
    """
    mine = here()
    if mine.settings_dict["OPTIONS"].get("pool"):
        settings = {**mine.settings_dict, "OPTIONS": {**mine.settings_dict["OPTIONS"]}}
        del settings["OPTIONS"]["pool"]
        settings["CONN_HEALTH_CHECKS"] = False  # whoever writes or reads tries again
        connections[DEFAULT_DB_ALIAS] = mine = type(mine)(settings, DEFAULT_DB_ALIAS)
    _of_thread.connection = mine
    if not mine.connection:
        mine.ensure_connection()
        if prepares and mine.vendor == "postgresql":
            mine.connection.prepare_threshold = 0
            with mine.cursor() as cursor:
                cursor.execute(ALONG_INDEXES)
    mine.close_at = None  # to open it anew for each query costs more than the query


def socket_number() -> int | None:
    """The file descriptor of this thread's connection, where it has one."""
    mine = here()
    return mine.connection.fileno() if mine.vendor == "postgresql" else None


def cursor() -> Any:
    """A cursor for statements that come again and again, each of which is made the database's own once.

    PostgreSQL prepares them (see keep_open).
    """
    mine = here()
    if is_watched(mine):
        return mine.cursor()  # which shows whoever looks at it a statement with its values
    mine.ensure_connection()
    if mine.vendor != "postgresql":
        return mine.make_cursor(mine.connection.cursor(factory=_sqlite_cursor()))
    from psycopg import Cursor

    return mine.make_cursor(Cursor(mine.connection))


@cache
def _sqlite_cursor() -> Any:
    """Django's own, but that it looks for the places of values once in each statement, not each time."""
    return type("Cursor", (SQLiteCursorWrapper,), {"convert_query": staticmethod(in_sqlite)})


@cache
def in_sqlite(sql: str, param_names: None = None) -> str:
    """A statement with places for values as SQLite has them."""
    wrapper: Any = SQLiteCursorWrapper
    return str(wrapper.convert_query(None, sql))


def keys(
    values: Iterable[int] | Iterable[str], kind: Literal["bigint", "text"] = "bigint"
) -> tuple[str, Any]:
    """A query for these keys, as `id`, and its parameter.

    In a CROSS JOIN with a table SQLite walks along the keys, and never along the table.
    """
    if is_postgresql():
        return f"SELECT unnest(%s::{kind}[]) AS id", list(values)
    return "SELECT value AS id FROM json_each(%s)", msgspec.json.encode(list(values)).decode()


def names_in(column: str) -> str:
    """A table `names` for a FROM clause: the names in the JSON object of a column, each as `key`."""
    if connection.vendor == "postgresql":
        return f"jsonb_object_keys({column}) AS names(key)"
    return f"json_each({column}) AS names"


def has_text(column: str) -> str:
    """Whether the JSON list in a column has a text in it, which is a parameter."""
    if connection.vendor == "postgresql":
        return f"{column} ? %s"
    return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = %s)"  # noqa: S608


def moments(count: int) -> str:
    """A common table `moment` of so many parameters, each a time `at`."""
    kind = "timestamptz" if connection.vendor == "postgresql" else "text"
    return f"WITH moment (at) AS (VALUES {', '.join([f'(CAST(%s AS {kind}))'] * count)})"


def recordset(fields: Sequence["models.Field[Any, Any]"], few: int = 0) -> str:
    """A FROM clause called `given`, with a column for each field, whose parameter `records` makes.

    Where it is for `few` rows, their number, their values are its parameters; 0 stands for any number.
    """
    if is_postgresql():
        columns = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
        return f"json_to_recordset(%s::json) AS given({columns})"
    if few:
        columns = ", ".join(f'column{place} AS "{field.column}"' for place, field in enumerate(fields, 1))
        return f"(SELECT {columns} FROM ({places(len(fields), few)})) AS given"  # noqa: S608
    columns = ", ".join(
        f"json_extract(value, '$[{place}]') AS \"{field.column}\"" for place, field in enumerate(fields)
    )
    # The limit is none, but with it SQLite takes a record out of the whole once, not for each column.
    return f"(SELECT {columns} FROM (SELECT value FROM json_each(%s) LIMIT -1)) AS given"  # noqa: S608


def records(fields: Sequence["models.Field[Any, Any]"], rows: Iterable[Sequence[Any]]) -> str:
    """Rows of values, one for each field, as one parameter, however many they are."""
    given: list[Any]
    if is_postgresql():
        columns = [field.column for field in fields]
        given = [dict(zip(columns, row, strict=True)) for row in rows]
    else:
        given = [
            [_moment_in_sqlite(value) if type(value) is datetime else value for value in row]
            for row in rows
        ]
    return msgspec.json.encode(given).decode()


def are_few(rows: int) -> bool:
    """Whether so many are best given to the database value by value: to SQLite, and not many.

    There JSON has a price of its own, that of five rows; of many each costs less by it.
    """
    return rows <= FEW and not is_postgresql()


def places(width: int, rows: int) -> str:
    """VALUES with a place for each value of so many rows, which are given as `values` makes them."""
    row = f"({', '.join(['%s'] * width)})"
    return f"VALUES {', '.join([row] * rows)}"


#: The place of a value in a row, and what SQLite keeps in its stead.
Conversion = tuple[int, Callable[[Any], Any]]


def conversions(fields: Sequence["models.Field[Any, Any]"]) -> list[Conversion]:
    """What SQLite keeps otherwise than it comes, of rows with a value for each field."""
    kinds = [field.get_internal_type() for field in fields]
    return [(place, _IN_SQLITE[kind]) for place, kind in enumerate(kinds) if kind in _IN_SQLITE]


def values(rows: Iterable[Sequence[Any]], conversions: Sequence[Conversion]) -> list[Any]:
    """The values of few rows, one after the other, as SQLite has them."""
    values: list[Any] = []
    for row in rows:
        first = len(values)
        values += row
        for place, convert in conversions:
            if (value := row[place]) is not None:
                values[first + place] = convert(value)
    return values


#: How many rows are few.
FEW = 8


@lru_cache(maxsize=64)  # all that changes in one transaction does so at one moment
def _moment_in_sqlite(moment: datetime) -> str:
    # As Django's own adapt_datetimefield_value, which asks four times whether it knows the time zone.
    there = moment.astimezone(here().timezone)
    return there.isoformat(" ")[: 26 if there.microsecond else 19]  # without the time zone


def _json_in_sqlite(value: Any) -> str:
    return msgspec.json.encode(value).decode()


#: What is kept otherwise than it comes, by the kind of its field.
_IN_SQLITE: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": _moment_in_sqlite,
    "JSONField": _json_in_sqlite,
    "BooleanField": int,
}
