"""Rooms: finding one, and how far it has come."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from chat import conf, live
from chat.core.protocol import Cursor, encode
from chat.models import Message, Room
from chat.services import messages

#: The most missed changes that are told one by one; who has missed more gets the latest page.
RECOVERY_LIMIT = 1000
#: And how large their frames may be together, in bytes: somebody who does not read them costs that much.
RECOVERY_SIZE = 1 << 18
#: How many messages of a room are deleted in one transaction.
DELETED_AT_A_TIME = 500


def lobby() -> Room:
    """The room that everybody finds. Raises Room.DoesNotExist where the migrations have not run."""
    return Room.objects.get(slug=Room.LOBBY)


def find(slugs: Iterable[str]) -> dict[str, Room | None]:
    """The rooms with these addresses; None where there is none."""
    wanted = set(slugs)
    found = {room.slug: room for room in Room.objects.filter(slug__in=wanted)}
    return {slug: found.get(slug) for slug in wanted}


def describe(room: Room) -> None:
    """Keep what a room is called and what it is about, and tell everybody in it after the commit."""
    # These alone: what else was read with the room, its version before all, may be old by now.
    Room.objects.filter(pk=room.pk).update(title=room.title, topic=room.topic)
    transaction.on_commit(partial(live.look, room.pk))


def delete(room: Room) -> None:
    """Delete a room with all that was said in it. Everybody in it leaves it at once.

    First nobody finds it any more; what was said goes after the commit, in portions, so that other rooms
    need not wait for it. If that is interrupted the room is still there, to be deleted again.
    """
    Room.objects.filter(pk=room.pk).update(slug=f"{Room.DELETED}{uuid.uuid4().hex}")
    transaction.on_commit(partial(_delete_rest, room.pk))


def _delete_rest(key: int) -> None:
    live.look(key)
    messages = Message.objects.filter(room=key).order_by("pk")
    while some := list(messages.values_list("pk", flat=True)[:DELETED_AT_A_TIME]):
        Message.objects.filter(pk__in=some).delete()
    Room.objects.filter(pk=key).delete()
    live.look(key)


@dataclass(frozen=True)
class Passage:
    """What somebody has to be told who comes into a room."""

    #: The room as it was before the rest was read.
    room: Room
    #: How far what is told brings them.
    version: int
    #: Whether that is everything that changed after their cursor, in order; else it is the latest page.
    is_recovered: bool
    #: It as frames, encoded once for everybody who is told the same.
    texts: list[str]
    #: What was read for it, in bytes: more than `texts` where that was too much to tell.
    size: int


def passages(asked: Sequence[tuple[str, Cursor]]) -> dict[tuple[str, Cursor], Passage | None]:
    """What many have to be told, by room and cursor; None where there is no such room."""
    found, size = find(slug for slug, _bookmark in asked), conf.current().history
    return {
        (slug, cursor): None if (room := found[slug]) is None else passage(room, cursor, size)
        for slug, cursor in asked
    }


def passage(room: Room, cursor: Cursor, size: int) -> Passage:
    """What has to be told to somebody who has read `room` as far as `cursor`.

    Either all that was missed, or the latest `size` messages: where nothing was read yet, where the
    history is another one, or where more was missed than the limits allow. Never a part of a gap.
    `room` has to be read before the call, so that what changes meanwhile is told twice rather than never.
    """
    after, read = cursor.after, 0
    if after is not None and cursor.epoch == room.epoch and after <= room.version:
        missed = _missed(room, after)
        if missed.is_recovered:
            return missed
        read = missed.size
    latest = messages.latest(room, size)
    version = max([room.version, *(message.version for message in latest.messages)])
    text = encode(latest)
    return Passage(room, version, False, [text], read + len(text.encode()))


def _missed(room: Room, after: int) -> Passage:
    """All that changed after a version; not recovered, and nothing to tell, where that is too much."""
    texts: list[str] = []
    version, size = room.version, 0
    changed = Message.objects.of(room).changed_after(after)
    if changed.values("version")[RECOVERY_LIMIT : RECOVERY_LIMIT + 1].exists():
        return Passage(room, version, False, [], 0)
    for message in changed.walk(RECOVERY_LIMIT):
        text = encode(message.told_after(after))
        size += len(text.encode())
        if size > RECOVERY_SIZE:
            return Passage(room, version, False, [], size)
        texts.append(text)
        version = max(version, message.version)
    return Passage(room, version, True, texts, size)
