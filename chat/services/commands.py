"""The commands: what the sender of each has to be allowed, what it costs, and who carries it out.

To add a command: its class (core/protocol/commands.py), a line in RULES, a section in docs/PROTOCOL.md, and
what carries it out: where it changes a room's log a function in services/changes.py, else a `case` in
socket/commands.py, and a branch of `carry_out` here where that changes other rows (rooms, members, marks).
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction

from chat import access
from chat.access import Act
from chat.core.protocol import (
    Announce,
    AnyChange,
    AnyCommand,
    CreateRoom,
    Decide,
    DeleteMessage,
    EditMessage,
    EnterRoom,
    LeaveRoom,
    Lift,
    ListMembers,
    ListQueue,
    ListRooms,
    MarkRead,
    MessagePosted,
    MessageUpdated,
    OpenDirect,
    Pin,
    Ping,
    PostMessage,
    Purge,
    React,
    ReadHistory,
    ReadMarked,
    Rename,
    ReportMessage,
    RestoreMessage,
    RunRoom,
    Sanctioned,
    SetMember,
    Type,
    Warn,
)
from chat.live import broadcast, process
from chat.live.admission import Cost
from chat.services import changes, directory, notices, people, reading, room_commands
from chat.services.notices import Told
from chat.services.people import Arrival
from chat.services.reading import Mark
from chat.services.room_commands import RoomCommand
from chat.storage import log, presence_rows
from chat.storage.log import AcceptedCommand, CarryOut, Done, Draft, LogTransaction, Outcome
from chat.storage.presence_rows import PresenceUpdate
from chat.storage.writer import Writer


class Rule(NamedTuple):
    """What holds for the commands of a class."""

    #: What its sender has to be allowed in the room that is changed. None where nothing is: what may be
    #: read comes from access.visible_rooms and access.visible_messages.
    act: Act | None
    #: The limits that it counts against.
    cost: Cost
    #: How it is carried out, where it is a change of a room's log.
    carry_out: CarryOut | None = None


RULES: dict[type[AnyCommand], Rule] = {
    PostMessage: Rule(Act.POST, Cost.MESSAGE, changes.post),
    EditMessage: Rule(Act.EDIT, Cost.MESSAGE, changes.edit),
    DeleteMessage: Rule(Act.DELETE, Cost.CHANGE, changes.delete),
    RestoreMessage: Rule(Act.MODERATE, Cost.CHANGE, changes.restore),
    React: Rule(Act.REACT, Cost.CHANGE, changes.react),
    ReadHistory: Rule(None, Cost.READING),
    EnterRoom: Rule(None, Cost.ENTERING),
    LeaveRoom: Rule(None, Cost.NOTHING),
    Rename: Rule(None, Cost.NOTICE),
    Type: Rule(Act.POST, Cost.NOTHING),
    MarkRead: Rule(None, Cost.NOTICE),
    ListMembers: Rule(None, Cost.READING),
    ListRooms: Rule(None, Cost.READING),
    CreateRoom: Rule(Act.CREATE_ROOM, Cost.CHANGE),
    OpenDirect: Rule(Act.OPEN_DIRECT, Cost.CHANGE),
    SetMember: Rule(Act.SET_MEMBER, Cost.CHANGE),
    # A ban is asked for once more (services/moderation.py).
    Sanctioned: Rule(Act.MODERATE, Cost.CHANGE),
    Lift: Rule(Act.MODERATE, Cost.CHANGE),
    Warn: Rule(Act.MODERATE, Cost.CHANGE),
    Purge: Rule(Act.MODERATE, Cost.CHANGE),
    RunRoom: Rule(Act.RUN_ROOM, Cost.CHANGE),
    Pin: Rule(Act.RUN_ROOM, Cost.CHANGE),
    Announce: Rule(Act.RUN_ROOM, Cost.CHANGE),
    ReportMessage: Rule(Act.REPORT, Cost.REPORT),
    ListQueue: Rule(Act.MODERATE, Cost.READING),
    Decide: Rule(Act.MODERATE, Cost.CHANGE),
    Ping: Rule(None, Cost.NOTHING),
}


#: What the writer takes.
Asked = Arrival | RoomCommand | PresenceUpdate | Mark | Told | AcceptedCommand[AnyChange]


def writer() -> "Writer[Asked, Any]":
    """The writer of this process: the way of every change that a socket asks for into the database."""
    return process.current().once(_make_writer)


def _make_writer() -> "Writer[Asked, Any]":
    return Writer(carry_out, publish, partial(carry_out, is_retry=True))


def carry_out(asked: Sequence[Asked], *, is_retry: bool = False) -> list[Any]:
    """Carry out a batch in one transaction: what came of each, in turn.

    Whoever arrives is there before anybody speaks, and so is a room that is made. A database that cannot
    keep it raises, and then nothing of any of it is kept; but if it is lost during the commit nobody
    knows. So whatever is asked once more is asked as a retry.
    """
    arrivals = [one for one in asked if isinstance(one, Arrival)]
    of_rooms = [one for one in asked if isinstance(one, RoomCommand)]
    marks = [one for one in asked if isinstance(one, Mark)]
    told = [one for one in asked if isinstance(one, Told)]
    commands = [one for one in asked if isinstance(one, AcceptedCommand)]
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
        drafts = log.write(commands, _carry_out, is_retry=is_retry, is_last=True) if commands else []
    done = iter(log.outcomes(drafts))
    come_of: dict[type, Iterator[Any]] = {
        Arrival: arrived,
        RoomCommand: made,
        PresenceUpdate: updated,
        Mark: marked,
        Told: iter(told),
        AcceptedCommand: done,
    }
    return [next(come_of[type(one)]) for one in asked]


def run(commands: Sequence[AcceptedCommand[AnyChange]]) -> list[Outcome]:
    """Carry out commands of a view, the admin or a program, and tell the rooms after the commit."""
    outcomes = log.outcomes(log.write(commands, _carry_out))
    transaction.on_commit(partial(publish, outcomes))
    return outcomes


def publish(outcomes: Sequence[object]) -> None:
    """Tell the rooms what came of commands that are committed, and a person how far they have read."""
    events: dict[tuple[int, str], list[MessagePosted | MessageUpdated]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Done) and outcome.event is not None:
            events.setdefault((outcome.room, outcome.epoch), []).append(outcome.event)
        elif isinstance(outcome, Mark):
            connections = process.current().connections
            connections.tell(outcome.person, ReadMarked(outcome.slug, outcome.message))
    for (room, epoch), some in events.items():
        broadcast.publish(room, epoch, some)


def _carry_out(within: LogTransaction, command: AcceptedCommand[AnyChange]) -> Draft:
    """Draft the change of one command. Raises a ChatError where it may not be."""
    act, _cost, carry_out = RULES[type(command.change)]
    assert act
    assert carry_out
    access.check(command.actor, act, within.room(command))
    return carry_out(within, command)
