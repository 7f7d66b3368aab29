"""The consumer in dialect v2, through channels' own communicator."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from chat.actors import PROGRAM, guest
from chat.core.errors import NotFound
from chat.live import process
from chat.models import Message, Person, Room
from chat.services import messages, people, presence, rooms
from chat.socket import commands, subscriptions
from chatproject.asgi import application
from tests.communicator import Communicator
from tests.databases import locked

Frame = dict[str, Any]


class Client:
    """A client of dialect v2: takes batches apart, and asks by ref."""

    def __init__(self, client_id: str) -> None:
        self.socket = Communicator(application, f"/ws/{client_id}")
        self._heard: list[Frame] = []

    async def hear(self) -> Frame:
        if not self._heard:
            frames = json.loads(await self.socket.receive_from())
            self._heard = frames if isinstance(frames, list) else [frames]
        return self._heard.pop(0)

    async def be_answered(self) -> None:
        """Return once it is in its first room, or is not let in; whatever came is still to be heard."""
        heard = [await self.hear()]
        while heard[-1]["type"] not in ("room", "left", "error", "closing"):
            heard.append(await self.hear())
        self._heard = heard + self._heard

    async def hear_of(self, *types: str) -> Frame:
        """The next frame of one of these types, whatever comes before it."""
        while (frame := await self.hear())["type"] not in types:
            pass
        return frame

    async def hears_nothing(self) -> bool:
        return not self._heard and await self.socket.receive_nothing(0.1)

    async def say(self, **frame: object) -> None:
        await self.socket.send_json_to(frame)

    async def ask(self, **frame: object) -> Frame:
        """The answer to a change."""
        await self.say(**frame)
        while (answer := await self.hear()).get("ref") != frame["ref"] or answer["type"] in (
            "message",
            "update",
        ):
            pass
        return answer


@pytest_asyncio.fixture
async def enter(lobby: Room) -> AsyncIterator[Any]:
    """Connects and gives a name; the welcome and the room's frames are still to be heard."""
    clients = []

    async def _enter(client_id: str, name: str, **reply: object) -> Client:
        client = Client(client_id)
        assert (await client.socket.connect())[0]
        assert (await client.hear())["v"] == 2
        await client.say(name=name, v=2, **reply)
        clients.append(client)
        await client.be_answered()
        return client

    yield _enter
    for client in clients:
        if not client.socket.future.done():
            await client.socket.disconnect()


