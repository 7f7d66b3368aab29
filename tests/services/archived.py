"""A site with something of everything that is kept, for tests of what exports, prunes and erases."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from chat.actors import PROGRAM, guest
from chat.core.protocol import DeleteMessage, PostMessage, React
from chat.models import (
    ActKind,
    Directory,
    FilterRule,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Notice,
    Person,
    ProcessedCommand,
    ReadMarker,
    Report,
    Room,
    Sanction,
)
from chat.services import audit, commands, messages
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done
from tests.conftest import arrive


def say(person: Person, room: Room, text: str, ref: str, reply_to: int | None = None) -> Done:
    """Somebody says something under a ref of their own."""
    change = PostMessage(message=text, ref=ref, reply_to=reply_to)
    [outcome] = commands.run([AcceptedCommand(guest(person), change, room=room.pk)])
    assert isinstance(outcome, Done), outcome
    return outcome


def react(person: Person, id: int, emoji: str, ref: str) -> Done:
    """Somebody puts an emoji on a message."""
    [outcome] = commands.run([AcceptedCommand(guest(person), React(id=id, emoji=emoji, on=True, ref=ref))])
    assert isinstance(outcome, Done), outcome
    return outcome


def delete(person: Person, id: int, ref: str) -> Done:
    """Somebody takes back what they have said."""
    [outcome] = commands.run([AcceptedCommand(guest(person), DeleteMessage(id=id, ref=ref))])
    assert isinstance(outcome, Done), outcome
    return outcome


def people_a_site() -> dict[str, Any]:
    """Fill the database; what there is, by name."""
    lobby, _is_new = Room.objects.get_or_create(slug=Room.LOBBY, defaults={"title": "Lobby"})
    lounge = Room.objects.create(
        slug="lounge", title="Lounge", titles={"ru": "Гостиная"}, keep_days=30, slow=3
    )
    anna, boris = (User.objects.create_user(name) for name in ("anna", "boris"))
    group = Group.objects.create(name="Editors")
    alice, bob = arrive("alice", "Alice"), arrive("bob", "=Bob")
    Person.objects.create(pk=f"u.{7:032x}", name="Anna", user=anna, is_owned=True)
    talk = Room.objects.create(
        slug="direct-1", title="Anna, Boris", direct=Room.direct_key(anna.pk, boris.pk), maker=anna
    )
    Membership.objects.bulk_create(
        Membership(room=room, **whose)
        for room, whose in (
            (talk, {"user": anna}),
            (talk, {"user": boris}),
            (lounge, {"group": group}),
            (lounge, {"person": alice, "role": "owner"}),
            (lounge, {"user": anna}),
        )
    )
    first = say(alice, lobby, "Привет\n=1+1", "a1")
    second = say(bob, lobby, "=cmd()", "b1", reply_to=first.id)
    third = say(alice, lounge, "to be deleted", "a2")
    messages.post(guest(bob), lobby, "v1", timestamp=12)
    react(bob, first.id, "👍", "b2")
    react(alice, second.id, "👍", "a3")
    delete(alice, third.id, "a4")
    messages.delete(PROGRAM, [Message.objects.get(pk=second.id)], reason="spam")
    Message.objects.filter(pk=first.id).update(mentions=["bob", "alice"])
    Room.objects.filter(pk=lobby.pk).update(pinned=first.id)
    now = timezone.now()
    Sanction.objects.create(person=bob, kind="ban", address="ab", until=now + timedelta(days=1), version=3)
    Sanction.objects.create(person=bob, kind="mute", room=lounge, reason="noise", version=4)
    Report.objects.create(message_id=first.id, reporter=bob, reason="rude")
    FilterRule.objects.create(kind="word", value="spam", room=lounge)
    HeldMessage.objects.create(room=lounge, author=bob, name="Bob", text="held", ref="b9", digest="d")
    Notice.objects.create(person=bob, act="warn", room=lounge, reason="noise")
    ReadMarker.objects.create(person=alice, room=lobby, message=second.id)
    audit.note(PROGRAM, ActKind.WARN, person=bob, room=lounge, reason="noise", details={"name": "Bob"})
    audit.note(guest(alice), ActKind.WARN, person=bob, room=lounge, ref="w1")
    return {"lobby": lobby, "lounge": lounge, "alice": alice, "bob": bob, "anna": anna, "talk": talk}


def wipe() -> None:
    """Take away all that the chat keeps, but the lobby that comes with the migrations."""
    for model in (Message, ProcessedCommand, Room, Person, Directory):
        model.objects.all().delete()
    ModerationAct.objects.all()._raw_delete("default")
    Room.objects.create(slug=Room.LOBBY, title="Lobby")


def comparable(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """What an export says, but for what another one may say otherwise: names of histories, and itself."""
    rows = [json.loads(line) for line in b"".join(lines).splitlines()]
    for row in rows:
        for name in ("epoch", "site", "made_at", "rows"):
            row.pop(name, None)
    return [row for row in rows if row.get("type") not in ("export", "restore_export")]
