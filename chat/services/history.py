"""History: pages of what was said in a room."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from threading import Lock
from typing import NamedTuple

from chat import access, frames
from chat.access import Act
from chat.actors import Actor
from chat.core.fitting import PAGE_ROOM
from chat.core.protocol import (
    FRAME_LIMIT,
    HistoryRead,
    MessageUpdated,
    ReadHistory,
    encode_utf8,
    encoded_size,
)
from chat.models import Message, Room
from chat.storage import quotations


def latest(actor: Actor, room: Room, size: int) -> HistoryRead:
    """The end of a room's talk."""
    return page(actor, room, ReadHistory(room=room.slug, limit=size))


@dataclass(frozen=True)
class LatestPage:
    """The end of a room's talk as a frame in UTF-8, encoded once for everybody who may see it."""

    text: bytes
    #: How far it brings whoever reads it.
    version: int


class _Kept(NamedTuple):
    """A page as of a version of its room, and until when it is told, by the monotonic clock."""

    epoch: str
    version: int
    page: LatestPage
    until: float


class LatestPages:
    """The latest pages of the rooms that newcomers have come into lately. For any thread.

    A newcomer costs a query for the room, and no page, as long as nothing changes there: whatever changes a
    page takes another version of its room, but what is deleted for its age takes none, so no page is kept
    for long. Who changes rows by hand gives the room another epoch.
    """

    #: How many are kept, of at most FRAME_LIMIT bytes each, and for how many seconds.
    _MOST, _FOR = 100, 60

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[int, int], _Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, actor: Actor, room: Room, size: int) -> LatestPage:
        """The page of a room that was just read from the database. Raises NotFound."""
        access.check(actor, Act.READ, room)  # who may read a room reads the same in it as everybody
        key, now = (room.pk, size), time.monotonic()
        with self._lock:
            kept = self._pages.get(key)
        if kept is None or kept[:2] != (room.epoch, room.version) or kept.until <= now:
            page = latest_page(actor, room, size)
            kept = _Kept(room.epoch, room.version, page, now + self._FOR)
        with self._lock:
            self._pages[key] = kept
            self._pages.move_to_end(key)
            if len(self._pages) > self._MOST:
                self._pages.popitem(last=False)
        return kept.page


def latest_page(actor: Actor, room: Room, size: int) -> LatestPage:
    """The end of a room's talk as a frame; `room` has to be read before."""
    found = latest(actor, room, size)
    version = max([room.version, *(message.version for message in found.messages)])
    return LatestPage(encode_utf8(found), version)


def page(actor: Actor, room: Room, wanted: ReadHistory) -> HistoryRead:
    """A page of a room in ascending order: at most FRAME_LIMIT bytes, and one message at least.

    What does not fit is what is farthest from what was asked for, and then there is `more`. Raises
    NotFound.
    """
    rows, size = access.visible_messages(actor, room), wanted.limit
    if wanted.at is not None:
        found, is_more = fitting(rows.since(Message.objects.first_at(wanted.at)).walk(size + 1), size)
    elif wanted.around is not None:
        half = size // 2
        before, since = rows.before(wanted.around).walk(half + 1), rows.since(wanted.around).walk(size)
        found, is_cut = fitting(islice(_in_turn(since, islice(before, half)), size), size)
        is_more = is_cut or next(before, None) is not None
    else:
        if wanted.after is not None:
            rows = rows.since(wanted.after + 1)
        else:
            rows = rows.backward() if wanted.before is None else rows.before(wanted.before)
        found, is_more = fitting(rows.walk(size + 1), size)
    return HistoryRead(room=room.slug, messages=sorted(found, key=lambda event: event.id), more=is_more)


def fitting(rows: Iterable[Message], most: int) -> tuple[list[MessageUpdated], bool]:
    """As many of the first messages as a frame holds, with what they answer; and whether there are more."""
    #: What is answered, by the keys of the answers.
    answered: dict[int, quotations.Answered] = {}

    def told() -> Iterator[MessageUpdated]:
        for row in rows:
            if row.reply_to_id is not None:
                answered[row.pk] = (row.room_id, row.reply_to_id)
            yield frames.updated(row)

    found, is_more = _first(told(), most)
    if not answered:
        return found, is_more
    quotes = quotations.of(answered.values())
    whole = [
        frames.quoting(event, quotes[answered[event.id]]) if event.id in answered else event
        for event in found
    ]
    found, is_longer = _first(whole, most)
    return found, is_more or is_longer


def _first(events: Iterable[MessageUpdated], most: int) -> tuple[list[MessageUpdated], bool]:
    found: list[MessageUpdated] = []
    size = PAGE_ROOM
    for event in events:
        size += encoded_size(event) + len(",")
        if found and (len(found) == most or size > FRAME_LIMIT):
            return found, True
        found.append(event)
    return found, False


def _in_turn(*walks: Iterator[Message]) -> Iterator[Message]:
    """One of each in turn, as long as there are any."""
    for some in zip_longest(*walks):
        yield from (row for row in some if row is not None)
