"""Commands: what a client asks for that was let in, and the answers to it."""

import asyncio
import contextlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from chat import access
from chat.core.errors import (
    ChatError,
    Internal,
    NotFound,
    RateLimited,
)
from chat.core.protocol import (
    Acknowledged,
    AnyChange,
    AnyCommand,
    Change,
    CreateRoom,
    Cursor,
    EnterRoom,
    LeaveRoom,
    ListMembers,
    ListQueue,
    ListRooms,
    MarkRead,
    MessageUpdated,
    Moderation,
    OpenDirect,
    Ping,
    Pong,
    PostMessage,
    ReadHistory,
    Rename,
    RoomLeft,
    Search,
    SetMember,
    Type,
    encode,
    encoded_size,
)
from chat.frames import iso
from chat.live.admission import Charges, Cost, charges
from chat.models import Room
from chat.services import batches, commands, history, typing
from chat.services.people import Arrival
from chat.services.reading import Mark
from chat.socket import moderation, naming, queue, rooms, search
from chat.storage import thread
from chat.storage.accepted_command import AcceptedCommand, new_key
from chat.storage.log import Done
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
        self._writer = batches.writer()
        #: How much the writer still has of this connection, and what is set when it has less.
        self._in_flight = 0
        self._answered: asyncio.Future[None] | None = None

    async def take(self, command: AnyCommand) -> None:
        """Do what is asked for. Raises ChatError; a change is answered once it is committed."""
        connection = self._connection
        assert connection.actor
        if type(command) not in commands.READING:
            access.check_named(connection.actor, getattr(command, "ref", None))
        rule = commands.RULES[type(command)]
        if isinstance(command, Change):
            return await self._change(command, charges(rule.cost, getattr(command, "message", "")))
        # Who only watches a room, or has no name, is told of to nobody.
        is_quiet = isinstance(command, EnterRoom) and (command.watch or connection.actor.is_reader)
        connection.admission.charge(charges(Cost.READING if is_quiet else rule.cost))
        match command:
            case ReadHistory():
                await self._send_page(command)
            case Search():
                await search.send_found(connection, command)
            case EnterRoom():
                cursor = Cursor(after=command.after, epoch=command.epoch)
                await connection.subscriptions.enter(command.room, cursor, watch=command.watch)
            case LeaveRoom():
                connection.subscriptions.leave(command.room)
                connection.send(RoomLeft(command.room))
            case ListMembers():
                page = encode(connection.subscriptions.roster_page(command))
                connection.admission.add_read(len(page.encode()))
                connection.queue.send(page)
            case Rename():
                await naming.rename(connection, command)
            case ListRooms():
                await rooms.send_list(connection)
            case CreateRoom() | OpenDirect():
                self._check(command)
                await rooms.make(connection, command)
            case SetMember():
                await rooms.set_member(connection, command)
            case Moderation():
                await self._have_arrived()
                if not connection.closing.is_closing:
                    await moderation.take(connection, command)
            case ListQueue():
                await queue.send_page(connection, command)
            case Type():
                self._show_typing(command)
            case MarkRead():
                await self._mark_read(command)
            case Ping():
                connection.send(Pong(command.n, iso(timezone.now())))

    def arrive(self, arrival: Arrival, *, later: bool = False) -> "asyncio.Future[Any]":
        """Have an arrival noted, now or `later`; what comes of it, after the commit. `settle` waits."""
        outcome = self._writer.put(arrival, later=later)
        self._in_flight += 1
        outcome.add_done_callback(self._land)
        return outcome

    async def settle(self) -> None:
        """Return when the writer has nothing more of this connection. Nobody speaks after having left."""
        if self._in_flight:
            self._writer.hurry()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(thread.PATIENCE):
                    await self._until_fewer_than(1)

    async def _until_fewer_than(self, most: int) -> None:
        """Return when the writer has fewer than so many of this connection's changes and arrivals."""
        while self._in_flight >= most:
            self._answered = self._answered or self._connection.loop.create_future()
            await asyncio.wait([self._answered])

    def _land(self, _outcome: object = None) -> None:
        """The writer has answered one."""
        self._in_flight -= 1
        if self._answered is not None:
            self._answered.set_result(None)
            self._answered = None

    async def _change(self, change: AnyChange, cost: Charges) -> None:
        connection = self._connection
        if not await self._may_change(change, cost):
            return
        await self._until_fewer_than(IN_FLIGHT)
        await self._have_arrived()
        if connection.closing.is_closing:
            return
        try:
            accepted = self._accepted(change)
        except NotFound as error:
            error.ref = change.ref
            raise
        self._write(accepted)

    def take_at_once(self, change: AnyChange) -> bool:
        """Have the writer carry out a change, if nothing has to be waited for and nothing is against it.

        Else False, and nothing has happened: it is for `take`, which waits, and says what is wrong.
        """
        connection = self._connection
        assert connection.actor
        cost = charges(commands.RULES[type(change)].cost, getattr(change, "message", ""))
        try:
            access.check_named(connection.actor)
            accepted = self._accepted(change)
        except ChatError:
            return False
        has_to_wait = (
            self._in_flight >= IN_FLIGHT
            or not connection.identity.arrival.done()
            or connection.admission.wait(cost)
        )
        if has_to_wait:
            return False
        connection.admission.add(cost)
        self._write(accepted)
        return True

    def _write(self, accepted: AcceptedCommand[AnyChange]) -> None:
        self._in_flight += 1
        self._writer.submit(accepted, partial(self._answer, accepted.change))

    def _check(self, command: AnyCommand, room: Room | None = None) -> None:
        """Return if this connection is allowed what the command asks for, as far as is known here.

        Raises as access.check. What changes rows is asked for once more where that is done.
        """
        act = commands.RULES[type(command)].act
        assert act
        assert self._connection.actor
        access.check(self._connection.actor, act, room)

    def _show_typing(self, command: Type) -> None:
        actor, room = self._connection.actor, self._connection.subscriptions.entered(command.room)
        assert actor
        assert actor.person
        self._check(command, room)
        typing.show(actor.person, room)

    async def _have_arrived(self) -> None:
        """Return when the person is known to the database: what is theirs comes after that."""
        arrival = self._connection.identity.arrival
        if not arrival.done():
            self._writer.hurry()
            await asyncio.wait([arrival])

    async def _mark_read(self, command: MarkRead) -> None:
        """Note how far this person has read. All their connections hear of it; whether it was kept, nobody.

        Whoever may ask for it has a token or a session: v1, whose people may be anybody's next time, has no
        such command.
        """
        connection = self._connection
        room = connection.subscriptions[command.room]
        await self._have_arrived()
        if not connection.closing.is_closing:
            assert connection.actor
            assert connection.actor.person
            self._writer.submit(Mark(connection.actor.person.pk, room.pk, room.slug, command.id))

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
            slug = change.room if connection.dialect == 2 and change.room else rooms.first
            room = rooms.entered(slug).id
        # What is answered is in the same room: to name fifty is a fifth of what a message costs the loop.
        listened = rooms.keys() if room is None else frozenset((room,))
        key = new_key() if change.ref is None else None
        return AcceptedCommand(connection.actor, change, listened=listened, room=room, key=key)

    def _answer(self, change: AnyChange, outcome: Done | ChatError) -> None:
        connection = self._connection
        self._land()
        match outcome:
            case Done() as done if connection.dialect == 2:
                if isinstance(done.event, MessageUpdated):
                    # Everybody is told the whole message again, whose size is known only now.
                    connection.admission.add([("told", encoded_size(done.event))])
                ack = Acknowledged(change.ref, done.id, done.version, iso(done.at), done.is_repeat)
                connection.send(ack)
            case ChatError() as error:
                error.ref = change.ref
                connection.closing.refuse(error, change)

    async def _send_page(self, wanted: ReadHistory) -> None:
        connection = self._connection
        assert connection.actor
        room = connection.subscriptions[wanted.room]
        try:
            page = encode(await read_page(connection.actor, room, wanted))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("No history can be read: %s", str(error).strip())
            raise Internal from None
        _room = connection.subscriptions[wanted.room]  # or it is no longer theirs to read
        connection.admission.add_read(len(page.encode()))
        connection.queue.send(page)
