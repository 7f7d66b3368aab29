"""Reports, held messages and the queue, through channels' own communicator."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.actors import PROGRAM
from chat.live import process
from chat.models import FilterRule, HeldMessage, Message, Report, Room
from chat.services import filters, members, people
from chat.socket import queue
from tests.conftest import arrive
from tests.test_consumers import Join, join, knock, the_danger
from tests.test_consumers import say as say_in_v1
from tests.test_consumers_v2 import Client, enter

__all__ = ("enter", "join", "knock")


@sync_to_async
def keep_filter(action: str) -> None:
    """From now on a filter looks for hm in what is said."""
    filters.keep(PROGRAM, FilterRule(kind="word", value="hm", action=action))


@pytest.fixture(autouse=True)
def _is_told_by_whoever_has_changed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And found by nobody who looks now and then."""
    monkeypatch.setattr(queue, "POLL", 3600.0)
    monkeypatch.setattr(queue, "REST", 0.0)


async def moderator(enter: Any) -> Client:
    """Mona, who moderates the lobby and nothing else."""
    await sync_to_async(arrive)("mona", "Mona")
    await sync_to_async(members.set_role)(PROGRAM, "lobby", "mona", "moderator")
    mona: Client = await enter("mona", "Mona", token=people.token("mona"))
    return mona


async def says(client: Client, ref: str, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = await client.ask(type="message", ref=ref, message=text, room="lobby")
    return answer


async def test_what_is_refused_is_told_to_its_author_alone(enter: Any, join: Join) -> None:
    alice, bob = await enter("alice", "Alice"), await join("bob", "Bob")
    await keep_filter("refuse")

    assert (await says(alice, "1", "hm"))["code"] == "filtered"
    assert (await says(alice, "2", "well"))["type"] == "ack"
    assert (await bob.receive_json_from())["message"] == "well"
    await say_in_v1(bob, "Hm!")
    await the_danger(bob, "filtered")


async def test_what_is_held_comes_to_all_once_it_is_let_through(enter: Any, join: Join) -> None:
    mona, alice = await moderator(enter), await enter("alice", "Alice")
    bob = await join("bob", "Bob")
    await keep_filter("hold")
    await mona.say(type="queue")
    assert await mona.hear_of("queue") == {"type": "queue", "items": [], "count": 0}

    held = await says(alice, "1", "hm")
    assert (held["type"], held["code"], held["ref"]) == ("error", "held", "1")
    assert await mona.hear_of("waiting") == {"type": "waiting", "count": 1}
    assert (await says(alice, "1", "hm"))["code"] == "held"
    assert await bob.receive_nothing(0.05)
    await mona.say(type="queue")
    [item] = (await mona.hear_of("queue"))["items"]
    assert (item["kind"], item["sender"], item["message"], item["room"]) == ("held", "Alice", "hm", "lobby")
    await mona.say(type="decide", kind="held", id=item["id"], accept=True, ref="d")
    told = {frame["type"]: frame for frame in [await mona.hear_of("ack", "waiting") for _ in range(2)]}
    ack = told["ack"]
    assert (ack["ref"], ack["dup"], told["waiting"]["count"]) == ("d", False, 0)

    heard = await bob.receive_json_from()
    assert (heard["message"], heard["sender"], heard["sender_id"]) == ("hm", "Alice", "alice")
    assert (await alice.hear_of("message"))["ref"] == "1"
    assert (await says(alice, "1", "hm"))["dup"] is True
    again = await mona.ask(type="decide", kind="held", id=item["id"], accept=True, ref="d")
    assert (again["id"], again["dup"]) == (ack["id"], True)
    other = await mona.ask(type="decide", kind="held", id=item["id"], accept=False, ref="e")
    assert other["code"] == "not_found"


async def test_in_v1_one_hears_that_it_is_held_and_what_comes_of_it(enter: Any, join: Join) -> None:
    mona, bob = await moderator(enter), await join("bob", "Bob")
    await keep_filter("hold")

    await say_in_v1(bob, "hm one")
    await the_danger(bob, "held")
    await say_in_v1(bob, "hm two")
    await the_danger(bob, "held")
    one, two = [held async for held in HeldMessage.objects.order_by("pk")]
    assert (await mona.ask(type="decide", kind="held", id=two.pk, accept=True, ref="1"))["type"] == "ack"

    assert (await bob.receive_json_from())["message"] == "hm two"
    assert (await mona.ask(type="decide", kind="held", id=one.pk, accept=False, ref="2"))["type"] == "ack"
    assert await Message.objects.acount() == 1


async def test_a_message_is_reported_and_decided(enter: Any) -> None:
    mona, alice = await moderator(enter), await enter("alice", "Alice")
    bob = await enter("bob", "Bob", lang="en")
    said = (await says(alice, "1", "rude"))["id"]
    await mona.say(type="queue")
    await mona.hear_of("queue")

    ack = await bob.ask(type="report", id=said, reason="too rude", ref="r")
    assert (ack["type"], ack["id"]) == ("ack", (await Report.objects.aget()).pk)
    assert (await bob.ask(type="report", id=said, ref="s"))["code"] == "already_reported"
    assert (await alice.ask(type="report", id=said, ref="r"))["code"] == "forbidden"
    assert (await bob.ask(type="report", id=said + 1, ref="t"))["code"] == "not_found"
    assert (await mona.hear_of("waiting"))["count"] == 1
    await mona.say(type="queue", limit=1)
    [item] = (await mona.hear_of("queue"))["items"]
    assert (item["kind"], item["id"], item["reports"], item["reasons"]) == ("report", said, 1, ["too rude"])
    await mona.say(type="decide", kind="report", id=said, accept=True, ref="d")

    assert (await alice.hear_of("update"))["deleted"] is True
    assert (await mona.hear_of("waiting"))["count"] == 0


async def test_the_queue_is_for_those_who_moderate_something(enter: Any) -> None:
    alice = await enter("alice", "Alice")

    await alice.say(type="queue")
    assert (await alice.hear_of("error"))["code"] == "forbidden"
    for kind in ("report", "held"):
        answer = await alice.ask(type="decide", kind=kind, id=1, accept=True, ref=kind)
        assert answer["code"] == "forbidden"


async def test_who_moderates_a_room_no_longer_is_told_that_nothing_waits(enter: Any, lobby: Room) -> None:
    mona, bob = await moderator(enter), await enter("bob", "Bob")
    await keep_filter("hold")
    await says(bob, "1", "hm")
    await mona.say(type="queue")
    assert (await mona.hear_of("queue"))["count"] == 1

    await sync_to_async(members.set_role)(PROGRAM, "lobby", "mona", None)
    await process.current().directory.settled()
    await says(bob, "2", "hm hm")

    assert (await mona.hear_of("waiting"))["count"] == 0
