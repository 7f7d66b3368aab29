"""Forty ways to speak, edit, read or be shown as another, over two processes; all are refused.

A table of attempts is tried on each process of a site. The others are present on the first: users of the
site, a guest with a token, and one of the seed's dialect who has none. Whatever Mallory tries, Mallory is a
guest with an id of their own, and nothing of anybody else has changed.

Names that look like somebody's are tried in the corpus of names, and the ways into closed rooms by the test
that walks all commands as an outsider.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core import signing
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from chat.services import people
from harness.site import Site
from tests.databases import Database
from tests.serve.accounts import page, signed_in
from tests.serve.guests import Frame, hear, hear_all, hear_of, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack

#: Another site whose pages may open sockets here, as guests.
FRIEND = "https://friend.example"
#: Where the token of a person is made (services/people.py).
SALT = "chat.person"

CLOSED_ROOM = """
from chat.actors import PROGRAM
from chat.models import Message, Mode, Person, Room
from chat.services import people
room = Room.objects.create(slug="closed", title="Closed", mode=Mode.MEMBERS, version=1)
[erin] = people.arrive([people.Arrival("erin", "Erin", people.Proof.TOKEN)])
said = {"text": "a secret", "ref": "s1", "version": 1, "first_version": 1}
print(Message.objects.create(room=room, author=erin, name="Erin", **said).pk)
"""


@dataclass
class Cast:
    """Who is there, and what Mallory may have come by."""

    secret_key: str
    port: int
    #: The ids of people by their names, in small letters.
    ids: dict[str, str] = field(default_factory=dict)
    #: The tokens of guests.
    tokens: dict[str, str] = field(default_factory=dict)
    #: The session keys of users of the site.
    keys: dict[str, str] = field(default_factory=dict)
    #: What each has said.
    messages: dict[str, int] = field(default_factory=dict)

    @property
    def own_page(self) -> str:
        """The site whose pages may say by their cookie who they are."""
        return f"http://127.0.0.1:{self.port}"

    def forged(self, who: str, *, key: str | None = None, salt: str = SALT) -> str:
        """A token for somebody, as whoever knows this key would make it."""
        return signing.dumps(self.ids[who], key=key or self.secret_key, salt=salt)


class Coming(NamedTuple):
    """A way to come in as another."""

    how: str
    #: The address behind /ws/, the headers, and what is answered to `request_name`.
    id: Callable[[Cast], str] = lambda _cast: "mallory-{number}"
    headers: Callable[[Cast], list[tuple[str, str]]] = lambda _cast: []
    reply: Callable[[Cast], Frame] = lambda _cast: {}
    #: Whether there is not even a socket for it.
    is_turned_away: bool = False
    dialects: tuple[int | None, ...] = (2, None)


def cookie(of: str, *, origin: str | None = None) -> Callable[[Cast], list[tuple[str, str]]]:
    """The cookie of somebody, from a page of this origin, by default of this site."""
    return lambda cast: [
        ("Cookie", f"sessionid={cast.keys[of]}"),
        ("Origin", cast.own_page if origin is None else origin.format(port=cast.port)),
    ]


def token(make: Callable[[Cast], object]) -> Callable[[Cast], Frame]:
    return lambda cast: {"token": make(cast)}


def id_of(who: str) -> Callable[[Cast], str]:
    return lambda cast: cast.ids[who]


COMINGS = (
    Coming("under the id of a guest who is there", id=id_of("alice")),
    Coming("the same, with a slash behind it", id=lambda cast: f"{cast.ids['alice']}/"),
    Coming("under the id of a guest who has left", id=id_of("ghost")),
    # Without asking for a token, this is for the roster of all processes to refuse.
    Coming("under the id of a guest of the seed's page", id=id_of("vera"), dialects=(2,)),
    Coming("under the id of a user of the site", id=id_of("carol")),
    Coming("under the id of a moderator", id=id_of("mod")),
    Coming("under the id of a user who was never here", id=lambda _cast: f"u.{'0' * 32}"),
    Coming("the id of a user, written otherwise", id=lambda cast: cast.ids["carol"].replace("u.", "u%2E")),
    Coming("under the name of a user", id=lambda _cast: "carol"),
    Coming("with half a token", reply=token(lambda cast: cast.tokens["alice"][:-5])),
    Coming("with a token and something behind it", reply=token(lambda cast: cast.tokens["alice"] + "x")),
    Coming(
        "with a token whose signature is another's",
        reply=token(
            lambda c: f"{c.forged('alice').partition(':')[0]}:{c.tokens['ghost'].partition(':')[2]}"
        ),
    ),
    Coming("with a token of another site", reply=token(lambda cast: cast.forged("alice", key="another"))),
    Coming(
        "with a token for another purpose", reply=token(lambda cast: cast.forged("alice", salt="login"))
    ),
    Coming("with a token for a user of the site", reply=token(lambda cast: cast.forged("carol"))),
    Coming("with a token for a moderator", reply=token(lambda cast: cast.forged("mod")), id=id_of("mod")),
    Coming("with an id for a token", reply=token(lambda cast: cast.ids["alice"])),
    Coming("with a list for a token", reply=token(lambda cast: [cast.tokens["alice"]])),
    Coming("with an object for a token", reply=token(lambda cast: {"id": cast.ids["alice"]})),
    Coming("with a token of 30 KB", reply=token(lambda cast: cast.tokens["alice"] * 300)),
    Coming("with a session for a token", reply=token(lambda cast: cast.keys["carol"])),
    Coming(
        "by saying so",
        reply=lambda cast: {
            "id": cast.ids["carol"],
            "sender_id": cast.ids["carol"],
            "client_id": cast.ids["carol"],
            "user": True,
            "role": "moderator",
            "is_staff": True,
            "session": cast.keys["carol"],
        },
    ),
    Coming("with a cookie, as a program", headers=lambda c: [("Cookie", f"sessionid={c.keys['carol']}")]),
    Coming("with a cookie, from a page of a friend", headers=cookie("carol", origin=FRIEND)),
    *(
        Coming(
            f"with a cookie, from a page of {origin}",
            headers=cookie("carol", origin=origin),
            is_turned_away=True,
        )
        for origin in (
            "https://evil.example",
            "null",
            "",
            "https://127.0.0.1:{port}",
            "http://localhost:{port}",
            "http://127.0.0.1:1",
            "http://carol@127.0.0.1:{port}",
            "http://127.0.0.1:{port}/",
            "http://127.0.0.1:{port}.evil.example",
        )
    ),
    Coming(
        "with a cookie, from two pages at once",
        headers=lambda cast: [*cookie("carol")(cast), ("Origin", FRIEND)],
        is_turned_away=True,
    ),
    Coming("with the session of who has signed out", headers=cookie("left")),
    Coming("with the session of who was shut out", headers=cookie("fired")),
    Coming(
        "with a session that is nearly one",
        headers=lambda c: [("Cookie", f"sessionid={c.keys['carol'][:-1]}~"), ("Origin", c.own_page)],
    ),
    Coming(
        "with a session under another name",
        headers=lambda c: [
            ("Cookie", f"csrftoken={c.keys['carol']}; SESSIONID={c.keys['carol']}"),
            ("Origin", c.own_page),
        ],
    ),
    Coming(
        "by the headers of a proxy",
        headers=lambda c: [
            ("Origin", c.own_page),
            *(("Remote-User", "carol"), ("X-Forwarded-User", "carol"), ("X-Remote-User", "carol")),
            ("Authorization", "Basic Y2Fyb2w6Y2Fyb2w="),
        ],
    ),
)


class Asking(NamedTuple):
    """A way to change or to read, once one is there as a guest, what is another's."""

    how: str
    #: What is asked, without its ref.
    frame: Callable[[Cast], Frame]
    #: The code with which it is refused; or None where it is done, and is Mallory's own.
    code: str | None


