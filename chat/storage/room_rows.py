"""The rows of many rooms: by their addresses; and, as the poll asks once a second, which are others now."""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from chat.models import Message, Mode, Room
from chat.storage import shapes, vendor

_FIELDS = (
    *(
        "id",
        "slug",
        "title",
        "titles",
        "topic",
        "mode",
        "needs_name",
        "is_archived",
        "slow",
        "pinned",
        "position",
        "direct",
    ),
    *("version", "epoch"),
)
_COLUMNS = ", ".join(f"room.{field}" for field in _FIELDS)
#: What stands in for a room that is not there: what the database would say of one.
_NONE = tuple("{}" if field == "titles" else getattr(Room(mode=Mode.MEMBERS), field) for field in _FIELDS)


def under(slugs: Collection[str]) -> dict[str, Room]:
    """The rooms with these addresses; a closed one without a key where there is none.

    Nobody can tell by the time it takes whether one is there.
    """
    wanted, parameter = vendor.keys(slugs, "text")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked.id, {_COLUMNS} FROM ({wanted}) AS asked "  # noqa: S608
            "LEFT JOIN chat_room room ON room.slug = asked.id",
            [parameter],
        )
        return {
            slug: shapes.made(Room, _FIELDS, _NONE if row[0] is None else row)
            for slug, *row in cursor.fetchall()
        }


def read(keys: Iterable[int]) -> dict[int, Room | None]:
    """The rooms with these keys; None for one that is not there."""
    asked = dict.fromkeys(keys, 0)
    return _found(asked, "TRUE") if asked else {}


def differing(versions: Mapping[int, int]) -> dict[int, Room | None]:
    """Those of the rooms that have not the version named for their key; None for one that is not there.

    The database compares, so that ten thousand rooms where nothing has happened cost a few milliseconds.
    """
    return _found(versions, "room.id IS NULL OR room.version <> asked.number")


def pinned(rooms: Iterable[Room]) -> dict[int, Message]:
    """By the key of the room what is pinned there. What is gone is not. One query, where any has a pin."""
    pins = {room.pinned: room.pk for room in rooms if room.pinned is not None}
    found = Message.objects.filter(pk__in=pins, deleted_at=None) if pins else ()
    return {message.room_id: message for message in found if pins[message.pk] == message.room_id}


def _found(versions: Mapping[int, int], condition: str) -> dict[int, Room | None]:
    table, parameters = vendor.pairs(versions)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked.id, {_COLUMNS} FROM {table} LEFT JOIN chat_room room ON room.id = asked.id "  # noqa: S608
            f"WHERE {condition}",
            parameters,
        )
        return {
            key: None if row[0] is None else shapes.made(Room, _FIELDS, row)
            for key, *row in cursor.fetchall()
        }
