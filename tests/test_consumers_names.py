"""Names over the socket: who is called how, and told so."""

import asyncio
import re
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from chat import actors
from chat.core import name_keys
from chat.core.errors import Forbidden
from chat.core.roster import OWN, Attendance
from chat.live import process
from chat.models import Message, Mode, Person, Room
from chat.services import batches, naming, people, presence
from tests import test_consumers, test_consumers_v2
from tests.databases import locked
from tests.test_consumers_v2 import Client

Frame = dict[str, Any]

knock, join, enter = test_consumers.knock, test_consumers.join, test_consumers_v2.enter


async def welcome(client: Client) -> Frame:
    """The next `welcome`, as far as it is about the name."""
    frame = await client.hear_of("welcome")
    return {key: frame[key] for key in ("id", "name", "name_was") if key in frame}


async def notice(client: Client, event: str) -> Frame:
    """The next notification of this event."""
    while (frame := await client.hear_of("notification"))["event"] != event:
        pass
    return frame


async def test_the_second_of_a_name_gets_a_number_and_is_told(enter: Any, join: Any) -> None:
    first = await enter("anya-1", "Аня")
    second = await enter("anya-2", "Aня")  # a Latin A
    assert await welcome(first) == {"id": "anya-1", "name": "Аня"}
    assert await welcome(second) == {"id": "anya-2", "name": "Aня 2", "name_was": "taken"}

    third = await join("anya-3", "АНЯ")  # in dialect v1, whose own join notice says so

    await say_v1(third, "hi")
    assert (await third.receive_json_from())["sender"] == "АНЯ 3"
    assert [await notice(first, "join") for _ in range(3)][-1]["name"] == "АНЯ 3"


async def say_v1(client: Any, message: str) -> None:
    await client.send_json_to({"type": "message", "message": message, "timestamp": None})


async def test_another_tab_of_ones_own_is_nobody_else(enter: Any) -> None:
    first = await enter("anya", "Аня")
    token = (await first.hear_of("welcome"))["token"]

    second = await enter("whatever", "Аня", token=token)

    assert await welcome(second) == {"id": "anya", "name": "Аня"}


async def test_a_number_is_free_again_when_its_holder_has_left(enter: Any) -> None:
    await enter("a", "Аня")
    second = await enter("b", "Аня")
    await second.socket.disconnect()

    third = await enter("c", "Аня")

    assert (await welcome(third))["name"] == "Аня 2"


async def test_a_guest_is_not_called_like_a_user_or_an_official(enter: Any) -> None:
    await sync_to_async(User.objects.create_user)("max")

    for id, name in [
        ("aaaa", "Мах"),
        ("bbbb", "m.a.x 2"),
        ("cccc", "The Admin"),
        ("dddd", "Moderator Max"),
    ]:
        client = await enter(id, name)
        assert await welcome(client) == {"id": id, "name": f"User-{id}", "name_was": "reserved"}


async def test_a_token_does_not_keep_a_name_that_became_a_users(enter: Any) -> None:
    first = await enter("aaaa", "Max")
    token = (await first.hear_of("welcome"))["token"]
    await first.socket.disconnect()
    await sync_to_async(User.objects.create_user)("max")

    again = await enter("another", "Max", token=token)

    assert await welcome(again) == {"id": "aaaa", "name": "User-anot", "name_was": "reserved"}


async def test_who_gives_no_name_is_not_told_that_it_was_taken(enter: Any) -> None:
    await enter("abcd-1", "")
    second = await enter("abcd-2", "")

    assert await welcome(second) == {"id": "abcd-2", "name": "User-abcd 2"}


async def test_a_rename_is_told_to_all_tabs_and_everybody(enter: Any, join: Any, lobby: Room) -> None:
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]
    tab = await enter("other", "Alice", token=token)
    await welcome(tab)
    bob, old = await enter("bob", "Bob"), await join("carol", "Carol")

    await alice.say(type="rename", name="  Alisa\u200b ")

    assert await welcome(alice) == await welcome(tab) == {"id": "alice", "name": "Alisa"}
    heard = await notice(bob, "rename")
    assert heard == {
        "type": "notification",
        "message": "Alice теперь зовётся Alisa",
        "color": "info",
        "event": "rename",
        "room": "lobby",
        "id": "alice",
        "name": "Alisa",
        "role": "guest",
        "online": 3,
    }
    assert await old.receive_json_from() == heard
    await tab.ask(type="message", message="hi", ref="1")
    assert (await bob.hear_of("message"))["sender"] == "Alisa"
    assert (await sync_to_async(Person.objects.get)(pk="alice")).name == "Alisa"
    dave = await enter("dave", "Alice")
    assert (await dave.hear_of("room"))["members"][0] == {"id": "alice", "name": "Alisa", "role": "guest"}