def on(kind: str, whose: str, **more: object) -> Callable[[Cast], Frame]:
    return lambda cast: {"type": kind, "id": cast.messages[whose], "message": "mallory was here", **more}


ASKINGS = (
    *(
        Asking(f"{kind} what {whose} has said", on(kind, whose, **more), code)
        for whose, code in (
            *(("alice", "forbidden"), ("vera", "forbidden"), ("carol", "forbidden"), ("mod", "forbidden")),
            ("secret", "not_found"),
        )
        for kind, more in (
            ("edit", {}),
            ("delete", {}),
            ("delete", {"role": "moderator", "sender": "Mod", "as": "mod", "actor": "mod"}),
        )
    ),
    Asking(
        "edit it as its author",
        lambda cast: {**on("edit", "alice")(cast), "sender_id": cast.ids["alice"], "author": "alice"},
        "forbidden",
    ),
    Asking("react to what one may not read", on("react", "secret", emoji="👍", on=True), "not_found"),
    Asking("answer what one may not read", lambda c: _said(reply_to=c.messages["secret"]), "not_found"),
    Asking("speak where one may not", lambda _cast: _said(room="closed"), "not_found"),
    Asking("enter where one may not", lambda _cast: {"type": "enter", "room": "closed"}, "not_found"),
    Asking(
        "enter with a cursor",
        lambda _cast: {"type": "enter", "room": "closed", "after": 0, "epoch": "x", "watch": True},
        "not_found",
    ),
    Asking("read where one may not", lambda _cast: {"type": "history", "room": "closed"}, "not_found"),
    Asking("take off another's reaction", on("react", "carol", emoji="❤️", on=False), None),
    Asking(
        "react as another",
        lambda cast: {**on("react", "mod", emoji="👍", on=True)(cast), "sender_id": cast.ids["alice"]},
        None,
    ),
    Asking(
        "speak as another",
        lambda cast: _said(sender="Carol", sender_id=cast.ids["carol"], role="moderator", name="Carol"),
        None,
    ),
    Asking(
        "introduce oneself once more", lambda c: {"type": "x", "token": c.tokens["alice"]}, "unknown_type"
    ),
)


