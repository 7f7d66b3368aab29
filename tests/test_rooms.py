"""Rooms over a socket: the list of them, and who may be in which from one moment to the next."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.db.models import F
from django.test import Client as Browser

from chat import actors
from chat.actors import PROGRAM, guest
from chat.live import process
from chat.models import Directory, Membership, Message, Room
from chat.services import directory, members, messages, people, rooms
from chat.services.people import Arrival, Proof
from chat.socket import rights, subscriptions
from chat.socket import rooms as socket_rooms
from tests.databases import locked
from tests.people import person_of
from tests.test_consumers_v2 import Client, Frame

in_thread = sync_to_async


@pytest_asyncio.fixture
async def enter(lobby: Room) -> AsyncIterator[Any]:
    """Comes in by a token, so that it is certain who it is; what follows is still to be heard."""
    clients = []

    async def _enter(id: str, **reply: object) -> Client:
        await in_thread(people.arrive)([Arrival(id, id.title(), Proof.TOKEN)])
        client = Client(id)
        assert (await client.socket.connect())[0]
        await client.hear()
        await client.say(name=id.title(), v=2, token=people.token(id), **reply)
        clients.append(client)
        await client.be_answered()
        return client

    yield _enter
    for client in clients:
        if not client.socket.future.done():
            await client.socket.disconnect()


@pytest_asyncio.fixture
async def carol(lobby: Room) -> AsyncIterator[Client]:
    """A user of the site, who may make rooms."""
    user = await in_thread(User.objects.create_user)("carol", is_staff=True)
    await user.user_permissions.aadd(await Permission.objects.aget(codename="add_room"))
    browser = Browser()
    await browser.aforce_login(user)
    cookie = "; ".join(f"{key}={value.value}" for key, value in browser.cookies.items())
    client = Client("carol")
    client.socket.scope["headers"] = [
        (b"host", b"localhost"),
        (b"origin", b"http://localhost"),
        (b"cookie", cookie.encode()),
    ]
    assert (await client.socket.connect())[0]
    await client.hear()
    await client.say(name="", v=2)
    await client.be_answered()
    yield client
    await client.socket.disconnect()


@pytest.fixture
def club(lobby: Room) -> Room:
    """A closed room."""
    return Room.objects.create(slug="club", title="Club", topic="Chess", mode="members")


def invite(room: Room, id: str, role: str | None = "member") -> None:
    members.set_role(PROGRAM, room.slug, id, role)


async def list_of(client: Client) -> dict[str, Frame]:
    """The next list of rooms, by their addresses."""
    return {room["room"]: room for room in (await client.hear_of("rooms"))["rooms"]}


async def ask_for_list(client: Client) -> dict[str, Frame]:
    await client.say(type="rooms")
    return await list_of(client)


async def refused(client: Client) -> str:
    """Why the latest command was refused."""
    return str((await client.hear_of("error"))["code"])


async def test_a_list_has_the_rooms_that_one_may_enter_in_their_order(enter: Any, club: Room) -> None:
    await Room.objects.acreate(slug="tea", title="Tea", position=-1)
    await Room.objects.acreate(slug="old", title="Old", is_archived=True, position=9)
    alice = await enter("alice")

    rooms_ = await ask_for_list(alice)

    assert list(rooms_) == ["tea", "lobby", "old"]
    assert rooms_["lobby"].items() >= {"mode": "open", "online": 1, "role": "guest"}.items()
    assert rooms_["old"]["mode"] == "archived"


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes somebody a member by a process of which this one does not hear, nor looks for itself."""
    monkeypatch.setattr("chat.live.directory.POLL", 3600)

    async def _make_member(room: Room, id: str) -> None:
        await Membership.objects.acreate(room=room, person_id=id)
        await Directory.objects.aupdate(version=F("version") + 1)

    return _make_member


