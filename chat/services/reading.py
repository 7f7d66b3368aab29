"""Reading: how far each person has read each room, and how much is left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from chat.models import ReadMarker, Room
from chat.storage import statements
from chat.storage.statements import Unread

#: More unread messages than this are not counted.
MANY = 100


@dataclass(frozen=True, eq=False)  # two who say the same are two
class Mark:
    """A person has read a room, which is known by its key and its address, up to a message."""

    person: str
    room: int
    slug: str
    message: int


def mark(marks: Sequence[Mark]) -> list[Mark | None]:
    """Note how far people have read: for each, in turn, where their marker stands now, if that moved it.

    A marker never goes back, whatever comes last from whichever device, and stands at a message of its
    room: at the latest one that is not beyond what was asked for, or at 0 where there is none yet. Who is
    no more has none.
    """
    farthest: dict[tuple[int, str], Mark] = {}
    for asked in marks:
        known = farthest.get((asked.room, asked.person))
        if known is None or asked.message > known.message:
            farthest[asked.room, asked.person] = asked
    rows = [(asked.person, asked.room, asked.message) for asked in farthest.values()]
    moved = statements.mark_read(rows, timezone.now())
    return [
        replace(asked, message=moved[asked.room, asked.person])
        if (asked.room, asked.person) in moved and farthest[asked.room, asked.person] is asked
        else None
        for asked in marks
    ]


def forget(room: Room, at_a_time: int) -> None:
    """A room is being deleted: nobody has read it."""
    markers = ReadMarker.objects.filter(room=room).order_by("pk")
    while some := list(markers.values_list("pk", flat=True)[:at_a_time]):
        ReadMarker.objects.filter(pk__in=some).delete()


def unread(person: str, rooms: Collection[int], own: Collection[int] = frozenset()) -> dict[int, Unread]:
    """Where the marker of a person stands in each of these rooms, and how much others have said since.

    By the key of the room. Where they have read nothing yet it stands at 0 in a room of their `own`, and
    other rooms are left out. Messages that were deleted do not count, nor do their own. MANY is "so many or
    more"; so it is said, too, where what came since is mostly their own, and to count the rest would be a
    long walk. Of what mentions them the latest counts: what is in the newest 200 messages that mention
    anybody. Whether they may read these rooms is not asked.
    """
    return statements.unread(person, rooms, own, MANY) if rooms else {}
