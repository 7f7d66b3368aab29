"""Shapes: the columns of a table, with the SQL that inserts and updates them, put together once."""

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection, models

from chat.storage import vendor


class Shape(NamedTuple):
    """Some columns of a table."""

    fields: list[Any]
    #: Their values in a row.
    values: Any
    #: The statement that inserts them.
    insertion: str
    #: The statement that updates them, the first being the key.
    update: str


@cache
def shape_of(model: type[models.Model], names: tuple[str, ...]) -> Shape:
    """These columns of a table, as records of one parameter."""
    fields = fields_of(model, names)
    table, columns = model._meta.db_table, [f'"{field.column}"' for field in fields]
    given = vendor.recordset(fields)
    changes = ", ".join(f"{column} = given.{column}" for column in columns[1:])
    return Shape(
        fields,
        attrgetter(*(field.attname for field in fields)),
        # SQLite would otherwise take what follows for a condition of a join.
        f'INSERT INTO "{table}" ({", ".join(columns)}) SELECT {", ".join(columns)} FROM {given} WHERE true',  # noqa: S608
        f'UPDATE "{table}" SET {changes} FROM {given} WHERE "{table}".{columns[0]} = given.{columns[0]}',  # noqa: S608
    )


def made(model: Any, columns: Sequence[str], row: Sequence[Any]) -> Any:
    """A row of the database as Django would have read it."""
    values = list(row)
    for at, convert, column in _conversions(model, columns):
        values[at] = convert(values[at], column, connection)
    return model.from_db(connection.alias, [field.attname for field in fields_of(model, columns)], values)


@cache
def _conversions(model: type[models.Model], columns: tuple[str, ...]) -> list[tuple[int, Any, Any]]:
    found = []
    for at, field in enumerate(fields_of(model, columns)):
        column = field.get_col(model._meta.db_table)
        converters = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        found += [(at, convert, column) for convert in converters]
    return found


@cache
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """All columns of a table, the key first."""
    return tuple(field.column for field in model._meta.concrete_fields)


@cache
def fields_of(model: type[models.Model], columns: tuple[str, ...]) -> list[Any]:
    """The fields of a model that have these columns, in turn."""
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [by_column[column] for column in columns]
