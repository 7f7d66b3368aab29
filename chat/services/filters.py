"""Filters: rules of what is not let by, kept by whoever runs a room; and what they held, decided."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from chat import access, frames
from chat.access import Act
from chat.actors import Actor
from chat.core import filtering
from chat.core.errors import NotFound, ReadOnly
from chat.core.filtering import PATTERNS_LIMIT, Action, BadRule, Kind
from chat.core.protocol import PostMessage
from chat.models import ActKind, FilterKind, FilterRule, HeldMessage, ModerationAct, Room
from chat.services import audit, changes, directory, mentions, notices, queue
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done, LogTransaction

#: How many rules may be active at one time.
LIMIT = 200


def check(kind: str, value: str, action: str = "refuse") -> None:
    """Return if these may stand in a rule. Raises Django's ValidationError, which says why not."""
    try:
        filtering.check(cast(Kind, kind), value, cast(Action, action))
    except BadRule as error:
        raise ValidationError(gettext(error.sentence) % error.details) from None


def keep(actor: Actor, rule: FilterRule) -> FilterRule:
    """Keep a rule, new or changed: within a second it holds in every process.

    Raises ValidationError where it is none, or too much of one, and Forbidden or NotFound.
    """
    with transaction.atomic():
        directory.move()
        access.check(actor, Act.RUN_ROOM, rule.room)
        if rule.pk is not None and (before := FilterRule.objects.filter(pk=rule.pk).first()):
            access.check(actor, Act.RUN_ROOM, before.room)
        check(rule.kind, rule.value, rule.action)
        if rule.is_active:
            _check_room_for(rule)
        rule.save()
        _note(actor, rule, rule.room, is_active=rule.is_active)
    return rule


def remove(actor: Actor, rule: FilterRule) -> None:
    """Take a rule away. Raises Forbidden or NotFound."""
    with transaction.atomic():
        directory.move()
        access.check(actor, Act.RUN_ROOM, rule.room)
        _note(actor, rule, rule.room, is_active=False)
        rule.delete()


def decide_held(
    actor: Actor, held: HeldMessage, accept: bool, reason: str = "", *, ref: str | None = None
) -> ModerationAct:
    """Let a held message through, as what its author says now; or refuse it, and tell them.

    Whether the author is still here, or may still speak, is all the same: who lets it through has read it.
    Raises NotFound where it waits no more, ReadOnly where the room is archived, and Forbidden.
    """
    with transaction.atomic():
        if not accept:
            directory.move()  # with which the author hears of it
        waiting = HeldMessage.objects.select_for_update(of=("self",)).filter(is_refused=False)
        row = waiting.select_related("room", "author").filter(pk=held.pk).first()
        if row is None:
            raise NotFound
        access.check(actor, Act.MODERATE, row.room)
        queue.changed()
        message = _say(row) if accept else None
        if not accept:
            row.is_refused = True
            row.save()
            notices.add(row.author_id, ActKind.DISMISS_HELD, row.room, reason)
        return audit.note(
            actor,
            ActKind.ACCEPT_HELD if accept else ActKind.DISMISS_HELD,
            room=row.room,
            person=row.author,
            message=message,
            reason=reason,
            details={"why": row.why},
            ref=ref,
        )


@dataclass(frozen=True)
class _LetThrough(AcceptedCommand[PostMessage]):
    """The command of a held message, once a moderator has let it through."""

    held: HeldMessage = field(kw_only=True)

    @cached_property
    def digest(self) -> str:
        """That of the command that was held, which may have been masked since."""
        return self.held.digest or ""


def _say(held: HeldMessage) -> int:
    """Say a held message as its author: the key of the message."""
    if held.room.is_archived:
        raise ReadOnly
    is_signed = held.digest is not None
    author = held.author
    author.name = held.name  # as it was then
    ref = held.ref if is_signed else None
    timestamp = frames.timestamp_told(held.timestamp)
    change = PostMessage(held.text, timestamp, room=held.room.slug, ref=ref, reply_to=held.reply_to_id)
    actor = Actor(held.role, author)  # type: ignore[arg-type]
    done = changes.make(
        _LetThrough(actor, change, room=held.room_id, key=None if is_signed else held.ref, held=held), _post
    )
    held.delete()
    return done.id


def _post(log: LogTransaction, command: AcceptedCommand[PostMessage]) -> Done:
    assert isinstance(command, _LetThrough)
    held, room = command.held, log.room(command)
    return log.post(room, held.author, command, held.text, mentions.found(log, room, held.text))


def _check_room_for(rule: FilterRule) -> None:
    """Return if one more rule may be active. Raises ValidationError."""
    others = FilterRule.objects.filter(is_active=True).exclude(pk=rule.pk)
    if others.count() >= LIMIT:
        raise ValidationError(gettext_lazy("At most %(most)d filters are active."), params={"most": LIMIT})
    if rule.kind == FilterKind.PATTERN:
        patterns = others.filter(kind=FilterKind.PATTERN).values_list("value", flat=True)
        if sum(map(filtering.cost, [*patterns, rule.value])) > PATTERNS_LIMIT:
            raise ValidationError(gettext_lazy("All patterns together cost too much: take others away."))


def _note(actor: Actor, rule: FilterRule, room: Room | None, *, is_active: bool) -> None:
    details = {"kind": rule.kind, "value": rule.value, "action": rule.action, "active": is_active}
    audit.note(actor, ActKind.FILTER, room=room, reason=rule.note, details=details)