async def test_a_rename_that_may_not_be_changes_nothing(enter: Any) -> None:
    await sync_to_async(User.objects.create_user)("max")
    await enter("alice", "Alice")
    bob = await enter("bob", "Bob")
    await welcome(bob)

    for name, code in [
        ("AIice", "name_taken"),
        ("МАХ", "name_reserved"),
        ("the_admin", "name_reserved"),
        ("\u200b", "empty"),
    ]:
        await bob.say(type="rename", name=name)
        assert (await bob.hear_of("error", "welcome")).get("code") == code

    await bob.ask(type="message", message="hi", ref="1")
    assert (await sync_to_async(Message.objects.get)()).name == "Bob"


async def test_a_user_of_the_site_is_called_as_their_account_says() -> None:
    user = User(pk=1, username="anna")
    actor = actors.of_user(Person(id="u", name="anna", user=user), user, "member", frozenset())

    with pytest.raises(Forbidden):
        naming.wanted(actor, "Somebody")


async def test_renaming_is_limited(enter: Any, settings: Any) -> None:
    """More than anything else that is told: a person's other names are told in every room of theirs."""
    settings.CHAT = {"MESSAGES": "0", "CHANGES": "0"}
    alice = await enter("alice", "Alice")
    await welcome(alice)

    for number in range(3):
        await alice.say(type="rename", name=f"Alice {number}x")
        assert (await welcome(alice))["name"] == f"Alice {number}x"
    await alice.say(type="rename", name="Alice")

    error = await alice.hear_of("error", "welcome")
    assert error["code"] == "rate_limited"
    assert 15 < error["retry_after"] <= 20


@pytest.mark.parametrize("why", ["guests read", "the room is read-only", "the room is archived", "no room"])
async def test_who_may_speak_nowhere_is_told_of_to_nobody(
    enter: Any, settings: Any, lobby: Room, why: str
) -> None:
    if why == "guests read":
        settings.CHAT = {"GUESTS": "read"}
    elif why != "no room":
        lobby.mode = Mode.READ_ONLY if why == "the room is read-only" else Mode.OPEN
        lobby.is_archived = why == "the room is archived"
        await lobby.asave()
    alice = await enter("alice", "Alice")
    await welcome(alice)
    await alice.hear_of("history")
    if why == "no room":
        await alice.say(type="leave", room="lobby")
        await alice.say(type="enter", room="lobby", watch=True)
        await alice.hear_of("room")

    await alice.say(type="rename", name="buy.at.example")

    assert (await alice.hear_of("error", "welcome"))["code"] == "read_only"
    assert process.current().roster.holder(name_keys.key("buy.at.example")) is None


