"""How much one connection may ask for: the consumer, through channels' own communicator."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.live import process
from chat.models import Message, Room
from tests.test_consumers import join, knock
from tests.test_consumers_v2 import Client, enter

__all__ = ["enter", "join", "knock"]


async def test_what_is_too_much_is_refused_with_when_it_may_be_said(enter: Any, settings: Any) -> None:
    settings.CHAT = {"MESSAGES": "1/2"}
    alice = await enter("alice", "Alice")

    answers = [await alice.ask(type="message", message="hi", ref=str(number)) for number in range(3)]

    assert [answer["type"] for answer in answers] == ["ack", "ack", "error"]
    assert (answers[2]["code"], answers[2]["ref"]) == ("rate_limited", "2")
    assert 0 < answers[2]["retry_after"] <= 1
    assert await Message.objects.acount() == 2


async def test_a_long_text_is_counted_by_its_bytes(enter: Any, settings: Any) -> None:
    settings.CHAT = {"MESSAGE_BYTES": "1/8000"}
    alice = await enter("alice", "Alice")

    first = await alice.ask(type="message", message="ю" * 4000, ref="1")
    second = await alice.ask(type="edit", id=first["id"], message="ю" * 4000, ref="2")

    assert (first["type"], second["code"]) == ("ack", "rate_limited")
    assert 7990 < second["retry_after"] <= 8000


async def test_a_reaction_costs_what_everybody_is_told_because_of_it(enter: Any, settings: Any) -> None:
    settings.CHAT = {"MESSAGE_BYTES": "1/8600"}
    alice = await enter("alice", "Alice")
    said = await alice.ask(type="message", message="x" * 4000, ref="1")

    answers = [
        await alice.ask(type="react", id=said["id"], emoji="👍", on=number % 2 == 0, ref=f"r{number}")
        for number in range(3)
    ]

    # The message, and then a whole message for each: the second brings it over what there is.
    assert [answer["type"] for answer in answers] == ["ack", "ack", "error"]
    assert answers[2]["code"] == "rate_limited"


async def test_a_person_has_one_allowance_in_however_many_connections(enter: Any, settings: Any) -> None:
    settings.CHAT = {"MESSAGES": "0.01/2"}
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]
    again = await enter("elsewhere", "Alice", token=token)
    bob = await enter("bob", "Bob")

    for client in (alice, again):
        assert (await client.ask(type="message", message="hi", ref=f"{id(client)}"))["type"] == "ack"

    assert (await alice.ask(type="message", message="hi", ref="3"))["code"] == "rate_limited"
    assert (await again.ask(type="message", message="hi", ref="4"))["code"] == "rate_limited"
    assert (await bob.ask(type="message", message="hi", ref="5"))["type"] == "ack"


async def test_a_person_has_so_many_connections_and_no_more(enter: Any, settings: Any) -> None:
    settings.CHAT = {"CONNECTIONS_PER_PERSON": 2}
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]
    again = await enter("again", "Alice", token=token)
    bob = await enter("bob", "Bob")

    late = await enter("late", "Alice", token=token)

    assert (await late.hear())["code"] == 4504
    assert await late.socket.receive_output() == {
        "type": "websocket.close",
        "code": 4504,
        "reason": "too_many_connections",
    }
    assert [frame["event"] for frame in await notices(bob)] == ["join"]

    await again.socket.disconnect()
    await enter("in-time", "Alice", token=token)
    await alice.say(type="ping")
    await alice.hear_of("pong")


async def test_v1_is_told_in_its_words_that_they_are_too_many(
    knock: Any, enter: Any, settings: Any
) -> None:
    """Without a token nobody has two; so it is somebody else's connection that is counted as theirs."""
    settings.CHAT = {"CONNECTIONS_PER_PERSON": 1}
    alice = await knock("alice")
    await enter("bob", "Bob")
    connections = process.current().connections
    connections.add("alice", connections.of("bob")[0])

    await alice.send_json_to({"name": "Alice"})

    told = await alice.receive_json_from()
    assert (told["color"], told["code"]) == ("danger", "too_many_connections")
    assert (await alice.receive_output())["code"] == 4504


async def notices(client: Client) -> list[dict[str, Any]]:
    """The notifications that have come so far."""
    await client.say(type="ping", n=1)
    found = []
    while (frame := await client.hear_of("notification", "pong"))["type"] != "pong":
        found.append(frame)
    return found


async def test_reading_is_counted_by_what_is_told(enter: Any, settings: Any) -> None:
    settings.CHAT = {"READS": "1/20000"}
    alice = await enter("alice", "Alice")
    for number in range(5):
        await alice.ask(type="message", message="x" * 3000, ref=str(number))

    await alice.say(type="history", room="lobby")
    await alice.say(type="history", room="lobby")
    await alice.say(type="enter", room="lobby")

    page = await alice.hear_of("history")
    while not page["messages"]:  # the one on coming in
        page = await alice.hear_of("history")
    assert len(page["messages"]) == 5
    refused = [await alice.hear_of("error") for _ in range(2)]
    assert {error["code"] for error in refused} == {"rate_limited"}
    assert all(error["retry_after"] > 0 for error in refused)


