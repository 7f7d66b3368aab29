"""How far people have read: the consumer, through channels' own communicator."""

from typing import Any

from chat.models import ReadMarker, Room
from tests.test_consumers import join, knock
from tests.test_consumers_v2 import Client, enter

__all__ = ["enter", "join", "knock"]


async def say(client: Client, *texts: str, room: str = "lobby") -> list[int]:
    """The ids of what is said."""
    return [
        (await client.ask(type="message", message=text, ref=f"{room} {text}", room=room))["id"]
        for text in texts
    ]


async def test_what_is_read_on_one_device_is_read_on_the_other(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    again = await enter("tablet", "Alice", token=(await alice.hear_of("welcome"))["token"])
    bob = await enter("bob", "Bob")
    [hi] = await say(bob, "hi")

    await alice.say(type="read", room="lobby", id=hi)

    for device in (alice, again):
        assert await device.hear_of("read") == {"type": "read", "room": "lobby", "id": hi}
    assert await ReadMarker.objects.aget() == await ReadMarker.objects.aget(person="alice", message=hi)
    await bob.say(type="ping")
    assert (await bob.hear_of("read", "pong"))["type"] == "pong"


async def test_two_devices_that_read_at_one_time_never_go_back(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    again = await enter("tablet", "Alice", token=(await alice.hear_of("welcome"))["token"])
    said = await say(alice, *"abcdefgh")

    for here, there in zip(said, reversed(said), strict=True):
        await alice.say(type="read", room="lobby", id=here)
        await again.say(type="read", room="lobby", id=there)
    told = [(await alice.hear_of("read"))["id"]]
    while told[-1] != said[-1]:
        told.append((await alice.hear_of("read"))["id"])

    assert told == sorted(told)
    assert (await ReadMarker.objects.aget()).message == said[-1]


async def test_what_is_read_again_is_not_told_again(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    one, two = await say(alice, "one", "two")

    for id in (two, one, two, 10**15):
        await alice.say(type="read", room="lobby", id=id)
    await say(alice, "three")

    assert (await alice.hear_of("read"))["id"] == two
    assert (await ReadMarker.objects.aget()).message == two
    await alice.say(type="ping")
    assert (await alice.hear_of("read", "pong"))["type"] == "pong"


async def test_nobody_reads_where_they_are_not(enter: Any) -> None:
    await Room.objects.acreate(slug="lounge", title="Lounge")
    bob = await enter("bob", "Bob", rooms={"lounge": {}})
    [hi] = await say(bob, "hi", room="lounge")
    alice = await enter("alice", "Alice")

    for room in ("lounge", "nowhere"):
        await alice.say(type="read", room=room, id=hi)
        assert (await alice.hear_of("error"))["code"] == "not_found"

    assert not await ReadMarker.objects.aexists()


async def test_who_reads_too_fast_is_refused(enter: Any, settings: Any) -> None:
    settings.CHAT = {"CHANGES": "0.001/3"}
    alice = await enter("alice", "Alice")
    said = await say(alice, *"abcd")

    for id in said:
        await alice.say(type="read", room="lobby", id=id)

    assert (await alice.hear_of("error"))["code"] == "rate_limited"
    await say(alice, "after")
    assert (await ReadMarker.objects.aget()).message == said[2]


async def test_v1_knows_nothing_of_it(join: Any, enter: Any) -> None:
    alice = await enter("alice", "Alice")
    [hi] = await say(alice, "hi")
    carol = await join("carol", "Carol")

    await carol.send_json_to({"type": "read", "room": "lobby", "id": hi})
    await carol.send_json_to({"type": "typing", "room": "lobby"})

    assert await carol.receive_nothing(0.2)
    assert not await ReadMarker.objects.aexists()
