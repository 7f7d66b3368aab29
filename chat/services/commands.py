"""The commands: what the sender of each has to be allowed, what it costs, and who carries it out.

To add a command: its class (core/protocol/commands.py), a line in RULES, a section in docs/PROTOCOL.md, and
what carries it out: where it changes a room's log a function in services/changes.py, else a `case` in
socket/commands.py, and a branch of `carry_out` in services/batches.py where that changes other rows (rooms,
members, marks). What moderators do is in services/moderation_commands.py.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

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
    ImposeSanction,
    LeaveRoom,
    LiftSanction,
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
    Search,
    SetMember,
    Type,
    Warn,
)
from chat.live import broadcast, process
from chat.live.admission import Cost
from chat.services import changes
from chat.services.reading import Mark
from chat.storage import log
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import CarryOut, Done, LogTransaction, Outcome


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
    Search: Rule(None, Cost.SEARCH),
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
    # Where it is a ban that asks for more: moderation_commands.act_of.
    ImposeSanction: Rule(Act.SANCTION, Cost.CHANGE),
    LiftSanction: Rule(Act.SANCTION, Cost.CHANGE),
    Warn: Rule(Act.SANCTION, Cost.CHANGE),
    Purge: Rule(Act.MODERATE, Cost.CHANGE),
    RunRoom: Rule(Act.RUN_ROOM, Cost.CHANGE),
    Pin: Rule(Act.RUN_ROOM, Cost.CHANGE),
    Announce: Rule(Act.RUN_ROOM, Cost.CHANGE),
    ReportMessage: Rule(Act.REPORT, Cost.REPORT),
    ListQueue: Rule(Act.MODERATE, Cost.READING),
    Decide: Rule(Act.MODERATE, Cost.CHANGE),
    Ping: Rule(None, Cost.NOTHING),
}


#: What somebody may ask for who has given no name.
READING = frozenset({ReadHistory, Search, EnterRoom, LeaveRoom, ListMembers, ListRooms, Ping})


def run(commands: Sequence[AcceptedCommand[AnyChange]]) -> list[Outcome]:
    """Carry out commands of a view, the admin or a program, and tell the rooms after the commit."""
    outcomes = log.write(commands, carry_out)
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


def carry_out(within: LogTransaction, command: AcceptedCommand[AnyChange]) -> Done:
    """Draft the change of one command in a transaction. Raises a ChatError where it may not be."""
    act, _cost, carry_out = RULES[type(command.change)]
    assert act
    assert carry_out
    access.check(command.actor, act, within.room(command))
    return carry_out(within, command)
