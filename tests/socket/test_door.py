"""Who comes in right after others is told what was read for them, as long as that is still all."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from chat.actors import PROGRAM
from chat.live import process
from chat.models import Mode, Person, Room
from chat.services import directory, moderation, rooms
from chat.socket import door, subscriptions
from tests.test_consumers_v2 import Client, enter  # noqa: F401  # a fixture


@pytest.fixture(autouse=True)
def _for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told for too long shows."""
    monkeypatch.setattr(door, "FOR", 3600.0)


async def shown(client: Client) -> tuple[dict[str, Any], list[str]]:
    """The room that a newcomer is told, and what was said there."""
    room, page = await client.hear_of("room"), await client.hear_of("history")
    return room, [message["message"] for message in page["messages"] if "deleted" not in message]


async def test_a_second_newcomer_has_no_room_read(
    enter: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice = await enter("alice", "Alice")
    told = await shown(alice)

    def unread() -> None:
        raise AssertionError

    monkeypatch.setattr(subscriptions, "_rooms", unread)
    monkeypatch.setattr(subscriptions, "_catch_ups", unread)
    room, said = await shown(await enter("bob", "Bob"))

    assert said == told[1]
    assert {**room, "members": [], "online": 1} == {**told[0], "members": []}
    assert [member["id"] for member in room["members"]] == ["alice", "bob"]


async def test_what_was_said_meanwhile_is_told(enter: Any) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    _room, before = await shown(alice)
    ack = await alice.ask(type="message", room="lobby", message="hi", ref="1")

    room, said = await shown(await enter("bob", "Bob"))
    again = await enter("carol", "Carol", rooms={"lobby": {"epoch": room["epoch"], "after": 0}})

    assert (before, said, room["version"]) == ([], ["hi"], ack["version"])
    assert (await again.hear_of("room"))["recovered"]
    assert (await again.hear_of("message", "update"))["message"] == "hi"


def close(lounge: Room) -> None:
    lounge.mode = Mode.MEMBERS
    rooms.describe(PROGRAM, lounge)


def delete(lounge: Room) -> None:
    rooms.delete(PROGRAM, lounge)


def move_away(lounge: Room) -> None:
    """Another room has its address now, which is for members."""
    with transaction.atomic():
        directory.move()
        Room.objects.filter(pk=lounge.pk).update(slug="yard")
        Room.objects.create(slug="lounge", title="Club", mode=Mode.MEMBERS)


def want_a_name(lounge: Room) -> None:
    lounge.needs_name = True
    rooms.describe(PROGRAM, lounge)


@pytest.mark.parametrize(
    ("change", "reply", "code"),
    [
        (close, {}, "not_found"),
        (delete, {}, "not_found"),
        (move_away, {}, "not_found"),
        (want_a_name, {"reader": True}, "forbidden"),
    ],
)
async def test_who_may_see_a_room_no_longer_is_not_let_in_from_the_word_on(
    enter: Any,  # noqa: F811
    lobby: Room,
    change: Callable[[Room], None],
    reply: dict[str, Any],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also while this process rests before it follows; so what it goes by is still what was before."""
    monkeypatch.setattr("chat.live.directory.REST", 3600.0)
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    for id in ("alice", "anna"):
        there = await enter(id, id.title(), rooms={"lounge": {}}, **reply)
        assert (await there.hear_of("room"))["room"] == "lounge"
    before = process.current().directory.version

    await sync_to_async(change)(lounge)

    bob = await enter("bob", "Bob", rooms={"lounge": {}}, **reply)
    assert (await bob.hear_of("error", "room"))["code"] == code
    assert process.current().directory.version == before


async def test_who_was_banned_from_a_room_meanwhile_is_not_let_in(
    enter: Any,  # noqa: F811
    lobby: Room,
) -> None:
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    await enter("alice", "Alice", rooms={"lounge": {}})
    bob = await enter("bob", "Bob", rooms={"lounge": {}})
    token = (await bob.hear_of("welcome"))["token"]
    await bob.socket.disconnect()

    person = await Person.objects.aget(pk="bob")
    await sync_to_async(moderation.sanction)(PROGRAM, person, "ban", lounge)
    await process.current().directory.settled()

    again = await enter("bob", "Bob", token=token, rooms={"lounge": {}})
    assert (await again.hear_of("error", "room"))["code"] == "banned"


async def test_what_was_deleted_meanwhile_is_shown_to_nobody(enter: Any) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    ack = await alice.ask(type="message", room="lobby", message="oh no", ref="1")
    _room, said = await shown(await enter("bob", "Bob"))
    room, again = await shown(await enter("carol", "Carol"))
    assert (said, again) == (["oh no"], ["oh no"])

    await alice.ask(type="delete", room="lobby", id=ack["id"], ref="2")

    assert (await shown(await enter("dora", "Dora")))[1] == []
    missed = await enter("eve", "Eve", rooms={"lobby": {"epoch": room["epoch"], "after": 0}})
    assert "oh no" not in str([await missed.hear_of("room"), await missed.hear_of("update")])


async def test_who_comes_after_a_new_epoch_is_told_that_one(enter: Any, lobby: Room) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    old, _said = await shown(alice)
    cursor = {"lobby": {"epoch": old["epoch"], "after": old["version"]}}
    bob = await enter("bob", "Bob", rooms=cursor)
    assert (await bob.hear_of("room"))["recovered"]

    await sync_to_async(rooms.begin_anew)(PROGRAM, "lobby")

    room = await (await enter("carol", "Carol", rooms=cursor)).hear_of("room")
    assert room["epoch"] != old["epoch"]
    assert not room["recovered"]


async def test_what_is_pinned_meanwhile_is_shown(enter: Any, lobby: Room) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    ack = await alice.ask(type="message", room="lobby", message="hi", ref="1")
    room, _said = await shown(await enter("bob", "Bob"))
    assert "pinned" not in room

    await sync_to_async(moderation.pin)(PROGRAM, lobby, ack["id"])
    await process.current().directory.settled()

    room, _said = await shown(await enter("carol", "Carol"))
    assert room["pinned"]["id"] == ack["id"]
