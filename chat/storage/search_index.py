"""The index of words: SQLite's FTS5 or PostgreSQL's full text, of the stems of core/search_words.py.

It finds messages by their words, the newest first, and may be behind: whoever searches looks at the
messages themselves. Beside its words each entry has one for its room, and one for the block of keys that it
is in: for PostgreSQL gives what it finds in no order, and SQLite goes on to the end of all where nothing
has two words at a time; but a question about a few blocks reads no more than these.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from django.db import connection

from chat.core.search_words import Term
from chat.models import Room
from chat.storage import vendor

#: How many keys are given at a time: first so many, and then more and more, where they are of no use.
PORTION, MOST = 100, 1000
#: How many keys are one block, as a power of two, and how many blocks are asked about at one time at most.
_BLOCK, _BLOCKS = 14, 8


class Entry(NamedTuple):
    """The stems of a message."""

    id: int
    room: int
    stems: Collection[str]


class Said(NamedTuple):
    """What the index has to know of a message."""

    id: int
    version: int
    text: str
    is_deleted: bool


class Mark(NamedTuple):
    """How far a room is in the index (models/search_mark.py)."""

    epoch: str
    version: int
    left: int


#: Composed here: what Django composes anew each time costs several times as much as all the words.
_SAID = "SELECT id, version, text, deleted_at IS NOT NULL FROM chat_message WHERE room_id = %s"


def behind(most: int) -> list[tuple[int, str, int, Mark | None]]:
    """Rooms of which the index lacks something: key, epoch, version, and the mark, where there is one.

    First those where something was just said. All rooms are looked at for that.
    """
    with vendor.cursor() as cursor:
        cursor.execute(
            'SELECT room.id, room.epoch, room.version, mark.epoch, mark.version, mark."left" '
            "FROM chat_room room LEFT JOIN chat_searchmark mark ON mark.room_id = room.id "
            "WHERE (mark.version IS NULL OR mark.version <> room.version OR mark.epoch <> room.epoch "
            'OR mark."left" > 0) AND room.slug NOT LIKE %s '
            'ORDER BY coalesce(mark."left", 0), room.id LIMIT %s',
            [f"{Room.DELETED}%", most],
        )
        return [
            (id, epoch, version, None if mark[0] is None else Mark(*mark))
            for id, epoch, version, *mark in cursor.fetchall()
        ]


def changed(room: int, version: int, most: int) -> list[Said]:
    """The first messages of a room that changed after a version, in the order of their latest change."""
    return _said(f"{_SAID} AND version > %s ORDER BY version LIMIT %s", room, version, most)


def all_changed(versions: Mapping[int, int]) -> dict[int, list[Said]]:
    """All messages that changed after the version named for the key of their room; by that key."""
    found: dict[int, list[Said]] = {}
    if versions:
        asked, parameters = vendor.pairs(versions)
        with vendor.cursor() as cursor:
            cursor.execute(
                f"SELECT asked.id, said.id, version, text, deleted_at IS NOT NULL FROM {asked} "  # noqa: S608
                "CROSS JOIN chat_message said WHERE room_id = asked.id AND version > asked.number",
                parameters,
            )
            for room, *said in cursor.fetchall():
                found.setdefault(room, []).append(Said(*said))
    return found


def said_before(room: int, id: int, most: int) -> list[Said]:
    """The messages of a room that were said before one, the newest first."""
    return _said(f"{_SAID} AND id < %s ORDER BY id DESC LIMIT %s", room, id, most)


def _said(sql: str, *parameters: int) -> list[Said]:
    with vendor.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Said(*row) for row in cursor.fetchall()]


def move(moves: Iterable[tuple[int, Mark, Mark]]) -> bool:
    """Move the marks of rooms, each from where it was to where it shall be; whether all were there."""
    rows = [(*to, room, *before) for room, before, to in moves]
    with vendor.cursor() as cursor:
        cursor.executemany(
            'UPDATE chat_searchmark SET epoch = %s, version = %s, "left" = %s '
            'WHERE room_id = %s AND epoch = %s AND version = %s AND "left" = %s',
            rows,
        )
        return bool(cursor.rowcount == len(rows))


def put(entries: Sequence[Entry]) -> None:
    """Take these in, instead of what was there for the same messages; but none whose message is gone."""
    if not entries:
        return
    if vendor.is_postgresql():
        into, given = (
            "chat_wordindex (id, words)",
            "json_to_recordset(%s::json) AS given(id bigint, words text[])",
        )
        words, again = (
            "array_to_tsvector(given.words)",
            "ON CONFLICT (id) DO UPDATE SET words = excluded.words",
        )
    else:
        remove([entry.id for entry in entries])
        columns = "json_extract(value, '$.id') AS id, json_extract(value, '$.words') AS words"
        into, given = "chat_wordindex (rowid, words)", f"(SELECT {columns} FROM json_each(%s)) AS given"  # noqa: S608
        words, again = "given.words", ""
    is_there = "EXISTS (SELECT 1 FROM chat_message WHERE chat_message.id = given.id)"
    rows = [{"id": entry.id, "words": _words(entry)} for entry in entries]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {into} SELECT given.id, {words} FROM {given} WHERE {is_there} {again}",  # noqa: S608
            [msgspec.json.encode(rows).decode()],
        )


def remove(keys: Collection[int]) -> None:
    """Have no words of these messages any more."""
    wanted, parameter = vendor.keys(keys)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM chat_wordindex WHERE {_key()} IN ({wanted})", [parameter])  # noqa: S608


def gone(after: int, most: int) -> tuple[list[int], int]:
    """Of so many entries after a key those whose message is gone; and the last of all, 0 at the end."""
    key = _key()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT entry.id, chat_message.id FROM (SELECT {key} AS id FROM chat_wordindex "  # noqa: S608
            f"WHERE {key} > %s ORDER BY {key} LIMIT %s) AS entry "
            "LEFT JOIN chat_message ON chat_message.id = entry.id",
            [after, most],
        )
        found = cursor.fetchall()
    last = max((id for id, _message in found), default=0)
    return [id for id, message in found if message is None], last if len(found) == most else 0


class Portion(NamedTuple):
    """Some keys, the highest first, and the key down to which all has been looked at by then."""

    keys: list[int]
    down_to: int


def walk(terms: Sequence[Term], rooms: Collection[int] | None, before: int) -> Iterator[Portion]:
    """The keys below one that may have all the terms, in some rooms or in all.

    Each portion costs the database no more than to look through some hundred thousand messages.
    """
    question, most = _question(terms, rooms), PORTION
    for block, top in _stretches(before):
        lowest, part = block << _BLOCK, f"{_one_of(map(_block, range(block, top)))} {_also()}"
        while before > lowest:
            keys = _matching(f"{part} {question}", lowest, before, most)
            before = keys[-1] if len(keys) == most else lowest
            most = min(2 * most, MOST)
            yield Portion(keys, before)


def _stretches(before: int) -> Iterator[tuple[int, int]]:
    """The blocks that are asked about in turn, from one to another: first a few, and then more.

    Where there is nothing for long, as after a restore or much that was deleted, nothing is asked about.
    """
    many = 1
    while (newest := _newest(before)) is not None:
        top = (newest >> _BLOCK) + 1
        lowest = max(0, top - many)
        yield lowest, top
        before, many = lowest << _BLOCK, min(2 * many, _BLOCKS)


def _newest(before: int) -> int | None:
    """The highest key below one that has an entry; None where there is none."""
    key = _key()
    with vendor.cursor() as cursor:
        sql = f"SELECT {key} FROM chat_wordindex WHERE {key} < %s ORDER BY {key} DESC LIMIT 1"  # noqa: S608
        cursor.execute(sql, [before])
        return next((newest for (newest,) in cursor.fetchall()), None)


def _matching(question: str, lowest: int, before: int, most: int) -> list[int]:
    if vendor.is_postgresql():
        # Materialized, or the planner might as well walk along the keys.
        sql = (
            "WITH found AS MATERIALIZED (SELECT id FROM chat_wordindex WHERE words @@ %s::tsquery) "
            "SELECT id FROM found WHERE id >= %s AND id < %s ORDER BY id DESC LIMIT %s"
        )
    else:
        sql = (
            "SELECT rowid FROM chat_wordindex WHERE chat_wordindex MATCH %s AND rowid >= %s AND rowid < %s "
            "ORDER BY rowid DESC LIMIT %s"
        )
    with vendor.cursor() as cursor:
        cursor.execute(sql, [question, lowest, before, most])
        return [key for (key,) in cursor.fetchall()]


def _question(terms: Sequence[Term], rooms: Collection[int] | None) -> str:
    """What is asked for, in the words of the database. The stems are letters and digits alone."""
    asked = [_one_of([term.stem], term.beginning) for term in terms]
    if rooms is not None:
        asked.append(_one_of(map(_room, rooms)))
    return f" {_also()} ".join(asked)


def _one_of(words: Iterable[str], beginning: str = "") -> str:
    is_postgresql = vendor.is_postgresql()
    found = [f"'{word}'" if is_postgresql else f'"{word}"' for word in words]
    if beginning:
        found.append(f"'{beginning}':*" if is_postgresql else f'"{beginning}" *')
    return f"({(' | ' if is_postgresql else ' OR ').join(found)})"


def _also() -> str:
    return "&" if vendor.is_postgresql() else "AND"


def _words(entry: Entry) -> str | list[str]:
    """What is kept of an entry."""
    words = (*entry.stems, _room(entry.room), _block(entry.id >> _BLOCK))
    return list(words) if vendor.is_postgresql() else " ".join(words)


def _key() -> str:
    return "id" if vendor.is_postgresql() else "rowid"


def _room(key: int) -> str:
    return f"_r{key}"


def _block(number: int) -> str:
    return f"_b{number}"
