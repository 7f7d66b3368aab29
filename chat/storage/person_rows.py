"""The rows of people: who has come, and from where; whose an id and a name are."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model

from chat.models import Person, PersonAddress
from chat.storage import pipeline, shapes, vendor

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
    return pipeline.fetched(
        f"{who} ON CONFLICT {on_conflict} RETURNING id, user_id",
        [vendor.records(shape.fields, map(shape.values, map(vars, people)))],
    )


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
    pipeline.fetched(
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
    rows = pipeline.fetched(
        f"SELECT chat_person.id, is_owned, 1 FROM ({people}) AS asked "  # noqa: S608
        "CROSS JOIN chat_person WHERE chat_person.id = asked.id UNION ALL "
        f"SELECT chat_username.key, TRUE, 0 FROM ({called}) AS asked "
        "CROSS JOIN chat_username WHERE chat_username.key = asked.id",
        [given_ids, given_keys],
    )
    is_owned = {id: bool(is_owned) for id, is_owned, is_person in rows if is_person}
    return is_owned, {key for key, _, is_person in rows if not is_person}


#: How many of the latest messages of a room say who spoke there lately; and how many guests who belong to
#: it are looked at.
_LATELY, _GUESTS = 100, 100


class KnownIn(NamedTuple):
    """Those who are known in a room: the id of each, and what they are called."""

    #: The latest first; each comes once for each name that they had.
    speakers: list[tuple[str, str]]
    #: Of those who belong to it the guests,
    guests: list[tuple[str, str]]
    #: and the users, each with the key of their name, of those that were asked for.
    users: list[tuple[str, str]]


def known_in(room: int, keys: Collection[str]) -> KnownIn:
    """Who spoke lately in a room, and who belongs to it: of its users those whose names have these keys.

    One query, of bounded length however many they are.
    """
    called, given_keys = vendor.keys(keys, "text")
    places = [given_keys, *[room] * _member().count("%s")]
    with vendor.cursor() as cursor:
        cursor.execute(
            "SELECT author_id, name, 0, id FROM (SELECT author_id, name, id FROM chat_message "  # noqa: S608
            f"WHERE room_id = %s ORDER BY room_id DESC, id DESC LIMIT {_LATELY}) AS latest UNION ALL "
            "SELECT chat_person.id, chat_person.name, 1, 0 FROM (SELECT person_id FROM chat_membership "
            f"WHERE room_id = %s AND person_id IS NOT NULL LIMIT {_GUESTS}) AS guest "
            "CROSS JOIN chat_person WHERE chat_person.id = guest.person_id UNION ALL "
            f"SELECT chat_person.id, called.key, 2, 0 FROM ({called}) AS asked "
            "CROSS JOIN chat_username AS called "
            "CROSS JOIN chat_person WHERE called.key = asked.id AND chat_person.user_id = called.user_id "
            f"AND ({_member()})",
            [room, room, *places],
        )
        said: dict[tuple[str, str], int] = {}
        belong: dict[int, list[tuple[str, str]]] = {1: [], 2: []}
        for id, name, kind, message in cursor.fetchall():
            if kind:
                belong[kind].append((id, name))
            else:
                said[id, name] = max(message, said.get((id, name), 0))
    return KnownIn(sorted(said, key=said.__getitem__, reverse=True), belong[1], belong[2])


@cache
def _member() -> str:
    """Whether the user whose name is `called` belongs to a room, themselves or by a group of theirs."""
    own = "SELECT 1 FROM chat_membership WHERE room_id = %s AND user_id = called.user_id"
    if not hasattr(user := get_user_model(), "groups"):
        return f"EXISTS ({own})"
    field: Any = user._meta.get_field("groups")
    grouped = (
        f'SELECT 1 FROM chat_membership AS member CROSS JOIN "{field.m2m_db_table()}" AS grouped '  # noqa: S608
        f'WHERE member.room_id = %s AND grouped."{field.m2m_reverse_name()}" = member.group_id '
        f'AND grouped."{field.m2m_column_name()}" = called.user_id'
    )
    return f"EXISTS ({own}) OR EXISTS ({grouped})"