@pytest.mark.parametrize("comes_anew", [True, False])
async def test_who_belongs_to_a_room_finds_it_though_the_process_has_not_heard_of_that(
    enter: Any, unheard: Any, club: Room, comes_anew: bool
) -> None:
    alice = await enter("alice")
    bob = await enter("bob")
    await unheard(club, "alice")

    if comes_anew:
        await alice.socket.disconnect()
        alice = await enter("alice", rooms={"club": {}})
    else:
        await alice.say(type="enter", room="club")

    assert (await alice.ask(type="message", room="club", message="hi", ref="1"))["type"] == "ack"
    await bob.say(type="enter", room="club")
    assert await refused(bob) == "not_found"


async def test_who_is_invited_finds_the_room_and_who_is_sent_away_loses_it(enter: Any, club: Room) -> None:
    alice, bob = await enter("alice"), await enter("bob")
    assert "club" not in await ask_for_list(alice)
    await ask_for_list(bob)

    await in_thread(invite)(club, "alice", "moderator")

    found = await list_of(alice)
    assert list(found) == ["club", "lobby"]  # what one belongs to comes first
    assert found["club"].items() >= {"title": "Club", "topic": "Chess", "role": "moderator"}.items()
    await alice.say(type="enter", room="club")
    assert (await alice.hear_of("room"))["mode"] == "members"
    ack = await alice.ask(type="message", room="club", message="hi", ref="1")
    assert ack["type"] == "ack"
    message = await messages_in(club)
    assert message == [("hi", "moderator")]

    await in_thread(invite)(club, "alice", None)

    assert (await alice.hear_of("left"))["room"] == "club"
    assert "club" not in await list_of(alice)
    await alice.say(type="history", room="club")
    assert await refused(alice) == "not_found"
    answer = await alice.ask(type="message", room="club", message="still here", ref="2")
    assert answer["code"] == "not_found"
    assert process.current().roster.online(club.pk) == 0
    await bob.say(type="ping", n=1)
    assert (await bob.hear_of("rooms", "pong"))["type"] == "pong"  # his list is the same


async def messages_in(room: Room) -> list[tuple[str, str]]:
    return [(one.text, one.role) async for one in Message.objects.filter(room=room)]


async def test_a_room_that_closes_is_left_before_its_new_name_is_told(enter: Any, lobby: Room) -> None:
    tea = await Room.objects.acreate(slug="tea", title="Tea")
    alice, bob = await enter("alice"), await enter("bob")
    await in_thread(invite)(tea, "bob")
    assert await process.current().directory.settled()
    for client in (alice, bob):
        await client.hear_of("history")  # of the lobby
        await client.say(type="enter", room="tea")
        await client.hear_of("history")

    tea.title, tea.mode = "Dismissals", "members"
    await in_thread(rooms.describe)(PROGRAM, tea)

    notice = await bob.hear_of("notification")
    while notice.get("event") != "room":
        notice = await bob.hear_of("notification")
    assert notice.items() >= {"title": "Dismissals", "mode": "members"}.items()
    heard = [await alice.hear_of("left")]
    await alice.say(type="ping", n=1)
    while heard[-1]["type"] != "pong":
        heard.append(await alice.hear())
    assert "Dismissals" not in json.dumps(heard)


async def test_a_room_is_called_otherwise_in_another_language_wherever_it_is_told(
    enter: Any, lobby: Room
) -> None:
    await Room.objects.acreate(slug="tea", title="Tea", titles={"ru": "Чай"})
    await Room.objects.acreate(slug="plain", title="Plain")
    alice = await enter("alice")
    await alice.say(type="enter", room="tea")

    room = await alice.hear_of("room")
    while room["room"] != "tea":
        room = await alice.hear_of("room")
    assert room["titles"] == {"ru": "Чай"}
    rooms_ = await ask_for_list(alice)
    assert (rooms_["tea"]["titles"], rooms_["plain"].get("titles")) == ({"ru": "Чай"}, None)

    for titles in ({"ru": "Чайная"}, {}):
        tea = await Room.objects.aget(slug="tea")
        tea.titles = titles
        await in_thread(rooms.describe)(PROGRAM, tea)
        notice = await alice.hear_of("notification")
        while notice.get("event") != "room":
            notice = await alice.hear_of("notification")
        assert (notice["title"], notice["titles"]) == ("Tea", titles)
        assert notice["message"]