async def test_a_newcomer_is_welcomed_and_shown_the_room(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")

    welcome = await alice.hear()
    room = await alice.hear()
    history = await alice.hear()
    joined = await alice.hear()

    assert (welcome["type"], welcome["id"], welcome["name"], welcome["role"]) == (
        "welcome",
        "alice",
        "Alice",
        "guest",
    )
    assert people.proven(welcome["token"]) == "alice"
    assert room == {
        "type": "room",
        "room": "lobby",
        "title": lobby.title,
        "topic": "",
        "mode": "open",
        "speak": True,
        "slow": 0,
        "epoch": lobby.epoch,
        "version": 0,
        "recovered": False,
        "members": [{"id": "alice", "name": "Alice", "role": "guest"}],
        "online": 1,
    }
    assert history == {"type": "history", "room": "lobby", "messages": [], "more": False}
    assert (joined["event"], joined["id"], joined["online"]) == ("join", "alice", 1)


class Wire:
    """A server's own wire, as far as the consumer needs one to be sent away."""

    going_down: Any = None
    left: Any = None
    heard: Any = None
    is_full = False

    def write(self, data: bytes) -> None:
        pass


async def test_who_is_sent_away_while_coming_in_leaves_nothing_behind(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_asked, go_on = asyncio.Event(), asyncio.Event()
    find = subscriptions._rooms()

    async def slowly(asked: Any) -> Any:
        is_asked.set()
        await go_on.wait()
        return await find(asked)

    monkeypatch.setattr(subscriptions, "_rooms", lambda: slowly)
    alice, wire = Client("alice"), Wire()
    alice.socket.scope["extensions"] = {"chat": {"wire": wire}}
    await alice.socket.connect()
    await alice.say(name="Alice", v=2)
    await is_asked.wait()

    wire.going_down(1.0)
    assert (await alice.socket.receive_output())["code"] == 4010
    async with asyncio.timeout(10):
        while "alice" in process.current().roster:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    go_on.set()
    await alice.socket.disconnect()

    bob = await enter("bob", "Bob")
    room = await bob.hear_of("room")
    assert [member["id"] for member in room["members"]] == ["bob"]
    assert "alice" not in process.current().roster


async def test_a_reply_names_so_many_rooms(lobby: Room) -> None:
    alice = Client("alice")
    await alice.socket.connect()
    await alice.hear_of("request_name")

    await alice.say(name="Alice", v=2, rooms={f"room-{number}": {} for number in range(21)})

    assert (await alice.hear_of("error"))["code"] == "bad_frame"
    await alice.socket.disconnect()


async def test_a_message_is_acknowledged_once_it_is_stored(enter: Any) -> None:
    alice, bob = await enter("alice", "Alice"), await enter("bob", "Bob")

    ack = await alice.ask(type="message", message="hi", ref="1", timestamp=12)

    row = await Message.objects.aget()
    assert ack.items() >= {"type": "ack", "id": row.pk, "version": 1, "dup": False}.items()
    heard = await bob.hear_of("message")
    assert (
        heard.items()
        >= {
            "sender": "Alice",
            "sender_id": "alice",
            "message": "hi",
            "timestamp": 12,
            "room": "lobby",
            "id": row.pk,
            "version": 1,
            "sent_at": ack["sent_at"],
            "role": "guest",
            "ref": "1",
        }.items()
    )


async def test_a_retry_is_harmless(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    first = await alice.ask(type="message", message="hi", ref="1")

    again = await alice.ask(type="message", message="hi", ref="1")
    other = await alice.ask(type="message", message="ho", ref="1")

    assert again == {**first, "dup": True}
    assert (other["type"], other["code"]) == ("error", "ref_reused")
    assert await Message.objects.acount() == 1


async def test_edits_deletions_and_reactions_are_told_to_v2_alone(enter: Any) -> None:
    alice, bob = await enter("alice", "Alice"), await enter("bob", "Bob")
    seed = Client("seed")
    await seed.socket.connect()
    await seed.hear()
    await seed.say(name="Seed")
    await seed.hear_of("notification")
    said = await alice.ask(type="message", message="hi", ref="1")
    assert (await seed.hear_of("message"))["id"] == said["id"]

    await alice.ask(type="edit", id=said["id"], message="ho", ref="2")
    await bob.ask(type="react", id=said["id"], emoji="👍", on=True, ref="1")
    await alice.ask(type="delete", id=said["id"], ref="3")

    carol = await enter(
        "carol", "Carol", rooms={"lobby": {"after": 1, "epoch": (await Room.objects.aget()).epoch}}
    )
    deleted = await carol.hear_of("update")
    assert (deleted["version"], deleted["deleted"]) == (4, True)
    assert "message" not in deleted
    assert (await seed.hear())["name"] == "Carol"
    await seed.socket.disconnect()


async def test_the_missed_comes_first_and_nothing_twice(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    for number in range(5):
        await alice.ask(type="message", message=str(number), ref=str(number))

    bob = await enter("bob", "Bob", rooms={"lobby": {"after": 2, "epoch": lobby.epoch}})
    room = await bob.hear_of("room")
    await alice.ask(type="message", message="5", ref="5")

    assert (room["recovered"], room["version"]) == (True, 5)
    heard = [await bob.hear_of("message") for _ in range(4)]
    assert [(frame["version"], frame["message"]) for frame in heard] == [
        (3, "2"),
        (4, "3"),
        (5, "4"),
        (6, "5"),
    ]


async def test_history_is_read_page_by_page(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    for number in range(5):
        await alice.ask(type="message", message=str(number), ref=str(number))

    await alice.say(type="history", room="lobby", limit=2)
    latest = await alice.hear_of("history")
    while [message["message"] for message in latest["messages"]] != ["3", "4"]:
        latest = await alice.hear_of("history")
    await alice.say(type="history", room="lobby", before=latest["messages"][0]["id"], limit=10)
    earlier = await alice.hear_of("history")

    assert latest["more"]
    assert [message["message"] for message in earlier["messages"]] == ["0", "1", "2"]
    assert {message["type"] for message in earlier["messages"]} == {"update"}
    assert not earlier["more"]


async def test_further_rooms_on_the_same_socket(enter: Any) -> None:
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    alice, bob = await enter("alice", "Alice"), await enter("bob", "Bob", rooms={"lobby": {}, "lounge": {}})
    await bob.hear_of("room")
    assert (await bob.hear_of("room"))["room"] == "lounge"

    refused = await alice.ask(type="message", room="lounge", message="hi", ref="1")
    await alice.say(type="enter", room="lounge")
    entered = await alice.hear_of("room")
    await alice.ask(type="message", room="lounge", message="hi", ref="2")

    assert refused["code"] == "not_found"
    assert entered["online"] == 2
    assert (await bob.hear_of("message"))["room"] == "lounge"
    assert (await Message.objects.aget()).room_id == lounge.pk
    await alice.say(type="leave", room="lounge")
    assert (await alice.hear_of("left"))["room"] == "lounge"
    left = await bob.hear_of("notification")
    while left["event"] != "leave":
        left = await bob.hear_of("notification")
    assert (left["room"], left["online"]) == ("lounge", 1)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "enter", "room": "nowhere"}, "not_found"),
        ({"type": "leave", "room": "nowhere"}, "not_found"),
        ({"type": "history", "room": "nowhere"}, "not_found"),
        ({"type": "teleport", "room": "lobby"}, "unknown_type"),
        ({"type": "websocket.send", "text": "forged"}, "unknown_type"),
        ({"type": "message", "message": "hi"}, "bad_frame"),
        ({"type": "message", "message": " ", "ref": "1"}, "empty"),
        ({"type": "edit", "id": 1, "message": "hi", "ref": "1"}, "not_found"),
    ],
)
async def test_what_cannot_be_done_is_one_error(enter: Any, frame: Frame, code: str) -> None:
    alice = await enter("alice", "Alice")
    while (await alice.hear())["type"] != "notification":
        pass

    await alice.say(**frame)

    error = await alice.hear()
    assert (error["type"], error["code"]) == ("error", code)
    assert error.get("ref") == frame.get("ref")
    assert await alice.hears_nothing()


@pytest.mark.parametrize(
    ("frame", "room"),
    [
        ({"type": "enter", "room": "nowhere"}, "nowhere"),
        ({"type": "history", "room": "nowhere"}, "nowhere"),
        ({"type": "message", "room": "nowhere", "message": "hi", "ref": "1"}, "nowhere"),
        ({"type": "edit", "id": 1, "message": "hi", "ref": "1"}, None),
        ({"type": "direct", "id": "nobody"}, None),
        ({"type": "rename", "name": ""}, None),
    ],
)
async def test_an_error_says_which_command_it_is_the_answer_to(
    enter: Any, frame: Frame, room: str | None
) -> None:
    alice = await enter("alice", "Alice")

    await alice.say(**frame)

    error = await alice.hear_of("error")
    assert (error["command"], error.get("room")) == (frame["type"], room)


async def test_errors_speak_the_language_of_the_client(enter: Any) -> None:
    alice = await enter("alice", "Alice", lang="en")
    bob = await enter("bob", "Bob", lang="ru")

    for client in (alice, bob):
        await client.say(type="leave", room="nowhere")

    assert (await alice.hear_of("error"))["message"] == "It is not here, or no longer."
    assert (await bob.hear_of("error"))["message"] != "It is not here, or no longer."


async def test_ping_is_answered(enter: Any) -> None:
    alice = await enter("alice", "Alice")

    await alice.say(type="ping", n=7)

    pong = await alice.hear_of("pong")
    # By the server's clock, which pages go by.
    assert abs(datetime.fromisoformat(pong.pop("at")) - timezone.now()) < timedelta(minutes=1)
    assert pong == {"type": "pong", "n": 7}


async def test_a_token_makes_many_connections_one_person(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    token = (await alice.hear())["token"]
    await alice.hear_of("notification")
    bob = await enter("bob", "Bob")
    await bob.hear_of("notification")

    tab = await enter("some-other-address", "Alice", token=token)

    assert (await tab.hear())["id"] == "alice"
    assert (await tab.hear_of("room"))["online"] == 2
    await tab.socket.disconnect()
    await alice.ask(type="message", message="still here", ref="1")
    assert (await bob.hear())["message"] == "still here"


async def test_an_owned_id_is_not_taken_over_even_when_its_owner_is_away(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    await alice.hear()
    await alice.socket.disconnect()

    for reply in ({"v": 2}, {"v": 2, "token": "forged"}, {}):
        mallory = Client("alice")
        await mallory.socket.connect()
        await mallory.hear()
        await mallory.say(name="Alice", **reply)
        joined = await mallory.hear_of("notification")
        assert joined["id"] != "alice"
        await mallory.socket.disconnect()


async def test_what_was_said_in_v1_is_taken_over_by_nobody(enter: Any) -> None:
    """Bob says something without a token, and leaves. Mallory comes to his id; he comes again himself."""
    bob = Client("bob")
    await bob.socket.connect()
    await bob.hear()
    await bob.say(name="Bob")
    await bob.hear()
    await bob.say(type="message", message="mine")
    said = await bob.hear()
    await bob.socket.disconnect()

    mallory = await enter("bob", "Bob")
    welcome = await mallory.hear_of("welcome")
    answers = [
        await mallory.ask(type="edit", id=said["id"], message="yours", ref="1"),
        await mallory.ask(type="delete", id=said["id"], ref="2"),
    ]

    assert welcome["id"] != "bob"
    assert [answer["code"] for answer in answers] == ["forbidden", "forbidden"]
    again = Client("bob")
    await again.socket.connect()
    await again.hear()
    await again.say(name="Bob")
    await again.hear()
    await again.say(type="message", message="again")
    assert (await again.hear_of("message"))["sender_id"] == "bob"
    await again.socket.disconnect()


async def test_a_token_is_given_once_the_claim_is_stored(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database takes nothing for too long: nobody has a token for what it has not kept."""
    monkeypatch.setattr("chat.storage.writer.PATIENCE", 0.3)
    with locked():
        alice = await enter("alice", "Alice")
        frames = [await alice.hear()]
        while frames[-1]["type"] != "closing":
            frames.append(await alice.hear())

    assert [frame["type"] for frame in frames] == ["closing"]
    assert frames[0]["code"] == 4011
    assert (await (await enter("alice", "Alice")).hear_of("welcome"))["id"] == "alice"


async def test_a_bad_cursor_is_refused_and_may_be_tried_again(enter: Any) -> None:
    alice = await enter("alice", "Alice", rooms={"lobby": "yesterday"})

    error = await alice.hear()
    assert (error["type"], error["code"]) == ("error", "bad_frame")
    await alice.say(name="Alice", v=2)

    assert (await alice.hear_of("welcome"))["id"] == "alice"


async def test_a_room_that_is_none_costs_not_the_others(enter: Any) -> None:
    alice = await enter("alice", "Alice", rooms={"nowhere": {}, "lobby": {}})

    error = await alice.hear_of("error")
    assert (error["code"], error["command"], error["room"]) == ("not_found", "enter", "nowhere")
    assert (await alice.hear_of("room"))["room"] == "lobby"


async def test_a_close_is_announced(enter: Any) -> None:
    alice = await enter("alice", "Alice", lang="en")

    for _ in range(20):
        await alice.socket.send_to(text_data="rubbish")

    closing = await alice.hear_of("closing")
    assert closing["code"] == 4505
    assert closing["reason"]
    assert (await alice.socket.receive_output())["code"] == 4505


async def test_what_the_database_does_not_take_is_an_error_with_a_hint(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.storage.writer.PATIENCE", 0.3)
    alice = await enter("alice", "Alice")
    while (await alice.hear())["type"] != "notification":
        pass
    with locked():
        error = await alice.ask(type="message", message="hi", ref="1")

    assert (error["type"], error["code"]) == ("error", "internal")
    assert error["retry_after"] > 0
    assert (await alice.ask(type="message", message="hi", ref="1"))["dup"] is False
    assert await Message.objects.acount() == 1


async def test_who_is_cut_off_while_the_database_is_locked_leaves_nothing_behind(
    enter: Any, lobby: Room
) -> None:
    """A server that has no more patience cancels, and again while the rooms are being left."""
    alice = await enter("alice", "Alice")
    while (await alice.hear())["type"] != "notification":
        pass
    with locked():
        await alice.say(type="message", message="hi", ref="1")
        await alice.say(type="ping", n=1)
        await alice.hear_of("pong")  # so the message has been asked for

        alice.socket.future.cancel()
        _ended, waiting = await asyncio.wait([alice.socket.future], timeout=0.2)
        assert waiting, "what was asked for is told before anybody leaves"
        alice.socket.future.cancel()

        async with asyncio.timeout(2):  # less than the writer's patience with the database
            with pytest.raises(asyncio.CancelledError):
                await alice.socket.future

    bob = await enter("bob", "Bob")
    room = await bob.hear_of("room")
    assert [member["id"] for member in room["members"]] == ["bob"]
    assert "alice" not in process.current().roster
    assert process.current().roster.online(lobby.pk) == 1


async def test_who_is_gone_is_in_no_room(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    await alice.hear_of("room")

    await alice.socket.disconnect()

    assert "alice" not in process.current().roster
    assert process.current().roster.online(lobby.pk) == 0
    assert await Person.objects.filter(pk="alice", is_owned=True).aexists()


def test_entering_a_room_takes_few_queries(
    lobby: Room, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    from chat.core.protocol import Cursor

    with django_assert_max_num_queries(4):  # type: ignore[operator]
        rooms.catch_up(PROGRAM, Room.objects.get(slug="lobby"), Cursor(), 50)


async def test_who_cannot_be_let_in_is_sent_away_to_come_again(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.storage.writer.PATIENCE", 0.3)
    with locked():
        alice = await enter("alice", "Alice")

        closing = await alice.hear_of("closing")

    assert (closing["type"], closing["code"]) == ("closing", 4011)
    assert closing["retry_after"] > 0
    assert (await alice.socket.receive_output())["code"] == 4011


async def test_what_is_rolled_back_is_told_to_nobody(enter: Any, lobby: Room) -> None:
    """A view with ATOMIC_REQUESTS says something and fails; the next message takes the same version."""
    alice = await enter("alice", "Alice")
    await alice.hear_of("notification")
    [bob] = await sync_to_async(people.arrive)([people.Arrival("bob", "Bob", people.Proof.TOKEN)])
    assert bob

    def fail() -> None:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            said = messages.post(guest(bob), lobby, "never")
            messages.delete(PROGRAM, [said])
            raise ZeroDivisionError

    def succeed() -> None:
        with transaction.atomic():
            messages.post(guest(bob), lobby, "now")

    await sync_to_async(fail)()
    await sync_to_async(succeed)()

    heard = await alice.hear_of("message")
    assert (heard["message"], heard["version"]) == ("now", 1)
    assert await alice.hears_nothing()


async def test_a_room_that_is_deleted_is_left_by_everybody(enter: Any) -> None:
    """And one that gets its address is another."""
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice", rooms={"lounge": {}})
    bob = await enter("bob", "Bob", rooms={"lounge": {}, "lobby": {}})
    await alice.ask(type="message", room="lounge", message="hi", ref="1")

    await sync_to_async(rooms.delete)(PROGRAM, lounge)

    for client in (alice, bob):
        assert (await client.hear_of("left"))["room"] == "lounge"
    assert not await Message.objects.aexists()
    assert not await Room.objects.filter(pk=lounge.pk).aexists()
    refused = await alice.ask(type="message", room="lounge", message="hi", ref="2")
    assert refused["code"] == "not_found"
    await Room.objects.acreate(slug="lounge", title="New")
    await alice.say(type="enter", room="lounge")
    entered = await alice.hear_of("room")
    assert (entered["title"], entered["online"], entered["version"]) == ("New", 1, 0)
    assert (await bob.ask(type="message", room="lobby", message="hi", ref="3"))["type"] == "ack"


async def test_what_is_said_without_a_room_goes_to_no_other_where_the_first_is_gone(enter: Any) -> None:
    private = await Room.objects.acreate(slug="private", title="Private")
    alice = await enter("alice", "Alice", rooms={"private": {}, "lobby": {}})
    assert (await alice.ask(type="message", message="hi", ref="1"))["type"] == "ack"

    await sync_to_async(rooms.delete)(PROGRAM, private)
    await alice.hear_of("left")

    assert (await alice.ask(type="message", message="secret", ref="2"))["code"] == "not_found"
    assert not await Message.objects.aexists()


async def test_who_enters_again_where_another_room_has_the_address_leaves_the_old_one(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.live.poll.POLL", 3600)  # deleted by a process that tells nobody
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice", rooms={"lounge": {}})
    await alice.hear_of("history")
    await lounge.adelete()
    another = await Room.objects.acreate(slug="lounge", title="Another")

    await alice.say(type="enter", room="lounge")

    assert (await alice.hear_of("left"))["room"] == "lounge"
    entered = await alice.hear_of("room")
    assert (entered["epoch"], entered["online"]) == (another.epoch, 1)
    assert (await alice.ask(type="message", room="lounge", message="hi", ref="1"))["type"] == "ack"


async def test_a_room_deleted_while_somebody_comes_in_is_left(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    read = subscriptions._catch_ups()

    async def delete_then_read(key: Any) -> Any:
        catch_up = await read(key)
        await sync_to_async(rooms.delete)(PROGRAM, lounge)
        while process.current().roster.online(lounge.pk):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        return catch_up

    monkeypatch.setattr(subscriptions, "_catch_ups", lambda: delete_then_read)
    alice = await enter("alice", "Alice", rooms={"lounge": {}})
    await alice.hear_of("welcome")

    frames = [await alice.hear()]
    while frames[-1]["type"] != "left":
        frames.append(await alice.hear())

    assert await alice.hears_nothing()
    assert "room" not in [frame["type"] for frame in frames]
    refused = await alice.ask(type="message", room="lounge", message="hi", ref="1")
    assert refused["code"] == "not_found"


async def test_another_title_is_told_to_everybody_in_the_room(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    bob = Client("bob")
    await bob.socket.connect()
    await bob.hear()
    await bob.say(name="Bob")
    while (await alice.hear_of("notification"))["name"] != "Bob":
        pass

    def rename() -> None:
        with transaction.atomic():
            lobby.title, lobby.topic = "Salon", "Tea"
            rooms.describe(PROGRAM, lobby)

    await sync_to_async(rename)()

    for client in (alice, bob):
        told = await client.hear_of("notification")
        while told["event"] != "room":
            told = await client.hear_of("notification")
        assert (told["color"], told["title"], told["topic"]) == ("info", "Salon", "Tea")
        assert "Salon" in told["message"]
    await bob.socket.disconnect()


async def test_a_server_s_own_call_takes_a_change_where_nothing_is_before_it(
    enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else: that comes by `receive`, in its turn."""
    is_asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*asked: Any) -> Any:
        is_asked.set()
        await go_on.wait()
        raise NotFound

    monkeypatch.setattr(commands, "read_page", slowly)
    bob, alice, wire = await enter("bob", "Bob"), Client("alice"), Wire()
    alice.socket.scope["extensions"] = {"chat": {"wire": wire}}
    await alice.socket.connect()

    def takes(**frame: object) -> bool:
        return bool(wire.heard(json.dumps(frame)))

    assert not takes(type="message", message="who says so?", ref="0")
    await alice.say(name="Alice", v=2)
    async with asyncio.timeout(10):
        while not takes(type="message", message="1", ref="1"):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    others = [
        takes(type="message", message="2", ref="2", room="attic"),
        takes(type="message", message="", ref=2),
        takes(type="ping"),
        takes(type="rubbish"),
        wire.heard("rubbish"),
    ]
    await alice.say(type="history", room="lobby")
    await is_asked.wait()
    others.append(takes(type="message", message="3", ref="3"))
    go_on.set()
    async with asyncio.timeout(10):
        while not takes(type="message", message="4", ref="4"):  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    assert [(await bob.hear_of("message"))["message"] for _ in range(2)] == ["1", "4"]
    assert others == [False] * 6
    await alice.socket.disconnect()


class BrokenWire:
    """A server's own wire in which a fault of ours shows from the first frame with this word on."""

    drained: Any = None
    going_down: Any = None
    left: Any = None
    heard: Any = None
    is_full = False

    def __init__(self, word: bytes) -> None:
        self.word = word
        self.is_broken = self.is_in_room = False

    def write(self, data: bytes) -> None:
        self.is_broken |= self.word in data
        self.is_in_room |= b'"type":"room"' in data
        if self.is_broken:
            raise ValueError("a fault of ours")


@pytest.mark.parametrize("word", [b"teapot", b"pong"])
async def test_who_cannot_be_told_is_let_go_and_the_others_hear(
    enter: Any, lobby: Room, word: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Mallory's line breaks with what everybody is told, or with what is told to Mallory alone."""
    alice, bob, mallory = await enter("alice", "Alice"), await enter("bob", "Bob"), Client("mallory")
    wire = BrokenWire(word)
    mallory.socket.scope["extensions"] = {"chat": {"wire": wire}}
    await mallory.socket.connect()
    await mallory.say(name="Mallory", v=2)
    async with asyncio.timeout(10):
        while not wire.is_in_room:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    if word == b"pong":
        await mallory.say(type="ping")
    else:
        await alice.ask(type="message", message="teapot", ref="1")
        assert (await bob.hear_of("message"))["message"] == "teapot"

    assert (await mallory.socket.receive_output())["code"] == 4012
    async with asyncio.timeout(10):
        while "mallory" in process.current().roster:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert "a fault of ours" in caplog.text


async def test_the_members_of_a_room_are_paged_in_the_order_of_their_ids(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    for id in ("dora", "bob", "carol"):
        await enter(id, id.title())

    await alice.say(type="members", room="lobby", limit=2)
    first = await alice.hear_of("members")
    await alice.say(type="members", room="lobby", after="bob")
    rest = await alice.hear_of("members")

    assert [member["id"] for member in first["members"]] == ["alice", "bob"]
    assert first["more"]
    assert rest == {
        "type": "members",
        "room": "lobby",
        "members": [
            {"id": "carol", "name": "Carol", "role": "guest"},
            {"id": "dora", "name": "Dora", "role": "guest"},
        ],
        "more": False,
    }


async def test_the_members_are_told_to_nobody_who_is_not_among_them(enter: Any, lounge: Room) -> None:
    alice = await enter("alice", "Alice")
    await enter("bob", "Bob", rooms={"lounge": {}})

    for room in ("lounge", "nowhere"):
        await alice.say(type="members", room=room)
        assert (await alice.hear_of("error"))["code"] == "not_found"


async def test_another_name_is_told_to_the_person_and_to_the_room(enter: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    welcome = await alice.hear_of("welcome")
    tab, bob = await enter("alice", "Alice", token=welcome["token"]), await enter("bob", "Bob")

    await sync_to_async(presence.rename)("alice", "Alisa")

    for client in (alice, tab):
        renamed = await client.hear_of("welcome")
        while renamed["name"] != "Alisa":
            renamed = await client.hear_of("welcome")
        assert people.proven(renamed["token"]) == "alice"
    for client in (alice, tab, bob):
        told = await client.hear_of("notification")
        while told["event"] != "rename":
            told = await client.hear_of("notification")
        assert (told["id"], told["name"], told["role"], told["color"]) == (
            "alice",
            "Alisa",
            "guest",
            "info",
        )
        assert "Alice" in told["message"]
    await tab.say(type="message", message="hi", ref="1")
    assert (await bob.hear_of("message"))["sender"] == "Alisa"


@pytest.mark.parametrize(
    ("code", "is_missed_at_once"), [(1000, True), (1001, True), (1006, False), (4010, False)]
)
async def test_who_did_not_say_goodbye_is_not_missed_at_once(
    enter: Any, lobby: Room, monkeypatch: pytest.MonkeyPatch, code: int, is_missed_at_once: bool
) -> None:
    monkeypatch.setattr("chat.live.lease.GRACE", 0.5)
    alice, bob = await enter("alice", "Alice"), await enter("bob", "Bob")
    token = (await bob.hear_of("welcome"))["token"]

    await bob.socket.disconnect(code)

    roster = process.current().roster
    assert "bob" not in roster
    assert roster.online(lobby.pk) == (1 if is_missed_at_once else 2)
    if is_missed_at_once:
        return
    back = await enter("bob", "Bob", token=token)
    assert (await back.hear_of("room"))["online"] == 2
    await asyncio.sleep(0.7)
    await alice.say(type="ping", n=1)
    heard = [await alice.hear()]
    while heard[-1]["type"] != "pong":
        heard.append(await alice.hear())
    events = [(frame["event"], frame["id"]) for frame in heard if frame["type"] == "notification"]
    assert events == [("join", "alice"), ("join", "bob")]
    await back.socket.disconnect(code)
    assert (await alice.hear_of("notification"))["event"] == "leave"
