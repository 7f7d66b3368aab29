"""Every query of the log walks along an index, however long the log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.access import PROGRAM, guest
from chat.core.protocol import Cursor, DeleteMessage, EditMessage, PostMessage, ReadHistory
from chat.models import Person, Room
from chat.services import commands, history, messages, people, rooms
from chat.storage.log import AcceptedCommand


def _write(room: Room, author: Person, *changes: Any) -> None:
    commands.run([AcceptedCommand(guest(author), change, room=room.pk) for change in changes])


#: The key of the last of the ten messages: rows of a test are numbered from 1.
LATEST = 10

QUERIES: dict[str, Callable[[Room, Person], object]] = {
    "the latest page": lambda room, _: history.latest(PROGRAM, room, 50),
    "a page before": lambda room, _: history.page(PROGRAM, room, ReadHistory(room=room.slug, before=5)),
    "a page after": lambda room, _: history.page(PROGRAM, room, ReadHistory(room=room.slug, after=5)),
    "a page around": lambda room, _: history.page(PROGRAM, room, ReadHistory(room=room.slug, around=5)),
    "what was missed": lambda room, _: rooms.catch_up(PROGRAM, room, Cursor(after=0, epoch=room.epoch), 50),
    "finding a room": lambda room, _: rooms.find([(PROGRAM, room.slug)]),
    "who owns an id": lambda room, author: people.ownership([author.pk]),
    "saying something": lambda room, author: _write(
        room, author, PostMessage(message="hi", ref="new", reply_to=LATEST)
    ),
    "saying it once more": lambda room, author: commands.carry_out(
        [AcceptedCommand(guest(author), PostMessage(message="hi"), room=room.pk, key="k")],
        is_retry=True,
    ),
    "changing something": lambda room, author: _write(
        room,
        author,
        EditMessage(id=LATEST, message="ho", ref="newer"),
        DeleteMessage(id=LATEST, ref="newest"),
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_walks_along_an_index(name: str, alice: Person, lounge: Room) -> None:
    for number in range(10):
        messages.post(guest(alice), lounge, str(number))
    lounge.refresh_from_db()
    # Where there is hardly a room, to look at all of them is the shortest way.
    Room.objects.bulk_create(Room(slug=f"room-{number}", title="Another") for number in range(50))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(connection) as captured:
        QUERIES[name](lounge, alice)

    asked = [
        query["sql"]
        for query in captured
        if query["sql"].startswith(("SELECT", "UPDATE", "INSERT", "WITH"))
    ]
    assert asked
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall()]
        assert not [step for step in plan if step.startswith("SCAN chat_") and "USING" not in step], (
            sql,
            plan,
        )
        assert not [step for step in plan if "TEMP B-TREE" in step], (sql, plan)
