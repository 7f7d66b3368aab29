"""Who may do what as a moderator, by whatever face: done where access says so, else nothing changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import transaction
from django.test import Client as Browser

from chat import access, actors
from chat.access import Act
from chat.actors import PROGRAM, Actor
from chat.core.errors import ChatError
from chat.live import process
from chat.models import (
    Directory,
    Message,
    ModerationAct,
    Notice,
    Person,
    ProcessedCommand,
    Room,
    Sanction,
)
from chat.services import members, messages, moderation, people, users
from tests.conftest import arrive
from tests.people import person_of
from tests.test_consumers_v2 import Client

in_thread = sync_to_async


@dataclass(frozen=True)
class Stage:
    """A room, somebody who misbehaves there, what they have said, and what of it is deleted already."""

    room: Room
    mallory: Person
    said: Message
    gone: Message


@dataclass(frozen=True)
class Deed:
    """What moderators do: the right it takes, and how a program, a socket and a terminal ask for it."""

    right: Act
    kind: str
    call: Callable[[Actor, Stage, Room | None], object]
    frame: Callable[[Stage], dict[str, Any]]
    words: Callable[[Stage], list[Any]]
    #: What has to be so before.
    before: Callable[[Stage, Room | None], object] = lambda on, room: None
    is_of_site: bool = False

    def room(self, on: Stage) -> Room | None:
        return None if self.is_of_site else on.room

    def is_for(self, actor: Actor, on: Stage) -> bool:
        return access.may(actor, self.right, self.room(on))


def of_person(kind: str, right: Act, /, **frame: Any) -> Deed:
    """One that is done to Mallory."""
    is_lifted, of = kind.startswith("un"), kind.removeprefix("un")

    def call(actor: Actor, on: Stage, room: Room | None) -> object:
        if is_lifted:
            return moderation.lift(actor, on.mallory, of, room)
        if kind == "warn":
            return moderation.warn(actor, on.mallory, "Stop it", room)
        if kind == "purge":
            return moderation.purge(actor, on.mallory, room)
        return moderation.sanction(actor, on.mallory, kind, room)

    return Deed(
        right,
        kind,
        call,
        lambda on: {**frame, "id": on.mallory.pk},
        lambda on: [kind, on.mallory.pk],
        lambda on, room: is_lifted and moderation.sanction(PROGRAM, on.mallory, of, room),
    )


TO_PERSON = {
    "mute": of_person("mute", Act.SANCTION, type="sanction", kind="mute"),
    "unmute": of_person("unmute", Act.SANCTION, type="lift", kind="mute"),
    "kick": of_person("kick", Act.SANCTION, type="sanction", kind="kick"),
    "ban": of_person("ban", Act.BAN, type="sanction", kind="ban"),
    "unban": of_person("unban", Act.BAN, type="lift", kind="ban"),
    "warn": of_person("warn", Act.SANCTION, type="warn", reason="Stop it"),
    "purge": of_person("purge", Act.MODERATE, type="purge"),
}
TO_MESSAGE = {
    "delete": Deed(
        Act.MODERATE,
        "delete",
        lambda actor, on, room: messages.delete(actor, [on.said]),
        lambda on: {"type": "delete", "id": on.said.pk},
        lambda on: ["delete", on.said.pk],
    ),
    "restore": Deed(
        Act.MODERATE,
        "restore",
        lambda actor, on, room: messages.restore(actor, [on.gone]),
        lambda on: {"type": "restore", "id": on.gone.pk},
        lambda on: ["restore", on.gone.pk],
    ),
}


def of_room(kind: str, words: list[Any], call: Any, /, **frame: Any) -> Deed:
    """One that is done to the room; a message among the words is its key."""
    return Deed(
        Act.RUN_ROOM,
        kind,
        call,
        lambda on: {key: on.said.pk if value == "said" else value for key, value in frame.items()},
        lambda on: [words[0], on.room.slug, *(on.said.pk if one == "said" else one for one in words[1:])],
        lambda on, room: kind == "unpin" and moderation.pin(PROGRAM, on.room, on.said),
    )


TO_ROOM = {
    "slow": of_room(
        "manage",
        ["slow", 5],
        lambda actor, on, room: moderation.run_room(actor, room, slow=5),
        type="run",
        slow=5,
    ),
    "mode": of_room(
        "manage",
        ["mode", "archived"],
        lambda actor, on, room: moderation.run_room(actor, room, mode="archived"),
        type="run",
        mode="archived",
    ),
    "topic": of_room(
        "manage",
        ["topic", "Tea"],
        lambda actor, on, room: moderation.run_room(actor, room, topic="Tea"),
        type="run",
        topic="Tea",
    ),
    "pin": of_room(
        "pin",
        ["pin", "said"],
        lambda actor, on, room: moderation.pin(actor, room, on.said),
        type="pin",
        id="said",
    ),
    "unpin": of_room(
        "unpin",
        ["unpin"],
        lambda actor, on, room: moderation.pin(actor, room, None),
        type="pin",
        id=None,
    ),
    "announce": of_room(
        "announce",
        ["announce", "Tea is served"],
        lambda actor, on, room: moderation.announce(actor, room, "Tea is served"),
        type="announce",
        message="Tea is served",
    ),
}
DEEDS = {
    **TO_PERSON,
    **{f"{name} everywhere": replace(deed, is_of_site=True) for name, deed in TO_PERSON.items()},
    **TO_MESSAGE,
    **TO_ROOM,
}

#: Whoever may try, by their membership in the room, their permissions, and whether from the admin.
CAST: dict[str, dict[str, Any]] = {
    "guest": {},
    "member": {"membership": "member"},
    "moderator": {"membership": "moderator"},
    "owner": {"membership": "owner"},
    "user": {"permissions": []},
    "site-moderator": {"permissions": ["moderate"]},
    "site-moderator-who-bans": {"permissions": ["moderate", "ban"]},
    "who-bans": {"permissions": ["ban"]},
}
IN_ADMIN: dict[str, dict[str, Any]] = {
    "staff": {"permissions": []},
    "moderator": {"permissions": ["moderate"]},
    "moderator-who-bans": {"permissions": ["moderate", "ban"]},
    "superuser": {"permissions": [], "is_superuser": True},
}


def stage() -> Stage:
    """The lounge, as Mallory leaves it."""
    room, mallory = Room.objects.create(slug="lounge", title="Lounge"), arrive("mallory", "Mallory")
    said, gone = (messages.post(actors.guest(mallory), room, text) for text in ("buy", "sell"))
    messages.delete(PROGRAM, [gone])
    return Stage(room, mallory, said, gone)


def come(
    name: str,
    room: Room,
    membership: str | None = None,
    permissions: list[str] | None = None,
    **attributes: Any,
) -> Actor:
    """Somebody who is this."""
    if permissions is None:
        person = arrive(name, name.title())
        if membership:
            members.set_role(PROGRAM, room.slug, person.pk, membership)
        return users.actor_of(person)
    user = User.objects.create_user(name, is_staff=True, **attributes)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return actors.of_user(person_of(user), user, users.role_of(user), actors.permissions_of(user))


def state() -> list[Any]:
    """Whatever moderators change."""
    tables: tuple[Any, ...] = (Room, Message, Sanction, Notice, ModerationAct, ProcessedCommand, Directory)
    return [list(table.objects.order_by("pk").values()) for table in tables]


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def assert_is_noted(kind: str, by: Actor, via: str) -> None:
    """The latest act is this one."""
    act = ModerationAct.objects.first()
    assert act
    who = by.person.pk if by.person else ""
    assert (act.kind, act.via, act.actor) == (kind, via, who)
    assert act.person == ("mallory" if kind in (*TO_PERSON, *TO_MESSAGE, "pin") else act.person)


def assert_done_as_access_says(actor: Actor, on: Stage, via: str) -> set[str]:
    """All deeds are tried by the program's own way; which are done."""
    done = set()
    for name, deed in DEEDS.items():
        with undone():
            deed.before(on, deed.room(on))
            before = state()
            try:
                deed.call(actor, on, deed.room(on))
            except ChatError:
                assert not deed.is_for(actor, on), name
                assert state() == before, name
            else:
                assert deed.is_for(actor, on), name
                assert state() != before, name
                assert_is_noted(deed.kind, actor, via)
                done.add(name)
    return done


