"""History: pages of what was said in a room."""

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest

from chat import access, frames
from chat.access import Actor
from chat.core.fitting import PAGE_ROOM
from chat.core.protocol import FRAME_LIMIT, HistoryRead, MessageUpdated, ReadHistory, encoded_size
from chat.models import Message, Room


def latest(actor: Actor, room: Room, size: int) -> HistoryRead:
    """The end of a room's talk."""
    return page(actor, room, ReadHistory(room=room.slug, limit=size))


def page(actor: Actor, room: Room, wanted: ReadHistory) -> HistoryRead:
    """A page of a room in ascending order: at most FRAME_LIMIT bytes, and one message at least.

    What does not fit is what is farthest from what was asked for, and then there is `more`. Raises
    NotFound.
    """
    rows, size = access.visible_messages(actor, room), wanted.limit
    if wanted.around is not None:
        half = size // 2
        before, since = rows.before(wanted.around).walk(half + 1), rows.since(wanted.around).walk(size)
        found, is_cut = _fitting(islice(_in_turn(since, islice(before, half)), size), size)
        is_more = is_cut or next(before, None) is not None
    else:
        if wanted.after is not None:
            rows = rows.since(wanted.after + 1)
        else:
            rows = rows.backward() if wanted.before is None else rows.before(wanted.before)
        found, is_more = _fitting(rows.walk(size + 1), size)
    return HistoryRead(room=room.slug, messages=sorted(found, key=lambda event: event.id), more=is_more)


def _fitting(rows: Iterable[Message], most: int) -> tuple[list[MessageUpdated], bool]:
    """The first of the messages, as many as a frame holds; and whether there are more."""
    found: list[MessageUpdated] = []
    size = PAGE_ROOM
    for row in rows:
        event = frames.updated(row)
        size += encoded_size(event) + len(",")
        if found and (len(found) == most or size > FRAME_LIMIT):
            return found, True
        found.append(event)
    return found, False


def _in_turn(*walks: Iterator[Message]) -> Iterator[Message]:
    """One of each in turn, as long as there are any."""
    for some in zip_longest(*walks):
        yield from (row for row in some if row is not None)
