"""Commands: what a client with a name asks for, and the answers to it."""

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError

from chat.core.errors import ChatError, Internal, NameReserved, NotFound, RateLimited
from chat.core.protocol import (
    Acknowledged,
    AnyChange,
    AnyCommand,
    Change,
    Cursor,
    EnterRoom,
    LeaveRoom,
    MessageUpdated,
    Ping,
    Pong,
    PostMessage,
    ReadHistory,
    Rename,
    RoomLeft,
    encode,
    encoded_size,
)
from chat.frames import iso
from chat.live.admission import Charges, charges
from chat.services import commands, history, naming, presence
from chat.services.people import Arrival
from chat.socket.handshake import known_of
from chat.storage import thread
from chat.storage.log import AcceptedCommand, Done, new_key
from chat.storage.readers import reading

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

#: How many of a client's changes may wait for the writer before no more is taken from it.
IN_FLIGHT = 64

read_page = reading(history.page)


class Commands:
    """Takes the commands of one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._writer = commands.writer()
        self._in_flight = asyncio.Semaphore(IN_FLIGHT)
        #: What the writer still has of this connection.
        self._written: set[asyncio.Future[Any]] = set()

    async def take(self, command: AnyCommand) -> None:
        """Do what is asked for. Raises ChatError; a change is answered once it is committed."""
        connection, rule = self._connection, commands.RULES[type(command)]
        if isinstance(command, Change):
            return await self._change(command, charges(rule.cost, getattr(command, "message", "")))
        connection.admission.charge(charges(rule.cost))
        match command:
            case ReadHistory():
                await self._send_page(command)
            case EnterRoom():
                cursor = Cursor(after=command.after, epoch=command.epoch)
                await connection.subscriptions.enter(command.room, cursor)
            case LeaveRoom():
                connection.subscriptions.leave(command.room)
                connection.send(RoomLeft(command.room))
            case Rename():
                await self._rename(command)
            case Ping():
                connection.send(Pong(command.n))

    def arrive(self, arrival: Arrival) -> "asyncio.Future[Any]":
        """Have an arrival noted; what comes of it, after the commit. `settle` waits for it."""
        outcome = self._writer.put(arrival)
        self._written.add(outcome)
        outcome.add_done_callback(self._written.discard)
        return outcome

    async def settle(self) -> None:
        """Return when the writer has nothing more of this connection. Nobody speaks after having left."""
        if self._written:
            await asyncio.wait(self._written, timeout=thread.PATIENCE)

    async def _change(self, change: AnyChange, cost: Charges) -> None:
        connection = self._connection
        if not await self._may_change(change, cost):
            return
        await self._in_flight.acquire()
        arrival = connection.handshake.arrival
        if not arrival.done():
            await asyncio.wait([arrival])
        if connection.closing.is_closing:
            return
        try:
            accepted = self._accepted(change)
        except NotFound as error:
            self._in_flight.release()
            error.ref = change.ref
            raise
        outcome = self._writer.put(accepted)
        self._written.add(outcome)
        outcome.add_done_callback(partial(self._answer, change))

    async def _may_change(self, change: AnyChange, cost: Charges) -> bool:
        """Whether a change may be made: v2 gets RateLimited where it is too much, v1 waits."""
        admission, closing = self._connection.admission, self._connection.closing
        if self._connection.dialect == 2:
            try:
                admission.charge(cost)
            except RateLimited as error:
                error.ref = change.ref
                raise
            return True
        while wait := admission.wait(cost, of_person=not closing.is_leaving):
            await admission.hold(wait)
            if closing.is_closing:
                return False
        admission.add(cost)
        return True

    def _accepted(self, change: AnyChange) -> AcceptedCommand[AnyChange]:
        """The change as the writer takes it. Raises NotFound where its room is not listened to."""
        connection = self._connection
        assert connection.actor
        rooms, room = connection.subscriptions, None
        if isinstance(change, PostMessage):
            room = rooms[change.room if connection.dialect == 2 and change.room else rooms.first].pk
        key = new_key() if change.ref is None else None
        return AcceptedCommand(connection.actor, change, listened=rooms.keys(), room=room, key=key)

    def _answer(self, change: AnyChange, outcome: "asyncio.Future[Done | ChatError]") -> None:
        connection = self._connection
        self._in_flight.release()
        self._written.discard(outcome)
        if outcome.cancelled():
            return
        match outcome.result():
            case Done() as done if connection.dialect == 2:
                if isinstance(done.event, MessageUpdated):
                    # Everybody is told the whole message again, whose size is known only now.
                    connection.admission.add([("told", encoded_size(done.event))])
                ack = Acknowledged(change.ref, done.id, done.version, iso(done.at), done.is_repeat)
                connection.send(ack)
            case ChatError() as error:
                error.ref = change.ref
                connection.closing.refuse(error)

    async def _rename(self, wanted: Rename) -> None:
        """Call a guest otherwise once that is stored; `welcome` is the answer, to all their connections."""
        connection = self._connection
        assert connection.actor
        assert connection.actor.person
        person = connection.actor.person
        name = naming.wanted(connection.actor, wanted.name)
        naming.check_free(connection.actor, name)
        known = await connection.process.once(known_of)(naming.newcomer(person.pk, name))
        if known.is_name_of_user:
            raise NameReserved
        outcome = await self.arrive(naming.renamed(person, name))
        if isinstance(outcome, Internal):
            raise outcome
        if connection.closing.is_closing:
            return
        naming.check_free(connection.actor, name)  # somebody may have come meanwhile
        presence.rename(person.pk, name)

    async def _send_page(self, wanted: ReadHistory) -> None:
        connection = self._connection
        assert connection.actor
        room = connection.subscriptions[wanted.room]
        try:
            page = encode(await read_page(connection.actor, room, wanted))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("No history can be read: %s", str(error).strip())
            raise Internal from None
        connection.admission.add_read(len(page.encode()))
        connection.queue.send(page)
