"""Who comes in right after others is told what was read for them, as long as that is still all."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.actors import PROGRAM
from chat.live import process
from chat.models import Mode, Room
from chat.services import moderation, rooms
from chat.socket import door, subscriptions
from tests.test_consumers_v2 import Client, enter  # noqa: F401  # a fixture


@pytest.fixture(autouse=True)
def _for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told for too long shows."""
    monkeypatch.setattr(door, "FOR", 3600.0)


async def shown(client: Client) -> tuple[dict[str, Any], list[str]]:
    """The room that a newcomer is told, and what was said there."""
    room, page = await client.hear_of("room"), await client.hear_of("history")
    return room, [message["message"] for message in page["messages"]]


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


async def test_a_room_that_is_closed_meanwhile_is_not_found(enter: Any, lobby: Room) -> None:  # noqa: F811
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice", rooms={"lounge": {}})
    assert (await alice.hear_of("room"))["room"] == "lounge"

    lounge.mode = Mode.MEMBERS
    await sync_to_async(rooms.describe)(PROGRAM, lounge)
    await process.current().directory.settled()

    bob = await enter("bob", "Bob", rooms={"lounge": {}})
    assert (await bob.hear_of("error", "room"))["code"] == "not_found"


async def test_what_is_pinned_meanwhile_is_shown(enter: Any, lobby: Room) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    ack = await alice.ask(type="message", room="lobby", message="hi", ref="1")
    room, _said = await shown(await enter("bob", "Bob"))
    assert "pinned" not in room

    await sync_to_async(moderation.pin)(PROGRAM, lobby, ack["id"])
    await process.current().directory.settled()

    room, _said = await shown(await enter("carol", "Carol"))
    assert room["pinned"]["id"] == ack["id"]