def _said(**more: object) -> Frame:
    return {"type": "message", "message": "mallory was here", **more}


# The site, and who is there


@pytest.mark.timeout(180)
async def test_nobody_is_anybody_else(tmp_path: Path, stack: Stack) -> None:
    first = site_in(
        tmp_path,
        stack,
        **stack.processes(tmp_path),
        ALLOWED_ORIGINS=FRIEND,
        CHAT_LIMITS="0",
    )
    second = Site(tmp_path, **first.environment)
    second.log = tmp_path / "second.log"
    cast = Cast(first.environment["SECRET_KEY"], first.port)
    keys = signed_in(first, "Carol", "Mod", "Left", "Fired")
    cast.keys = {name.lower(): key for name, key in keys.items()}
    cast.messages["secret"] = int(
        (await asyncio.to_thread(first.manage, "shell", "-v", "0", "-c", CLOSED_ROOM)).split()[-1]
    )
    failed: dict[str, str] = {}
    with ExitStack() as served:
        for site in (first, second):
            served.enter_context(site.served_by("serve"))
        async with everybody(first, cast) as present:
            before = kept(first, cast)
            for number, site in enumerate((first, second)):
                cast.port = site.port
                for which, coming in enumerate(COMINGS):
                    for v in coming.dialects:
                        name = f"{coming.how}, v{v or 1}, process {number + 1}"
                        if why := await try_to_come(site, cast, coming, v, f"{number}{which}{v}"):
                            failed[name] = why
                for how, why in (await try_to_ask(site, cast, f"mallory-asks-{number}")).items():
                    failed[f"{how}, process {number + 1}"] = why
            assert failed == {}
            assert kept(first, cast) == before
            await still_speak(present)

    with Database.of(first) as database:
        said = database.execute(
            "SELECT author_id, role FROM chat_message WHERE text LIKE 'mallory was here%%'"
        )
    assert len(said) > 2 * sum(not coming.is_turned_away for coming in COMINGS)
    assert not {author for author, _role in said} & set(cast.ids.values())
    assert {role for _author, role in said} == {"guest"}
    assert len(COMINGS) + len(ASKINGS) >= 40
    assert_is_well(first)
    assert_is_well(second)


@asynccontextmanager
async def everybody(site: Site, cast: Cast) -> AsyncIterator[dict[str, ClientConnection]]:
    """The others are there, and each has said something; some are not there any more."""
    async with AsyncExitStack() as here:
        present = {}
        for name in ("carol", "mod"):
            present[name] = await here.enter_async_context(page(site, cast.keys[name], id=f"{name}-tab"))
        for name in ("alice", "ghost", "vera"):
            present[name] = await here.enter_async_context(connect(site.socket(f"{name}-id")))
        for name, client in present.items():
            assert (await hear(client))["type"] == "request_name"
            await say(client, name=name.capitalize(), v=1 if name == "vera" else 2)
            joined = await hear_until_in(client, cast, name)
            cast.ids[name] = joined["id"]
            await say(client, type="message", message=f"I am {name}", ref="1")
            said = await hear_of(client, type="message", sender_id=joined["id"])
            cast.messages[name] = said["id"]
        await say(present["alice"], type="react", id=cast.messages["carol"], emoji="❤️", on=True, ref="2")
        await hear_of(present["alice"], type="ack", ref="2")
        await present.pop("ghost").close()
        with Database.of(site) as database:
            database.execute("DELETE FROM django_session WHERE session_key = %s", cast.keys["left"])
            database.execute("UPDATE auth_user SET is_active = %s WHERE username = 'fired'", False)
        yield present


async def hear_until_in(client: ClientConnection, cast: Cast, name: str) -> Frame:
    """The notice of one's own coming; a token is kept."""
    while True:
        for frame in await hear_all(client):
            if frame["type"] == "welcome":
                cast.tokens[name] = frame["token"]
            if frame.get("event") == "join" and frame["name"] == name.capitalize():
                return frame


