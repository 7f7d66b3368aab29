"""Moderation commands: what a socket asks for that moderators do, or that everybody asks of them.

To add one: its class (core/protocol/moderation.py), its rule (services/commands.py), and a line in
CARRIED_OUT.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.utils import timezone

from chat.access import Act
from chat.actors import Actor
from chat.core.errors import ChatError, NotFound, RefReused
from chat.core.protocol import (
    Announce,
    AnyModeration,
    Decide,
    ImposeSanction,
    LiftSanction,
    Pin,
    Purge,
    ReportMessage,
    RunRoom,
    Warn,
)
from chat.models import ActKind, HeldMessage, Message, ModerationAct, Person, Room
from chat.services import commands, directory, filters, members, moderation, reports

C = TypeVar("C", bound=AnyModeration, covariant=True)


@dataclass(frozen=True, eq=False)
class ModerationCommand(Generic[C]):
    """A command of moderation, and who has sent it when."""

    actor: Actor
    command: C
    at: datetime = field(default_factory=timezone.now)


@dataclass(frozen=True)
class Moderated:
    """What came of it: the number under which it is noted."""

    id: int
    at: datetime
    #: Whether it had been carried out before, so that nothing has happened now.
    is_repeat: bool = False
    #: Whether all of it is done; else it has to be given once more, so that others have their turn.
    is_last: bool = True


Outcome = Moderated | ChatError


def carry_out(asked: ModerationCommand[AnyModeration]) -> Outcome:
    """Carry out a command in a transaction of its own, or say why not, and then nothing of it is kept.

    A `ref` is never done twice.
    """
    try:
        with transaction.atomic():
            directory.lock()  # so no other process does the same now
            if noted := _noted(asked):
                _check_same(noted, asked.command)
                return Moderated(noted.pk, noted.at, is_repeat=True)
            if moderated := CARRIED_OUT[type(asked.command)](asked):
                return moderated
            if noted := _noted(asked):
                return Moderated(noted.pk, noted.at)
            raise AssertionError(f"Nobody has noted {asked.command}.")
    except ChatError as error:
        return error


def act_of(command: AnyModeration) -> Act:
    """What the sender has to be allowed: what its rule says, and for a sanction more where it is a ban."""
    if isinstance(command, ImposeSanction | LiftSanction):
        return moderation.ACTS[command.kind]
    act = commands.RULES[type(command)].act
    assert act
    return act


def _noted(asked: ModerationCommand[AnyModeration]) -> ModerationAct | None:
    """What its sender has had done under its ref."""
    if asked.actor.person is None:
        raise NotFound  # nobody of the chat
    return ModerationAct.objects.filter(actor=asked.actor.person.pk, ref=asked.command.ref).first()


def _check_same(noted: ModerationAct, command: AnyModeration) -> None:
    """Return if what was noted under a ref is what is asked for now. Raises RefReused."""
    whom = command.id if isinstance(command, ImposeSanction | LiftSanction | Warn | Purge) else noted.person
    if noted.kind != _kind(command) or noted.person not in ("", whom):  # or were erased since
        raise RefReused  # nobody is told that they have done what they have not


def _kind(command: AnyModeration) -> str:
    """As what it is noted; a report is not."""
    match command:
        case ImposeSanction():
            return command.kind
        case LiftSanction():
            return f"un{command.kind}"
        case Pin():
            return ActKind.UNPIN if command.id is None else ActKind.PIN
        case Decide():
            return f"{'accept' if command.accept else 'dismiss'}_{command.kind}"
        case RunRoom():
            return ActKind.MANAGE
        case _:
            return command.__struct_config__.tag  # type: ignore[return-value]  # a text, of all of these


def _sanction(asked: ModerationCommand[ImposeSanction]) -> None:
    wanted, whom, room = asked.command, _person(asked.command.id), _room(asked.command.room)
    moderation.sanction(
        asked.actor,
        whom,
        wanted.kind,
        room,
        wanted.minutes,
        wanted.reason,
        wanted.address,
        ref=wanted.ref,
    )


def _lift(asked: ModerationCommand[LiftSanction]) -> None:
    wanted, whom, room = asked.command, _person(asked.command.id), _room(asked.command.room)
    moderation.lift(asked.actor, whom, wanted.kind, room, wanted.reason, ref=wanted.ref)


def _warn(asked: ModerationCommand[Warn]) -> None:
    wanted, whom, room = asked.command, _person(asked.command.id), _room(asked.command.room)
    moderation.warn(asked.actor, whom, wanted.reason, room, ref=wanted.ref)


def _purge(asked: ModerationCommand[Purge]) -> Moderated:
    wanted, whom, room = asked.command, _person(asked.command.id), _room(asked.command.room)
    since = asked.at - timedelta(minutes=wanted.minutes) if wanted.minutes else None
    some = moderation.purge_some(asked.actor, whom, room, since, wanted.reason, ref=wanted.ref)
    return Moderated(some.act.pk, some.act.at, is_last=some.is_last)


def _run_room(asked: ModerationCommand[RunRoom]) -> None:
    wanted, room = asked.command, _room_there(asked.command.room)
    moderation.run_room(
        asked.actor, room, wanted.topic, wanted.mode, wanted.slow, wanted.reason, ref=wanted.ref
    )


def _pin(asked: ModerationCommand[Pin]) -> None:
    moderation.pin(asked.actor, _room_there(asked.command.room), asked.command.id, ref=asked.command.ref)


def _announce(asked: ModerationCommand[Announce]) -> None:
    wanted = asked.command
    moderation.announce(asked.actor, _room_there(wanted.room), wanted.message, ref=wanted.ref)


def _report(asked: ModerationCommand[ReportMessage]) -> Moderated:
    reported = _message(asked.command.id)
    report = reports.report(asked.actor, reported, asked.command.reason, at=asked.at)
    return Moderated(report.pk, report.at)


def _decide(asked: ModerationCommand[Decide]) -> None:
    command, actor = asked.command, members.with_memberships(asked.actor)
    if command.kind == "report":
        reported = _message(command.id)
        reports.decide(actor, reported, command.accept, command.reason, ref=command.ref)
    else:
        held = HeldMessage.objects.filter(pk=command.id).first()
        if held is None:
            raise NotFound
        filters.decide_held(actor, held, command.accept, command.reason, ref=command.ref)


#: How each is carried out, within the transaction: None where it is noted in the audit under its ref.
CARRIED_OUT: dict[type[AnyModeration], Callable[[ModerationCommand[Any]], Moderated | None]] = {
    ImposeSanction: _sanction,
    LiftSanction: _lift,
    Warn: _warn,
    Purge: _purge,
    RunRoom: _run_room,
    Pin: _pin,
    Announce: _announce,
    ReportMessage: _report,
    Decide: _decide,
}


def _person(id: str) -> Person:
    person = Person.objects.filter(pk=id).select_related("user").first()
    if person is None:
        raise NotFound
    return person


def _message(id: int) -> Message:
    message = Message.objects.select_related("room").filter(pk=id).first()
    if message is None:
        raise NotFound
    return message


def _room(slug: str | None) -> Room | None:
    return None if slug is None else _room_there(slug)


def _room_there(slug: str) -> Room:
    """The room at this address, whoever asks: they are told no more of it than they may know."""
    room = Room.objects.filter(slug=slug).first()
    if room is None:
        raise NotFound
    return room
