"""The statements that every message costs, in SQL that SQLite and PostgreSQL share, put together once.

Django composes its SQL anew each time, and that is more than half of what a small transaction costs. What
is asked less often goes by Django's own way. Tables, columns and values are the models' all the same.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

from chat.models import Person, ProcessedCommand, Room
from chat.storage import vendor
from chat.storage.vendor import MAX_VALUES


def locked(keys: Iterable[int]) -> dict[int, Room]:
    """The rooms with these keys, locked until the transaction ends; of each, what its log needs.

    A room that is being deleted is there no more. Always in the order of the keys, so that no two processes
    wait for each other.
    """
    lock = vendor.row_lock()
    rooms = {}
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute(f"SELECT id, slug, version, epoch FROM chat_room WHERE id = %s{lock}", [key])  # noqa: S608
            if row := cursor.fetchone():
                rooms[key] = Room.from_db(connection.alias, ["id", "slug", "version", "epoch"], row)
    return {key: room for key, room in rooms.items() if not room.is_deleted}


def advance(room: Room) -> None:
    """Keep the version of a room."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chat_room SET version = %s WHERE id = %s", [room.version, room.pk])


def processed(signed: Iterable[tuple[str, str]]) -> list[ProcessedCommand]:
    """Those of the commands with these authors and refs that were carried out before: mostly none."""
    found: list[int] = []
    with connection.cursor() as cursor:
        for some in _portions(list(signed), MAX_VALUES // 2):
            cursor.execute(
                f"WITH asked(author, ref) AS (VALUES {_places(len(some), 2)}) SELECT known.id FROM asked "  # noqa: S608
                "JOIN chat_processedcommand known ON author_id = asked.author AND known.ref = asked.ref",
                [value for pair in some for value in pair],
            )
            found += [key for (key,) in cursor.fetchall()]
    if not found:
        return []
    return list(ProcessedCommand.objects.filter(pk__in=found).select_related("message"))


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model, in their order, and give each its key."""
    if not rows:
        return
    fields = _fields(type(rows[0]))
    with connection.cursor() as cursor:
        for some in _portions(rows, MAX_VALUES // len(fields)):
            values = [
                field.get_db_prep_save(getattr(row, field.attname), connection)
                for row in some
                for field in fields
            ]
            cursor.execute(_insertion(type(rows[0]), len(some)), values)
            for row, (key,) in zip(some, cursor.fetchall(), strict=True):
                row.pk = key


#: What becomes of somebody who comes under an id that has a row already, by what they bring (people.Proof).
_KNOWN = {
    "token": "DO UPDATE SET name = excluded.name, arrived_at = excluded.arrived_at, is_owned = TRUE",
    "claim": "DO NOTHING",
    "none": "DO UPDATE SET name = excluded.name, arrived_at = excluded.arrived_at "
    "WHERE NOT chat_person.is_owned",
}
#: Where a claim is tried again, it may have been kept before: the row is theirs if it says when they came.
_KNOWN_AGAIN = {
    **_KNOWN,
    "claim": "DO UPDATE SET name = excluded.name "
    "WHERE chat_person.is_owned AND chat_person.first_seen = excluded.first_seen "
    "AND chat_person.name = excluded.name",
}


def arrive(people: Sequence[Person], proof: str, *, is_retry: bool) -> set[str]:
    """Keep who has come, each id once: the ids of those to whom it is theirs or nobody's."""
    known = (_KNOWN_AGAIN if is_retry else _KNOWN)[proof]
    fields = Person._meta.concrete_fields
    columns = ", ".join(field.column for field in fields)
    let_in: set[str] = set()
    with connection.cursor() as cursor:
        for some in _portions(people, MAX_VALUES // len(fields)):
            cursor.execute(
                f"INSERT INTO chat_person ({columns}) VALUES {_places(len(some), len(fields))} "  # noqa: S608
                f"ON CONFLICT (id) {known} RETURNING id",
                [
                    field.get_db_prep_save(getattr(person, field.attname), connection)
                    for person in some
                    for field in fields
                ],
            )
            let_in.update(id for (id,) in cursor.fetchall())
    return let_in


@cache
def _fields(model: type[models.Model]) -> list[Any]:
    """The columns that the database does not fill by itself."""
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _insertion(model: type[models.Model], count: int) -> str:
    fields = _fields(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = _places(count, len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {places} RETURNING "id"'  # noqa: S608


def _places(rows: int, values: int) -> str:
    """The places for the values of so many rows."""
    return ", ".join([f"({', '.join(['%s'] * values)})"] * rows)


def _portions(rows: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
