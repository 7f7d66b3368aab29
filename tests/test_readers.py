"""Readers: whoever has given no name reads what a guest may read, is nobody, and does nothing else."""

from typing import Any, get_args

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection

from chat.actors import PROGRAM, guest
from chat.core.protocol import AnyCommand
from chat.live import process
from chat.models import Room
from chat.services import messages, people, rooms
from chat.services.commands import READING, RULES
from chat.services.people import Arrival, Proof
from tests.socket.test_session import OWN_PAGE, browser, sign_in
from tests.test_consumers_v2 import Client, enter
from tests.test_outsiders import COMMANDS, Names, _frame

__all__ = ("enter",)

in_thread = sync_to_async


@sync_to_async
def say(text: str, room: Room) -> int:
    """Have Alice say this, who is not here."""
    [alice] = people.arrive([Arrival("alice", "Alice", Proof.TOKEN)])
    assert alice
    return messages.post(guest(alice), room, text).pk


@sync_to_async
def describe(room: Room, **fields: object) -> None:
    for field, value in fields.items():
        setattr(room, field, value)
    rooms.describe(PROGRAM, room)


@sync_to_async
def rows() -> dict[str, int]:
    """How many rows there are, table by table; who is here is written a moment later."""
    found = {}
    with connection.cursor() as cursor:
        for table in {*connection.introspection.table_names(cursor)} - {"chat_presence"}:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            [found[table]] = cursor.fetchone()
    return found


async def answers(client: Client, n: int) -> list[dict[str, Any]]:
    """All that comes before the answer to a ping."""
    await client.say(type="ping", n=n)
    heard = []
    while (frame := await client.hear())["type"] != "pong" or frame["n"] != n:
        heard.append(frame)
    return heard


async def test_a_reader_is_shown_the_talk_and_is_nobody(enter: Any, lobby: Room) -> None:
    said = await say("hello", lobby)
    vera = await enter("vera", "Vera")
    before = await rows()

    reader = await enter("reader", "Mallory", reader=True, token=people.token("vera"))

    welcome, room, history = [await reader.hear() for _ in range(3)]
    assert welcome["type"] == "welcome"
    assert [welcome[key] for key in ("id", "name", "token", "user")] == ["", "", "", False]
    assert (room["room"], room["online"], room["speak"]) == ("lobby", 1, True)  # once there is a name
    assert [member["name"] for member in room["members"]] == ["Vera"]
    assert [message["id"] for message in history["messages"]] == [said]
    assert await rows() == before
    assert process.current().roster.online(lobby.pk) == 1
    # What is said comes at once; who comes and goes does not.
    await vera.ask(type="message", message="live", ref="1")
    assert (await reader.hear())["message"] == "live"
    other = await enter("other", "Other")
    await reader.socket.disconnect()
    await other.ask(type="message", message="well", ref="2")
    told = [frame for frame in await answers(vera, 1) if frame["type"] == "notification"]
    assert {(frame["event"], frame["id"]) for frame in told} == {("join", "other")}


async def test_a_reader_reads_and_is_refused_all_else(enter: Any, lobby: Room) -> None:
    said = await say("hello", lobby)
    reader = await enter("reader", "", reader=True)
    await answers(reader, 0)
    before = await rows()
    names = Names(slug="lobby", room=lobby.pk, message=said, person="alice", epoch=lobby.epoch)
    assert set(get_args(AnyCommand)) >= READING

    for number, (kind, make) in enumerate(COMMANDS.items(), 1):
        for command in make(names) if kind not in READING else ():
            frame = _frame(command)
            await reader.say(**frame)
            [error] = await answers(reader, number)
            assert (error["type"], error["code"]) == ("error", "forbidden"), command
            assert error.get("ref") == frame.get("ref")
            assert error["command"] == frame["type"]

    assert set(RULES) >= set(COMMANDS)
    assert await rows() == before
    for ask, answer in (
        ({"type": "history", "room": "lobby"}, "history"),
        ({"type": "members", "room": "lobby"}, "members"),
        ({"type": "rooms"}, "rooms"),
        ({"type": "leave", "room": "lobby"}, "left"),
        ({"type": "enter", "room": "lobby", "watch": True}, "room"),
    ):
        await reader.say(**ask)
        assert [frame["type"] for frame in await answers(reader, 99)] == [answer]
    await reader.say(type="search", q="hello")
    assert (await reader.hear_of("found", "error"))["type"] == "found"


