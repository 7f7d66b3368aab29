"""Messages: what one person says, and reading what was said."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, zip_longest

from django.db import transaction

from chat import live
from chat.core.errors import ChatError
from chat.core.fitting import PAGE_ROOM
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
    """A page of a room in ascending order: at most FRAME_LIMIT bytes, and one message at least.

    What does not fit is what is farthest from what was asked for, and then there is `more`.
    """
    rows, size = Message.objects.of(room), wanted.limit
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
        event = row.updated()
        size += encoded_size(event) + len(",")
        if found and (len(found) == most or size > FRAME_LIMIT):
            return found, True
        found.append(event)
    return found, False


def _in_turn(*walks: Iterator[Message]) -> Iterator[Message]:
    """One of each in turn, as long as there are any."""
    for some in zip_longest(*walks):
        yield from (row for row in some if row is not None)
