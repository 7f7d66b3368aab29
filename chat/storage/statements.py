"""The statements that every change of a log needs, as SQL, put together once.

Django composes its SQL anew each time, and that is more than half of what a small transaction costs. What
is asked less often goes by Django's own way. Tables, columns and values are the models' all the same.
However many rows a statement is about, they are one parameter: JSON, which costs a tenth of a place for
each value. Few rows are given to SQLite value by value: there that is the cheaper way.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models

from chat.models import (
    Message,
    ModerationAct,
    ProcessedCommand,
    ReadMarker,
    Room,
    SlowMark,
)
from chat.storage import pipeline, shapes, vendor
from chat.storage.known_rooms import KnownRooms

#: What of a message may change.
CHANGING = ("version", "text", "edited_at", "deleted_at", "is_removed", "reactions", "mentions")


class CarriedOut(NamedTuple):
    """What came of a command that was carried out before."""

    #: The key of the message it is about, which may be gone.
    message: int
    version: int
    at: datetime
    #: Of the command; None where it was not noted.
    digest: str | None


class Locked(NamedTuple):
    """What a transaction of the log is about."""

    rooms: dict[int, Room]
    messages: dict[int, Message]
    #: By author and ref.
    known: dict[tuple[str, str], CarriedOut]


def locked(
    rooms: Collection[int],
    messages: Collection[int],
    signed: Collection[tuple[str, str]],
    answered: pipeline.Answered,
    known_rooms: KnownRooms | None = None,
) -> Locked:
    """The rooms with these keys and those of these messages, locked until the transaction ends.

    And the messages, which stand still behind that lock; and what was carried out before under these pairs
    of an author and a ref. A room that is being deleted is there no more. Rooms are locked in the order of
    their keys, so that no two processes wait for each other. One round trip, in a pipeline.
    """
    at_hand = known_rooms.these(rooms) if known_rooms and not messages else None
    is_asked = at_hand is None and (rooms or messages)
    locking = pipeline.execute(*_lock(rooms, messages)) if is_asked else None
    reading = pipeline.execute(*_standing(messages)) if messages else None
    before = pipeline.execute(*_known(signed)) if signed else None
    answered()
    found = at_hand or [shapes.made(Room, _ROOM, row) for row in (locking.fetchall() if locking else ())]
    standing = [
        shapes.made(Message, shapes.columns_of(Message), row)
        for row in (reading.fetchall() if reading else ())
    ]
    known = [row for row in (before.fetchall() if before else ()) if row != (None, None)]
    return Locked(
        {room.pk: room for room in found if not room.is_deleted},
        {message.pk: message for message in standing},
        _read(known) if known else {},
    )


def save(
    posted: Sequence[dict[str, Any]],
    changed: Sequence[Message],
    processed: Sequence[ProcessedCommand],
    rooms: Sequence[Room],
    noted: Sequence[ModerationAct] = (),
    spoken: Sequence[SlowMark] = (),
    *,
    is_last: bool,
) -> Callable[[], list[int]]:
    """Write what a transaction of the log has come to, and commit it where this is the last of it.

    What is posted are rows by their columns (POSTED). Without a round trip, in a pipeline: what this
    returns gives their keys, in turn, once all is answered.
    """
    inserted = pipeline.execute(*_posting(posted)) if posted else None
    if changed:
        pipeline.execute(*_update(changed, CHANGING))
    if processed:
        pipeline.execute(*_insertion(processed))
    if noted:
        pipeline.execute(*_insertion(noted))
    if spoken:
        pipeline.execute(*_marked(spoken))
    if rooms:
        pipeline.execute(*_update(rooms, ("version",)))
    if is_last:
        pipeline.commit()
    return lambda: [key for (key,) in inserted.fetchall()] if inserted else []


def mark_read(rows: Sequence[tuple[str, int, int]], at: datetime) -> dict[tuple[int, str], int]:
    """Move markers forward, each of a person in a room to a message; each pair comes once.

    Those that moved, by room and person: to the latest message of the room that is not beyond, or 0.
    """
    fields = shapes.fields_of(ReadMarker, _MARKER)
    with vendor.cursor() as cursor:
        cursor.execute(_marking(), [vendor.records(fields, ((*row, at) for row in rows))])
        return {(room, person): message for person, room, message in cursor.fetchall()}


class Unread(NamedTuple):
    """How far somebody has read a room, how much others have said since, and how much of it to them."""

    marker: int
    messages: int
    mentions: int
    #: How far the room had come when that was counted.
    version: int


#: How many messages a count of unread ones looks at for each one that it counts at most.
_LOOKS = 2


def unread(person: str, rooms: Iterable[int], own: Collection[int], many: int) -> dict[int, Unread]:
    """The marker of a person in each of these rooms, and how many of others follow: `many` at most.

    By the key of the room. Where there is no marker it is 0 in one of their `own` rooms; others are left
    out. Each room is a walk along one index, and one along the few messages that mention anybody, the
    newest first: both of bounded length.
    """
    asked, parameters = vendor.pairs({room: 1 if room in own else 0 for room in rooms})
    most = _LOOKS * many
    walk = (
        "SELECT author_id, deleted_at FROM chat_message WHERE room_id = asked.id "
        "AND id > coalesce(marker.message, 0) ORDER BY room_id, id LIMIT %s"
    )
    count = "CASE WHEN count(*) = %s THEN %s ELSE coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0) END"
    count = count.format("author_id <> %s AND deleted_at IS NULL")
    to_them = (
        "SELECT author_id, deleted_at, mentions FROM chat_message WHERE room_id = asked.id "
        "AND mentions IS NOT NULL AND id > coalesce(marker.message, 0) "
        "ORDER BY room_id DESC, id DESC LIMIT %s"
    )
    mentions = (
        f"SELECT count(*) FROM ({to_them}) AS named WHERE author_id <> %s AND deleted_at IS NULL "  # noqa: S608
        f"AND {vendor.has_text('mentions')}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT asked.id, coalesce(marker.message, 0), (SELECT {count} FROM ({walk}) AS walk), "  # noqa: S608
            f"({mentions}), (SELECT version FROM chat_room WHERE id = asked.id) "
            f"FROM {asked} LEFT JOIN chat_readmarker AS marker "
            "ON marker.person_id = %s AND marker.room_id = asked.id "
            "WHERE marker.id IS NOT NULL OR asked.number = 1",
            [most, many, person, most, most, person, person, *parameters, person],
        )
        return {
            room: Unread(marker, min(messages, many), min(named, many), version or 0)
            for room, marker, messages, named, version in cursor.fetchall()
        }


def _posting(rows: Sequence[dict[str, Any]]) -> tuple[str, list[Any]]:
    """What is NULL in all rows is left out: to say so costs SQLite more than a short text."""
    used = frozenset([column for row in rows for column in _NULLABLE if row[column] is not None])
    return _inserted(_shape_of_posted(used), rows)


#: What stands in a message when it is said, and what of that may be NULL. The database knows what stands in
#: the other columns.
POSTED = (
    *("room_id", "version", "first_version", "author_id", "ref", "digest", "key", "name", "role", "text"),
    *("timestamp", "sent_at", "reply_to_id", "reactions", "mentions"),
)
_NULLABLE = ("ref", "digest", "key", "timestamp", "reply_to_id", "mentions")


@cache
def _shape_of_posted(used: frozenset[str]) -> shapes.Shape:
    return shapes.shape_of(
        Message, tuple(column for column in POSTED if column in used or column not in _NULLABLE)
    )


def _insertion(rows: Sequence[models.Model]) -> tuple[str, list[Any]]:
    model = type(rows[0])
    return _inserted(shapes.shape_of(model, shapes.columns_of(model)[1:]), list(map(vars, rows)))


def _inserted(shape: shapes.Shape, rows: Sequence[dict[str, Any]]) -> tuple[str, list[Any]]:
    values = map(shape.values, rows)
    if vendor.are_few(len(rows)):
        return shape.insertions_of_few[len(rows)], vendor.values(values, shape.conversions)
    return shape.insertion_of_new, [vendor.records(shape.fields, values)]


def _update(rows: Sequence[models.Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    shape = shapes.shape_of(type(rows[0]), ("id", *names))
    values = map(shape.values, map(vars, rows))
    if len(rows) == 1 and vendor.are_few(1):
        key, *changed = vendor.values(values, shape.conversions)
        return shape.update_of_one, [*changed, key]
    return shape.update, [vendor.records(shape.fields, values)]


def _marked(rows: Sequence[SlowMark]) -> tuple[str, list[Any]]:
    """When somebody spoke in a room that is slow: one row for each of both."""
    shape = shapes.shape_of(SlowMark, ("person_id", "room_id", "at"))
    on_conflict = "ON CONFLICT (person_id, room_id) DO UPDATE SET at = excluded.at"
    return f"{shape.insertion} {on_conflict}", [
        vendor.records(shape.fields, map(shape.values, map(vars, rows)))
    ]


def _lock(rooms: Collection[int], messages: Collection[int]) -> tuple[str, list[Any]]:
    asked = (rooms, messages) if messages else (rooms,)
    return _locking(len(asked)), [vendor.keys(keys)[1] for keys in asked]


@cache
def _locking(asked: int) -> str:
    """Of rooms alone, or of those of messages as well."""
    wanted, _keys = vendor.keys([])
    if asked > 1:
        wanted += (
            f" UNION ALL SELECT room_id FROM ({wanted}) AS target CROSS JOIN chat_message "  # noqa: S608
            "WHERE chat_message.id = target.id"
        )
    return (
        f"SELECT {', '.join(f'chat_room.{column}' for column in _ROOM)} FROM ({wanted}) AS wanted "  # noqa: S608
        f"CROSS JOIN chat_room WHERE chat_room.id = wanted.id{vendor.room_lock()}"
    )


def _standing(messages: Collection[int]) -> tuple[str, list[Any]]:
    asked, keys = vendor.keys(messages)
    columns = ", ".join(f"chat_message.{column}" for column in shapes.columns_of(Message))
    answered = (
        f"SELECT answer.reply_to_id FROM ({asked}) AS asked CROSS JOIN chat_message AS answer "  # noqa: S608
        "WHERE answer.id = asked.id"  # of most it is NULL, which is the key of no message
    )
    return (
        f"SELECT {columns} FROM ({asked} UNION ALL {answered}) AS asked CROSS JOIN chat_message "  # noqa: S608
        "WHERE chat_message.id = asked.id",
        [keys, keys],
    )


#: What the log needs of a room.
_ROOM = ("id", "slug", "title", "mode", "is_archived", "slow", "direct", "version", "epoch")


def _signature() -> list[Any]:
    fields = ProcessedCommand._meta
    return [fields.get_field("author"), fields.get_field("ref")]


#: What of a marker is noted.
_MARKER = ("person_id", "room_id", "message", "at")


@cache
def _marking() -> str:
    """A marker stands at a message of its room, or at 0 before the first, and never goes back.

    In the order of rooms and people: a planner may begin with the people, and then each of two processes
    may hold a row that the other waits for.
    """
    reached = (
        "SELECT coalesce((SELECT max(id) FROM chat_message WHERE room_id = given.room_id "
        "AND id <= given.message), 0) FROM chat_room WHERE id = given.room_id"
    )
    columns = ", ".join(_MARKER)
    return (
        f"INSERT INTO chat_readmarker ({columns}) SELECT {columns} FROM ("  # noqa: S608
        f"SELECT given.person_id, given.room_id, ({reached}) AS message, given.at "
        f"FROM {vendor.recordset(shapes.fields_of(ReadMarker, _MARKER))} "
        "WHERE EXISTS (SELECT 1 FROM chat_person WHERE id = given.person_id)) AS reached "
        "WHERE message IS NOT NULL ORDER BY room_id, person_id "
        "ON CONFLICT (person_id, room_id) DO UPDATE SET message = excluded.message, at = excluded.at "
        "WHERE excluded.message > chat_readmarker.message RETURNING person_id, room_id, message"
    )


def _known(signed: Collection[tuple[str, str]]) -> tuple[str, list[Any]]:
    """For each signature the keys of what was said and of the processed command under it, if any."""
    if vendor.are_few(len(signed)):
        return _known_under(len(signed)), vendor.values(signed, ())
    return _known_under(0), [vendor.records(_signature(), signed)]


@cache
def _known_under(few: int) -> str:
    """For so few signatures, or for any number (0). Each is a look into an index.

    It is so whatever the planner believes: a join that is prepared while the tables are empty reads all of
    the index later on.
    """
    under = "author_id = given.author_id AND known.ref = given.ref"
    given = vendor.recordset(_signature(), few)
    return (
        f"SELECT (SELECT id FROM chat_message known WHERE {under}), "  # noqa: S608
        f"(SELECT id FROM chat_processedcommand known WHERE {under}) FROM {given}"
    )


def _read(found: Iterable[tuple[int | None, int | None]]) -> dict[tuple[str, str], CarriedOut]:
    """What was carried out before, by the keys of messages that were said and of processed commands."""
    said, done = zip(*found, strict=True)
    known = {
        (message.author_id, message.ref or ""): CarriedOut(
            message.id, message.first_version, message.sent_at, message.digest
        )
        for message in Message.objects.filter(pk__in=[key for key in said if key]).order_by()
    }
    rows = ProcessedCommand.objects.filter(pk__in=[key for key in done if key])
    return known | {
        (row.author_id, row.ref): CarriedOut(row.message_id, row.version, row.at, row.digest)
        for row in rows
    }
