"""Fills the database of a site: `python -m bench.growth.fill ROOMS MESSAGES`, in the site's environment.

The messages are spread over the rooms, and all of them are in the index of words, as where a site has
served for long.
"""

import os
import sys
from itertools import islice
from typing import Any

#: Who has said it all, and what: a line of 80 characters with the number in it.
PEOPLE = 100
_TEXT = "the quick brown fox jumps over the lazy dog and the others look on as it does "
_BATCH = 10_000


def slug(number: int) -> str:
    """The address of a room."""
    return f"room-{number}"


def main() -> None:
    """Make so many rooms and messages."""
    rooms, messages = map(int, sys.argv[1:3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    import django

    django.setup()
    from django.db import connection, transaction

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
    with transaction.atomic():
        make(rooms, messages)
    if connection.vendor == "postgresql":  # which does so by itself in time
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def make(rooms: int, messages: int) -> list[Any]:
    """Make rooms, and messages in them by turns, and have all of these in the index; the rooms."""
    made = _make_rooms(rooms)
    _make_messages(made, messages)
    _index(made)
    return made


def _make_rooms(count: int) -> list[Any]:
    from chat.models import Room

    return Room.objects.bulk_create(Room(slug=slug(n), title=f"Room {n}") for n in range(count))


def _make_messages(rooms: list[Any], count: int) -> None:
    """One is made as the model has it, and all others of that one; each room has as many."""
    from django.db import connection

    from chat.models import Message, Person, Room

    people = Person.objects.bulk_create(Person(id=f"person-{n}", name=f"Person {n}") for n in range(PEOPLE))
    first = Message.objects.create(
        room=rooms[0], author=people[0], name=people[0].name, text=_TEXT, version=1, first_version=1
    )
    many = len(rooms)
    other = {
        "room_id": f"{rooms[0].pk} + i %% {many}",
        "version": f"1 + i / {many}",
        "first_version": f"1 + i / {many}",
        "author_id": f"'person-' || (i %% {PEOPLE})",
        "text": "text || i",
    }
    columns = [field.column for field in Message._meta.concrete_fields if not field.primary_key]
    values = ", ".join(other.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < %s) "  # noqa: S608
            f"INSERT INTO chat_message ({', '.join(columns)}) "
            f"SELECT {values} FROM chat_message, numbers WHERE id = %s ORDER BY i",
            [count, first.pk],
        )
    for number, room in enumerate(rooms):
        room.version = (count - number + many - 1) // many
    Room.objects.bulk_update(rooms, ["version"], batch_size=500)


def _index(rooms: list[Any]) -> None:
    """Have all words in the index, and say so in the marks."""
    from chat.core import search_words
    from chat.models import Message, SearchMark
    from chat.storage import search_index
    from chat.storage.search_index import Entry

    stems = search_words.stems(_TEXT)
    said = Message.objects.order_by("pk").values_list("pk", "room_id").iterator(chunk_size=_BATCH)
    while batch := list(islice(said, _BATCH)):
        search_index.put([Entry(key, room, stems) for key, room in batch])
    SearchMark.objects.bulk_create(
        (SearchMark(room=room, epoch=room.epoch, version=room.version, left=0) for room in rooms),
        batch_size=500,
    )


if __name__ == "__main__":
    main()
