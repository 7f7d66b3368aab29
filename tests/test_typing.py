"""Who is writing: the consumer, through channels' own communicator."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.actors import PROGRAM
from chat.live import process
from chat.models import Mode, Room
from chat.services import rooms, typing
from tests.test_consumers import join, knock
from tests.test_consumers_v2 import Client, enter

__all__ = ["enter", "join", "knock"]


async def type_and_hear(client: Client, room: str = "lobby") -> list[dict[str, Any]]:
    """What somebody hears of it until their ping is answered and what gathers has left."""
    await client.say(type="typing", room=room)
    return await heard(client)


async def heard(client: Client) -> list[dict[str, Any]]:
    await client.say(type="ping", n=7)
    frames = [await client.hear_of("typing", "pong", "error")]
    while frames[-1]["type"] != "pong":
        frames.append(await client.hear_of("typing", "pong", "error"))
    while not await client.hears_nothing():
        frames.append(await client.hear())
    return [frame for frame in frames if frame["type"] in ("typing", "error")]


async def test_v2_sees_who_is_writing_and_v1_does_not(enter: Any, join: Any) -> None:
    alice = await enter("alice", "Alice")
    bob = await enter("bob", "Bob")
    carol = await join("carol", "Carol")

    await bob.say(type="typing", room="lobby")

    assert await alice.hear_of("typing") == {"type": "typing", "room": "lobby", "id": "bob", "name": "Bob"}
    assert await carol.receive_nothing(0.1)


async def test_who_keeps_on_writing_is_told_of_once_in_a_while_and_is_no_fault(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.services.typing.PERIOD", 0.5)
    alice = await enter("alice", "Alice")

    for _ in range(40):
        await alice.say(type="typing", room="lobby")

    assert [frame["type"] for frame in await heard(alice)] == ["typing"]
    here = process.current()
    last = here.once(typing._told)
    assert 0 < last.wait(f"{(await Room.objects.aget()).pk} alice", 1, here.loop.time()) <= 0.5


async def test_each_room_is_told_for_itself(enter: Any) -> None:
    await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice", rooms={"lobby": {}, "lounge": {}})

    told = [*await type_and_hear(alice), *await type_and_hear(alice, "lounge")]

    assert [frame["room"] for frame in told] == ["lobby", "lounge"]


async def test_who_only_watches_is_not_seen_to_write(enter: Any) -> None:
    await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice")
    await alice.say(type="enter", room="lounge", watch=True)
    await alice.hear_of("room")
    await alice.hear_of("room")

    [answer] = await type_and_hear(alice, "lounge")

    assert (answer["type"], answer["code"]) == ("error", "not_found")


async def test_in_a_large_room_nobody_is_told(enter: Any, settings: Any) -> None:
    settings.CHAT = {"TYPING_UP_TO": 2}
    alice = await enter("alice", "Alice")
    bob = await enter("bob", "Bob")
    assert await type_and_hear(alice)

    carol = await enter("carol", "Carol")

    assert "Bob" not in [frame["name"] for frame in await type_and_hear(bob)]
    settings.CHAT = {"TYPING_UP_TO": 0}
    assert [frame["name"] for frame in await type_and_hear(carol)] == ["Carol"]


async def test_nobody_writes_where_they_are_not(enter: Any) -> None:
    await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice")

    for room in ("lounge", "nowhere"):
        [error] = await type_and_hear(alice, room)
        assert error["code"] == "not_found"


async def test_nobody_writes_where_they_may_only_read(enter: Any) -> None:
    await Room.objects.acreate(slug="news", title="News", mode=Mode.READ_ONLY)
    alice = await enter("alice", "Alice", rooms={"news": {}})

    [error] = await type_and_hear(alice, "news")

    assert error["code"] == "read_only"


async def test_who_typed_long_ago_is_forgotten(enter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rooms and people: what is remembered is who typed within the last seconds."""
    monkeypatch.setattr("chat.services.typing.PERIOD", 0.001)
    await enter("alice", "Alice")
    lobby = await Room.objects.aget()
    alice = process.current().connections.of("alice")[0].actor.person

    for number in range(5000):
        alice.pk = f"alice-{number}"
        typing.show(alice, lobby)

    assert len(process.current().once(typing._told)) <= 2000


async def test_where_few_people_have_many_connections_nobody_is_told(enter: Any, settings: Any) -> None:
    settings.CHAT = {"TYPING_UP_TO": 2}
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]
    tab = await enter("alice", "Alice", token=token)
    assert await type_and_hear(tab)

    bob = await enter("bob", "Bob")
    assert process.current().roster.online((await Room.objects.aget()).pk) == 2

    assert await type_and_hear(bob) == []


async def test_who_only_watches_hears_what_is_said_and_nothing_of_who_is_there(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.services.typing.PERIOD", 0.001)
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice")
    await alice.hear_of("history")
    await alice.say(type="enter", room="lounge", watch=True)
    await alice.hear_of("room")
    bob = await enter("bob", "Bob", rooms={"lounge": {}})

    for frame in ({"type": "typing", "room": "lounge"}, {"type": "rename", "name": "Robert"}):
        await bob.say(**frame)
    await bob.ask(type="message", room="lounge", message="hi", ref="1")
    assert (await bob.hear_of("message"))["sender"] == "Robert"
    heard = [await alice.hear()]
    while heard[-1]["type"] != "message":
        heard.append(await alice.hear())
    assert [frame["type"] for frame in heard if frame.get("room") == "lounge"] == ["message"]

    await alice.say(type="enter", room="lounge")  # and is there from now on
    await alice.hear_of("room")
    await bob.say(type="typing", room="lounge")
    assert (await alice.hear_of("typing"))["room"] == "lounge"
    await alice.say(type="enter", room="lounge", watch=True)
    await alice.hear_of("room")
    lounge.topic = "Tea"
    await sync_to_async(rooms.describe)(PROGRAM, lounge)
    assert (await alice.hear_of("notification", "typing"))["event"] == "room"
