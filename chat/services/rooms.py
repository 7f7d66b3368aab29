"""Rooms: finding one, and how far it has come."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from chat import conf, live
from chat.core.protocol import Bookmark, encode
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
    room.slug = f"{Room.DELETED}{uuid.uuid4().hex}"
    room.save(update_fields=["slug"])
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
    #: Whether that is everything that changed after their bookmark, in order; else it is the latest page.
    is_recovered: bool
    #: It as frames, encoded once for everybody who is told the same.
    texts: list[str]
    #: Their size, in bytes.
    size: int


def passages(asked: Sequence[tuple[str, Bookmark]]) -> dict[tuple[str, Bookmark], Passage | None]:
    """What many have to be told, by room and bookmark; None where there is no such room."""
    found, size = find(slug for slug, _bookmark in asked), conf.current().history
    return {
        (slug, bookmark): None if (room := found[slug]) is None else passage(room, bookmark, size)
        for slug, bookmark in asked
    }


def passage(room: Room, bookmark: Bookmark, size: int) -> Passage:
    """What has to be told to somebody who has read `room` as far as `bookmark`.

    Either all that was missed, or the latest `size` messages: where nothing was read yet, where the
    history is another one, or where more was missed than the limits allow. Never a part of a gap.
    `room` has to be read before the call, so that what changes meanwhile is told twice rather than never.
    """
    after = bookmark.after
    if after is not None and bookmark.epoch == room.epoch and after <= room.version:
        missed = _missed(room, after)
        if missed is not None:
            return missed
    latest = messages.latest(room, size)
    version = max([room.version, *(message.version for message in latest.messages)])
    text = encode(latest)
    return Passage(room, version, False, [text], len(text.encode()))


def _missed(room: Room, after: int) -> Passage | None:
    """All that changed after a version; None as soon as it is clear that this is too much to tell."""
    texts: list[str] = []
    version, size = room.version, 0
    for message in Message.objects.of(room).changed_after(after).walk(RECOVERY_LIMIT + 1):
        text = encode(message.told_after(after))
        size += len(text.encode())
        if len(texts) == RECOVERY_LIMIT or size > RECOVERY_SIZE:
            return None
        texts.append(text)
        version = max(version, message.version)
    return Passage(room, version, True, texts, size)
