"""Batches: what the writer of a process carries out in one transaction."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from chat.core.protocol import AnyChange, AnyModeration
from chat.live import process
from chat.services import (
    commands,
    directory,
    moderation_commands,
    notices,
    people,
    reading,
    room_commands,
)
from chat.services.moderation_commands import ModerationCommand
from chat.services.notices import Told
from chat.services.people import Arrival
from chat.services.reading import Mark
from chat.services.room_commands import RoomCommand
from chat.storage import log, presence_rows
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.presence_rows import PresenceUpdate
from chat.storage.writer import Writer

#: What the writer takes.
Asked = (
    Arrival
    | RoomCommand
    | PresenceUpdate
    | Mark
    | Told
    | AcceptedCommand[AnyChange]
    | ModerationCommand[AnyModeration]
)


def writer() -> "Writer[Asked, Any]":
    """The writer of this process: the way of every change that a socket asks for into the database."""
    return process.current().once(_make_writer)


def _make_writer() -> "Writer[Asked, Any]":
    return Writer(carry_out, commands.publish, partial(carry_out, is_retry=True))


def carry_out(asked: Sequence[Asked], *, is_retry: bool = False) -> list[Any]:
    """Carry out a batch in one transaction: what came of each, in turn.

    Whoever arrives is there before anybody speaks, and so is a room that is made. What moderators do comes
    after all that, each in a transaction of its own: it locks what it needs. A database that cannot
    keep it raises, and then nothing of any of it is kept; but if it is lost during the commit nobody
    knows. So whatever is asked once more is asked as a retry.
    """
    arrivals = [one for one in asked if isinstance(one, Arrival)]
    of_rooms = [one for one in asked if isinstance(one, RoomCommand)]
    marks = [one for one in asked if isinstance(one, Mark)]
    told = [one for one in asked if isinstance(one, Told)]
    changes = [one for one in asked if isinstance(one, AcceptedCommand)]
    updates = [one for one in asked if isinstance(one, PresenceUpdate)]
    with transaction.atomic():
        if of_rooms:
            directory.lock()
        arrived = iter(people.arrive(arrivals, is_retry=is_retry) if arrivals else ())
        made = iter([room_commands.carry_out(one, is_retry=is_retry) for one in of_rooms])
        updated = iter([presence_rows.write(update) for update in updates])
        if told:
            notices.mark_told(told)
        # Before any room is locked, so that nobody who waits for a marker holds one up.
        marked = iter(reading.mark(marks) if marks else ())
        drafts = log.write(changes, commands.carry_out, is_retry=is_retry, is_last=True) if changes else []
    done = iter(log.outcomes(drafts))
    moderated = iter(
        [moderation_commands.carry_out(one) for one in asked if isinstance(one, ModerationCommand)]
    )
    come_of: dict[type, Iterator[Any]] = {
        Arrival: arrived,
        RoomCommand: made,
        PresenceUpdate: updated,
        Mark: marked,
        Told: iter(told),
        AcceptedCommand: done,
        ModerationCommand: moderated,
    }
    return [next(come_of[type(one)]) for one in asked]
