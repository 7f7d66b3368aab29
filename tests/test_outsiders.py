"""An outsider learns nothing of a closed room, not even that it is there.

Every address of the site and every command is tried by everybody who does not belong to the room: once with
what names it, and once with what names nothing. Both have to be answered in the same way.
"""

import copy
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, fields
from itertools import count, product
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from chat.actors import PROGRAM, guest
from chat.core.protocol import (
    Announce,
    AnyCommand,
    CreateRoom,
    Decide,
    DeleteMessage,
    EditMessage,
    EnterRoom,
    ImposeSanction,
    LeaveRoom,
    LiftSanction,
    ListMembers,
    ListQueue,
    ListRooms,
    MarkRead,
    OpenDirect,
    Pin,
    Ping,
    PostMessage,
    Purge,
    React,
    ReadHistory,
    Rename,
    ReportMessage,
    RestoreMessage,
    RunRoom,
    Search,
    SetMember,
    Type,
    Warn,
)
from chat.models import (
    FilterRule,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Person,
    Report,
    Room,
    Sanction,
)
from chat.services import filters, members, messages, moderation, people, reports, rooms
from chat.services.commands import RULES
from chat.services.people import Arrival, Proof
from chatproject.asgi import application
from tests.communicator import Communicator


@dataclass(frozen=True)
class Names:
    """What may name a room, and what is in it."""

    slug: str
    room: int
    message: int
    person: str
    epoch: str
    held: int = 0
    report: int = 0
    sanction: int = 0
    filter: int = 0
    act: int = 0


#: What nobody outside has to hear of the room. Its address they may have from somebody, and say themselves.
SECRETS = ("Cobalt", "Teapots", "ultramarine", "Margarethe", "vermilion")


@pytest.fixture
def closed(lobby: Room) -> Names:
    """A closed room in which somebody has said something."""
    room = Room.objects.create(
        id=10_000_000, slug="teapot-club", title="Cobalt", topic="Teapots", mode="members"
    )
    [margarethe] = people.arrive([Arrival("margarethe-77", "Margarethe", Proof.TOKEN)])
    assert margarethe
    members.set_role(PROGRAM, room.slug, margarethe.pk, "owner")
    member = guest(margarethe, frozenset({(room.pk, "owner")}))
    said = messages.post(member, room, "ultramarine")
    # A small number would be met in many a page, and in utf-8.
    key = said.pk + 20_000_000
    Message.objects.filter(pk=said.pk).update(id=key)
    waiting = HeldMessage.objects.create(room=room, author=margarethe, name="Margarethe", text="vermilion")
    other = guest(Person.objects.create(id="hortense", is_owned=True), frozenset({(room.pk, "member")}))
    report = reports.report(other, Message.objects.get(pk=key), "ultramarine")
    sanction = moderation.sanction(PROGRAM, margarethe, "mute", room, reason="vermilion")
    rule = filters.keep(PROGRAM, FilterRule(room=room, kind="word", value="vermilion"))
    act = ModerationAct.objects.latest("pk")
    of_moderators = (waiting.pk, report.pk, sanction.pk, rule.pk, act.pk)
    return Names(room.slug, room.pk, key, margarethe.pk, room.epoch, *of_moderators)


@pytest.fixture
def nothing(closed: Names) -> Names:
    """What looks the same and names nothing."""
    rows = (closed.held, closed.report, closed.sanction, closed.filter, closed.act)
    return Names(
        *("teapot-clab", closed.room + 1000, closed.message + 1, "margarethe-78", "0" * 32),
        *(row + 1000 for row in rows),
    )


# Over HTTP

