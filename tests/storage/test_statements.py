"""The statements of the log: more values than one statement takes, and nothing to do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Message, Person, ProcessedCommand, Room
from chat.storage import statements

#: More rows than one statement takes.
MANY = 600


def said(author: Person, room: Room, count: int) -> list[Message]:
    return [
        Message(
            room=room, author=author, ref=f"r{n}", name="Алиса", text=f"say {n}", version=n, first_version=n
        )
        for n in range(1, count + 1)
    ]


def test_rows_are_inserted_in_their_order_and_know_their_keys(alice: Person, lounge: Room) -> None:
    messages = said(alice, lounge, MANY)
    messages[7].reactions, messages[7].timestamp, messages[7].edited_at = (
        {"👍": ["bob"]},
        "17",
        messages[7].sent_at,
    )

    statements.insert(messages)

    kept = Message.objects.order_by("version")
    assert [message.pk for message in kept] == [message.pk for message in messages]
    assert sorted(message.pk for message in messages) == [message.pk for message in messages]
    columns = [field.attname for field in Message._meta.concrete_fields]
    for written, read in zip(messages, kept, strict=True):
        assert [getattr(written, column) for column in columns] == [
            getattr(read, column) for column in columns
        ]


def test_processed_commands_are_found_by_author_and_ref_together(
    alice: Person, bob: Person, lounge: Room
) -> None:
    messages = said(alice, lounge, MANY)
    statements.insert(messages)
    statements.insert(
        [
            ProcessedCommand(author=alice, ref=str(message.ref), digest="d", version=1, message=message)
            for message in messages
        ]
    )

    wanted = [(alice.pk, f"r{n}") for n in range(MANY + 50)] + [(bob.pk, f"r{n}") for n in range(50)]
    found = statements.processed(wanted)

    assert {(row.author_id, row.ref, row.message) for row in found} == {
        (alice.pk, message.ref, message) for message in messages
    }


@pytest.mark.django_db
def test_what_is_not_there_costs_no_statement() -> None:
    with CaptureQueriesContext(connection) as captured:
        statements.insert([])
        assert statements.processed([]) == []
        assert statements.locked([]) == {}

    assert captured.captured_queries == []


def test_of_a_room_that_is_gone_nothing_is_locked(lounge: Room) -> None:
    rooms = statements.locked([lounge.pk, lounge.pk + 1000])

    assert {key: (room.slug, room.version) for key, room in rooms.items()} == {lounge.pk: ("lounge", 0)}