async def test_what_is_read_is_counted_by_its_bytes(enter: Any, settings: Any) -> None:
    settings.CHAT = {"READS": "1/20000"}
    alice = await enter("alice", "Alice")
    for number in range(3):
        await alice.ask(type="message", message="ю" * 3000, ref=str(number))

    await alice.say(type="history", room="lobby")
    await alice.say(type="history", room="lobby")

    assert (await alice.hear_of("error"))["code"] == "rate_limited"


async def test_an_edit_costs_what_everybody_is_told_because_of_it(enter: Any, settings: Any) -> None:
    settings.CHAT = {"MESSAGE_BYTES": "1/8000"}
    alice = await enter("alice", "Alice")
    said = await alice.ask(type="message", message="hi", ref="1")
    await Message.objects.aupdate(reactions={"👍": [f"{number:064}" for number in range(100)]})

    first = await alice.ask(type="edit", id=said["id"], message="x", ref="2")
    second = await alice.ask(type="edit", id=said["id"], message="y", ref="3")
    third = await alice.ask(type="edit", id=said["id"], message="z", ref="4")

    assert [first["type"], second["type"], third["type"]] == ["ack", "ack", "error"]
    assert third["code"] == "rate_limited"


async def test_entering_is_a_change_for_those_who_are_told(enter: Any, settings: Any) -> None:
    settings.CHAT = {"CHANGES": "0.001/2"}
    mallory = await enter("mallory", "Mallory")

    for _ in range(3):
        await mallory.say(type="leave", room="lobby")
        await mallory.say(type="enter", room="lobby")

    assert (await mallory.hear_of("error"))["code"] == "rate_limited"


@contextlib.asynccontextmanager
async def comer_from(address: str, id: str) -> AsyncIterator[Client]:
    """Somebody in the room who comes from this address; a test's own clients come from nowhere."""
    client = Client(id)
    client.socket.scope["client"] = (address, 1)
    assert (await client.socket.connect())[0]
    await client.hear()
    await client.say(name=id, v=2)
    await client.hear_of("history")
    yield client
    await client.socket.disconnect()


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"ADDRESS_MESSAGES": "0.001/2"}, "hi"),
        ({"ADDRESS_MESSAGE_BYTES": "0.001/8000"}, "x" * 4000),
    ],
)
async def test_an_address_has_one_allowance_for_all_its_people(
    lobby: Room, settings: Any, limits: dict[str, str], text: str
) -> None:
    settings.CHAT = limits
    codes = {}
    for id, address in (("alice", "203.0.113.1"), ("bob", "203.0.113.1"), ("carol", "203.0.113.2")):
        async with comer_from(address, id) as client:
            answers = [
                await client.ask(type="message", message=text, ref=str(number)) for number in range(2)
            ]
        codes[id] = [answer.get("code", answer["type"]) for answer in answers]

    assert codes == {"alice": ["ack", "ack"], "bob": ["rate_limited"] * 2, "carol": ["ack", "ack"]}


async def test_an_address_reads_so_much_and_no_more(lobby: Room, settings: Any) -> None:
    settings.CHAT = {"ADDRESS_READS": "1/20000"}
    answers = {}
    for id, address in (("alice", "203.0.113.1"), ("bob", "203.0.113.1"), ("carol", "203.0.113.2")):
        async with comer_from(address, id) as client:
            await client.say(type="history", room="lobby")
            await client.say(type="history", room="lobby")
            answers[id] = [await client.hear_of("history", "error") for _ in range(2)]

    # Coming in reads, too, and each reading counts for 4096 bytes at least.
    codes = {id: [answer.get("code", answer["type"]) for answer in found] for id, found in answers.items()}
    assert codes == {"alice": ["history"] * 2, "bob": ["rate_limited"] * 2, "carol": ["history"] * 2}


async def test_who_keeps_on_being_refused_is_closed(enter: Any, settings: Any) -> None:
    settings.CHAT = {"MESSAGES": "0.01/1", "REFUSALS_PER_MINUTE": 3}
    mallory = await enter("mallory", "Mallory")

    for number in range(4):
        await mallory.say(type="message", message="hi", ref=str(number))

    closing = await mallory.hear_of("closing")
    assert closing["code"] == 4506
    assert await mallory.socket.receive_output() == {
        "type": "websocket.close",
        "code": 4506,
        "reason": "rate_limited",
    }


async def test_fifty_words_of_v1_at_once_are_heard_all_and_in_order(join: Any, settings: Any) -> None:
    """A program written for the seed knows no refusals: it is read from more slowly."""
    settings.CHAT = {"MESSAGES": "100/10"}
    alice, bob = await join("alice", "Alice"), await join("bob", "Bob")
    await alice.receive_json_from()

    for number in range(50):
        await alice.send_json_to({"type": "message", "message": str(number)})

    heard = [(await bob.receive_json_from())["message"] for _ in range(50)]
    assert heard == [str(number) for number in range(50)]


async def test_no_limits_at_all(enter: Any, settings: Any) -> None:
    settings.CHAT = {"LIMITS": False}
    alice = await enter("alice", "Alice")

    for number in range(60):
        await alice.say(type="message", message="x" * 4000, ref=str(number))

    acks = [(await alice.hear_of("ack"))["ref"] for _ in range(60)]
    assert acks == [str(number) for number in range(60)]