HERE = {*TO_PERSON, *TO_MESSAGE, *TO_ROOM}
BANS = {name for name in DEEDS if "ban" in name}
#: What each does of it all: that the table of access says what it shall say.
DONE = {
    "guest": set[str](),
    "member": set[str](),
    "moderator": HERE,
    "owner": HERE,
    "user": set[str](),
    "site-moderator": set(DEEDS) - BANS,
    "site-moderator-who-bans": set(DEEDS),
    "who-bans": BANS,
}


@pytest.mark.parametrize("name", CAST)
def test_by_a_program_for_somebody(db: None, name: str) -> None:
    on = stage()
    actor = come(name, on.room, **CAST[name])

    assert assert_done_as_access_says(actor, on, "chat") == DONE[name]


@pytest.mark.parametrize(
    ("name", "done"),
    [
        ("staff", set[str]()),
        ("moderator", set(DEEDS) - BANS),
        ("moderator-who-bans", set(DEEDS)),
        ("superuser", set(DEEDS)),
    ],
)
def test_in_the_admin(db: None, name: str, done: set[str]) -> None:
    on = stage()
    user = come(name, on.room, **IN_ADMIN[name]).user
    assert user

    actor = actors.of_admin(User.objects.get(pk=user.pk))

    assert assert_done_as_access_says(actor, on, "admin") == done


