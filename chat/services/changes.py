"""The changes of a room's log: how each command that asks for one is carried out, in a transaction of it.

Whether its sender may is asked before (services/commands.py); whose a message is, here.
"""

from functools import partial

from django.db import transaction

from chat import access, conf
from chat.access import Act
from chat.core import reactions, text
from chat.core.errors import Forbidden, NotFound
from chat.core.protocol import AnyChange, DeleteMessage, EditMessage, PostMessage, React, RestoreMessage
from chat.live import broadcast
from chat.models import ActKind, Message, Person, ReportState
from chat.services import audit, filtering, mentions, queue, slow_mode
from chat.storage import log as storage_log
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import CarryOut, Done, LogTransaction


def post(log: LogTransaction, command: AcceptedCommand[PostMessage]) -> Done:
    """Say something new."""
    change = command.change
    room, author = log.room(command), _person(command)
    if room.slow:
        slow_mode.check(log, command, room, author)
    if change.reply_to is not None and log.message(command, change.reply_to).room_id != room.pk:
        raise NotFound
    said = filtering.passed(log, command, room, text.clean(change.message))
    return log.post(room, author, command, said, mentions.found(log, room, said))


def edit(log: LogTransaction, command: AcceptedCommand[EditMessage]) -> Done:
    """Put one's own words otherwise."""
    change = command.change
    message = log.message(command, change.id)
    if not _is_own(message, command):
        raise Forbidden
    message.text = filtering.passed(log, command, message.room, text.clean(change.message))
    message.mentions = mentions.found(log, message.room, message.text)
    message.edited_at = log.now
    return log.change(message)


def delete(log: LogTransaction, command: AcceptedCommand[DeleteMessage]) -> Done:
    """Take one's own words back, or as a moderator what anybody has said."""
    change = command.change
    message = log.message(command, change.id)
    if not _is_own(message, command):
        access.check(command.actor, Act.MODERATE, message.room)
        message.is_removed = True
        if message.pk in log.once(queue.reported):
            queue.settle(message, ReportState.ACCEPTED, change.reason)
            log.answered()
        _note(log, command, ActKind.DELETE, message)
    message.deleted_at = log.now
    return log.change(message)


def restore(log: LogTransaction, command: AcceptedCommand[RestoreMessage]) -> Done:
    """Have a message back that a moderator has deleted. What its author took back stays so: NotFound."""
    message = log.message(command, command.change.id, is_removed=True)
    message.deleted_at, message.is_removed = None, False
    _note(log, command, ActKind.RESTORE, message)
    return log.change(message)


def react(log: LogTransaction, command: AcceptedCommand[React]) -> Done:
    """Put an emoji on a message, or take one's own off. What is so already changes nothing."""
    change = command.change
    message, person = log.message(command, change.id), _person(command)
    if change.on:
        limits = conf.current().reaction_limits
        found = reactions.put(message.reactions, change.emoji, person.pk, limits)
    else:
        found = reactions.take_off(message.reactions, change.emoji, person.pk)
    if found == message.reactions:
        return log.unchanged(message)
    message.reactions = found
    return log.change(message)


def make(command: AcceptedCommand[AnyChange], carry_out: CarryOut) -> Done:
    """Carry out one change as a part of something larger, whose right was asked for; told after the commit.

    Raises ChatError.
    """
    [outcome] = storage_log.write([command], carry_out)
    if not isinstance(outcome, Done):
        raise outcome
    if outcome.event is not None:
        event = outcome.event
        transaction.on_commit(partial(broadcast.publish, outcome.room, outcome.epoch, [event]))
    return outcome


def _note(
    log: LogTransaction,
    command: AcceptedCommand[DeleteMessage] | AcceptedCommand[RestoreMessage],
    kind: ActKind,
    message: Message,
) -> None:
    """Note what a moderator does with what somebody else has said."""
    if not command.is_part:
        reason = command.change.reason
        log.note(audit.draft(command.actor, kind, room=message.room, message=message, reason=reason))


def _person(command: AcceptedCommand[AnyChange]) -> Person:
    """Who says it. Raises Forbidden where nobody of the chat stands behind the actor."""
    if command.actor.person is None:
        raise Forbidden
    return command.actor.person


def _is_own(message: Message, command: AcceptedCommand[AnyChange]) -> bool:
    person = command.actor.person
    return person is not None and message.author_id == person.pk and message.has_owner
