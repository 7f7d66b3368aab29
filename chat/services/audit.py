"""The audit: what moderators do is noted in the transaction that does it."""

from collections.abc import Mapping
from typing import Any

from chat.actors import Actor
from chat.core import text
from chat.core.protocol import REASON_LIMIT
from chat.models import ActKind, Message, ModerationAct, Person, Room, Via


def note(
    actor: Actor,
    kind: ActKind | str,
    *,
    room: Room | None = None,
    person: Person | None = None,
    message: Message | int | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    ref: str | None = None,
) -> ModerationAct:
    """Note what somebody does, to whom, about what, where and why.

    In the transaction that does it, so that neither is there without the other. Raises MessageTooLong for
    a reason that is too long.
    """
    act = draft(actor, kind, room=room, person=person, message=message, reason=reason, details=details)
    if actor.person is not None:  # by whom it would be found again
        act.ref = ref
    act.save()
    return act


def draft(
    actor: Actor,
    kind: ActKind | str,
    *,
    room: Room | None = None,
    person: Person | None = None,
    message: Message | int | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> ModerationAct:
    """The row of an act, for whoever saves it with others.

    Where nobody is named it is about the author of the message.
    """
    whom, called = ("", "") if person is None else (person.pk, person.name)
    if person is None and isinstance(message, Message):
        whom, called = message.author_id, message.name
    return ModerationAct(
        kind=kind,
        via=_via(actor),
        actor="" if actor.person is None else actor.person.pk,
        actor_user="" if actor.user is None else str(actor.user.pk),
        actor_name=_name(actor)[:150],
        room=room,
        room_title="" if room is None else room.title,
        person=whom,
        person_name=called,
        message=message.pk if isinstance(message, Message) else message,
        reason=in_one_line(reason),
        details=dict(details or {}),
    )


def in_one_line(reason: str) -> str:
    """A reason as it is kept. Raises MessageTooLong."""
    return text.one_line(reason, REASON_LIMIT, may_be_empty=True)


def _via(actor: Actor) -> Via:
    if actor.is_program:
        return Via.COMMAND if actor.operator else Via.PROGRAM
    return Via.ADMIN if actor.in_admin else Via.CHAT


def _name(actor: Actor) -> str:
    if actor.person is not None:
        return actor.person.name
    return actor.operator if actor.user is None else str(actor.user.get_username())
