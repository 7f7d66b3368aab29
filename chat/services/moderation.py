"""Moderation: what is done to people and in rooms by those who may, from whatever face.

Each of these is one transaction: it asks access.py, behind the lock of the directory where a row of a
sanction or of a room changes, is noted in the audit, and is told after the commit. Raises a ChatError where
it may not be, and then nothing has happened. A `ref` is a client's own name for it (see
services/moderation_commands.py). What becomes of messages is in services/messages.py.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat import access
from chat.access import Act
from chat.actors import Actor
from chat.core import text as texts
from chat.core.errors import Empty, Forbidden, NotFound, SharedAddress
from chat.core.protocol import RoomMode
from chat.live.broadcast import refresh
from chat.models import ActKind, Message, ModerationAct, Person, Room, Sanction, SanctionKind
from chat.services import addresses, audit, directory, members, messages, notices, rooms, users

#: How long a kick lasts.
KICK = timedelta(minutes=1)
#: How many messages of a person are deleted in one transaction: for some 30 ms, in which nobody there can
#: talk; and how long others have their turn afterwards at most, in seconds: as long as they had to wait.
PURGED_AT_A_TIME, LONGEST_TURN = 50, 1.0
#: What somebody has to be allowed for each.
ACTS = {"mute": Act.SANCTION, "kick": Act.SANCTION, "ban": Act.BAN}


@transaction.atomic
def sanction(
    actor: Actor,
    person: Person,
    kind: str,
    room: Room | None = None,
    minutes: int | None = None,
    reason: str = "",
    address: bool = False,
    *,
    ref: str | None = None,
) -> Sanction:
    """Mute, kick or ban a person, in a room or on the whole site, for some minutes or for good.

    It takes the place of one of the same kind that holds there. With `address` guests are kept out, too,
    who come from where the person came from lately. Raises Forbidden, Outranked, NotFound; SharedAddress
    where no such address is known.
    """
    directory.move()
    room = _checked(actor, ACTS[kind], room, person)
    hashes = _hashes(actor, person, kind, room) if address else [""]
    now = timezone.now()
    until = None if minutes is None else now + timedelta(minutes=minutes)
    if kind == SanctionKind.KICK:
        until = now + KICK
    _end(_held(person, kind, room))
    words, version = audit.in_one_line(reason), directory.version()
    rows = [
        Sanction(
            person=person,
            kind=kind,
            room=room,
            address=one,
            since=now,
            until=until,
            reason=words,
            version=version,
        )
        for one in hashes
    ]
    Sanction.objects.bulk_create(rows)
    if kind == SanctionKind.MUTE and notices.are_for(actor, person, room):
        notices.add(person.pk, "mute", room=room, reason=words, until=until)
    details = {"until": until and until.isoformat(), "addresses": len(hashes) if address else 0}
    audit.note(actor, kind, room=room, person=person, reason=reason, details=details, ref=ref)
    return rows[0]


@transaction.atomic
def lift(
    actor: Actor,
    person: Person,
    kind: str,
    room: Room | None = None,
    reason: str = "",
    *,
    ref: str | None = None,
) -> None:
    """Have a person be muted, or banned, no longer, in a room or on the whole site.

    Raises NotFound where they are not; Forbidden, Outranked.
    """
    directory.move()
    room = _checked(actor, ACTS[kind], room, person)
    if not _end(_held(person, kind, room)):
        raise NotFound
    if kind == SanctionKind.MUTE and notices.are_for(actor, person, room):
        notices.add(person.pk, "unmute", room=room, reason=reason)
    audit.note(actor, f"un{kind}", room=room, person=person, reason=reason, ref=ref)


@transaction.atomic
def warn(
    actor: Actor, person: Person, reason: str, room: Room | None = None, *, ref: str | None = None
) -> None:
    """Tell a person, and nobody else, what they shall not do.

    Raises Empty, Forbidden, Outranked; NotFound where that is in a room with which they have nothing to do.
    """
    directory.move()
    room = _checked(actor, Act.SANCTION, room, person)
    if not (words := audit.in_one_line(reason)):
        raise Empty
    if not notices.are_for(actor, person, room):
        raise NotFound
    notices.add(person.pk, "warn", room=room, reason=words)
    audit.note(actor, ActKind.WARN, room=room, person=person, reason=words, ref=ref)


def purge(
    actor: Actor,
    person: Person,
    room: Room | None = None,
    minutes: int | None = None,
    reason: str = "",
    *,
    most: int | None = None,
) -> int:
    """Delete what a person has said in the last minutes, or ever, in a room or everywhere; how much.

    In portions, each told after its commit, so that others have their turn, and each asked for by what the
    actor is by then. With `most`, where somebody waits for it, no more portions than that takes. Raises
    Forbidden, Outranked.
    """
    since = None if minutes is None else timezone.now() - timedelta(minutes=minutes)
    count = 0
    while True:
        began = time.monotonic()
        some = purge_some(actor, person, room, since, reason)
        count += some.count
        if some.is_last or (most is not None and count >= most):
            return count
        # SQLite lets in whoever asks at the right moment, which would be us again and again.
        time.sleep(min(time.monotonic() - began, LONGEST_TURN))
        actor = users.as_of_now(actor)


@dataclass(frozen=True)
class Purged:
    """A portion of what somebody has said is gone."""

    act: ModerationAct
    count: int
    is_last: bool


@transaction.atomic
def purge_some(
    actor: Actor,
    person: Person,
    room: Room | None = None,
    since: datetime | None = None,
    reason: str = "",
    *,
    ref: str | None = None,
) -> Purged:
    """Delete some of what a person has said since then. The last portion is noted under `ref`."""
    room = _checked(actor, Act.MODERATE, room, person)
    if room is None:
        said = access.moderated_messages(actor).filter(author=person.pk)
    else:
        said = Message.objects.said_by(person, room)
    said = said.filter(deleted_at=None)
    if since is not None:
        said = said.filter(sent_at__gte=since)
    # In no order, or PostgreSQL would walk through all messages.
    some = list(said.order_by().only("pk")[: PURGED_AT_A_TIME + 1])
    gone = messages.delete(actor, some[:PURGED_AT_A_TIME], is_part=True)
    is_last = len(some) <= PURGED_AT_A_TIME or not gone
    details = {"since": since and since.isoformat(), "messages": gone}
    act = audit.note(
        actor,
        ActKind.PURGE,
        room=room,
        person=person,
        reason=reason,
        details=details,
        ref=ref if is_last else None,
    )
    return Purged(act, len(gone), is_last)


@transaction.atomic
def run_room(
    actor: Actor,
    room: Room,
    topic: str | None = None,
    mode: RoomMode | None = None,
    slow: int | None = None,
    reason: str = "",
    *,
    ref: str | None = None,
) -> None:
    """Have a room be about something else, for others, archived, or slow; what is None stays.

    Raises Forbidden, NotFound; Empty or MessageTooLong for a topic.
    """
    directory.move()
    room = _in_room(actor, room)
    fields: dict[str, Any] = {}
    if topic is not None:
        fields["topic"] = rooms.topic_of(topic)
    if mode is not None:
        fields["is_archived"] = mode == "archived"
        if mode != "archived":
            fields["mode"] = mode
    if slow is not None:
        fields["slow"] = slow
    rooms.change(actor, room, fields, reason, ref)


@transaction.atomic
def pin(actor: Actor, room: Room, message: Message | int | None, *, ref: str | None = None) -> None:
    """Show a message above all others of its room; None for none. Raises NotFound, Forbidden."""
    directory.move()
    room = _in_room(actor, room)
    key = message.pk if isinstance(message, Message) else message
    there = None
    if key is not None:
        there = Message.objects.of(room).filter(pk=key, deleted_at=None).first()
        if there is None:
            raise NotFound
    kind, about = (ActKind.UNPIN, room.pinned) if there is None else (ActKind.PIN, there)
    Room.objects.filter(pk=room.pk).update(pinned=key)
    audit.note(actor, kind, room=room, message=about, ref=ref)
    transaction.on_commit(partial(refresh, [room]))


@transaction.atomic
def announce(actor: Actor, room: Room, text: str, *, ref: str | None = None) -> None:
    """Tell everybody in a room something, as the room. Raises Forbidden, Empty, MessageTooLong.

    Each process tells those who are there as it hears of it (live/announcements.py).
    """
    directory.move()
    room = _in_room(actor, room)
    words = texts.clean(text)
    audit.note(actor, ActKind.ANNOUNCE, room=room, details={"message": words}, ref=ref)


def _in_room(actor: Actor, room: Room) -> Room:
    """The room as it is now, which `actor` may run. Raises as access.check."""
    now = _now(room)
    access.check(members.with_memberships(actor), Act.RUN_ROOM, now)
    return now


def _checked(actor: Actor, act: Act, room: Room | None, person: Person) -> Room | None:
    """The room as it is now, where `actor` may do this to somebody. Nobody does it to themselves.

    Raises as access.check and access.check_outranks.
    """
    room = None if room is None else _now(room)
    actor = members.with_memberships(actor)
    access.check(actor, act, room)
    is_user = actor.user is not None and actor.user.pk == person.user_id
    if is_user or (actor.person is not None and actor.person.pk == person.pk):
        raise Forbidden
    access.check_outranks(actor, users.actor_of(person), room)
    return room


def _now(room: Room) -> Room:
    now = Room.objects.filter(pk=room.pk).first()
    if now is None:
        raise NotFound
    return now


def _hashes(actor: Actor, person: Person, kind: str, room: Room | None) -> list[str]:
    """Of the addresses that are banned with a person. Raises Forbidden, and SharedAddress."""
    if kind != SanctionKind.BAN or room is not None:
        raise Forbidden
    access.check(actor, Act.BAN)
    hashes = addresses.latest(person)
    if not hashes:
        raise SharedAddress
    return hashes


def _held(person: Person, kind: str, room: Room | None) -> QuerySet[Sanction]:
    """What of this kind holds now for a person, in a room or on the site; one row for each address."""
    return Sanction.objects.active().filter(person=person, kind=kind, room=room)


def _end(sanctions: QuerySet[Sanction]) -> int:
    return sanctions.update(lifted_at=timezone.now(), version=directory.version())
