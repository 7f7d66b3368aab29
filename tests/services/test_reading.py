"""How far people have read, and how much is left."""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actors import PROGRAM, guest
from chat.core.protocol import PostMessage
from chat.models import Message, Person, ReadMarker, Room
from chat.services import batches, messages, reading, rooms
from chat.services.people import Arrival, Proof
from chat.services.reading import Mark
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done
from chat.storage.statements import Unread
from tests.conftest import arrive


def say(person: Person, room: Room, *texts: str) -> list[int]:
    """The ids of what somebody has said."""
    return [messages.post(guest(person), room, text).pk for text in texts]


def read(person: Person, room: Room, message: int) -> Mark | None:
    [marked] = reading.mark([Mark(person.pk, room.pk, room.slug, message)])
    return marked


def unread(person: str, rooms: Collection[int], own: Collection[int] = frozenset()) -> dict[int, Any]:
    """How far somebody has read, and how many messages and mentions are left, by the room."""
    return {room: found[:3] for room, found in reading.unread(person, rooms, own).items()}


def marker(person: Person) -> int | None:
    return ReadMarker.objects.filter(person=person).values_list("message", flat=True).first()


def test_what_was_read_last_is_kept(alice: Person, bob: Person, lounge: Room) -> None:
    one, two = say(bob, lounge, "one", "two")

    first, second = read(alice, lounge, one), read(alice, lounge, two)

    assert (first and first.message, second and second.message) == (one, two)
    assert marker(alice) == two
    assert marker(bob) is None


def test_a_marker_never_goes_back_whichever_device_comes_last(
    alice: Person, bob: Person, lounge: Room
) -> None:
    one, two, three = say(bob, lounge, "one", "two", "three")
    of_alice = [Mark(alice.pk, lounge.pk, lounge.slug, message) for message in (one, three, two)]

    assert [marked and marked.message for marked in reading.mark(of_alice)] == [None, three, None]
    assert read(alice, lounge, two) is None
    assert read(alice, lounge, three) is None
    assert marker(alice) == three


def test_a_marker_stands_at_a_message_of_its_room_and_never_beyond_the_latest(
    alice: Person, bob: Person, lounge: Room
) -> None:
    other = Room.objects.create(slug="other", title="Other")
    [here] = say(bob, lounge, "here")
    [elsewhere] = say(bob, other, "elsewhere")
    assert elsewhere > here

    marked, before = read(alice, lounge, elsewhere), read(alice, other, here)
    say(bob, lounge, "later")

    assert marked
    assert before
    assert (marked.message, before.message) == (here, 0)
    assert unread(alice.pk, [lounge.pk, other.pk]) == {lounge.pk: (here, 1, 0), other.pk: (0, 1, 0)}


def test_nothing_is_noted_of_who_is_no_more_nor_in_a_room_that_is_gone(
    alice: Person, bob: Person, lounge: Room
) -> None:
    [one] = say(bob, lounge, "one")
    asked = [
        Mark("nobody", lounge.pk, lounge.slug, one),
        Mark(alice.pk, lounge.pk + 1000, "gone", one),
        Mark(alice.pk, lounge.pk, lounge.slug, one),
    ]

    assert [marked and marked.message for marked in reading.mark(asked)] == [None, None, one]


def test_who_has_read_an_empty_room_misses_what_is_said_later(
    alice: Person, bob: Person, lounge: Room
) -> None:
    marked = read(alice, lounge, 0)
    say(bob, lounge, "one", "two")

    assert marked
    assert marked.message == 0
    assert unread(alice.pk, [lounge.pk]) == {lounge.pk: (0, 2, 0)}


def test_markers_go_with_their_room_and_their_person(
    alice: Person, bob: Person, lounge: Room, django_capture_on_commit_callbacks: Any
) -> None:
    other = Room.objects.create(slug="other", title="Other")
    carol = arrive("carol", "Carol")
    for room in (lounge, other):
        [one] = say(bob, room, "one")
        for person in (alice, carol):
            read(person, room, one)

    with django_capture_on_commit_callbacks(execute=True):
        rooms.delete(PROGRAM, other)
    carol.delete()

    assert list(ReadMarker.objects.values_list("person", "room")) == [("alice", lounge.pk)]


def test_what_others_have_said_since_is_unread(alice: Person, bob: Person, lounge: Room) -> None:
    one, _two, three = say(bob, lounge, "one", "two", "three")
    say(alice, lounge, "mine")
    read(alice, lounge, one)
    assert unread(alice.pk, [lounge.pk]) == {lounge.pk: (one, 2, 0)}

    messages.delete(PROGRAM, Message.objects.filter(pk=three))

    assert unread(alice.pk, [lounge.pk]) == {lounge.pk: (one, 1, 0)}
    assert unread(bob.pk, [lounge.pk]) == {}
    assert unread(alice.pk, []) == {}
    # Whoever belongs to a room has it all before them.
    assert unread(bob.pk, [lounge.pk], own={lounge.pk}) == {lounge.pk: (0, 1, 0)}


def test_how_far_the_room_had_come_is_told_with_the_count(alice: Person, bob: Person, lounge: Room) -> None:
    one, *_ = say(bob, lounge, "one", "two")
    read(alice, lounge, one)

    assert reading.unread(alice.pk, [lounge.pk]) == {lounge.pk: Unread(one, 1, 0, version=2)}


