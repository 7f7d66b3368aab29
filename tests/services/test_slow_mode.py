"""Slow mode: who waits for how long, behind the lock of the room."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actors import Actor, guest
from chat.core.errors import ChatError, SlowMode
from chat.core.protocol import DeleteMessage, EditMessage, PostMessage, React
from chat.models import Message, Person, Room, SlowMark
from chat.services import commands
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done, Outcome


@pytest.fixture
def slow(lounge: Room) -> Room:
    """The lounge, where one waits ten seconds."""
    Room.objects.filter(pk=lounge.pk).update(slow=10)
    lounge.refresh_from_db()
    return lounge


def said(actor: Actor, room: Room, ref: str, **how: Any) -> AcceptedCommand[PostMessage]:
    return AcceptedCommand(actor, PostMessage(message="hi", ref=ref), room=room.pk, **how)


def say(actor: Actor, room: Room, ref: str) -> Outcome:
    [outcome] = commands.run([said(actor, room, ref)])
    return outcome


def wait(seconds: float) -> None:
    """So much time passes."""
    for mark in SlowMark.objects.all():
        SlowMark.objects.filter(pk=mark.pk).update(at=mark.at - timedelta(seconds=seconds))


def test_guests_and_members_wait(alice: Person, bob: Person, slow: Room) -> None:
    member = guest(bob, frozenset({(slow.pk, "member")}))

    for actor in (guest(alice), member):
        assert isinstance(say(actor, slow, "1"), Done)
        wait(4)
        refused = say(actor, slow, "2")
        assert isinstance(refused, SlowMode)
        assert refused.ref == "2"
        assert 5.5 < (refused.retry_after or 0) <= 6
        wait(6)
        assert isinstance(say(actor, slow, "2"), Done)

    assert Message.objects.count() == 4
    assert SlowMark.objects.count() == 2


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_moderators_do_not_wait(alice: Person, slow: Room, role: Any) -> None:
    actor = guest(alice, frozenset({(slow.pk, role)}))

    assert all(isinstance(say(actor, slow, ref), Done) for ref in "12")


def test_of_one_batch_as_well_the_first_is_said(alice: Person, bob: Person, slow: Room) -> None:
    asked = [said(guest(person), slow, ref) for ref in "12" for person in (alice, bob)]

    outcomes = commands.run(asked)

    assert [type(outcome) for outcome in outcomes] == [Done, Done, SlowMode, SlowMode]


def test_a_retry_waits_for_nothing_and_edits_are_free(alice: Person, slow: Room) -> None:
    first = say(guest(alice), slow, "1")
    assert isinstance(first, Done)

    again = say(guest(alice), slow, "1")
    others = commands.run(
        [
            AcceptedCommand(guest(alice), EditMessage(id=first.id, message="hi!", ref="2")),
            AcceptedCommand(guest(alice), React(id=first.id, emoji="👍", on=True, ref="3")),
            AcceptedCommand(guest(alice), DeleteMessage(id=first.id, ref="4")),
        ]
    )

    assert isinstance(again, Done)
    assert again.is_repeat
    assert all(isinstance(outcome, Done) for outcome in others)


def test_what_is_refused_for_another_reason_is_no_message(alice: Person, slow: Room) -> None:
    [empty] = commands.run([AcceptedCommand(guest(alice), PostMessage(message=" ", ref="1"), room=slow.pk)])

    assert isinstance(empty, ChatError)
    assert isinstance(say(guest(alice), slow, "2"), Done)


def test_a_shorter_wait_holds_at_once(alice: Person, slow: Room) -> None:
    say(guest(alice), slow, "1")
    wait(4)
    Room.objects.filter(pk=slow.pk).update(slow=3)

    assert isinstance(say(guest(alice), slow, "2"), Done)


def test_where_a_room_is_not_slow_nothing_more_is_asked(alice: Person, lounge: Room) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            say(guest(alice), lounge, str(lounge.slow))
        assert not any("slowmark" in query["sql"] for query in queries) or lounge.slow
        return len(queries)

    before = asked()
    lounge.slow = 5
    lounge.save(update_fields=["slow"])

    assert asked() == before + 2
    assert SlowMark.objects.count() == 1
