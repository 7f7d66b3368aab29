"""Messages: what is said, and taken back, by whoever is no socket: a view, the admin, a program."""

import uuid
from collections.abc import Iterable

from django.db import transaction

from chat import access
from chat.access import Act, Actor
from chat.core.errors import ChatError, NotFound
from chat.core.protocol import DeleteMessage, PostMessage, Timestamp
from chat.models import Message, Room
from chat.services import commands
from chat.storage.log import AcceptedCommand, Done


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


@transaction.atomic
def take_back(actor: Actor, found: Iterable[Message]) -> list[int]:
    """Delete what anybody said, and tell their rooms after the commit: the keys of those that were there.

    Raises Forbidden or ReadOnly where the actor may not delete one of them, and then all are kept.
    """
    access.check(actor, Act.MODERATE)
    outcomes = commands.run(
        [AcceptedCommand(actor, DeleteMessage(id=message.pk, ref="")) for message in found]
    )
    for outcome in outcomes:
        if isinstance(outcome, ChatError) and not isinstance(outcome, NotFound):
            raise outcome
    return [outcome.id for outcome in outcomes if isinstance(outcome, Done)]
