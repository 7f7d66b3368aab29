"""Whom a message mentions is found when it is said, and stays with it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from chat.actors import PROGRAM, guest
from chat.core.protocol import DeleteMessage, EditMessage, PostMessage
from chat.models import FilterAction, FilterKind, FilterRule, HeldMessage, Membership, Message, Person, Room
from chat.services import commands, filters, history, messages, user_names
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done
from tests.conftest import arrive
from tests.services.archived import say

pytestmark = pytest.mark.django_db


def mentioned(author: Person, room: Room, text: str) -> Any:
    return messages.post(guest(author), room, text).mentions


def test_who_spoke_lately_is_mentioned(alice: Person, bob: Person, lounge: Room) -> None:
    messages.post(guest(bob), lounge, "hi")

    assert mentioned(alice, lounge, "Hi @bob, and @Carol!") == ["bob"]
    assert mentioned(alice, lounge, "Hi Bob") is None
    assert mentioned(alice, lounge, "Hi @Carol") is None


def test_nobody_is_mentioned_in_a_room_where_they_are_not(alice: Person, bob: Person, lounge: Room) -> None:
    messages.post(guest(bob), Room.objects.create(slug="elsewhere", title="Elsewhere"), "hi")

    assert mentioned(alice, lounge, "@Bob") is None


def test_of_two_with_one_name_it_is_who_spoke_last(alice: Person, lounge: Room) -> None:
    for id in ("first", "last"):
        messages.post(guest(arrive(id, "Zoë")), lounge, "hi")

    assert mentioned(alice, lounge, "@zoe") == ["last"]


def test_members_are_mentioned_whether_or_not_they_ever_spoke(
    alice: Person, bob: Person, lounge: Room
) -> None:
    editors = Group.objects.create(name="Editors")
    users = [User.objects.create_user(name) for name in ("vera", "gleb", "nadia")]
    user_names.keep({user.pk: user.username for user in users})
    for user in users:
        Person.objects.create(pk=f"of-{user.username}", name=user.username, user=user)
    users[1].groups.add(editors)
    Membership.objects.create(room=lounge, person=bob)
    Membership.objects.create(room=lounge, user=users[0])
    Membership.objects.create(room=lounge, group=editors)

    assert mentioned(alice, lounge, "@Bob @Vera @gleb @nadia") == ["bob", "of-vera", "of-gleb"]


def test_an_edit_mentions_others(alice: Person, bob: Person, lounge: Room) -> None:
    say(bob, lounge, "hi", "1")
    said = say(alice, lounge, "@Bob", "2")

    def edited(text: str, ref: str) -> Any:
        change = EditMessage(id=said.id, message=text, ref=ref)
        [done] = commands.run([AcceptedCommand(guest(alice), change)])
        assert isinstance(done, Done)
        assert done.event
        return Message.objects.get(pk=said.id).mentions, done.event.mentions or None

    assert edited("@Alice", "3") == (["alice"], ["alice"])
    assert edited("nobody", "4") == (None, None)


def test_the_ids_stay_whatever_somebody_is_called_later(alice: Person, bob: Person, lounge: Room) -> None:
    messages.post(guest(bob), lounge, "hi")
    messages.post(guest(alice), lounge, "@Bob")

    arrive("bob", "Robert")

    event = history.latest(PROGRAM, lounge, 10).messages[-1]
    assert event.mentions == ["bob"]


def test_what_is_deleted_mentions_nobody(alice: Person, bob: Person, lounge: Room) -> None:
    said = say(alice, lounge, "@Alice", "1")

    [done] = commands.run([AcceptedCommand(guest(alice), DeleteMessage(id=said.id, ref="2"))])

    assert isinstance(done, Done)
    assert done.event
    assert not done.event.mentions


def test_what_was_held_mentions_once_it_is_let_through(alice: Person, bob: Person, lounge: Room) -> None:
    messages.post(guest(bob), lounge, "hi")
    FilterRule.objects.create(kind=FilterKind.WORD, value="spam", action=FilterAction.HOLD)
    commands.run([AcceptedCommand(guest(alice), PostMessage("spam for @Bob", ref="1"), room=lounge.pk)])
    held = HeldMessage.objects.get()

    filters.decide_held(PROGRAM, held, accept=True)

    assert Message.objects.get(ref="1").mentions == ["bob"]
