"""Messages: what is said, and taken back, by whoever is no socket: a view, the admin, a program."""

import uuid
from collections.abc import Callable, Iterable

from django.db import transaction

from chat.actors import Actor
from chat.core.errors import ChatError, NotFound
from chat.core.protocol import DeleteMessage, PostMessage, RestoreMessage, Timestamp
from chat.models import Message, Room
from chat.services import audit, commands
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done


def post(actor: Actor, room: Room, text: str, timestamp: Timestamp = None) -> Message:
    """Say something in a room, as the actor's person, and tell it.

    Raises Empty, MessageTooLong, NotFound or Forbidden, and then nothing has happened. Within a
    transaction it is told once that is committed. Whoever owns their id may change it later.
    """
    is_owned = actor.person is not None and actor.person.is_owned
    change = PostMessage(message=text, timestamp=timestamp, ref=uuid.uuid4().hex if is_owned else None)
    [outcome] = commands.run([AcceptedCommand(actor, change, room=room.pk)])
    if isinstance(outcome, ChatError):
        raise outcome
    return Message.objects.get(pk=outcome.id)


def delete(actor: Actor, found: Iterable[Message], reason: str = "", *, is_part: bool = False) -> list[int]:
    """Delete what anybody said, and tell their rooms after the commit: the keys of those that were there.

    Each is noted in the audit, save where it is a part of an act that is noted as a whole. Raises
    Forbidden or ReadOnly where the actor may not delete one of them, and then all are kept.
    """
    reason = audit.in_one_line(reason)
    return _change(actor, found, lambda key: DeleteMessage(id=key, ref="", reason=reason), is_part=is_part)


def restore(
    actor: Actor, found: Iterable[Message], reason: str = "", *, is_part: bool = False
) -> list[int]:
    """Have back what moderators have deleted, as `delete`: the keys of those that were away.

    What somebody has taken back themselves stays so.
    """
    reason = audit.in_one_line(reason)
    return _change(actor, found, lambda key: RestoreMessage(id=key, ref="", reason=reason), is_part=is_part)


@transaction.atomic
def _change(
    actor: Actor,
    found: Iterable[Message],
    change: Callable[[int], DeleteMessage | RestoreMessage],
    *,
    is_part: bool,
) -> list[int]:
    asked = [AcceptedCommand(actor, change(message.pk), is_part=is_part) for message in found]
    outcomes = commands.run(asked)
    for outcome in outcomes:
        if isinstance(outcome, ChatError) and not isinstance(outcome, NotFound):
            raise outcome
    return [outcome.id for outcome in outcomes if isinstance(outcome, Done)]
