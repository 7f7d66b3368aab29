"""The rows of people: who has come, and from where; whose an id and a name are."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from chat.models import Person, PersonAddress
from chat.storage import shapes, vendor

#: What becomes of somebody who comes under an id that has a row already, by what they bring (people.Proof).
#: Whoever is a user of the site comes under their user, and nobody else under an id of theirs.
_ON_CONFLICT = {
    "token": "(id) DO UPDATE SET name = excluded.name, arrived_at = excluded.arrived_at, is_owned = TRUE "
    "WHERE chat_person.user_id IS NULL",
    "claim": "(id) DO NOTHING",
    "none": "(id) DO UPDATE SET name = excluded.name, arrived_at = excluded.arrived_at "
    "WHERE NOT chat_person.is_owned",
    "session": "(user_id) DO UPDATE SET name = excluded.name, arrived_at = excluded.arrived_at",
}
#: Where a claim is tried again, it may have been kept before: the row is theirs if it says when they came.
_ON_CONFLICT_RETRY = {
    **_ON_CONFLICT,
    "claim": "(id) DO UPDATE SET name = excluded.name "
    "WHERE chat_person.is_owned AND chat_person.first_seen = excluded.first_seen "
    "AND chat_person.name = excluded.name",
}


def arrive(people: Sequence[Person], proof: str, *, is_retry: bool) -> list[tuple[str, Any]]:
    """Keep who has come, each once: the id and the user of those to whom it is theirs or nobody's."""
    on_conflict = (_ON_CONFLICT_RETRY if is_retry else _ON_CONFLICT)[proof]
    shape = shapes.shape_of(Person, shapes.columns_of(Person))
    who = f"{shape.insertion}{_whose_user_is_there()}" if proof == "session" else shape.insertion
    with vendor.cursor() as cursor:
        cursor.execute(
            f"{who} ON CONFLICT {on_conflict} RETURNING id, user_id",
            [vendor.records(shape.fields, map(shape.values, people))],
        )
        return list(cursor.fetchall())


def _whose_user_is_there() -> str:
    """A condition: a user may be deleted while they come in."""
    user = get_user_model()._meta
    key = user.pk.column
    return f' AND EXISTS (SELECT 1 FROM "{user.db_table}" AS known WHERE known."{key}" = given.user_id)'  # noqa: S608


#: What is noted of an address.
_ADDRESS = ("person_id", "key_id", "address", "last_at")


def note_addresses(rows: Sequence[tuple[str, int, str, datetime]]) -> None:
    """Keep from where somebody has come, each pair once; nothing where the key has been thrown away."""
    shape = shapes.shape_of(PersonAddress, _ADDRESS)
    with vendor.cursor() as cursor:
        cursor.execute(
            f"{shape.insertion} AND EXISTS (SELECT 1 FROM chat_addresskey AS known "  # noqa: S608
            "WHERE known.id = given.key_id) "
            "ON CONFLICT (person_id, address) DO UPDATE SET last_at = excluded.last_at",
            [vendor.records(shape.fields, rows)],
        )


def newcomers(ids: Collection[str], keys: Collection[str]) -> tuple[dict[str, bool], set[str]]:
    """Of these ids those of somebody, and whether they are owned; of these keys those of a user's name.

    One query along two indexes: a newcomer waits for it.
    """
    people, given_ids = vendor.keys(ids, "text")
    called, given_keys = vendor.keys(keys, "text")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT chat_person.id, is_owned, 1 FROM ({people}) AS asked "  # noqa: S608
            "CROSS JOIN chat_person WHERE chat_person.id = asked.id UNION ALL "
            f"SELECT chat_username.key, TRUE, 0 FROM ({called}) AS asked "
            "CROSS JOIN chat_username WHERE chat_username.key = asked.id",
            [given_ids, given_keys],
        )
        rows = cursor.fetchall()
    is_owned = {id: bool(is_owned) for id, is_owned, is_person in rows if is_person}
    return is_owned, {key for key, _, is_person in rows if not is_person}
