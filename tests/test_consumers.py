"""The consumer alone, through channels' own communicator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from chat.live import process
from chat.models import Message, Person, Room
from chat.services import people
from chatproject.asgi import application
from tests.communicator import Communicator

Frame = dict[str, Any]
Join = Callable[..., Awaitable[Communicator]]


@pytest_asyncio.fixture
async def knock(lobby: Room) -> AsyncIterator[Join]:
    """Connects and takes the first frame, without a name yet."""
    open_sockets = []

    async def _knock(client_id: str) -> Communicator:
        client = Communicator(application, f"/ws/{client_id}")
        connected, _subprotocol = await client.connect()
        assert connected
        assert (await client.receive_json_from())["type"] == "request_name"
        open_sockets.append(client)
        return client

    yield _knock
    for client in open_sockets:
        if not client.future.done():
            await client.disconnect()


@pytest_asyncio.fixture
async def join(knock: Join) -> Join:
    """Connects, says a name and hears the greeting."""

    async def _join(client_id: str, name: str) -> Communicator:
        client = await knock(client_id)
        await client.send_json_to({"name": name})
        assert (await client.receive_json_from())["color"] == "success"
        return client

    return _join


async def say(client: Communicator, message: object) -> None:
    await client.send_json_to({"type": "message", "message": message, "timestamp": "12:00"})


async def the_danger(client: Communicator, code: str) -> None:
    """The next frame is one `danger` notification with this code, and nothing follows it."""
    frame = await client.receive_json_from()
    assert (frame["type"], frame["color"], frame["code"]) == ("notification", "danger", code)
    assert frame["message"]
    assert await client.receive_nothing(0.05)


async def test_a_name_is_asked_for_and_everybody_hears_of_the_newcomer(join: Join, knock: Join) -> None:
    alice = await join("alice", "Alice")

    bob = await knock("bob")
    await bob.send_json_to({"name": "Bob"})

    for client in (alice, bob):
        assert await client.receive_json_from() == {
            "type": "notification",
            "message": "Bob присоединился к чату",
            "color": "success",
            "event": "join",
            "room": "lobby",
            "id": "bob",
            "name": "Bob",
            "role": "guest",
            "online": 2,
        }


@pytest.mark.parametrize(
    "reply", [{}, {"name": ""}, {"name": " \u200b "}, {"name": None}, {"name": ["Alice"]}]
)
async def test_who_gives_no_name_gets_one(knock: Join, reply: Frame) -> None:
    client = await knock("abcdef")

    await client.send_json_to(reply)

    assert (await client.receive_json_from())["name"] == "User-abcd"


async def test_the_first_object_is_the_name_whatever_its_type(knock: Join) -> None:
    client = await knock("alice")

    await client.send_json_to({"type": "message", "name": "Alice", "message": "hi"})

    assert (await client.receive_json_from())["name"] == "Alice"
    assert await client.receive_nothing(0.05)


async def test_keys_of_v2_mean_nothing_in_v1(knock: Join) -> None:
    client = await knock("alice")

    await client.send_json_to({"name": "Alice", "rooms": 5, "token": [], "lang": {}, "v": "2"})

    assert (await client.receive_json_from())["room"] == "lobby"


@pytest.mark.parametrize(
    "keys", [{"ref": 5}, {"ref": ""}, {"reply_to": "x"}, {"room": 7}, {"room": "nowhere"}]
)
async def test_a_message_of_v1_is_not_looked_at_beyond_its_words(join: Join, keys: Frame) -> None:
    alice = await join("alice", "Alice")

    await alice.send_json_to({"type": "message", "message": "hi", **keys})

    heard = await alice.receive_json_from()
    assert (heard["type"], heard["message"], heard["room"]) == ("message", "hi", "lobby")
    assert "ref" not in heard


async def test_a_bad_reply_of_v2_leaves_the_dialect_open(knock: Join) -> None:
    alice = await knock("alice")
    await alice.send_json_to({"name": "Alice", "v": 2, "rooms": "yesterday"})
    assert (await alice.receive_json_from())["type"] == "error"

    await alice.send_json_to({"name": "Alice"})

    assert (await alice.receive_json_from())["event"] == "join"
    await alice.send_json_to({"type": "message", "message": "hi"})
    assert (await alice.receive_json_from())["type"] == "message"


async def test_a_message_is_kept_and_reaches_everybody(join: Join) -> None:
    alice = await join("alice", "Alice")
    bob = await join("bob", "Bob")
    await alice.receive_json_from()  # Bob's arrival

    await say(alice, "hi\nall")

    for client in (alice, bob):
        frame = await client.receive_json_from()
        assert (
            frame.items()
            >= {
                "type": "message",
                "sender": "Alice",
                "sender_id": "alice",
                "message": "hi\nall",
                "timestamp": "12:00",
            }.items()
        )
    kept = await Message.objects.select_related("room", "author").aget(pk=frame["id"])
    assert (kept.author.name, kept.room.slug) == ("Alice", "lobby")
    assert (kept.text, kept.timestamp) == ("hi\nall", '"12:00"')


async def test_a_missing_timestamp_is_null(join: Join) -> None:
    alice = await join("alice", "Alice")

    await alice.send_json_to({"type": "message", "message": "hi"})

    assert (await alice.receive_json_from())["timestamp"] is None


async def test_who_leaves_is_missed(join: Join) -> None:
    alice = await join("alice", "Alice")
    bob = await join("bob", "Bob")
    await alice.receive_json_from()

    await bob.disconnect()

    frame = await alice.receive_json_from()
    assert (frame["message"], frame["color"]) == ("Bob покинул чат", "warning")
    assert "bob" not in process.current().roster


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Alice", "bad_json"),
        ('["Alice"]', "bad_frame"),
        ('"Alice"', "bad_frame"),
        ("null", "bad_frame"),
        ('{"name":"\\ud800"}', "bad_json"),
    ],
)
async def test_a_bad_name_reply_is_refused_and_may_be_tried_again(
    knock: Join, text: str, code: str
) -> None:
    client = await knock("alice")

    await client.send_to(text_data=text)
    await the_danger(client, code)

    await client.send_json_to({"name": "Alice"})
    assert (await client.receive_json_from())["name"] == "Alice"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "bad_json"),
        ("[]", "bad_frame"),
        ("{}", "bad_frame"),
        ('{"message":"no type"}', "bad_frame"),
        ('{"type":"message"}', "bad_frame"),
        ('{"type":"message","message":5}', "bad_frame"),
        ('{"type":"message","message":" \\n "}', "empty"),
        ('{"type":"message","message":"\\u0000"}', "empty"),
        ('{"type":"message","message":"\\ud800"}', "bad_json"),
        ('{"type":"message","message":"%s"}' % ("x" * 4001), "too_large"),
        ('{"type":"message","message":"%s"}' % ("x" * 65536), "too_large"),
    ],
)
async def test_a_bad_frame_is_refused_once_and_changes_nothing(join: Join, text: str, code: str) -> None:
    alice = await join("alice", "Alice")

    await alice.send_to(text_data=text)

    await the_danger(alice, code)
    assert not await Message.objects.aexists()
    await say(alice, "still here")
    assert (await alice.receive_json_from())["message"] == "still here"


async def test_a_binary_frame_is_refused(join: Join) -> None:
    alice = await join("alice", "Alice")

    await alice.send_to(bytes_data=b'{"type":"message","message":"hi"}')

    await the_danger(alice, "bad_frame")


@pytest.mark.parametrize(
    "type", ["typing", "websocket.send", "websocket.close", "websocket.disconnect", "hear", "room.event"]
)
async def test_an_unknown_type_is_ignored(join: Join, type: str) -> None:
    alice = await join("alice", "Alice")

    await alice.send_json_to({"type": type, "text": "forged", "code": 1000})

    assert await alice.receive_nothing(0.05)
    await say(alice, "still here")
    assert (await alice.receive_json_from())["message"] == "still here"


async def test_the_twentieth_bad_frame_of_a_minute_closes_the_connection(join: Join) -> None:
    alice = await join("alice", "Alice")

    for _ in range(25):
        await alice.send_to(text_data="rubbish")

    for _ in range(20):
        assert (await alice.receive_json_from())["code"] == "bad_json"
    assert (await alice.receive_json_from())["code"] == "too_many_bad_frames"
    assert await alice.receive_output() == {
        "type": "websocket.close",
        "code": 4505,
        "reason": "too_many_bad_frames",
    }
    assert await alice.receive_nothing(0.05)


async def test_without_limits_nobody_is_closed_for_bad_frames(join: Join, settings: Any) -> None:
    settings.CHAT = {"LIMITS": False}
    alice = await join("alice", "Alice")

    for _ in range(25):
        await alice.send_to(text_data="rubbish")
        assert (await alice.receive_json_from())["code"] == "bad_json"

    assert await alice.receive_nothing(0.05)


async def test_nobody_is_held_at_the_handshake_for_ever(knock: Join, settings: Any) -> None:
    settings.CHAT = {"NAME_TIMEOUT": 0.05}
    client = await knock("alice")

    assert (await client.receive_json_from())["code"] == "no_name"
    assert (await client.receive_output())["code"] == 4503


async def test_who_has_given_a_name_may_be_silent_for_ever(join: Join, settings: Any) -> None:
    settings.CHAT = {"NAME_TIMEOUT": 0.05}
    alice = await join("alice", "Alice")

    assert await alice.receive_nothing(0.2)


async def test_who_goes_before_giving_a_name_leaves_nothing_behind(join: Join, knock: Join) -> None:
    alice = await join("alice", "Alice")

    bob = await knock("bob")
    await bob.disconnect()

    assert await alice.receive_nothing(0.05)
    assert "bob" not in process.current().roster
    assert not await Person.objects.filter(pk="bob").aexists()


async def test_whose_id_is_claimed_elsewhere_meanwhile_comes_again_as_somebody_else(
    join: Join, knock: Join, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes in is noted a moment later, with others; in another process the id is claimed first."""
    monkeypatch.setattr("chat.storage.writer.LATER", 3600.0)
    monkeypatch.setattr("chat.live.presence_writer.WAIT", 3600.0)
    vera = await join("vera", "Vera")
    claim = people.Arrival("vera", "Mallory", people.Proof.CLAIM)
    [mallory] = await sync_to_async(people.arrive)([claim])
    assert mallory

    await say(vera, "as whom?")

    assert (await vera.receive_json_from())["code"] == "internal"
    assert (await vera.receive_output())["code"] == 4011
    assert not await Message.objects.aexists()
    again = await knock("vera")
    await again.send_json_to({"name": "Vera"})
    assert (await again.receive_json_from())["id"] != "vera"