@pytest.mark.parametrize("change", [{"is_archived": True}, {"mode": "read_only"}])
async def test_a_mode_holds_at_once_for_all_who_are_there(
    enter: Any, lobby: Room, change: dict[str, Any]
) -> None:
    alice = await enter("alice")
    await alice.hear_of("history")
    for field, value in change.items():
        setattr(lobby, field, value)
    await in_thread(rooms.describe)(PROGRAM, lobby)

    answer = await alice.ask(type="message", message="hi", ref="1")

    assert answer["code"] == "read_only"
    await alice.say(type="enter", room="lobby")
    assert (await alice.hear_of("room"))["mode"] in ("archived", "read_only")
    await alice.say(type="history", room="lobby")
    assert (await alice.hear_of("history"))["messages"] == []


async def test_v1_is_sent_away_where_its_only_room_is_closed(lobby: Room) -> None:
    alice = Client("alice")
    await alice.socket.connect()
    await alice.hear()
    await alice.say(name="Alice")
    assert (await alice.hear())["event"] == "join"

    lobby.mode = "members"
    await in_thread(rooms.describe)(PROGRAM, lobby)

    while (said := await alice.socket.receive_output())["type"] == "websocket.send":
        last = json.loads(said["text"])
    assert last.items() >= {"color": "danger", "code": "room_closed"}.items()
    assert said["code"] == 4508

    again = Client("alice")
    await again.socket.connect()
    await again.hear()
    await again.say(name="Alice")
    assert (await again.hear())["code"] == "room_closed"
    assert (await again.socket.receive_output())["code"] == 4508


async def test_who_watches_hears_and_is_not_there(enter: Any, lobby: Room) -> None:
    tea = await Room.objects.acreate(slug="tea", title="Tea")
    await in_thread(say)(tea, "before")
    alice = await enter("alice")
    await alice.hear_of("history")

    await alice.say(type="enter", room="tea", watch=True)

    room = await alice.hear_of("room")
    assert (room["recovered"], room["version"], room["online"], room["members"]) == (False, 1, 0, [])
    await in_thread(say)(tea, "after")
    assert (await alice.hear_of("message", "history", "notification"))["message"] == "after"
    answer = await alice.ask(type="message", room="tea", message="hi", ref="1")
    assert answer["code"] == "not_found"  # nobody speaks without being there

    await alice.say(type="enter", room="tea")
    assert [one["message"] for one in (await alice.hear_of("history"))["messages"]] == ["before", "after"]
    assert process.current().roster.online(tea.pk) == 1
    assert (await alice.ask(type="message", room="tea", message="hi", ref="2"))["type"] == "ack"

    await alice.say(type="enter", room="tea", watch=True, after=2, epoch=room["epoch"])
    assert (await alice.hear_of("room"))["recovered"] is True
    assert process.current().roster.online(tea.pk) == 0


async def test_who_only_watches_comes_into_no_room(lobby: Room) -> None:
    alice = Client("alice")
    await alice.socket.connect()
    await alice.hear()
    await alice.say(name="Alice", v=2, rooms={}, watch=True)
    assert (await alice.hear())["type"] == "welcome"

    assert (await alice.hear())["online"] == 0
    assert process.current().roster.online(lobby.pk) == 0
    assert (await alice.ask(type="message", message="hi", ref="1"))["code"] == "not_found"
    await in_thread(say)(lobby, "hello")
    assert (await alice.hear_of("message"))["message"] == "hello"
    await alice.socket.disconnect()


def say(room: Room, text: str) -> None:
    """Somebody says this in a room, from elsewhere."""
    [carol] = people.arrive([Arrival("carol", "Carol", Proof.TOKEN)])
    assert carol
    messages.post(guest(carol), room, text)


async def test_a_connection_listens_to_so_many_rooms(enter: Any, lobby: Room) -> None:
    await Room.objects.abulk_create(
        Room(slug=f"room-{number}", title="R") for number in range(subscriptions.MOST)
    )
    alice = await enter("alice")
    for number in range(subscriptions.MOST - 1):
        await alice.say(type="enter", room=f"room-{number}", watch=True)
        await alice.hear_of("room")

    await alice.say(type="enter", room=f"room-{subscriptions.MOST - 1}", watch=True)
    assert await refused(alice) == "too_many_rooms"
    await alice.say(type="enter", room="room-0", watch=True)  # it is one of them
    await alice.hear_of("room")
    await alice.say(type="leave", room="room-0")
    await alice.hear_of("left")
    await alice.say(type="enter", room=f"room-{subscriptions.MOST - 1}", watch=True)
    await alice.hear_of("room")


