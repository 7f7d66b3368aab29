"""Moderation by a socket: what moderators ask for, and the answers to it."""

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError

from chat import access
from chat.actors import Actor
from chat.core.errors import ChatError, Forbidden, Internal
from chat.core.protocol import Acknowledged, AnyModeration, Decide, ReportMessage
from chat.frames import iso
from chat.services import batches, moderation, moderation_commands, users
from chat.services.moderation_commands import Moderated, ModerationCommand
from chat.socket import rights
from chat.storage.readers import reading

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

_read_as_of_now = reading(users.as_of_now)


async def take(connection: "Connection", command: AnyModeration) -> None:
    """Have done what is asked for. Raises ChatError; it is answered once it is committed.

    What takes many transactions goes on by itself: meanwhile the client may ask for something else, or go.
    """
    assert connection.actor
    asked = ModerationCommand(connection.actor, command)
    try:
        await _check(connection, command)
        outcome = await _carried_out(asked)
    except ChatError as error:
        error.ref = command.ref
        raise
    if outcome.is_last:
        await _answer(connection, command, outcome)
    else:
        connection.process.supervisor.run(_go_on(connection, asked))


async def _check(connection: "Connection", command: AnyModeration) -> None:
    """Return if this connection is allowed what it asks for, as far as is known here.

    That is asked once more where it is done; so nobody else gives the writer work. Raises as access.check.
    """
    assert connection.actor
    if isinstance(command, Decide) and access.moderated_rooms(connection.actor) == frozenset():
        raise Forbidden
    if isinstance(command, ReportMessage | Decide):
        return  # it depends on the room of a message
    room = None if command.room is None else await connection.subscriptions.found(command.room)
    access.check(connection.actor, moderation_commands.act_of(command), room)


async def _go_on(connection: "Connection", asked: ModerationCommand[AnyModeration]) -> None:
    """Do the rest, as long as they may: who was a moderator when it began may be banned by now."""
    try:
        while True:
            began = connection.loop.time()
            outcome = await _carried_out(asked)
            if outcome.is_last:
                break
            # As long as others had to wait: SQLite lets in whoever asks at the right moment.
            await asyncio.sleep(min(connection.loop.time() - began, moderation.LONGEST_TURN))
            asked = replace(asked, actor=await _as_of_now(asked.actor))
    except ChatError as error:
        error.ref = asked.command.ref
        connection.closing.refuse(error, asked.command)
    else:
        await _answer(connection, asked.command, outcome)


async def _as_of_now(actor: Actor) -> Actor:
    """Who has asked, as what they are by now, wherever they are. Raises ChatError."""
    try:
        return await _read_as_of_now(actor)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("What a moderator may cannot be read: %s", str(error).strip())
        raise Internal from None


async def _carried_out(asked: ModerationCommand[AnyModeration]) -> Moderated:
    outcome = await batches.writer().put(asked)
    if isinstance(outcome, ChatError):
        raise outcome
    assert isinstance(outcome, Moderated)
    return outcome


async def _answer(connection: "Connection", command: AnyModeration, outcome: Moderated) -> None:
    """Say that it is done, once it holds for who has asked. For all others it does soon."""
    await rights.of_process().renew(connection)
    connection.send(Acknowledged(command.ref, outcome.id, 0, iso(outcome.at), outcome.is_repeat))
