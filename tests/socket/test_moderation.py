"""What moderators do to somebody, as their connections hear of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from chat.actors import PROGRAM
from chat.core.errors import SharedAddress
from chat.live import process
from chat.models import Membership, Notice, Person, PersonAddress, Room, Sanction
from chat.services import directory, members, moderation, notices
from tests.people import person_of
from tests.socket.test_session import OWN_PAGE, browser, sign_in
from tests.test_consumers_v2 import Client

Frame = dict[str, Any]

#: Addresses of the internet, and one of a house.
FAR, OTHER, PRIVATE = "8.8.8.8", "9.9.9.9", "192.168.1.7"

sanction, lift, warn = (
    sync_to_async(one) for one in (moderation.sanction, moderation.lift, moderation.warn)
)
run_room, pin = sync_to_async(moderation.run_room), sync_to_async(moderation.pin)


@pytest.fixture
def carol(lobby: Room) -> User:
    return User.objects.create_user("carol", first_name="Carol")


@pytest_asyncio.fixture
async def come(lobby: Room) -> AsyncIterator[Any]:
    """Has somebody come from an address: in dialect v2, unless they say otherwise."""
    async with AsyncExitStack() as open_sockets:

        async def _come(client: str | Client, host: str = "", **reply: object) -> Client:
            if isinstance(client, str):
                client = Client(client)
            client.socket.scope["client"] = (host, 1)
            assert (await client.socket.connect())[0]
            open_sockets.push_async_callback(_leave, client)
            assert (await client.hear())["type"] == "request_name"
            await client.say(**{"name": "Mallory", "v": 2, "lang": "en", **reply})
            return client

        yield _come


async def _leave(client: Client) -> None:
    if not client.socket.future.done():
        await client.socket.disconnect()


async def token_of(client: Client) -> str:
    return str((await client.hear_of("welcome", "closing"))["token"])


async def told(client: Client, event: str | None) -> Frame:
    """The next notification of this event."""
    while (frame := await client.hear_of("notification")).get("event") != event:
        pass
    return frame


async def last_of(client: Client) -> tuple[str, int]:
    """The reason of the close, and its code; nobody has welcomed them before."""
    last = await client.hear_of("welcome", "closing")
    assert last["type"] == "closing", last
    assert (await client.socket.receive_output())["code"] == last["code"]
    return last["reason"], last["code"]


async def person(id: str = "mallory") -> Person:
    return await Person.objects.aget(pk=id)


async def test_who_is_muted_hears_so_and_reads_on(come: Any, lobby: Room) -> None:
    mallory, vera = await come("mallory"), await come("vera", v=1)
    token = await token_of(mallory)
    while (await told(vera, "join"))["id"] != "vera":  # she may hear of Mallory first
        pass
    assert (await mallory.ask(type="message", message="hi", ref="1"))["type"] == "ack"

    await sanction(PROGRAM, await person(), "mute", minutes=90, reason="spam")
    await sanction(PROGRAM, await person("vera"), "mute", lobby)

    frame = await told(mallory, "moderation")
    assert (frame["act"], frame["reason"], frame["color"]) == ("mute", "spam", "warning")
    assert frame["message"].endswith("Time left: 1\xa0hour, 30\xa0minutes. Reason: spam")
    assert "room" not in frame
    refused = await mallory.ask(type="message", message="hi", ref="2")
    assert (refused["type"], refused["code"]) == ("error", "muted")
    assert 5000 < refused["retry_after"] <= 5400
    frame = await told(vera, None)
    assert (frame["color"], frame["room"]) == ("warning", "lobby")
    assert "act" not in frame

    again = await come("tab", token=token)
    room = await again.hear_of("room")
    assert room["muted"]["reason"] == "spam"
    assert room["muted"]["until"].endswith("Z")
    assert room["speak"]  # as soon as that is over
    assert room["members"]

    await lift(PROGRAM, await person(), "mute")
    for client in (mallory, again):
        assert (await told(client, "moderation"))["act"] == "unmute"
    assert (await again.ask(type="message", message="hi", ref="3"))["type"] == "ack"


@pytest.mark.parametrize(
    ("kind", "code", "words"), [("kick", 4502, "shown you out"), ("ban", 4501, "banned")]
)
async def test_who_is_shut_out_is_closed_and_stays_out(
    come: Any, lobby: Room, kind: str, code: int, words: str
) -> None:
    mallory, other = await come("mallory"), await come("anna", name="Anna")
    token = await token_of(mallory)
    await told(mallory, "join")

    await sanction(PROGRAM, await person(), kind, reason="spam")

    last = await mallory.hear_of("closing")
    assert last["code"] == code
    assert words in last["reason"]
    assert last["reason"].endswith("Reason: spam")
    assert last.get("retry_after") == (60 if kind == "kick" else None)
    assert (await mallory.socket.receive_output())["code"] == code
    assert (await told(other, "leave"))["id"] == "mallory"
    again = await last_of(await come("new-tab", token=token, name="Max"))
    assert again == (last["reason"], code)
    seed = await come("mallory", v=1)
    danger = await seed.hear()
    assert danger["color"] == "danger"
    assert "spam" not in danger["message"]  # it may be anybody who comes under this id
    assert (await seed.socket.receive_output())["code"] == code
    assert "mallory" not in process.current().roster
    assert await Person.objects.acount() == 2

    await Sanction.objects.aupdate(until=timezone.now() + timedelta(seconds=1))
    await sync_to_async(_move_sanctions)()  # nobody says when that is over
    while (await (back := await come("tab", token=token)).hear_of("welcome", "closing"))[
        "type"
    ] == "closing":
        pass
    assert (await told(back, "join"))["id"] == "mallory"


@transaction.atomic
def _move_sanctions() -> None:
    directory.move()
    Sanction.objects.update(version=directory.version())


async def test_who_is_banned_from_a_room_leaves_it_and_finds_it_no_more(come: Any, lounge: Room) -> None:
    both: Frame = {"lobby": {}, "lounge": {}}
    mallory, other = await come("mallory", rooms=both), await come("anna", name="Anna", rooms=both)
    token = await token_of(mallory)
    await other.hear_of("history")
    await mallory.say(type="rooms")
    assert {room["room"] for room in (await mallory.hear_of("rooms"))["rooms"]} == {"lobby", "lounge"}

    await sanction(PROGRAM, await person(), "ban", lounge, minutes=5)

    assert (await mallory.hear_of("left"))["room"] == "lounge"
    refused = await mallory.hear_of("error")
    assert (refused["code"], refused["command"], refused["room"]) == ("banned", "enter", "lounge")
    assert 0 < refused["retry_after"] <= 300
    assert {room["room"] for room in (await mallory.hear_of("rooms"))["rooms"]} == {"lobby"}
    assert (await told(other, "leave"))["id"] == "mallory"
    await mallory.say(type="enter", room="lounge")
    assert (await mallory.hear_of("error", "room"))["code"] == "banned"
    await mallory.say(type="enter", room="nowhere")
    assert (await mallory.hear_of("error"))["code"] == "not_found"
    assert (await mallory.ask(type="message", message="hi", ref="2"))["type"] == "ack"
    again = await come("tab", token=token, rooms=both)
    assert (await again.hear_of("error"))["code"] == "banned"
    assert (await again.ask(type="message", message="hi", ref="3", room="lounge"))["code"] == "not_found"

    await lift(PROGRAM, await person(), "ban", lounge)
    assert {room["room"] for room in (await mallory.hear_of("rooms"))["rooms"]} == {"lobby", "lounge"}
    await mallory.say(type="enter", room="lounge")
    assert (await mallory.hear_of("error", "room"))["room"] == "lounge"

    # Nothing waits for the end of what they are under once they have gone: that may take years.
    await sanction(PROGRAM, await person(), "ban", lounge, minutes=5_000_000)
    await process.current().directory.settled()
    assert len(awaited_ends()) == 2
    for client in (mallory, again):
        await client.socket.disconnect()
    assert not awaited_ends()


def awaited_ends() -> list[asyncio.TimerHandle]:
    """What waits for the end of what somebody is under."""
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    return [timer for timer in timers if "_is_over" in repr(timer) and not timer.cancelled()]


async def test_the_only_room_of_a_seed_is_closed(come: Any, lobby: Room) -> None:
    vera = await come("vera", v=1)
    await told(vera, "join")
    await vera.say(
        type="message", message="hi", timestamp="12:00"
    )  # and with that she is known to the database
    await vera.hear_of("message")

    await sanction(PROGRAM, await person("vera"), "ban", lobby)

    assert (await vera.hear_of("notification"))["code"] == "banned"
    assert (await vera.socket.receive_output())["code"] == 4501
    again = await come("vera", v=1)
    assert (await again.hear())["code"] == "banned"
    assert (await again.socket.receive_output())["code"] == 4501


async def test_whose_address_is_banned_is_no_guest_from_there(come: Any, carol: User, lounge: Room) -> None:
    mallory, neighbour = await come("mallory", FAR), await come("anna", FAR, name="Anna")
    kept, far = await come("mod", FAR, name="Mod"), await come("eve", OTHER, name="Eve")
    reader = await come("reader", FAR, reader=True)
    await reader.hear_of("room")
    for client in (mallory, neighbour, far):
        await told(client, "join")
    token = await token_of(kept)
    membership = Membership(room=lounge, person=await person("mod"), role="moderator")
    await sync_to_async(_keep)(membership)
    await process.current().directory.settled()

    await sanction(PROGRAM, await person(), "ban", address=True, reason="spam")

    for client, is_told in ((mallory, True), (neighbour, False), (reader, False)):
        last = await client.hear_of("closing")
        assert last["code"] == 4501
        assert ("spam" in last["reason"]) is is_told
    count = await Person.objects.acount()
    for coming in (
        come("new", FAR),
        come("new", f"[::ffff:{FAR}]"),
        come("anna", FAR, name="Anna"),
        come("mod", FAR, name="Mod"),  # without their token
        come("reader", FAR, reader=True),
    ):
        assert (await last_of(await coming))[1] == 4501
    assert await Person.objects.acount() == count
    for client in (kept, far):
        assert (await client.ask(type="message", message="hi", ref="1"))["type"] == "ack"
    assert await token_of(await come("tab", FAR, token=token))
    assert await token_of(await come("newer", OTHER))
    key = await sync_to_async(sign_in)(carol)
    user = await come(browser(key, OWN_PAGE), FAR)
    assert (await user.hear_of("welcome", "closing"))["user"]

    await lift(PROGRAM, await person(), "ban")
    await process.current().directory.settled()
    assert await token_of(await come("newest", FAR))


def _keep(membership: Membership) -> None:
    with transaction.atomic():
        directory.move()
        membership.save()


async def test_no_address_is_banned_that_is_others_as_well(come: Any, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "SHARED_ADDRESSES": (f"{OTHER}/32",)}
    for number, host in enumerate((PRIVATE, "127.0.0.1", "100.64.0.1", "fe80::1", OTHER, "", "unknown")):
        client = await come(f"guest-{number}", host, name="Anna")
        await client.ask(type="message", message="hi", ref="1")
        with pytest.raises(SharedAddress):
            await sanction(PROGRAM, await person(f"guest-{number}"), "ban", address=True)
    assert not await PersonAddress.objects.aexists()


async def test_a_user_of_the_site_is_banned_in_whatever_browser(come: Any, carol: User) -> None:
    carol_person = await sync_to_async(person_of)(carol)
    await sanction(PROGRAM, carol_person, "ban")
    for number in range(2):
        key = await sync_to_async(sign_in)(carol)
        assert (await last_of(await come(browser(key, OWN_PAGE, id=f"tab-{number}"))))[1] == 4501


# Notices


async def test_a_notice_waits_for_whom_it_is_for(come: Any) -> None:
    first = await come("mallory")
    token = await token_of(first)
    await told(first, "join")
    await _leave(first)
    await warn(PROGRAM, await person(), "no caps")
    await sync_to_async(_add_old)()

    again = await come("tab", token=token)
    frame = await told(again, "moderation")
    assert (frame["act"], frame["reason"]) == ("warn", "no caps")
    await warn(PROGRAM, await person(), "nor this")
    assert (await told(again, "moderation"))["reason"] == "nor this"  # and not what is over
    while await Notice.objects.filter(told_at=None).aexists():
        pass
    third = await come("tab-2", token=token)
    await warn(PROGRAM, await person(), "last")
    assert (await told(third, "moderation"))["reason"] == "last"


@transaction.atomic
def _add_old() -> None:
    directory.move()
    notices.add("mallory", "mute", until=timezone.now() - timedelta(seconds=1))


# What is told of a room


async def test_a_room_says_how_slow_it_is_and_what_is_pinned(come: Any, lobby: Room) -> None:
    vera = await come("vera", v=1, name="Vera")
    await told(vera, "join")
    anna = await come("anna", name="Anna")
    assert (await anna.hear_of("room")).keys().isdisjoint({"pinned", "muted", "may"})
    said = (await anna.ask(type="message", message="Be kind", ref="1"))["id"]

    await run_room(PROGRAM, lobby, slow=30)
    frame = await told(anna, "room")
    assert (frame["slow"], frame["pinned"]) == (30, None)
    assert "30" in frame["message"]
    assert (await told(vera, "room"))["slow"] == 30
    await pin(PROGRAM, lobby, said)
    pinned = {"id": said, "sender": "Anna", "message": "Be kind"}
    frame = await told(anna, "room")
    assert (frame["slow"], frame["pinned"]) == (30, pinned)
    assert "Be kind" in frame["message"]
    room = await (await come("eve", name="Eve")).hear_of("room")
    assert (room["slow"], room["pinned"]) == (30, pinned)

    await anna.ask(type="delete", id=said, ref="2")
    assert "pinned" not in await (await come("mia", name="Mia")).hear_of("room")
    await pin(PROGRAM, lobby, None)
    assert (await told(anna, "room"))["pinned"] is None
    await run_room(PROGRAM, lobby, mode="users", slow=0)
    assert (await told(anna, "room"))["mode"] == "users"


async def test_moderators_are_told_what_they_may(come: Any, lounge: Room) -> None:
    mod = await come("mod", name="Mod")
    token = await token_of(mod)
    await told(mod, "join")
    await mod.say(type="rooms")
    assert await may_in(mod) == {"lobby": None, "lounge": None}

    await sync_to_async(_keep)(Membership(room=lounge, person=await person("mod"), role="moderator"))

    # Without coming again; and so it is where they are one no longer.
    assert await may_in(mod) == {"lobby": None, "lounge": ["moderate", "ban", "run"]}
    await process.current().directory.settled()
    again = await come("tab", token=token, rooms={"lobby": {}, "lounge": {}})
    assert "may" not in await again.hear_of("welcome")
    assert "may" not in await again.hear_of("room")
    assert (await again.hear_of("room"))["may"] == ["moderate", "ban", "run"]
    await sync_to_async(members.set_role)(PROGRAM, "lounge", "mod", None)
    assert await may_in(mod) == {"lobby": None, "lounge": None}


async def may_in(client: Client) -> dict[str, Any]:
    """What the next list of rooms says that somebody may do in each as a moderator."""
    return {room["room"]: room.get("may") for room in (await client.hear_of("rooms"))["rooms"]}