async def test_where_two_were_let_in_under_one_name_the_later_gets_another(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    other = await enter("other", "Alisa")
    await welcome(alice)
    await welcome(other)
    # As if another process had let them in at the same moment.
    presence.rename("other", "Alice")
    await welcome(other)
    assert process.current().roster.holder(name_keys.key("Alice")) == "alice"

    naming.settle_clash("other")
    naming.settle_clash("other")

    assert await welcome(other) == {"id": "other", "name": "Alice 2", "name_was": "taken"}
    assert [(await notice(alice, "rename"))["name"] for _ in range(2)] == ["Alice", "Alice 2"]
    await batches.writer().put(naming.renamed(Person(pk="x"), "X"))  # once that is written, the other is
    assert (await sync_to_async(Person.objects.get)(pk="other")).name == "Alice 2"


async def test_in_a_crowd_nobody_hears_who_is_called_otherwise(enter: Any, settings: Any) -> None:
    settings.CHAT = {"NOTICES_UP_TO": 1}
    alice = await enter("alice", "Alice")
    bob = await enter("bob", "Bob")
    await welcome(bob)

    await bob.say(type="rename", name="Robert")

    assert (await welcome(bob))["name"] == "Robert"
    await bob.ask(type="message", message="hi", ref="1")
    while (frame := await alice.hear())["type"] != "message":
        assert frame.get("event") != "rename"
    assert frame["sender"] == "Robert"


async def test_a_number_makes_nobody_s_name_that_of_a_user(enter: Any) -> None:
    for name in ("anna 2", "anna3"):
        await sync_to_async(User.objects.create_user)(name)
    await enter("a", "Anna")

    second, third = await enter("b", "Anna"), await enter("c", "Anna")

    assert await welcome(second) == {"id": "b", "name": "Anna 4", "name_was": "taken"}
    assert await welcome(third) == {"id": "c", "name": "Anna 5", "name_was": "taken"}
    assert process.current().roster.holder(name_keys.key("Anna 2")) is None
    await second.ask(type="message", message="hi", ref="1")
    assert (await sync_to_async(Message.objects.get)()).name == "Anna 4"
    assert (await sync_to_async(Person.objects.get)(pk="b")).name == "Anna 4"


async def test_who_asks_for_the_name_they_have_is_answered_and_nothing_is_written(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    await welcome(alice)
    await alice.ask(type="message", message="hi", ref="1")
    before = (await sync_to_async(Person.objects.get)(pk="alice")).arrived_at

    await alice.say(type="rename", name=" Alice ")

    assert await welcome(alice) == {"id": "alice", "name": "Alice"}
    await alice.ask(type="message", message="hi", ref="2")
    assert (await sync_to_async(Person.objects.get)(pk="alice")).arrived_at == before


async def test_a_name_that_was_refused_after_all_is_not_stored(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    await welcome(alice)
    await alice.ask(type="message", message="hi", ref="1")
    with locked():
        await alice.say(type="rename", name="Dora")
        await asyncio.sleep(0.2)
        process.current().presence.arrive("dora", "Dora")

    assert (await alice.hear_of("error"))["code"] == "name_taken"
    await alice.ask(type="message", message="hi", ref="2")
    assert (await sync_to_async(Person.objects.get)(pk="alice")).name == "Alice"


@pytest.mark.parametrize(
    ("id", "users", "called"),
    [
        ("7", ["user7"], None),
        ("root", [], None),
        ("bot", [], None),
        ("mod", [], None),
        ("1234-5", ["user"], None),  # as "User 1234" would be
        ("7", ["user8"], "User-7"),
        ("abcdef", ["abcd"], "User-abcd"),
    ],
)
@pytest.mark.parametrize("asked", ["", "Max", "the admin"])
async def test_what_stands_in_for_a_name_is_nobody_s_either(
    enter: Any, id: str, users: list[str], called: str | None, asked: str
) -> None:
    for name in [*users, "max"]:
        await sync_to_async(User.objects.create_user)(name)

    found = await welcome(await enter(id, asked))

    assert found.get("name_was") == ("reserved" if asked else None)
    assert re.fullmatch(r"User-[a-z]{4}", found["name"]) if called is None else found["name"] == called
    assert found["name"] not in ("User-root", "User-bot", "User-mod")


@pytest.mark.parametrize("through", [OWN, "another"])
async def test_a_guest_keeps_no_name_that_is_a_user_s_by_now(enter: Any, join: Any, through: str) -> None:
    sitting = await enter("sits", "Max")
    user, here = people.new_id_of_user(), process.current()
    await welcome(sitting)

    if through == OWN:
        here.presence.arrive(user, "Max")
    else:
        here.presence.seen(here.roster.put(through, user, Attendance("Max", time.time(), 1, {})))

    told = await welcome(sitting)
    assert told["name_was"] == "reserved"
    assert re.fullmatch(r"User-[a-z]{4}", told["name"])
    assert here.roster.holder(name_keys.key("Max")) == user
    assert here.roster.name(user) == "Max"
    await sitting.ask(type="message", message="hi", ref="1")
    assert (await sync_to_async(Message.objects.get)()).name == told["name"]


async def test_to_come_again_under_other_names_is_to_rename(enter: Any) -> None:
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]

    names = ["Alice a", "Alice b", "Alice c", "Alice d", "Alice c", "Alice e"]
    called = [await welcome(await enter("other", name, token=token)) for name in names]

    assert [one["name"] for one in called] == [*names[:3], *["Alice c"] * 3]
    assert [one.get("name_was") for one in called] == [*[None] * 3, "taken", None, "taken"]
    assert [(await welcome(alice))["name"] for _ in range(3)] == names[:3]
    await alice.say(type="rename", name="Alice f")
    assert (await alice.hear_of("error", "welcome"))["code"] == "rate_limited"
    await alice.ask(type="message", message="hi", ref="1")
    assert (await sync_to_async(Person.objects.get)(pk="alice")).name == "Alice c"


async def test_who_may_speak_nowhere_is_called_otherwise_by_no_other_tab(enter: Any, lobby: Room) -> None:
    lobby.mode = Mode.READ_ONLY
    await lobby.asave()
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]

    tab = await enter("other", "buy.at.example", token=token)

    assert await welcome(tab) == {"id": "alice", "name": "Alice", "name_was": "taken"}
    assert process.current().roster.name("alice") == "Alice"


async def test_who_has_left_comes_again_under_any_name(enter: Any, settings: Any) -> None:
    settings.CHAT = {"GUESTS": "read"}
    alice = await enter("alice", "Alice")
    token = (await alice.hear_of("welcome"))["token"]
    await alice.socket.disconnect()

    assert await welcome(await enter("other", "Alisa", token=token)) == {"id": "alice", "name": "Alisa"}