#: Who may be somebody else to the pages of the admin: it asks all others to sign in before it looks.
KNOWN_TO_ADMIN = ("visitor", "moderator", "staff")
#: The tables of the chat in the admin.
TABLES = (
    *("room", "person", "message"),
    *("heldmessage", "report", "sanction", "filterrule", "moderationact"),
)
#: What each address is filled with, by what it is called there. An address that is not here is a new one:
#: say what it is to be tried with.
ADDRESSES: dict[str, Callable[[Names], dict[str, object]]] = {
    "": lambda names: {},
    "later/": lambda names: {},
    "manifest.webmanifest": lambda names: {},
    "plain/": lambda names: {},
    "r/<slug:slug>/plain/": lambda names: {"slug": names.slug},
    "moderation/": lambda names: {},
    "r/<slug:slug>/": lambda names: {"slug": names.slug},
    "i18n/setlang/": lambda names: {},
    "accounts/login/": lambda names: {},
    "accounts/logout/": lambda names: {},
    "admin/": lambda names: {},
    "admin/login/": lambda names: {},
    "admin/logout/": lambda names: {},
    "admin/password_change/": lambda names: {},
    "admin/password_change/done/": lambda names: {},
    "admin/autocomplete/": lambda names: {},
    "admin/jsi18n/": lambda names: {},
    "admin/r/<path:content_type_id>/<path:object_id>/": lambda names: {
        "content_type_id": 1,
        "object_id": names.room,
    },
    "admin/^(?P<app_label>chat|auth)/$": lambda names: {"app_label": "chat"},
    "admin/(?P<url>.*)$": lambda names: {"url": f"chat/room/{names.room}"},
    "admin/auth/user/<id>/password/": lambda names: {"id": 1000},
    **{f"admin/{table}/": lambda names: {} for table in ("auth/user", "auth/group")},
    **{f"admin/{table}/add/": lambda names: {} for table in ("auth/user", "auth/group")},
    **{f"admin/chat/{table}/{page}": lambda names: {} for table in TABLES for page in ("", "add/")},
    "admin/chat/moderationact/export/": lambda names: {},
    **{
        f"admin/chat/{table}/<{key}:key>/{act}/": of
        for table, key, of, acts in (
            ("room", "int", lambda names: {"key": names.room}, ("act", "export", "live")),
            ("person", "path", lambda names: {"key": names.person}, ("act", "erase", "export")),
            ("message", "int", lambda names: {"key": names.message}, ("act",)),
            ("heldmessage", "int", lambda names: {"key": names.held}, ("decide",)),
            ("report", "int", lambda names: {"key": names.report}, ("decide",)),
            ("sanction", "int", lambda names: {"key": names.sanction}, ("lift",)),
        )
        for act in acts
    },
    **{
        f"admin/{table}/<path:object_id>/{page}": key
        for page in ("", "change/", "delete/", "history/")
        for table, key in {
            "auth/user": lambda names: {"object_id": 1000},
            "auth/group": lambda names: {"object_id": 1000},
            "chat/room": lambda names: {"object_id": names.room},
            "chat/person": lambda names: {"object_id": names.person},
            "chat/message": lambda names: {"object_id": names.message},
            "chat/heldmessage": lambda names: {"object_id": names.held},
            "chat/report": lambda names: {"object_id": names.report},
            "chat/sanction": lambda names: {"object_id": names.sanction},
            "chat/filterrule": lambda names: {"object_id": names.filter},
            "chat/moderationact": lambda names: {"object_id": names.act},
        }.items()
    },
}


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    """Every address of the site, as it is declared."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, route)
        else:
            assert isinstance(one, URLPattern)
            yield route


def filled(route: str, names: Names) -> str:
    """An address with what names something in its places."""
    values = ADDRESSES[route](names)
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^", "").replace("$", "")
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: str(values[str(place[1])]), path)


def test_every_address_and_every_command_is_tried() -> None:
    assert set(routes()) == set(ADDRESSES)
    assert set(RULES) == set(COMMANDS)


@pytest.mark.timeout(180)  # two thousand requests
def test_over_http_it_is_as_if_the_room_were_not_there(closed: Names, nothing: Names) -> None:
    told = []

    for (name, user), route, method in product(readers(closed).items(), ADDRESSES, ("get", "post")):
        if route.startswith("admin/chat/") and name not in KNOWN_TO_ADMIN:
            continue
        known = answer(user, method, route, closed, nothing)
        unknown = answer(user, method, route, nothing, nothing)
        said = json.dumps(known, default=str)
        if known != unknown or any(secret in said for secret in SECRETS):
            told.append((name, method, route, known, unknown))

    assert told == []


def readers(closed: Names) -> dict[str, Client]:
    """The browsers of those who ask over HTTP and do not belong to the room."""
    other = Room.objects.create(slug="other", title="Other", mode="members")
    found = {"visitor": Client()}
    for name, role, is_staff in (
        ("user", None, False),
        ("member", "member", False),
        ("moderator", "moderator", False),
        ("former", "former", False),
        ("staff", None, True),
    ):
        user = User.objects.create_user(name, is_staff=is_staff)
        if role == "former":
            row = Membership(room_id=closed.room, user=user)
            members.keep(PROGRAM, row)
            members.remove(PROGRAM, row.room, [row])
        elif role is not None:
            members.keep(PROGRAM, Membership(room=other, user=user, role=role))
        found[name] = Client()
        found[name].force_login(user)
    return found


def answer(browser: Client, method: str, route: str, names: Names, shown: Names) -> Any:
    """What is answered, with what names something there as if it were `shown`; and what it cost.

    Nothing is kept of it, on either side: whoever is signed out by it is so no longer.
    """
    client = Client()
    client.cookies = copy.deepcopy(browser.cookies)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        found = getattr(client, method)(filled(route, names), headers={"accept-language": "en"})
        transaction.set_rollback(True)
    body = b"".join(found.streaming_content) if found.streaming else found.content
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body.decode())
    del found["Expires"]  # the time of the day
    known, unknown = ADDRESSES[route](names).values(), ADDRESSES[route](shown).values()
    texts = [*map(str, found.headers.items()), page]
    for value, other in zip(known, unknown, strict=True):
        texts = [re.sub(rf"\b{re.escape(str(value))}\b", str(other), text) for text in texts]
    return found.status_code, texts, len(queries)


def test_a_room_of_one_s_own_is_a_page_that_is_kept_nowhere(closed: Names) -> None:
    """And so what outsiders are compared with is not the same for everybody."""
    client = Client()
    user = User.objects.create_user("carol")
    members.keep(PROGRAM, Membership(room_id=closed.room, user=user))
    assert client.get("/r/teapot-club/").status_code == 404
    client.force_login(user)

    page = client.get("/r/teapot-club/")

    assert page.status_code == 200
    assert "Cobalt" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert "X-Robots-Tag" not in client.get("/r/lobby/")


def test_the_page_of_a_room_that_is_not_there_lets_the_socket_decide(closed: Names) -> None:
    """A guest who belongs to the room is known by nothing that a browser sends over HTTP."""
    pages = {slug: Client().get(f"/r/{slug}/") for slug in (closed.slug, "never-made")}

    for slug, page in pages.items():
        assert page.status_code == 404
        assert f'data-room="{slug}"' in page.content.decode()
        assert "no-store" in page["Cache-Control"]
        assert "noindex" in page["X-Robots-Tag"]
    assert (
        "data-room" not in Client().get(f"/r/{'x' * 65}/").content.decode()
    )  # no room has such an address


def test_the_lobby_of_a_closed_site_tells_nothing(lobby: Room) -> None:
    lobby.title, lobby.mode = "Cobalt", "members"
    rooms.describe(PROGRAM, lobby)

    page = Client().get("/")

    assert page.status_code == 200
    assert "Cobalt" not in page.content.decode()
    assert Client().get("/r/lobby/").status_code == 404


# Over a socket

#: What each command is tried with: one with every key, whatever may name something.
COMMANDS: dict[type[AnyCommand], Callable[[Names], list[AnyCommand]]] = {
    PostMessage: lambda names: [
        PostMessage("hi", room=names.slug, ref=ref()),
        PostMessage("hi", room="lobby", ref=ref(), reply_to=names.message),
    ],
    EditMessage: lambda names: [EditMessage(names.message, "ho", ref())],
    DeleteMessage: lambda names: [DeleteMessage(names.message, ref())],
    React: lambda names: [React(names.message, "👍", True), React(names.message, "👍", False, ref())],
    ReadHistory: lambda names: [
        ReadHistory(names.slug),
        ReadHistory(names.slug, around=names.message),
        ReadHistory("lobby", around=names.message),
        ReadHistory("lobby", before=names.message + 1),
        ReadHistory("lobby", after=names.message - 1),
    ],
    Search: lambda names: [
        Search("tea", names.slug),
        Search("tea", names.slug, before=names.message + 1),
    ],
    EnterRoom: lambda names: [
        EnterRoom(names.slug),
        EnterRoom(names.slug, watch=True),
        EnterRoom(names.slug, after=0, epoch=names.epoch),
        EnterRoom("lobby", after=0, epoch=names.epoch),
    ],
    LeaveRoom: lambda names: [LeaveRoom(names.slug)],
    Rename: lambda names: [Rename("Mallory")],
    Type: lambda names: [Type(names.slug)],
    MarkRead: lambda names: [MarkRead(names.slug, names.message), MarkRead("lobby", names.message)],
    ListMembers: lambda names: [ListMembers(names.slug), ListMembers(names.slug, after=names.person)],
    # Before the list is asked for, which tells of what was made.
    CreateRoom: lambda names: [CreateRoom(names.slug, names.slug, "members")],
    ListRooms: lambda names: [ListRooms()],
    OpenDirect: lambda names: [OpenDirect(names.person)],
    SetMember: lambda names: [
        SetMember(names.slug, names.person, "member"),
        SetMember(names.slug, "mallory", "owner"),
        SetMember(names.slug, names.person, None),
        SetMember("other", names.slug, None),
    ],
    RestoreMessage: lambda names: [RestoreMessage(names.message, ref())],
    ImposeSanction: lambda names: [
        ImposeSanction("mute", names.person, ref(), names.slug),
        ImposeSanction("ban", "mallory", ref(), names.slug, 1),
        ImposeSanction("mute", names.slug, ref(), "other"),
        ImposeSanction("kick", names.slug, ref()),
    ],
    LiftSanction: lambda names: [
        LiftSanction("mute", names.person, ref(), names.slug),
        LiftSanction("ban", names.slug, ref()),
    ],
    Warn: lambda names: [Warn(names.person, ref(), "well", names.slug), Warn(names.slug, ref(), "well")],
    Purge: lambda names: [Purge(names.person, ref(), None, names.slug), Purge(names.slug, ref())],
    RunRoom: lambda names: [RunRoom(names.slug, ref(), topic="x"), RunRoom(names.slug, ref(), slow=9)],
    Pin: lambda names: [Pin(names.slug, None, ref()), Pin("other", names.message, ref())],
    Announce: lambda names: [Announce(names.slug, "hi", ref())],
    ReportMessage: lambda names: [ReportMessage(names.message, ref())],
    ListQueue: lambda names: [ListQueue()],
    Decide: lambda names: [
        Decide("report", names.message, True, ref()),
        Decide("held", names.held, True, ref()),
        Decide("held", names.held, False, ref()),
    ],
    Ping: lambda names: [Ping(1)],
}

_refs = count()


def ref() -> str:
    return str(next(_refs))


class Outsider:
    """A connection, and all that it has ever heard."""

    def __init__(self, id: str, **headers: bytes) -> None:
        self.heard: list[str] = []
        given = [(name.encode(), value) for name, value in headers.items()]
        self._socket = Communicator(application, f"/ws/{id}", headers=given)

    async def come_in(self, **reply: object) -> None:
        await self._socket.connect()
        await self._hear()
        await self._socket.send_json_to({"name": "Mallory", "v": 2, "lang": "en", **reply})

    async def say(self, frame: object) -> None:
        await self._socket.send_json_to(frame)

    async def hear_up_to(self, n: int) -> list[str]:
        """All that is heard until everything said so far is answered, in order."""
        last = {"type": "delete", "id": 2**50, "ref": f"last-{n}"}  # after whatever waits for the writer
        await self.say(last)
        frames: list[Any] = []
        while not frames or frames[-1].get("ref") != last["ref"]:
            frames += await self._hear()
        return [json.dumps(frame) for frame in frames[:-1]]

    async def hear_of_coming(self) -> None:
        """In v1 all that is heard until one is in the lobby."""
        while not any(frame["type"] == "notification" for frame in await self._hear()):
            pass

    async def read_lobby(self) -> None:
        """From now on their marker there stands where it is, whatever they say of it."""
        await self.say({"type": "read", "room": Room.LOBBY, "id": 0})
        while not any(frame["type"] == "read" for frame in await self._hear()):
            pass

    async def _hear(self) -> list[Any]:
        text = str(await self._socket.receive_from())
        self.heard.append(text)
        frames = json.loads(text)
        return frames if isinstance(frames, list) else [frames]

    async def leave(self) -> None:
        while not await self._socket.receive_nothing(0.1):
            message = await self._socket.receive_output()
            self.heard.append(message.get("text", ""))
        await self._socket.disconnect()


def _former(names: Names, person: str) -> None:
    members.set_role(PROGRAM, names.slug, person, "moderator")
    members.set_role(PROGRAM, names.slug, person, None)


def _of_other(role: str) -> Callable[[Names, str], object]:
    return lambda names, person: members.set_role(PROGRAM, "other", person, role)


#: Who tries: what they are, by what makes them so.
OUTSIDERS: dict[str, Callable[[Names, str], object]] = {
    "guest": lambda names, person: None,
    "member of another room": _of_other("member"),
    "owner of another room": _of_other("owner"),
    "former moderator": _former,
}


@pytest_asyncio.fixture(params=[*OUTSIDERS, "user of the site", "reader"])
async def mallory(request: Any, closed: Names, settings: Any) -> AsyncIterator[Outsider]:
    settings.CHAT = {**settings.CHAT, "LIMITS": False, "ROOMS_BY": "users"}
    outsider, reply = await sync_to_async(_made)(request.param, closed)
    await outsider.come_in(**reply)
    await outsider.hear_up_to(0)
    if request.param != "reader":  # of whom nothing is noted
        await outsider.read_lobby()
    yield outsider
    await outsider.leave()


def _made(name: str, closed: Names) -> tuple[Outsider, dict[str, object]]:
    Room.objects.create(slug="other", title="Other", mode="members")
    if name == "user of the site":
        client = Client()
        client.force_login(User.objects.create_user("mallory"))
        cookie = "; ".join(f"{key}={value.value}" for key, value in client.cookies.items())
        headers = {"origin": b"http://localhost", "host": b"localhost", "cookie": cookie.encode()}
        return Outsider("mallory", **headers), {}
    if name == "reader":
        return Outsider("mallory"), {"reader": True}
    people.arrive([Arrival("mallory", "Mallory", Proof.TOKEN)])
    OUTSIDERS[name](closed, "mallory")
    return Outsider("mallory"), {"token": people.token("mallory")}


async def test_over_a_socket_it_is_as_if_the_room_were_not_there(
    mallory: Outsider, closed: Names, nothing: Names
) -> None:
    before = await sync_to_async(_state)(closed)
    for make in COMMANDS.values():
        tried = list(zip(make(closed), make(nothing), strict=True))
        for number, (known, unknown) in enumerate(tried, 1):
            answers = []
            for command in (known, unknown):
                await mallory.say(_frame(command))
                heard = await mallory.hear_up_to(number)
                answers.append([_normal(frame, closed, nothing) for frame in heard])
            assert answers[0] == answers[1], known
    assert await sync_to_async(_state)(closed) == before

    # And whatever happens there is told to nobody of them.
    await sync_to_async(_live_on)(closed)
    await mallory.hear_up_to(99)
    said = "\n".join(mallory.heard)
    assert not [secret for secret in SECRETS if secret in said]
    assert closed.epoch not in said
    # What they have made or named themselves.
    slug = closed.slug
    of_their_own = rf'{slug}-[0-9a-f]{{10}}|"(title|topic)":"{slug}"|"command":"\w+","room":"{slug}"'
    assert closed.slug not in re.sub(of_their_own, "", said)


def _frame(command: AnyCommand) -> dict[str, Any]:
    return dict(msgspec.to_builtins(command))


def _normal(frame: str, names: Names, shown: Names) -> str:
    """A frame without what differs each time: the numbers, addresses and moments that were made for it."""
    of_each = r'"(id|version|ref|sent_at|at|epoch|follows)": ("[^"]*"|\d+)|-[0-9a-f]{10}(?=")'
    frame = re.sub(of_each, "", frame)
    frame = re.sub(r'("token": "[^":]*):[^"]*"', r'\1"', frame)  # whose it is, without the moment
    for field in fields(Names):
        frame = re.sub(rf"\b{getattr(names, field.name)}\b", str(getattr(shown, field.name)), frame)
    return frame


def _state(closed: Names) -> Any:
    room = Room.objects.get(pk=closed.room)
    rows = Membership.objects.filter(room=room).values_list("person", "role")
    said = Message.objects.filter(room=room).values_list("text", "reactions", "deleted_at")
    waiting = [*Report.objects.values_list("state"), *HeldMessage.objects.values_list("is_refused")]
    sanctioned = Sanction.objects.filter(room=room).count()
    return room.version, room.title, list(rows), list(said), waiting, sanctioned


def _live_on(closed: Names) -> None:
    """Something of each kind happens in the closed room."""
    room = Room.objects.get(pk=closed.room)
    [margarethe] = people.arrive([Arrival("margarethe-77", "Margarethe", Proof.TOKEN)])
    assert margarethe
    messages.post(guest(margarethe, frozenset({(room.pk, "owner")})), room, "vermilion")
    room.title = "Cobalt vermilion"
    rooms.describe(PROGRAM, room)
    members.set_role(PROGRAM, room.slug, margarethe.pk, "moderator")
    rooms.begin_anew(PROGRAM, room.slug)


@pytest.mark.parametrize("version", [1, 2])
async def test_nobody_comes_in_through_the_door_either(closed: Names, nothing: Names, version: int) -> None:
    heard = []
    for names in (closed, nothing):
        outsider = Outsider(f"guest-{names.slug}"[:20])
        wanted = {names.slug: {"after": 0, "epoch": names.epoch}, "lobby": {}}
        await outsider.come_in(v=version, name="Mallory", rooms=wanted)
        if version == 2:
            await outsider.hear_up_to(1)
        else:
            await outsider.hear_of_coming()
        await outsider.leave()
        text = "\n".join(outsider.heard)
        assert not [secret for secret in SECRETS if secret in text]
        heard.append(len(text))
    assert abs(heard[0] - heard[1]) < 30  # a token is now and then a letter longer
