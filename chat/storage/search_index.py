"""The index of words: SQLite's FTS5 or PostgreSQL's full text, of the stems of core/search_words.py.

It finds messages by their words, the newest first, and may be behind: whoever searches looks at the
messages themselves. Beside its words each entry has one for its room; and in PostgreSQL, which gives what
it finds in no order, one for the block of keys that it is in: so a question about one block reads no more.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
from django.db import connection

from chat.core.search_words import Term
from chat.storage import vendor

#: How many keys are given at a time: first so many, and then more and more, where they are of no use.
PORTION, MOST = 100, 1000
#: How many keys are one block, as a power of two, and how many blocks are asked about at one time at most.
_BLOCK, _BLOCKS = 14, 32


class Entry(NamedTuple):
    """The stems of a message."""

    id: int
    room: int
    stems: Collection[str]


def put(entries: Sequence[Entry]) -> None:
    """Take these in, instead of what was there for the same messages; but none whose message is gone."""
    if not entries:
        return
    if connection.vendor == "postgresql":
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


def walk(terms: Sequence[Term], rooms: Collection[int] | None, before: int) -> Iterator[list[int]]:
    """The keys below one that may have all the terms, in some rooms or all: the newest first, in portions.

    A portion may be empty. All down to the last key of the latest one has been looked at.
    """
    question, most = _question(terms, rooms), PORTION
    for lowest, part in _parts(before):
        while before > lowest:
            keys = _matching(f"{question}{part}", lowest, before, most)
            before = keys[-1] if len(keys) == most else lowest
            most = min(2 * most, MOST)
            yield keys


def _parts(before: int) -> Iterator[tuple[int, str]]:
    """What is asked about in turn: from which key on, and what the question says of that."""
    if connection.vendor != "postgresql":
        yield 0, ""
        return
    top, many = (before - 1 >> _BLOCK) + 1, 1
    while top > 0:
        low = max(0, top - many)
        yield low << _BLOCK, f" & ({' | '.join(_quoted(_name(block)) for block in range(low, top))})"
        top, many = low, min(2 * many, _BLOCKS)


def _matching(question: str, lowest: int, before: int, most: int) -> list[int]:
    if connection.vendor == "postgresql":
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
    is_postgresql = connection.vendor == "postgresql"
    also, either, begins = ("&", "|", ":*") if is_postgresql else ("AND", "OR", " *")
    asked = [
        f"({_quoted(term.stem)} {either} {_quoted(term.beginning)}{begins})"
        if term.beginning
        else _quoted(term.stem)
        for term in terms
    ]
    if rooms is not None:
        asked.append(f"({f' {either} '.join(_quoted(_room(room)) for room in rooms)})")
    return f" {also} ".join(asked)


def _quoted(word: str) -> str:
    return f"'{word}'" if connection.vendor == "postgresql" else f'"{word}"'


def _words(entry: Entry) -> str | list[str]:
    """What is kept of an entry."""
    if connection.vendor == "postgresql":
        return [*entry.stems, _room(entry.room), _block(entry.id)]
    return " ".join((*entry.stems, _room(entry.room)))


def _key() -> str:
    return "id" if connection.vendor == "postgresql" else "rowid"


def _room(key: int) -> str:
    return f"_r{key}"


def _block(key: int) -> str:
    return _name(key >> _BLOCK)


def _name(block: int) -> str:
    return f"_b{block}"
