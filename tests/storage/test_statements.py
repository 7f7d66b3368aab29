"""The statements of the log: many rows at once, all kinds of values, and nothing to do."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Message, Person, ProcessedCommand, Room
from chat.storage import pipeline, statements

#: More values than some databases take in one statement.
MANY = 600


def said(author: Person, room: Room, count: int) -> list[Message]:
    return [
        Message(
            room=room, author=author, ref=f"r{n}", name="Алиса", text=f"say {n}", version=n, first_version=n
        )
        for n in range(1, count + 1)
    ]


def values(message: Message) -> list[object]:
    return [getattr(message, field.attname) for field in Message._meta.concrete_fields]


def save(posted: list[Message], *others: Any) -> None:
    with pipeline.opened():
        rows = [{column: getattr(message, column) for column in statements.POSTED} for message in posted]
        keys = statements.save(rows, *others, is_last=False)
    for message, key in zip(posted, keys(), strict=True):
        message.pk = key


def locked(rooms: list[int], messages: list[int], signed: list[tuple[str, str]]) -> statements.Locked:
    with pipeline.opened() as answered:
        return statements.locked(rooms, messages, signed, answered)


def test_rows_are_inserted_in_their_order_and_know_their_keys(alice: Person, lounge: Room) -> None:
    messages = said(alice, lounge, MANY)
    messages[7].reactions, messages[7].timestamp = {"👍": ["bob"]}, "17"
    messages[9].text = "'); DROP TABLE chat_message; --\\\"{}%s \u2028 🧑‍🧑‍🧒"

    save(messages, [], [], [lounge])
    messages[7].edited_at = datetime(2026, 11, 25, 12, 0, 0, 123456, UTC)
    messages[8].edited_at = datetime(2026, 11, 25, tzinfo=UTC)
    save([], messages, [], [])

    kept = Message.objects.order_by("version")
    assert [message.pk for message in kept] == [message.pk for message in messages]
    assert sorted(message.pk for message in messages) == [message.pk for message in messages]
    for written, read in zip(messages, kept, strict=True):
        assert values(written) == values(read)


def test_few_rows_are_kept_as_many_are(alice: Person, lounge: Room) -> None:
    messages = said(alice, lounge, 3)
    messages[0].reactions, messages[0].mentions = {"👍": ["bob"]}, ["bob", "алиса"]
    messages[2].text = "'); DROP TABLE chat_message; --\\\"{}%s ?1 \u2028 🧑‍🧑‍🧒"

    save(messages, [], [], [lounge])
    messages[0].edited_at = datetime(2026, 11, 25, 12, 0, 0, 123456, UTC)
    messages[1].is_removed, messages[1].deleted_at = True, datetime(2026, 11, 25, tzinfo=UTC)
    save([], messages[:2], [], [])
    messages[1].is_removed, messages[1].reactions = False, {"🎉": ["alice"]}
    save([], messages[1:2], [], [])

    kept = Message.objects.order_by("version")
    assert [values(message) for message in kept] == [values(message) for message in messages]
    found = locked([], [], [("alice", "r2"), ("alice", "other")]).known
    assert [first.message for first in found.values()] == [messages[1].pk]


def test_what_changes_is_changed_and_nothing_else(alice: Person, lounge: Room) -> None:
    messages = said(alice, lounge, 3)
    save(messages, [], [], [])
    changed, others = messages[:2], Message.objects.filter(pk=messages[2].pk)
    before = values(others.get())
    changed[0].version, changed[0].text, changed[0].edited_at = 4, "edited", datetime.now(UTC)
    changed[1].version, changed[1].reactions, changed[1].deleted_at = 5, {"👍": ["bob"]}, datetime.now(UTC)
    lounge.version = 5

    save([], changed, [], [lounge])

    for message in changed:
        assert values(Message.objects.get(pk=message.pk)) == values(message)
    assert values(others.get()) == before
    assert Room.objects.get(pk=lounge.pk).version == 5


def test_what_is_locked_is_read_as_django_would(alice: Person, lounge: Room) -> None:
    messages = said(alice, lounge, 2)
    messages[0].reactions, messages[0].edited_at = {"👍": ["bob"]}, datetime.now(UTC)
    save(messages, [], [], [])

    found = locked([], [messages[0].pk, messages[1].pk + 1000], [])

    assert list(found.messages) == [messages[0].pk]
    assert values(found.messages[messages[0].pk]) == values(Message.objects.get(pk=messages[0].pk))
    assert {key: room.slug for key, room in found.rooms.items()} == {lounge.pk: "lounge"}


def test_what_was_carried_out_is_found_by_author_and_ref_together(
    alice: Person, bob: Person, lounge: Room
) -> None:
    messages = said(alice, lounge, MANY)
    save(messages, [], [], [])
    edit = ProcessedCommand(author=alice, ref="edit", digest="d", version=9, message=messages[3])
    save([], [], [edit], [])

    wanted = [(alice.pk, f"r{n}") for n in range(MANY + 50)] + [(bob.pk, f"r{n}") for n in range(50)]
    known = locked([], [], [*wanted, (alice.pk, "edit"), (bob.pk, "edit")]).known

    assert {signature: first.message for signature, first in known.items()} == {
        **{(alice.pk, str(message.ref)): message.pk for message in messages},
        (alice.pk, "edit"): messages[3].pk,
    }
    assert (known[alice.pk, "edit"].version, known[alice.pk, "edit"].digest) == (9, "d")
    assert (known[alice.pk, "r1"].version, known[alice.pk, "r1"].digest) == (1, None)


@pytest.mark.django_db
def test_what_is_not_there_costs_no_statement() -> None:
    with CaptureQueriesContext(connection) as captured:
        save([], [], [], [])
        assert locked([], [], []) == ({}, {}, {})

    assert captured.captured_queries == []


def test_of_a_room_that_is_gone_nothing_is_locked(lounge: Room) -> None:
    found = locked([lounge.pk, lounge.pk + 1000], [], [])

    assert {key: (room.slug, room.version) for key, room in found.rooms.items()} == {
        lounge.pk: ("lounge", 0)
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=3))),
    ],
)
def test_a_moment_is_kept_as_django_keeps_it(moment: datetime) -> None:
    """To the letter, for SQLite compares moments as text."""
    alice, room = Person.objects.create(id="alice", name="Alice"), Room.objects.create(slug="lounge")
    by_django, by_us = said(alice, room, 2)
    by_django.sent_at = by_us.sent_at = moment
    by_django.save()
    save([by_us], [], [], [])

    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(sent_at AS TEXT) FROM chat_message")
        kept = {sent_at for (sent_at,) in cursor.fetchall()}

    assert len(kept) == 1