async def test_guests_make_no_rooms_and_talk_to_nobody_alone(enter: Any, club: Room) -> None:
    alice, _bob = await enter("alice"), await enter("bob")

    for command in (
        {"type": "create", "title": "Tea"},
        {"type": "direct", "id": "bob"},
        {"type": "direct", "id": "nobody"},
        {"type": "member", "room": "lobby", "id": "bob", "role": "member"},
    ):
        await alice.say(**command)
        assert await refused(alice) == "forbidden", command
    for room in ("club", "nowhere"):
        await alice.say(type="member", room=room, id="bob", role="member")
        assert await refused(alice) == "not_found"


async def test_who_may_not_is_told_so_though_the_database_takes_nothing(enter: Any, club: Room) -> None:
    """Nobody waits for the writer, nor holds the directory, for what they may not anyway."""
    alice = await enter("alice")
    with locked():
        for command, code in (
            ({"type": "create", "title": "Tea"}, "forbidden"),
            ({"type": "direct", "id": "bob"}, "forbidden"),
            ({"type": "member", "room": "lobby", "id": "bob", "role": "member"}, "forbidden"),
            ({"type": "member", "room": "club", "id": "bob", "role": "member"}, "not_found"),
        ):
            await alice.say(**command)
            assert await refused(alice) == code, command


async def test_whoever_can_listen_to_no_more_rooms_makes_none(
    carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "MOST", 1)

    await carol.say(type="create", title="Tea")

    assert await refused(carol) == "too_many_rooms"
    assert not await Room.objects.filter(title="Tea").aexists()