def test_a_hundred_unread_are_as_good_as_more(alice: Person, bob: Person, lounge: Room) -> None:
    [one] = say(bob, lounge, "one")
    read(alice, lounge, one)
    said(bob, lounge, 99)
    assert unread(alice.pk, [lounge.pk])[lounge.pk] == (one, 99, 0)

    said(bob, lounge, 50)

    assert unread(alice.pk, [lounge.pk])[lounge.pk] == (one, 100, 0)


def test_to_count_what_is_unread_is_a_walk_of_bounded_length(
    alice: Person, bob: Person, lounge: Room
) -> None:
    """Somebody has said thousands of things after what they read last."""
    [one] = say(bob, lounge, "one")
    read(alice, lounge, one)
    said(alice, lounge, 150)
    said(bob, lounge, 40)
    assert unread(alice.pk, [lounge.pk])[lounge.pk] == (one, 40, 0)

    said(alice, lounge, 50)

    assert unread(alice.pk, [lounge.pk])[lounge.pk] == (one, 100, 0)


def test_what_mentions_somebody_is_counted_among_what_is_unread(
    alice: Person, bob: Person, lounge: Room
) -> None:
    [one] = say(bob, lounge, "one")
    read(alice, lounge, one)
    to_both, to_alice, to_bob, deleted, _plain = say(bob, lounge, "both", "alice", "bob", "gone", "plain")
    [mine] = say(alice, lounge, "mine")
    for key, mentioned in (
        (one, [alice.pk]),
        (to_both, [bob.pk, alice.pk]),
        (to_alice, [alice.pk]),
        (to_bob, [bob.pk]),
        (deleted, [alice.pk]),
        (mine, [alice.pk]),
    ):
        Message.objects.filter(pk=key).update(mentions=mentioned)
    messages.delete(PROGRAM, Message.objects.filter(pk=deleted))

    assert unread(alice.pk, [lounge.pk]) == {lounge.pk: (one, 4, 2)}

    said(bob, lounge, 300, mentions=["somebody"])

    # The newest of those that mention anybody are looked at.
    assert unread(alice.pk, [lounge.pk]) == {lounge.pk: (one, 100, 0)}


def test_a_plain_message_is_not_among_those_that_mention_somebody(bob: Person, lounge: Room) -> None:
    post = AcceptedCommand(guest(bob), PostMessage(message="two", ref="2"), room=lounge.pk)
    batches.carry_out([post])
    said(bob, lounge, 1)

    assert not Message.objects.filter(mentions__isnull=False).exists()


def test_a_hundred_rooms_are_counted_in_one_query_along_indexes(alice: Person, bob: Person) -> None:
    many = [Room.objects.create(slug=f"r{number}", title="Room") for number in range(100)]
    for number, room in enumerate(many):
        said(bob, room, number % 3 + 1)
        read(alice, room, Message.objects.filter(room=room).earliest("id").pk)

    with CaptureQueriesContext(connection) as queries:
        found = reading.unread(alice.pk, [room.pk for room in many])

    assert len(queries) == 1
    assert [found[room.pk][1] for room in many] == [number % 3 for number in range(100)]


def test_who_comes_who_speaks_and_who_reads_go_in_one_batch(
    alice: Person, bob: Person, lounge: Room
) -> None:
    """What is read in a batch is what was said before it."""
    [one] = say(bob, lounge, "one")
    post = AcceptedCommand(guest(bob), PostMessage(message="two", ref="2"), room=lounge.pk)
    read_it, read_again = (Mark("alice", lounge.pk, "lounge", one + 1000) for _ in range(2))
    arrival = Arrival("carol", "Carol", Proof.CLAIM)

    done, marked, carol, again = batches.carry_out([post, read_it, arrival, read_again])

    assert isinstance(done, Done)
    assert isinstance(marked, Mark)
    assert isinstance(carol, Person)
    assert (marked.message, carol.pk, again) == (one, "carol", None)
    assert unread("alice", [lounge.pk]) == {lounge.pk: (one, 1, 0)}


def said(person: Person, room: Room, count: int, mentions: list[str] | None = None) -> None:
    """So many messages at once."""
    room.refresh_from_db()
    rows: list[Any] = [
        Message(
            room=room,
            author=person,
            name=person.name,
            text="x",
            version=version,
            first_version=version,
            mentions=mentions,
        )
        for version in range(room.version + 1, room.version + count + 1)
    ]
    Message.objects.bulk_create(rows)
    Room.objects.filter(pk=room.pk).update(version=room.version + count)


def test_a_crowd_that_reads_is_noted_in_one_query_in_the_order_of_rooms_and_people(
    alice: Person, bob: Person, lounge: Room
) -> None:
    """Otherwise two processes may each hold a row that the other waits for."""
    other = Room.objects.create(slug="other", title="Other")
    [first], [second] = say(bob, lounge, "one"), say(bob, other, "one")
    asked = [
        Mark(person, room.pk, room.slug, message)
        for person in ("bob", "alice")
        for room, message in ((other, second), (lounge, first))
    ]

    with CaptureQueriesContext(connection) as queries:
        reading.mark(asked)

    assert len(queries) == 1
    assert list(ReadMarker.objects.order_by("pk").values_list("room", "person")) == [
        (lounge.pk, "alice"),
        (lounge.pk, "bob"),
        (other.pk, "alice"),
        (other.pk, "bob"),
    ]