async def test_a_cancelled_connection_leaves_the_room(join: Join) -> None:
    """Daphne cancels a consumer that takes too long to end."""
    alice = await join("alice", "Alice")
    bob = await join("bob", "Bob")
    await alice.receive_json_from()

    bob.future.cancel()
    await asyncio.wait([bob.future])

    assert (await alice.receive_json_from())["message"] == "Bob покинул чат"


async def test_nobody_speaks_after_having_left(join: Join) -> None:
    alice = await join("alice", "Alice")
    bob = await join("bob", "Bob")
    await alice.receive_json_from()

    for number in range(10):
        await say(bob, str(number))
    await bob.disconnect()

    heard = [await alice.receive_json_from() for _ in range(11)]
    assert [frame["message"] for frame in heard] == [*map(str, range(10)), "Bob покинул чат"]


async def test_an_id_in_use_is_not_taken_over(join: Join) -> None:
    alice = await join("alice", "Alice")

    other = await join("alice", "Alice")

    newcomer = await alice.receive_json_from()
    assert newcomer["name"] == "Alice 2"
    assert newcomer["id"] != "alice"
    await say(other, "I am Alice")
    for client in (alice, other):
        frame = await client.receive_json_from()
        assert (frame["sender"], frame["sender_id"]) == ("Alice 2", newcomer["id"])
    await say(alice, "No, I am")
    for client in (alice, other):
        frame = await client.receive_json_from()
        assert (frame["sender"], frame["sender_id"]) == ("Alice", "alice")
    await other.disconnect()
    assert (await alice.receive_json_from())["message"] == "Alice 2 покинул чат"
    assert "alice" in process.current().roster


async def test_an_id_that_was_given_back_may_be_used_again(join: Join) -> None:
    await (await join("alice", "Alice")).disconnect()

    again = await join("alice", "Alice")

    await say(again, "back")
    assert (await again.receive_json_from())["sender_id"] == "alice"


@pytest.mark.parametrize(
    "path", ["/ws/", "/ws/a b", "/ws/%3Cb%3E", "/ws/" + "x" * 65, "/ws/a/b", "/", "/ws/аня"]
)
async def test_an_address_that_is_none_is_refused(path: str) -> None:
    client = Communicator(application, path)

    connected, _code = await client.connect()

    assert not connected
    client.stop()