async def test_what_is_committed_holds_for_who_asked_though_nothing_follows_yet(
    enter: Any, carol: Client, club: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy process follows the directory later. Whoever was told that it failed would do it twice."""
    await in_thread(User.objects.create_user)("dave")
    dave = await in_thread(person_of)(await User.objects.aget(username="dave"))
    await enter("zoe")
    watch = process.current().directory
    monkeypatch.setattr("chat.live.directory.PATIENCE", 0.1)
    watch._rests_until = asyncio.get_running_loop().time() + 60

    await carol.say(type="create", title="Tea", mode="members")
    made = await carol.hear_of("error", "room", "left")
    while made.get("room") == "lobby":
        made = await carol.hear_of("error", "room", "left")
    assert (made["type"], made["title"]) == ("room", "Tea")
    await carol.say(type="direct", id=dave.pk)
    assert (await carol.hear_of("error", "room", "left"))["type"] == "room"
    await carol.say(type="member", room=made["room"], id="zoe", role="member")
    said = await carol.hear_of("error", "notification")
    while said["type"] == "notification" and said.get("event") is not None:
        said = await carol.hear_of("error", "notification")
    assert (said.get("id"), said.get("role")) == ("zoe", "member")


async def test_what_follows_with_what_was_read_before_takes_nothing_back(
    carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory moves, and while memberships are read for that a room is made and entered."""
    read, go_on = rights._memberships, asyncio.Event()

    async def read_and_wait(asked: Any) -> Any:
        found = await read(asked)
        await go_on.wait()
        return found

    monkeypatch.setattr(rights, "_memberships", read_and_wait)
    await in_thread(directory.move)()
    await asyncio.sleep(0.2)  # it was read

    await carol.say(type="create", title="Tea", mode="members")
    made = await carol.hear_of("error", "room", "left")
    while made.get("room") == "lobby":
        made = await carol.hear_of("error", "room", "left")
    go_on.set()
    assert await process.current().directory.settled()

    await carol.say(type="ping", n=1)
    assert (await carol.hear_of("left", "pong"))["type"] == "pong"


async def test_an_older_list_is_never_told_last(
    enter: Any, club: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unread is still being counted, when they are told a newer one."""
    alice = await enter("alice")
    read, is_read, go_on = socket_rooms.read_unread, asyncio.Event(), asyncio.Event()

    async def read_and_wait(*asked: Any) -> Any:
        found = await read(*asked)
        is_read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(socket_rooms, "read_unread", read_and_wait)
    await alice.say(type="rooms")
    await is_read.wait()
    await in_thread(invite)(club, "alice")
    assert "club" in await list_of(alice)
    go_on.set()

    told = await alice.hear_of("rooms")

    assert told["counted"] is True
    assert [(room["unread"], room["version"]) for room in told["rooms"] if room["room"] == "club"] == [
        (0, 0)
    ]


async def test_a_list_costs_as_much_as_is_counted_for_it(enter: Any, club: Room, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "LIMITS": True, "READS": "1/40000"}
    alice = await enter("alice")
    await ask_for_list(alice)
    await ask_for_list(alice)  # of few rooms
    await Room.objects.abulk_create(Room(slug=f"room-{number}", title="R") for number in range(99))
    await in_thread(directory.move)()
    assert len(await list_of(alice)) == 100

    assert len(await ask_for_list(alice)) == 100
    await alice.say(type="rooms")

    assert await refused(alice) == "rate_limited"


async def test_an_owner_who_is_a_guest_invites_another(enter: Any, club: Room) -> None:
    alice, bob = await enter("alice", lang="en"), await enter("bob")
    await in_thread(invite)(club, "alice", "owner")
    assert await process.current().directory.settled()
    await ask_for_list(bob)

    await alice.say(type="member", room="club", id="bob", role="member")

    said = await alice.hear_of("notification", "error")
    while said["event" if "event" in said else "type"] == "join":
        said = await alice.hear_of("notification", "error")
    assert (
        said.items()
        >= {
            "message": "Bob is a member here now.",
            "room": "club",
            "id": "bob",
            "name": "Bob",
            "role": "member",
        }.items()
    )
    assert "club" in await list_of(bob)
    await alice.say(type="member", room="club", id="alice", role=None)
    assert await refused(alice) == "forbidden"  # the last one


async def test_a_membership_that_comes_while_somebody_comes_in_is_not_missed(
    enter: Any, club: Room
) -> None:
    """Again and again, at whatever moment: who asks for the list once they are in, has the room."""
    await enter("zoe")
    for number in range(12):
        id = f"guest-{number}"
        await in_thread(people.arrive)([Arrival(id, id.title(), Proof.TOKEN)])
        inviting = asyncio.create_task(in_thread(invite)(club, id))
        await asyncio.sleep(number / 1000)
        client = await enter(id, rooms={"lobby": {}})
        await inviting
        async with asyncio.timeout(5):
            while "club" not in await ask_for_list(client):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_a_room_that_closes_while_somebody_enters_it_keeps_nobody_in(enter: Any, lobby: Room) -> None:
    alice = await enter("alice")
    await alice.hear_of("history")
    for number in range(12):
        tea = await Room.objects.acreate(slug=f"tea-{number}", title="Tea")
        tea.mode = "members"
        closing = asyncio.create_task(in_thread(rooms.describe)(PROGRAM, tea))
        await asyncio.sleep(number / 1000)
        await alice.say(type="enter", room=tea.slug)
        await alice.hear_of("room", "error", "left")
        await closing
        assert await process.current().directory.settled()
        assert process.current().roster.online(tea.pk) == 0
        await alice.say(type="history", room=tea.slug)
        assert await refused(alice) == "not_found"


async def test_a_guest_who_belongs_to_nothing_costs_no_query_of_memberships(
    enter: Any, club: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who belongs to something is asked for; of the others it is known that they do not."""
    await in_thread(people.arrive)([Arrival("bob", "Bob", Proof.TOKEN)])
    await in_thread(invite)(club, "bob")
    asked: list[actors.Whose] = []
    read = actors.memberships

    def read_and_note(some: list[actors.Whose]) -> Any:
        asked.extend(some)
        return read(some)

    monkeypatch.setattr(actors, "memberships", read_and_note)

    for number in range(5):
        await enter(f"guest-{number}")
    assert asked == []
    await enter("bob")
    assert asked == [("bob", None)]


async def test_a_list_fits_into_a_frame_and_says_that_there_is_more(enter: Any, lobby: Room) -> None:
    await Room.objects.abulk_create(
        Room(slug=f"room-{number}", title="\N{GRINNING FACE}" * 100, topic="\N{GRINNING FACE}" * 200)
        for number in range(250)
    )
    alice = await enter("alice")
    await alice.say(type="rooms")

    heard = await alice.hear_of("rooms")

    assert heard["more"] is True
    assert heard["create"] is False
    assert 40 < len(heard["rooms"]) < 60
    assert len(json.dumps(heard, ensure_ascii=False).encode()) < 65536


async def test_memberships_go_with_their_group(enter: Any, club: Room) -> None:
    """By no service of the chat."""
    alice = await enter("alice")
    await in_thread(invite)(club, "alice")
    await alice.say(type="rooms")
    while "club" not in await list_of(alice):
        pass
    await alice.say(type="enter", room="club", watch=True)
    await alice.hear_of("room")

    await in_thread(lambda: Membership.objects.all().delete())()
    await alice.say(type="ping", n=1)
    await alice.hear_of("pong")  # rows that somebody has deleted by hand are no service either

    await in_thread(directory.move)()
    assert (await alice.hear_of("left"))["room"] == "club"


async def test_who_is_said_to_be_no_member_is_none_by_then(enter: Any, club: Room) -> None:
    alice, bob = await enter("alice"), await enter("bob")
    await in_thread(invite)(club, "alice", "owner")
    await in_thread(invite)(club, "bob")
    assert await process.current().directory.settled()
    await bob.say(type="enter", room="club")
    await bob.hear_of("room")
    await in_thread(directory.move)()  # what comes next is followed a little later

    await alice.say(type="member", room="club", id="bob", role=None)

    said = {"room": "club", "id": "bob", "role": "guest"}
    while not (await alice.hear_of("notification")).items() >= said.items():
        pass
    assert process.current().roster.role(club.pk, "bob") is None


async def test_who_comes_into_many_rooms_at_once_is_counted(
    enter: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by `enter`, but for the first; and not who was there a moment ago."""
    monkeypatch.setattr("chat.live.lease.GRACE", 5)
    settings.CHAT = {"CHANGES": "0.01/3"}
    slugs = [f"tea-{number}" for number in range(6)]
    await Room.objects.abulk_create(Room(slug=slug, title="Tea") for slug in slugs)
    wanted: dict[str, object] = {slug: {} for slug in slugs}

    alice = await enter("alice", rooms=wanted)

    heard = [await alice.hear_of("room", "error") for _ in slugs]
    assert [(one["type"], one["room"]) for one in heard] == [
        (("room" if number < 4 else "error"), slug) for number, slug in enumerate(slugs)
    ]
    assert {one.get("code") for one in heard[4:]} == {"rate_limited"}
    assert all(one["retry_after"] > 50 for one in heard[4:])
    await alice.socket.disconnect(code=1006)  # cut off
    again = await enter("alice", rooms={slug: {} for slug in slugs[:4]})
    assert [(await again.hear_of("room", "error"))["type"] for _ in range(4)] == ["room"] * 4


async def test_who_was_put_into_a_room_gets_out_of_it(enter: Any, club: Room) -> None:
    bob = await enter("bob", lang="en")
    await in_thread(invite)(club, "bob", "moderator")
    await bob.say(type="rooms")
    while "club" not in await list_of(bob):
        pass
    await bob.say(type="enter", room="club")
    await bob.hear_of("room")

    await bob.say(type="member", room="club", id="bob", role=None)

    assert (await bob.hear_of("left"))["room"] == "club"
    assert "club" not in await list_of(bob)
    while (said := await bob.hear_of("notification", "error")).get("event"):
        pass
    assert (said["message"], said["role"]) == ("Bob is no member here.", "guest")
    await bob.say(type="member", room="club", id="bob", role=None)
    assert await refused(bob) == "not_found"
