"""Numbers for moderators, each by one statement: who is here, and how much was said."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from chat.core.protocol import Role
from chat.models import Person, Presence, Process, Room
from chat.storage import vendor


class Attendee(NamedTuple):
    """Somebody who is in a room now."""

    id: str
    name: str
    role: Role


def people_here() -> int:
    """How many people are in any room now, through all processes. Who only watches is in none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(DISTINCT person) FROM chat_presence "  # noqa: S608
            f"WHERE {_HERE} AND CAST(rooms AS text) <> '{{}}'"
        )
        return int(cursor.fetchone()[0])


def online() -> dict[int, int]:
    """How many people are in each room now, by its key; a room without any is left out.

    A walk over the rows of all who are here: keep it for some seconds.
    """
    with connection.cursor() as cursor:
        # The comma is a lateral join, which SQLite knows by no other name.
        cursor.execute(
            "SELECT names.key, COUNT(DISTINCT chat_presence.person) "  # noqa: S608
            f"FROM chat_presence, {vendor.names_in('chat_presence.rooms')} WHERE {_HERE} GROUP BY names.key"
        )
        return {int(room): count for room, count in cursor.fetchall() if room.isdecimal()}


def people_in(room: Room, most: int) -> list[Attendee]:
    """Who is in a room now, by their names, and no more than so many."""
    key = str(room.pk)
    rows = Presence.objects.filter(
        is_here=True, process__in=Process.objects.values("pk"), rooms__has_key=key
    )
    found = rows.order_by("name", "person").values_list("person", "name", "rooms")[: 2 * most]
    people = {person: Attendee(person, name, rooms[key]) for person, name, rooms in found}
    return list(people.values())[:most]


def is_in(room: Room, person: Person) -> bool:
    """Whether somebody is in a room now."""
    rows = Presence.objects.filter(process__in=Process.objects.values("pk"), person=person.pk, is_here=True)
    return any(str(room.pk) in rooms for rooms in rows.values_list("rooms", flat=True))


def said_between(moments: Sequence[datetime]) -> list[int]:
    """How much was said between each two of these moments, which follow each other.

    The key of a message tells how many there were before it. So this is one step along an index for each
    moment, however much was said; and what is gone since counts as well.
    """
    ops = connection.ops
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_BEFORE.format(vendor.moments(len(moments))),
            [ops.adapt_datetimefield_value(at) for at in moments],
        )
        last = [int(key) for _at, key in sorted(cursor.fetchall())]
    return [max(0, later - earlier) for earlier, later in pairwise(last)]


#: Rows that a process has left behind whose own row is gone are nobody's.
_HERE = "is_here AND process IN (SELECT id FROM chat_process)"
_LAST_BEFORE = (
    "{} SELECT at, COALESCE("
    "(SELECT id FROM chat_message WHERE sent_at < at ORDER BY sent_at DESC LIMIT 1), "
    # Where nothing was said before: what was deleted for good stood below the first that is left.
    "(SELECT id - 1 FROM chat_message WHERE sent_at >= at ORDER BY sent_at LIMIT 1), 0) "
    "FROM moment"
)