def kept(site: Site, cast: Cast) -> list[tuple[Any, ...]]:
    """What the others are and have said, as the database has it."""
    with Database.of(site) as database:
        rows = database.execute("SELECT id, name, user_id, is_owned FROM chat_person ORDER BY id")
        messages = database.execute(
            "SELECT id, author_id, name, role, text, edited_at, deleted_at FROM chat_message ORDER BY id"
        )
    ids, said = {*cast.ids.values(), "erin"}, set(cast.messages.values())
    return [row for row in rows if row[0] in ids] + [row for row in messages if row[0] in said]


async def still_speak(present: dict[str, ClientConnection]) -> None:
    """Nobody was sent away."""
    for name, client in present.items():
        await say(client, type="message", message=f"I am still {name}", ref="still")
        heard = await hear_of(client, type="message", message=f"I am still {name}")
        assert heard["sender"] == name.capitalize()


# Mallory


async def try_to_come(site: Site, cast: Cast, coming: Coming, v: int | None, number: str) -> str:
    """Come in this way and say something: what is wrong with how that went, if anything."""
    address = site.socket(coming.id(cast).format(number=number))
    try:
        async with connect(address, additional_headers=coming.headers(cast)) as mallory:
            asked = await hear(mallory)
            await say(mallory, name="Mallory", **{"v": v, **coming.reply(cast)})
            await say(mallory, type="message", message=f"mallory was here {number}", ref=f"m-{number}")
            heard: list[Frame] = []
            while not any(frame.get("message") == f"mallory was here {number}" for frame in heard):
                heard += await hear_all(mallory)
    except TimeoutError:
        return "was not heard"
    except InvalidStatus as error:
        status = error.response.status_code
        return "" if coming.is_turned_away and status in (400, 403) else f"no socket: {status}"
    if coming.is_turned_away:
        return "there was a socket"
    own = ("welcome", "message")
    told = [frame for frame in heard if frame["type"] in own or frame.get("event") == "join"]
    ids = {frame.get("sender_id") or frame["id"] for frame in told}
    names = {frame.get("sender") or frame["name"] for frame in told}
    roles = {frame["role"] for frame in told if "role" in frame}
    if ids & set(cast.ids.values()) or len(ids) != 1 or any(map(people.is_of_user, ids)):
        return f"was {ids}"
    if "user" in asked or not all(name.startswith("Mallory") for name in names) or roles != {"guest"}:
        return f"was {names}, {roles}, {asked}"
    return ""


async def try_to_ask(site: Site, cast: Cast, id: str) -> dict[str, str]:
    """Ask for what is another's, as a guest with a token: what was not refused, and how."""
    failed = {}
    async with connect(site.socket(id)) as mallory:
        await hear(mallory)
        await say(mallory, name="Mallory", v=2)
        own = (await hear_of(mallory, type="welcome"))["id"]
        await hear_of(mallory, type="history")
        for number, asking in enumerate(ASKINGS):
            frame = {**asking.frame(cast), "ref": f"ask-{number}"}
            await say(mallory, **frame)
            answer = await answer_to(mallory, frame["ref"], frame["type"])
            if answer.get("code") != asking.code:
                failed[f"{number} {asking.how}"] = json.dumps(answer)
        failed |= await look_for_secrets(mallory, cast)
        reactions = await reactions_now(mallory, cast)
    # The heart is Alice's still, and the thumb is Mallory's own.
    if reactions["carol"] != {"❤️": [cast.ids["alice"]]} or own not in reactions["mod"]["👍"]:
        failed["reactions"] = json.dumps(reactions)
    if set(reactions["mod"]["👍"]) & set(cast.ids.values()):
        failed["reactions of another"] = json.dumps(reactions)
    return failed


async def answer_to(client: ClientConnection, ref: str, kind: str) -> Frame:
    """What is said to this command: an ack, or an error, which has no ref where the command has none."""
    while True:
        for frame in await hear_all(client):
            if frame.get("ref") == ref and frame["type"] in ("ack", "error"):
                return frame
            if kind in ("enter", "history", "x") and frame["type"] in ("error", "room", "history"):
                return frame


async def look_for_secrets(client: ClientConnection, cast: Cast) -> dict[str, str]:
    """Read the lobby around what was said elsewhere."""
    found = {}
    for where in ("around", "before", "after"):
        await say(client, type="history", room="lobby", **{where: cast.messages["secret"]})
        page = json.dumps(await hear_of(client, type="history"))
        if "a secret" in page or "closed" in page:
            found[f"history {where}"] = page
    return found


async def reactions_now(client: ClientConnection, cast: Cast) -> dict[str, dict[str, list[str]]]:
    """The reactions to what Carol and the moderator have said, as everybody reads them."""
    await say(client, type="history", room="lobby", around=cast.messages["carol"])
    messages = (await hear_of(client, type="history"))["messages"]
    by_id = {message["id"]: message.get("reactions", {}) for message in messages}
    return {name: by_id[cast.messages[name]] for name in ("carol", "mod")}
