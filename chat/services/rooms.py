"""Rooms: finding one, and how far it has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat import conf
from chat.core.protocol import Bookmark, HistoryRead, MessagePosted, MessageUpdated, encode
from chat.models import Message, Room
from chat.services import messages

#: The most missed changes that are told one by one; who has missed more gets the latest page.
RECOVERY_LIMIT = 1000
#: And how long their texts may be together, in characters: somebody who does not read them costs that much.
RECOVERY_LENGTH = 1 << 18


def lobby() -> Room:
    """The room that everybody finds. Raises Room.DoesNotExist where the migrations have not run."""
    return Room.objects.get(slug=Room.LOBBY)


def find(slugs: Iterable[str]) -> dict[str, Room | None]:
    """The rooms with these addresses; None where there is none."""
    wanted = set(slugs)
    found = {room.slug: room for room in Room.objects.filter(slug__in=wanted)}
    return {slug: found.get(slug) for slug in wanted}


@dataclass(frozen=True)
class Passage:
    """What somebody has to be told who comes into a room."""

    #: The room as it was before the rest was read.
    room: Room
    #: How far what is told brings them.
    version: int
    #: Everything that changed after their bookmark, in order; None where that cannot be told.
    missed: list[MessagePosted | MessageUpdated] | None
    #: Instead of it, the latest page.
    latest: HistoryRead | None
    #: All of it as frames, encoded once for everybody who is told the same.
    texts: list[str]


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
        rows = list(Message.objects.of(room).changed_after(after)[: RECOVERY_LIMIT + 1])
        if len(rows) <= RECOVERY_LIMIT and sum(len(row.text) for row in rows) <= RECOVERY_LENGTH:
            missed = [row.told_after(after) for row in rows]
            return Passage(room, _reached(room, missed), missed, None, [encode(event) for event in missed])
    latest = messages.latest(room, size)
    return Passage(room, _reached(room, latest.messages), None, latest, [encode(latest)])


def _reached(room: Room, told: Sequence[MessagePosted | MessageUpdated]) -> int:
    return max([room.version, *(message.version for message in told)])
