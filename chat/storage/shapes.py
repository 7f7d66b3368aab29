"""Shapes: the columns of a table, with the SQL that inserts and updates them, put together once."""

from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.base import ModelState

from chat.storage import vendor


class Shape(NamedTuple):
    """Some columns of a table."""

    fields: list[Any]
    #: Their values, of the `__dict__` of a row: to ask the row goes by a descriptor for each.
    values: Any
    #: The statement that inserts them.
    insertion: str
    #: The same for rows that get their keys by it, and gives these; and for few, as many as it stands at.
    insertion_of_new: str
    insertions_of_few: list[str]
    #: The statement that updates them, the first being the key.
    update: str
    #: The same for one row, whose values are given one by one, the key last.
    update_of_one: str
    #: What SQLite keeps otherwise than it comes, where values are given one by one.
    conversions: list[vendor.Conversion]


@cache
def shape_of(model: type[models.Model], names: tuple[str, ...]) -> Shape:
    """These columns of a table, as records of one parameter."""
    fields = fields_of(model, names)
    table, columns = model._meta.db_table, [f'"{field.column}"' for field in fields]
    given = vendor.recordset(fields)
    changes = ", ".join(f"{column} = given.{column}" for column in columns[1:])
    changes_of_one = ", ".join(f"{column} = %s" for column in columns[1:])
    into, returning = f'INSERT INTO "{table}" ({", ".join(columns)})', 'RETURNING "id"'
    # SQLite would otherwise take what follows for a condition of a join.
    insertion = f"{into} SELECT {', '.join(columns)} FROM {given} WHERE true"  # noqa: S608
    return Shape(
        fields,
        itemgetter(*(field.attname for field in fields)),
        insertion,
        f"{insertion} {returning}",
        [f"{into} {vendor.places(len(columns), few)} {returning}" for few in range(vendor.FEW + 1)],
        f'UPDATE "{table}" SET {changes} FROM {given} WHERE "{table}".{columns[0]} = given.{columns[0]}',  # noqa: S608
        f'UPDATE "{table}" SET {changes_of_one} WHERE {columns[0]} = %s',  # noqa: S608
        vendor.conversions(fields),
    )


def made(model: Any, columns: tuple[str, ...], row: Sequence[Any]) -> Any:
    """A row of the database as Django would have read it."""
    names, conversions = _reading(model, columns)
    values = dict(zip(names, row, strict=True))
    for name, convert, column in conversions:
        values[name] = convert(values[name], column, connection)
    made = _bare(model, values)
    made._state.db, made._state.adding = DEFAULT_DB_ALIAS, False
    return made


def drafted(model: Any, given: dict[str, Any]) -> Any:
    """A row to be inserted, as the model would make it of these values."""
    constant, made_anew = _defaults(model)
    values = constant | given
    for name, make in made_anew:
        if name not in given:
            values[name] = make()
    return _bare(model, values)


def _bare(model: Any, values: dict[str, Any]) -> Any:
    """A row of these values. To go by its fields one by one is what is dear about making one."""
    row = model.__new__(model)
    values["_state"] = ModelState()
    row.__dict__ = values
    return row


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """What stands in a new row: constants, and what is made anew for each."""
    fields = model._meta.concrete_fields
    constant = {one.attname: one.get_default() for one in fields if not callable(one.default)}
    return constant, [(one.attname, one.default) for one in fields if callable(one.default)]


@cache
def _reading(
    model: type[models.Model], columns: tuple[str, ...]
) -> tuple[list[str], list[tuple[str, Any, Any]]]:
    """What the values of these columns are called in a row, and what has to be made of some of them."""
    fields, conversions = fields_of(model, columns), []
    for field in fields:
        column = field.get_col(model._meta.db_table)
        converters = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        conversions += [(field.attname, convert, column) for convert in converters]
    return [field.attname for field in fields], conversions


@cache
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """All columns of a table, the key first."""
    return tuple(field.column for field in model._meta.concrete_fields)


@cache
def fields_of(model: type[models.Model], columns: tuple[str, ...]) -> list[Any]:
    """The fields of a model that have these columns, in turn."""
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [by_column[column] for column in columns]
