"""Rooms: finding one, and how far it has come."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import transaction
from msgspec import UNSET

from chat import access, conf, frames
from chat.access import Act
from chat.actors import Actor
from chat.core import text
from chat.core.errors import NotFound
from chat.core.protocol import (
    TITLE_LIMIT,
    TOPIC_LIMIT,
    Cursor,
    MessagePosted,
    MessageUpdated,
    Titles,
    encode_utf8,
)
from chat.live import process
from chat.live.broadcast import refresh
from chat.models import ActKind, Directory, Message, Room
from chat.services import audit, directory, history, members, reading
from chat.storage import epochs, quotations, room_rows, search_index

#: The most missed changes that are told one by one; who has missed more gets the latest page.
RECOVERY_LIMIT = 1000
#: And how large their frames may be together, in bytes: somebody who does not read them costs that much.
RECOVERY_SIZE = 1 << 18
#: How many messages of a room are deleted in one transaction.
DELETED_AT_A_TIME = 500
#: What of a room those may change who may describe it.
DESCRIBED = (
    *("title", "titles", "topic", "mode", "needs_name", "is_archived", "position"),
    *("slow", "keep_days", "keep_messages"),
)
#: How many rooms get another epoch in one transaction.
RENEWED_AT_A_TIME = 500


def at(actor: Actor, slug: str) -> Room | None:
    """The room at this address; None where there is none that the actor may see."""
    return find([(actor, slug)])[actor, slug]


def find(asked: Iterable[tuple[Actor, str]]) -> dict[tuple[Actor, str], Room | None]:
    """For each actor and address the room; None where there is none that the actor may see.

    One query, whoever asks, and the same work: so it takes no longer where a room is that they may not see.
    """
    asked = list(asked)
    rooms = room_rows.under({slug for _actor, slug in asked})
    return {
        (actor, slug): rooms[slug] if access.sees(actor, rooms[slug]) and rooms[slug].pk else None
        for actor, slug in asked
    }


def look_up(asked: Iterable[tuple[Actor, str]]) -> dict[tuple[Actor, str], tuple[Room | None, int]]:
    """As `find`; and for those that were not found a version of the directory in which they are not.

    By what the actors belong to: in that version somebody may belong to more.
    """
    found = find(asked)
    version = Directory.current().version if None in found.values() else 0
    return {key: (room, version) for key, room in found.items()}


def create(actor: Actor, room: Room) -> None:
    """Keep a new room. Raises Forbidden."""
    access.check(actor, Act.CREATE_ROOM)
    with transaction.atomic():
        insert(room)


def insert(room: Room) -> Room:
    """Keep a new room, in a transaction of whoever has asked whether it may be made."""
    directory.move()
    room.save(force_insert=True)
    return room


def describe(actor: Actor, room: Room) -> None:
    """Keep what a room is called and about, who may read and speak there, and how long what is said stays.

    Everybody in it is told after the commit. Raises Forbidden.
    """
    access.check(actor, Act.DESCRIBE_ROOM, room)
    # These alone: what else was read with the room, its version before all, may be old by now.
    with transaction.atomic():
        directory.move()
        change(actor, room, {field: getattr(room, field) for field in DESCRIBED})


def change(
    actor: Actor, room: Room, fields: Mapping[str, Any], reason: str = "", ref: str | None = None
) -> None:
    """Keep these fields of a room, and note which are others now, and what they were before.

    In a transaction of whoever has moved the directory and asked whether it may be done.
    """
    rows = Room.objects.filter(pk=room.pk)
    before = rows.values(*fields).first()
    if before is None:
        raise NotFound
    details = {field: [before[field], fields[field]] for field in fields if fields[field] != before[field]}
    rows.update(**fields)
    if details or ref:
        audit.note(actor, ActKind.MANAGE, room=room, reason=reason, details=details, ref=ref)
    transaction.on_commit(partial(refresh, [room]))


def titles_of(title: str, given: Mapping[str, str]) -> Titles:
    """Titles by languages as they are kept: without those that are blank, or the same as `title`.

    Raises MessageTooLong, and Empty for unseen.
    """
    lines = {
        language: text.one_line(words, TITLE_LIMIT, may_be_empty=True) for language, words in given.items()
    }
    return {language: line for language, line in lines.items() if line not in ("", title)}


def topic_of(words: str) -> str:
    """A topic as it is kept, in one line; blanks are none. Raises MessageTooLong, and Empty for unseen."""
    return text.one_line(words, TOPIC_LIMIT, may_be_empty=True)


def delete(actor: Actor, room: Room) -> None:
    """Delete a room with all that was said in it. Everybody in it leaves it at once. Raises Forbidden.

    First nobody finds it any more; what was said goes after the commit, in portions, so that other rooms
    need not wait for it. If that is interrupted the room is still there, to be deleted again.
    """
    access.check(actor, Act.DELETE_ROOM, room)
    with transaction.atomic():
        directory.move()
        Room.objects.filter(pk=room.pk).update(slug=f"{Room.DELETED}{uuid.uuid4().hex}", direct=None)
        transaction.on_commit(partial(_delete_rest, room))


def _delete_rest(room: Room) -> None:
    refresh([room])
    messages = Message.objects.filter(room=room.pk).order_by("pk")
    while some := list(messages.values_list("pk", flat=True)[:DELETED_AT_A_TIME]):
        Message.objects.filter(pk__in=some).delete()
        search_index.remove(some)
    members.forget(room, DELETED_AT_A_TIME)
    reading.forget(room, DELETED_AT_A_TIME)
    Room.objects.filter(pk=room.pk).delete()
    refresh([room])


def begin_anew(actor: Actor, slug: str | None = None) -> int:
    """Give all rooms, or one, another epoch, and have everybody there read them anew; how many.

    For who has restored the database, copied it or changed rows by hand: with all rooms the site itself is
    another from now on. Raises NotFound and Forbidden.
    """
    rooms = access.visible_rooms(actor).exclude(slug__startswith=Room.DELETED).order_by("pk")
    keys = list((rooms if slug is None else rooms.filter(slug=slug)).values_list("pk", flat=True))
    if slug is not None and not keys:
        raise NotFound
    count = sum(
        _begin_anew(actor, keys[at : at + RENEWED_AT_A_TIME])
        for at in range(0, len(keys), RENEWED_AT_A_TIME)
    )
    if slug is None:  # last: until then the processes hear by the name that they know
        directory.name_site_anew()
    return count


@transaction.atomic
def _begin_anew(actor: Actor, keys: list[int]) -> int:
    directory.move()  # what was put back may say otherwise who belongs where
    renewed = []
    for room in Room.objects.filter(pk__in=keys).order_by("pk"):
        access.check(actor, Act.DESCRIBE_ROOM, room)
        before = copy(room)
        if epochs.renew(room):
            renewed.append(before)
    transaction.on_commit(partial(refresh, renewed))
    return len(renewed)


@dataclass(frozen=True)
class CatchUp:
    """What somebody has to be told who comes into a room."""

    #: The room as it was before the rest was read.
    room: Room
    #: How far what is told brings them.
    version: int
    #: Whether that is everything that changed after their cursor, in order; else it is the latest page.
    is_recovered: bool
    #: It as frames in UTF-8, encoded once for everybody who is told the same.
    texts: list[bytes]
    #: What was read for it, in bytes: more than `texts` where that was too much to tell.
    size: int
    #: What is pinned in the room.
    pinned: Message | None = None


#: Who wants to know what they have missed: where, and from where on; and whether they only watch.
Wanted = tuple[Actor, str, Cursor, bool]


def catch_ups(asked: Sequence[Wanted]) -> dict[Wanted, CatchUp | None]:
    """What many have to be told; None where there is no such room for them."""
    found = find((actor, slug) for actor, slug, _cursor, _watches in asked)
    for room in found.values():
        if room is not None:
            epochs.renew_older(room)  # or somebody would be told that all is there which was put back
    size = conf.current().history
    pinned = room_rows.pinned(room for room in found.values() if room is not None)
    return {
        (actor, slug, cursor, watches): None
        if (room := found[actor, slug]) is None
        else replace(catch_up(actor, room, cursor, 0 if watches else size), pinned=pinned.get(room.pk))
        for actor, slug, cursor, watches in asked
    }


def catch_up(actor: Actor, room: Room, cursor: Cursor, size: int) -> CatchUp:
    """What has to be told to somebody who has read `room` as far as `cursor`.

    Either all that was missed, or the latest `size` messages: where nothing was read yet, where the
    history is another one, or where more was missed than the limits allow. Never a part of a gap. With a
    `size` of 0 there is no page, and all that is told is how far the room has come.
    `room` has to be read before the call, so that what changes meanwhile is told twice rather than never.
    """
    after, read = cursor.after, 0
    if after is not None and cursor.epoch == room.epoch and after <= room.version:
        missed = _missed(actor, room, after)
        if missed.is_recovered:
            return missed
        read = missed.size
    if not size:
        return CatchUp(room, room.version, False, [], read)
    page = _latest_page(actor, room, size)
    return CatchUp(room, page.version, False, [page.text], read + len(page.text))


def _latest_page(actor: Actor, room: Room, size: int) -> history.LatestPage:
    """The latest page: in a server made once, as long as nothing changes in the room."""
    if running := process.running():
        return running.once(history.LatestPages).get(actor, room, size)
    return history.latest_page(actor, room, size)


def _missed(actor: Actor, room: Room, after: int) -> CatchUp:
    """All that changed after a version; not recovered, and nothing to tell, where that is too much."""
    texts: list[bytes] = []
    #: Where in them something is answered.
    answers: dict[int, MessagePosted | MessageUpdated] = {}
    version, size = room.version, 0
    changed = access.visible_messages(actor, room).changed_after(after)
    if changed.values("version")[RECOVERY_LIMIT : RECOVERY_LIMIT + 1].exists():
        return CatchUp(room, version, False, [], 0)
    for message in changed.walk(RECOVERY_LIMIT):
        event = frames.since(message, after)
        text = encode_utf8(event)
        size += len(text)
        if size > RECOVERY_SIZE:
            return CatchUp(room, version, False, [], size)
        if event.reply_to is not UNSET:
            answers[len(texts)] = event
        texts.append(text)
        version = max(version, message.version)
    quoting = quotations.added(room.pk, list(answers.values()))
    for at, event in zip(answers, quoting, strict=True):
        size -= len(texts[at])
        texts[at] = encode_utf8(event)
        size += len(texts[at])
    if size > RECOVERY_SIZE:
        return CatchUp(room, version, False, [], size)
    return CatchUp(room, version, True, texts, size)