def test_by_the_site_itself(db: None) -> None:
    assert assert_done_as_access_says(PROGRAM, stage(), "program") == set(DEEDS)


@pytest.mark.parametrize("name", DEEDS)
def test_from_a_terminal(db: None, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on, deed = stage(), DEEDS[name]
    monkeypatch.setenv("LOGNAME", "root-of-evil")
    deed.before(on, deed.room(on))
    words = [str(word) for word in deed.words(on)]
    if deed.kind == "warn":
        words.append("Stop it")
    if deed.kind in TO_PERSON and not deed.is_of_site:
        words += ["--room", "lounge"]
    before = state()

    call_command("chat_moderate", *words)

    assert state() != before
    assert_is_noted(deed.kind, PROGRAM, "command")
    act = ModerationAct.objects.first()
    assert act
    assert act.actor_name == "root-of-evil"
    assert act.room_id == (None if deed.is_of_site else on.room.pk)


async def test_over_a_socket(lobby: Room, settings: Any) -> None:
    """Each by a connection of their own. What is done is undone by hand; nobody else is here."""
    settings.CHAT = {**settings.CHAT, "LIMITS": False}
    on: Stage = await in_thread(stage)()
    for name, what in CAST.items():
        actor = await in_thread(come)(name, on.room, **what)
        await process.current().directory.settled()
        client = await _connected(actor)
        await client.say(type="enter", room="lounge")
        await client.be_answered()
        done = set()
        for number, (deed_name, deed) in enumerate(DEEDS.items()):
            await in_thread(deed.before)(on, deed.room(on))
            before, room = await in_thread(state)(), {} if deed.is_of_site else {"room": "lounge"}
            ref = f"{name}-{number}"
            place = {} if deed.kind in TO_MESSAGE else room

            answer = await client.ask(**deed.frame(on), **place, ref=ref)

            after = await in_thread(state)()
            assert (answer["type"] == "ack") == await in_thread(deed.is_for)(actor, on), answer
            assert (after != before) == (answer["type"] == "ack"), deed_name
            if answer["type"] == "ack":
                done.add(deed_name)
                await in_thread(assert_is_noted)(deed.kind, actor, "chat")
                again = await client.ask(**deed.frame(on), **place, ref=ref)
                assert (again["type"], again["id"], again["dup"]) == ("ack", answer["id"], True)
                assert await in_thread(state)() == after, deed_name
            await in_thread(_undo)(on)
        assert done == DONE[name]
        await client.socket.disconnect()


async def _connected(actor: Actor) -> Client:
    """A connection of somebody, who has shown who they are."""
    assert actor.person
    client = Client(actor.person.pk)
    if actor.user is not None:
        browser = Browser()
        await browser.aforce_login(actor.user)  # type: ignore[arg-type]
        cookie = "; ".join(f"{key}={value.value}" for key, value in browser.cookies.items())
        client.socket.scope["headers"] = [
            (b"host", b"localhost"),
            (b"origin", b"http://localhost"),
            (b"cookie", cookie.encode()),
        ]
    assert (await client.socket.connect())[0]
    await client.hear()
    proof = {} if actor.user else {"token": people.token(actor.person.pk)}
    await client.say(name=actor.person.name, v=2, **proof)
    await client.be_answered()
    return client


def _undo(on: Stage) -> None:
    Sanction.objects.all().delete()
    Notice.objects.all().delete()
    Message.objects.filter(pk=on.said.pk).update(deleted_at=None, is_removed=False)
    Message.objects.filter(pk=on.gone.pk).update(deleted_at=on.gone.sent_at, is_removed=True)
    Room.objects.filter(pk=on.room.pk).update(slow=0, is_archived=False, topic="", pinned=None)
