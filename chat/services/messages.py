"""Messages: what one person says, and reading what was said."""

import uuid
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction

from chat import live
from chat.core.errors import ChatError
from chat.core.protocol import (
    FRAME_LIMIT,
    DeleteMessage,
    HistoryRead,
    MessagePosted,
    MessageUpdated,
    PostMessage,
    ReadHistory,
    Timestamp,
    encoded_size,
)
from chat.models import Message, Person, Room
from chat.services import log

#: What a history frame takes beside its messages, in bytes, and more.
_FRAME_ROOM = 512


def post(author: Person, room: Room, text: str, timestamp: Timestamp = None) -> Message:
    """Say something in a room, and tell it. For whoever is no socket: a command, a page, a test.

    Raises Empty or MessageTooLong, and then nothing has happened. Within a transaction it is told once that
    is committed. Whoever owns their id may change it later.
    """
    ref = uuid.uuid4().hex if author.is_owned else None
    change = PostMessage(message=text, timestamp=timestamp, ref=ref)
    [outcome] = outcomes = log.carry_out(
        [log.Order(author=author, change=change, room=room.pk, rooms=frozenset([room.pk]))]
    )
    if isinstance(outcome, ChatError):
        raise outcome
    transaction.on_commit(partial(tell, outcomes))
    return Message.objects.get(pk=outcome.id)


def take_back(found: Iterable[Message]) -> list[int]:
    """Delete messages as a moderator does, and tell their rooms after the commit: which were to delete."""
    orders = [
        log.Order(
            author=None, change=DeleteMessage(id=message.pk, ref=""), rooms=frozenset([message.room_id])
        )
        for message in found
    ]
    outcomes = log.carry_out(orders)
    transaction.on_commit(partial(tell, outcomes))
    return [outcome.id for outcome in outcomes if isinstance(outcome, log.Done)]


def tell(outcomes: Sequence[object]) -> None:
    """Tell the rooms what came of orders that are committed."""
    changes: dict[int, list[MessagePosted | MessageUpdated]] = {}
    for outcome in outcomes:
        if isinstance(outcome, log.Done) and outcome.event is not None:
            changes.setdefault(outcome.room, []).append(outcome.event)
    for room, events in changes.items():
        live.publish(room, events)


def latest(room: Room, size: int) -> HistoryRead:
    """The end of a room's talk."""
    return page(room, ReadHistory(room=room.slug, limit=size))


def page(room: Room, wanted: ReadHistory) -> HistoryRead:
    """A page of a room in ascending order, at most FRAME_LIMIT bytes of it.

    What does not fit is what is farthest from what was asked for, and then there is `more`.
    """
    rows, size = Message.objects.of(room), wanted.limit
    if wanted.around is not None:
        before = rows.before(wanted.around, size // 2)
        found = before + rows.since(wanted.around, size - len(before))
        return _page(room, found, is_more=len(before) == size // 2, nearest=len(before))
    if wanted.after is not None:
        found = rows.since(wanted.after + 1, size + 1)
        return _page(room, found[:size], is_more=len(found) > size, nearest=0)
    found = rows.latest(size + 1) if wanted.before is None else rows.before(wanted.before, size + 1)
    return _page(room, found[-size:], is_more=len(found) > size, nearest=size)


def _page(room: Room, found: list[Message], *, is_more: bool, nearest: int) -> HistoryRead:
    """The messages as a frame that is not too large: those nearest to the one at `nearest` come first."""
    kept: dict[int, MessageUpdated] = {}
    size = _FRAME_ROOM
    for place in sorted(range(len(found)), key=lambda place: abs(place - nearest)):
        event = found[place].updated()
        size += encoded_size(event) + 1
        if size > FRAME_LIMIT:
            is_more = True
            break
        kept[place] = event
    return HistoryRead(room=room.slug, messages=[kept[place] for place in sorted(kept)], more=is_more)
