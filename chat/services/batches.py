"""Batches: what the writer of a process carries out in one transaction."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from chat.core.errors import ChatError
from chat.core.protocol import AnyChange, AnyModeration
from chat.live import process, turn
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
from chat.storage.log import Draft
from chat.storage.presence_rows import PresenceUpdate
from chat.storage.transaction import Transaction
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
    retry = partial(carry_out, is_retry=True)
    return Writer(carry_out, commands.publish, retry, whole=turn.current().whole)


def carry_out(asked: Sequence[Asked], *, is_retry: bool = False) -> list[Any]:
    """Carry out a batch in one transaction: what came of each, in turn.

    Whoever arrives is there before anybody speaks, and so is a room that is made. What moderators do comes
    after all that, each in a transaction of its own: it locks what it needs. A database that cannot
    keep it raises, and then nothing of any of it is kept; but if it is lost during the commit nobody
    knows. So whatever is asked once more is asked as a retry.
    """
    of: dict[type, list[Any]] = {}
    for one in asked:
        of.setdefault(type(one), []).append(one)
    come_of: dict[type, Sequence[Any]] = {}
    drafts: list[Draft | ChatError] = []
    with Transaction():
        if of_rooms := of.get(RoomCommand):
            directory.lock()
        if arrivals := of.get(Arrival):
            come_of[Arrival] = people.let_in(arrivals, is_retry=is_retry)
        if of_rooms:
            come_of[RoomCommand] = [room_commands.carry_out(one, is_retry=is_retry) for one in of_rooms]
        if updates := of.get(PresenceUpdate):
            come_of[PresenceUpdate] = [presence_rows.write(update) for update in updates]
        if told := of.get(Told):
            notices.mark_told(told)
            come_of[Told] = told
        # Before any room is locked, so that nobody who waits for a marker holds one up.
        if marks := of.get(Mark):
            come_of[Mark] = reading.mark(marks)
        if changes := of.get(AcceptedCommand):
            drafts = log.write_within(changes, commands.carry_out, is_retry=is_retry, is_last=True)
    if drafts:
        come_of[AcceptedCommand] = log.outcomes(drafts)
    if deeds := of.get(ModerationCommand):
        come_of[ModerationCommand] = [moderation_commands.carry_out(one) for one in deeds]
    in_turn = {kind: iter(outcomes) for kind, outcomes in come_of.items()}
    return [next(in_turn[type(one)]) for one in asked]
