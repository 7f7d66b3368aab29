"""Moderation over sockets: what whoever asks is answered, and what others hear."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from chat.actors import PROGRAM, guest
from chat.live import process
from chat.models import Message, ModerationAct, Person, Room
from chat.services import members, messages, moderation, people
from chat.services.people import Arrival, Proof
from chatproject.asgi import application
from tests.communicator import Communicator
from tests.test_consumers_v2 import Client

in_thread = sync_to_async


@pytest_asyncio.fixture
async def enter(lobby: Room) -> AsyncIterator[Any]:
    """Comes in by a token; what follows is still to be heard."""
    clients = []

    async def _enter(id: str, role: str | None = None) -> Client:
        await in_thread(people.arrive)([Arrival(id, id.title(), Proof.TOKEN)])
        if role is not None:
            await in_thread(members.set_role)(PROGRAM, "lobby", id, role)
            await process.current().directory.settled()
        client = Client(id)
        assert (await client.socket.connect())[0]
        await client.hear()
        await client.say(name=id.title(), v=2, token=people.token(id))
        clients.append(client)
        await client.be_answered()
        return client

    yield _enter
    for client in clients:
        if not client.socket.future.done():
            await client.socket.disconnect()


@pytest_asyncio.fixture
async def old(lobby: Room) -> AsyncIterator[Communicator]:
    """A client of dialect v1, who has heard that they are in."""
    socket = Communicator(application, "/ws/old")
    assert (await socket.connect())[0]
    await socket.receive_json_from()
    await socket.send_json_to({"name": "Old"})
    assert (await socket.receive_json_from())["color"] == "success"
    yield socket
    if not socket.future.done():
        await socket.disconnect()


async def heard_by(socket: Communicator, **wanted: object) -> Any:
    """The next frame of v1 that has all this."""
    while not wanted.items() <= (frame := await socket.receive_json_from()).items():
        pass
    return frame


async def test_an_announcement_is_heard_in_every_dialect(enter: Any, old: Communicator) -> None:
    mod, alice = await enter("mod", "moderator"), await enter("alice")

    answer = await mod.ask(type="announce", room="lobby", message="Back\r\nsoon \x07", ref="1")

    act = await ModerationAct.objects.aget()
    assert (answer["type"], answer["id"], answer["version"], answer["dup"]) == ("ack", act.pk, 0, False)
    announced = {"type": "notification", "message": "Back\nsoon ", "color": "info", "event": "announce"}
    while (frame := await alice.hear_of("notification")).get("event") != "announce":
        pass
    assert frame == announced | {"room": "lobby"}
    assert (await heard_by(old, message="Back\nsoon "))["color"] == "info"


async def test_a_slow_room_says_when_to_come_again(enter: Any, old: Communicator) -> None:
    mod, alice = await enter("mod", "moderator"), await enter("alice")
    assert (await mod.ask(type="run", room="lobby", slow=30, ref="1"))["type"] == "ack"

    first = await alice.ask(type="message", message="one", ref="1")
    second = await alice.ask(type="message", message="two", ref="2")
    for text in ("eins", "zwei"):
        await old.send_json_to({"type": "message", "message": text})

    assert first["type"] == "ack"
    assert (second["type"], second["code"], second["command"]) == ("error", "slow_mode", "message")
    assert 25 < second["retry_after"] <= 30
    assert (await heard_by(old, code="slow_mode"))["color"] == "danger"
    assert (await mod.ask(type="message", message="three", ref="2"))["type"] == "ack"
    assert (await mod.ask(type="message", message="four", ref="3"))["type"] == "ack"
    said = [one.text async for one in Message.objects.order_by("pk")]
    assert said == ["one", "eins", "three", "four"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"type": "sanction", "kind": "mute", "id": "nobody", "room": "lobby"}, "not_found"),
    ({"type": "sanction", "kind": "mute", "id": "mod", "room": "lobby"}, "forbidden"),
    ({"type": "sanction", "kind": "mute", "id": "other", "room": "lobby"}, "forbidden"),
    ({"type": "sanction", "kind": "ban", "id": "alice"}, "forbidden"),
    (
        {"type": "sanction", "kind": "ban", "id": "alice", "room": "lobby", "address": True},
        "forbidden",
    ),
    ({"type": "sanction", "kind": "gag", "id": "alice", "room": "lobby"}, "bad_frame"),
    (
        {"type": "sanction", "kind": "mute", "id": "alice", "room": "lobby", "minutes": 0},
        "bad_frame",
    ),
    ({"type": "sanction", "kind": "mute", "id": "alice", "room": "nowhere"}, "not_found"),
    ({"type": "lift", "kind": "mute", "id": "alice", "room": "lobby"}, "not_found"),
    ({"type": "warn", "id": "alice", "room": "lobby", "reason": " "}, "empty"),
    ({"type": "run", "room": "lobby", "topic": "\u200b"}, "empty"),
    ({"type": "run", "room": "lobby", "slow": -1}, "bad_frame"),
    ({"type": "pin", "room": "lobby", "id": 999}, "not_found"),
    ({"type": "announce", "room": "lobby", "message": " "}, "empty"),
    ({"type": "restore", "id": 999}, "not_found"),
]


async def test_what_is_refused_says_why_and_changes_nothing(enter: Any) -> None:
    mod = await enter("mod", "moderator")
    for id, role in (("alice", None), ("other", "moderator")):
        await in_thread(people.arrive)([Arrival(id, id.title(), Proof.TOKEN)])
        await in_thread(members.set_role)(PROGRAM, "lobby", id, role)

    for frame, code in REFUSED:
        answer = await mod.ask(**frame, ref="1")
        assert (answer["type"], answer["code"]) == ("error", code), frame

    assert not await ModerationAct.objects.aexists()


async def test_a_purge_goes_on_in_portions_and_others_talk_meanwhile(
    enter: Any, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "PURGED_AT_A_TIME", 2)
    mod, alice = await enter("mod", "moderator"), await enter("alice")
    mallory = Person(id="mallory", name="Mallory")
    await in_thread(people.arrive)([Arrival("mallory", "Mallory", Proof.TOKEN)])
    for number in range(9):
        await in_thread(messages.post)(guest(mallory), lobby, str(number))

    await mod.say(type="purge", id="mallory", room="lobby", reason="Spam", ref="1")
    assert (await mod.ask(type="message", message="Sorry for that", ref="2"))["type"] == "ack"
    answer = await mod.ask(type="purge", id="mallory", room="lobby", reason="Spam", ref="1")

    assert answer["type"] == "ack"
    gone: set[int] = set()
    while len(gone) < 9:
        frame = await alice.hear_of("update")
        assert frame["deleted"]
        gone.add(frame["id"])
    assert await Message.objects.filter(author="mallory", is_removed=True).acount() == 9


async def test_whoever_goes_has_begun_a_purge_all_the_same(
    enter: Any, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "PURGED_AT_A_TIME", 1)
    mod, alice = await enter("mod", "moderator"), await enter("alice")
    mallory = Person(id="mallory", name="Mallory")
    await in_thread(people.arrive)([Arrival("mallory", "Mallory", Proof.TOKEN)])
    for number in range(4):
        await in_thread(messages.post)(guest(mallory), lobby, str(number))

    await mod.say(type="purge", id="mallory", room="lobby", ref="1")
    await alice.hear_of("update")
    await mod.socket.disconnect()

    for _left in range(3):
        await alice.hear_of("update")
    assert await ModerationAct.objects.filter(actor="mod", ref="1").aexists()


async def test_a_purge_ends_with_the_right_to_it(
    enter: Any, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they are banned, or a moderator no longer; and whoever goes takes nothing with them."""
    monkeypatch.setattr(moderation, "PURGED_AT_A_TIME", 1)
    mallory = Person(id="mallory", name="Mallory")
    await in_thread(people.arrive)([Arrival("mallory", "Mallory", Proof.TOKEN)])
    for number in range(9):
        await in_thread(messages.post)(guest(mallory), lobby, str(number))
    mod, alice = await enter("mod", "moderator"), await enter("alice")
    there = Message.objects.filter(author="mallory", deleted_at=None)

    await mod.say(type="purge", id="mallory", room="lobby", ref="1")
    await alice.hear_of("update")
    await in_thread(moderation.sanction)(PROGRAM, await Person.objects.aget(pk="mod"), "ban")
    await process.current().directory.settled()
    left = await there.acount()
    while tasks := [task for task in asyncio.all_tasks() if "_go_on" in repr(task)]:
        await asyncio.wait(tasks)

    assert left - await there.acount() <= 1  # that was on its way
    assert await there.aexists()
    assert not await ModerationAct.objects.filter(ref="1").aexists()