async def test_who_gives_a_name_misses_nothing(enter: Any, lobby: Room) -> None:
    reader = await enter("reader", "", reader=True)
    room = await reader.hear_of("room")
    await say("meanwhile", lobby)

    named = await enter(
        "reader", "Rita", rooms={"lobby": {"after": room["version"], "epoch": room["epoch"]}}
    )

    welcome = await named.hear_of("welcome")
    assert (welcome["id"], welcome["name"]) == ("reader", "Rita")
    assert (await named.hear_of("room"))["recovered"]
    assert (await named.hear_of("message"))["message"] == "meanwhile"


async def test_a_room_that_needs_a_name_is_not_read_without_one(enter: Any, lobby: Room) -> None:
    salon = await Room.objects.acreate(slug="salon", title="Salon", needs_name=True)
    reader = await enter("reader", "", reader=True, rooms={"salon": {}, "lobby": {}})

    error = await reader.hear_of("error")
    assert (error["code"], error["command"], error["room"]) == ("forbidden", "enter", "salon")
    assert (await reader.hear_of("room"))["room"] == "lobby"
    await reader.say(type="rooms")
    assert [one["room"] for one in (await reader.hear_of("rooms"))["rooms"]] == ["lobby"]
    # Whoever reads there when that changes is sent out, and comes back once it changes again.
    await describe(salon, needs_name=False)
    await reader.hear_of("rooms")
    await reader.say(type="enter", room="salon")
    await reader.hear_of("room")
    await describe(salon, needs_name=True)
    assert (await reader.hear_of("left"))["room"] == "salon"
    assert (await reader.hear_of("error"))["code"] == "forbidden"
    # To whoever has a name it is a room as any other.
    guest = await enter("vera", "Vera", rooms={"salon": {}})
    assert (await guest.hear_of("room"))["room"] == "salon"


async def test_a_user_of_the_site_and_v1_are_never_readers(enter: Any, lobby: Room) -> None:
    carol = await in_thread(User.objects.create_user)("carol", first_name="Carol")
    user = browser(await in_thread(sign_in)(carol), OWN_PAGE)
    assert (await user.socket.connect())[0]
    await user.hear()
    await user.say(v=2, reader=True)
    assert (await user.hear_of("welcome"))["name"] == "Carol"
    await user.socket.disconnect()

    old = Client("old")
    assert (await old.socket.connect())[0]
    await old.hear()
    await old.say(name="Olga", reader=True)
    assert (await old.hear_of("notification"))["name"] == "Olga"
    await old.socket.disconnect()


@pytest.mark.parametrize(("guests", "answer"), [("read", "room"), ("none", "closing")])
async def test_readers_come_where_guests_may(
    enter: Any, lobby: Room, settings: Any, guests: str, answer: str
) -> None:
    settings.CHAT = {**settings.CHAT, "GUESTS": guests}

    reader = await enter("reader", "", reader=True)

    frame = await reader.hear_of(answer, "closing")
    assert frame["type"] == answer
    assert frame.get("code", frame.get("speak")) == (4509 if guests == "none" else False)


async def test_what_a_reader_may_read_is_limited(enter: Any, lobby: Room, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "READS": "1/10000"}
    first, second = await enter("one", "", reader=True), await enter("two", "", reader=True)
    for client in (first, second):
        await answers(client, 0)

    await first.say(type="history", room="lobby")
    await first.say(type="history", room="lobby")

    assert [frame["type"] for frame in await answers(first, 1)] == ["history", "error"]
    await second.say(type="history", room="lobby")
    assert [frame["type"] for frame in await answers(second, 1)] == ["history"]
