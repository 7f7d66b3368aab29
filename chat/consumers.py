"""The socket: one consumer for each connection, from the name handshake to the farewell."""

import asyncio
import contextlib
import logging
import time
import uuid
from functools import partial
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext, override

from chat import conf, live
from chat.core import limits, names
from chat.core.errors import (
    ChatError,
    GoingDown,
    Internal,
    NoNameInTime,
    NotFound,
    TooManyBadFrames,
    TooManyConnections,
    TooSlow,
)
from chat.core.limits import Strikes
from chat.core.protocol import (
    Acknowledged,
    AnyChange,
    AnyCommand,
    Bookmark,
    Change,
    Closing,
    EnterRoom,
    Event,
    LeaveRoom,
    Member,
    NameRequested,
    Notified,
    Ping,
    Pong,
    PostMessage,
    ReadHistory,
    Refused,
    Reply,
    RoomEntered,
    RoomLeft,
    Welcomed,
    bookmarks,
    encode,
    parse,
    parse_reply,
)
from chat.models import Person, Room, iso
from chat.services import batch, messages, people, presence, rooms
from chat.services.log import Done, Order
from chat.services.people import Arrival

logger = logging.getLogger(__name__)

#: How many of a client's changes may wait for the writer before no more is taken from it.
IN_FLIGHT = 64
#: How many members a `room` frame names; `online` counts them all.
MEMBERS = 200
#: How many passages are read at a time: each may be a thousand messages.
PASSAGES = 10

is_owned = live.Gathered(people.owned)
find_rooms = live.Gathered(rooms.find)
read_passage = live.Gathered(rooms.passages, most=PASSAGES)
read_page = live.reading(messages.page)

NAME_REQUESTED = encode(NameRequested())

_places = limits.Places()

_writer: live.Writer[Arrival | Order, Any] | None = None


def get_writer() -> live.Writer[Arrival | Order, Any]:
    """The writer of the running event loop: the way of every change into the database."""
    global _writer
    if _writer is None or not _writer.belongs_to(asyncio.get_running_loop()):
        _writer = live.Writer(batch.carry_out, messages.tell)
    return _writer


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One connection. It asks for a name, joins rooms' groups through the hub, and then listens."""

    #: 1 or 2, once the name reply has told.
    dialect = 1
    #: Who this is; known once the handshake is over.
    person: Person | None = None
    #: The id held in the roster, from the name on.
    _held: str | None = None
    #: The network that the connection is counted for; None before it is counted.
    _place: str | None = None
    #: When the patience with a newcomer ends, by the loop's clock.
    _deadline: float | None = None
    #: Nothing more is taken from the client.
    _is_closing = False
    _language: str | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the connection. However it ends, its rooms are left.

        Channels would give each consumer a channel of its own and wait for that, too. Here the hub
        has the only channel of the process, and the socket is all there is to wait for.
        """
        self.scope, self.base_send = scope, send
        #: The rooms listened to, in the order they were entered, and the place in each.
        self.seats: dict[str, tuple[Room, live.Seat]] = {}
        self._line = live.Line.to(scope, send, lost=self._lose, going_down=self._go_down)
        self._in_flight = asyncio.Semaphore(IN_FLIGHT)
        #: What the writer still has of this connection.
        self._asked: set[asyncio.Future[Any]] = set()
        try:
            while True:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        message = await receive()
                except TimeoutError:
                    await self._expel(NoNameInTime(), 4503)
                else:
                    await self.dispatch(message)
        except StopConsumer:
            pass
        finally:
            await self._depart()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand an event of the server to its method. What a client sends never names a method.

        Channels tidies up the database's connections here, at the cost of a thread hop for each
        frame; whatever goes to the database does it anyway, where there is something to tidy up.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Let the client in and ask for a name."""
        settings = conf.current()
        self._strikes = Strikes(most=settings.bad_frames_per_minute, seconds=60)
        if settings.name_timeout:
            self._deadline = asyncio.get_running_loop().time() + settings.name_timeout
        await self.accept()
        network = limits.network((self.scope.get("client") or [""])[0])
        if not _places.take(network, settings.connections, settings.connections_per_address):
            logger.warning("Turned away, for there are too many connections: %s", network or "a proxy's")
            await self._expel(TooManyConnections(), 4504)
            return
        self._place = network
        self._line.tell(NAME_REQUESTED)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """Take one frame. Whatever is wrong with it is answered here, once, and changes nothing."""
        if self._is_closing:
            return
        try:
            if self.person is None:
                await self._introduce(parse_reply(text_data))
            elif command := parse(text_data, self.dialect):
                await self.receive_json(command)
        except ChatError as error:
            self._refuse(error)
        except (DatabaseError, InterfaceError) as error:
            # Half in and half out of a room is no place to stay: the client comes again.
            logger.warning("The database cannot be read: %s", str(error).strip())
            await self._expel(Internal(), 4011)

    async def receive_json(self, content: AnyCommand, **kwargs: Any) -> None:
        """Do what a client with a name asks for."""
        match content:
            case Change():
                await self._in_flight.acquire()
                if not self._arrival.done():
                    await asyncio.wait([self._arrival])
                if not self._is_closing:
                    self._ask(content)
            case ReadHistory():
                await self._tell_page(content)
            case EnterRoom():
                await self._enter(content.room, Bookmark(after=content.after, epoch=content.epoch))
            case LeaveRoom():
                self._seat(content.room)
                self._leave(content.room)
                self.tell(RoomLeft(content.room))
            case Ping():
                self.tell(Pong(content.n))

    async def websocket_disconnect(self, message: Any) -> None:
        """The client is gone; `__call__` sees to the rest."""
        raise StopConsumer

    # To the client

    def tell(self, event: Event) -> None:
        """Tell this client alone, after all that it was told before."""
        self._line.tell(encode(event))

    def _refuse(self, error: ChatError) -> None:
        """Say what is wrong, to this client alone; who cannot stop is shown the door."""
        self.tell(self._warning(error))
        if error.is_bad_frame and self._strikes.add(time.monotonic()):
            self._show_out(TooManyBadFrames(), 4505)

    def _show_out(self, error: ChatError, code: int) -> None:
        """Have the connection closed, without waiting for it."""
        if not self._is_closing:
            self._is_closing = True
            # Kept, because the loop itself keeps no task alive.
            self._expelling = asyncio.create_task(self._expel(error, code))

    async def _expel(self, error: ChatError, code: int) -> None:
        """Say why, close with `code`, and be gone."""
        self._is_closing, self._deadline = True, None
        if self.dialect == 1:
            last: Event = self._warning(error)
        else:
            last = Closing(code, self._sentence(error), error.retry_after)
        await self._line.finish(encode(last))
        with contextlib.suppress(*live.GONE):
            await self.close(code, reason=error.code)
        await self._depart()

    def _lose(self) -> None:
        """The client is gone, or does not read what it is sent."""
        self._show_out(TooSlow(), 4012)

    def _go_down(self, retry_after: float) -> None:
        """The server is about to end."""
        self._show_out(GoingDown(retry_after), 4010)

    def _warning(self, error: ChatError) -> Notified | Refused:
        sentence = self._sentence(error)
        if self.dialect == 1:
            return Notified(message=sentence, color="danger", code=error.code)
        return Refused(error.code, sentence, error.ref, error.retry_after)

    def _sentence(self, error: ChatError) -> str:
        with override(self._language) if self._language else contextlib.nullcontext():
            return gettext(error.sentence) % error.details

    # Coming and going

    async def _introduce(self, reply: Reply) -> None:
        """The name has come: find out who this is, and go in."""
        wanted = {Room.LOBBY: Bookmark()}
        if reply.v == 2:
            self.dialect = self._line.dialect = 2
            self._language = reply.lang if reply.lang in ("ru", "en") else None
            wanted = bookmarks(reply) or wanted
        client_id = self.scope["url_route"]["kwargs"]["client_id"]
        name = names.clean(reply.name) or names.default(client_id)
        proven = people.proven(reply.token) if self.dialect == 2 else None
        is_taken = proven is None and await is_owned(client_id)
        if self._is_closing:  # shown out meanwhile
            return
        roster = live.get_hub().roster
        if proven is not None:
            client_id = proven
        elif is_taken or client_id in roster:
            # The id is public, so it proves nothing. It belongs to somebody: this is somebody else.
            client_id, name = uuid.uuid4().hex, names.unlike(name, roster.names())
        roster.arrive(client_id, name)
        self._held = client_id
        # Not waited for, save by what this person says.
        self._arrival = get_writer().put(Arrival(client_id, name, is_owner=self.dialect == 2))
        self._asked.add(self._arrival)
        self._arrival.add_done_callback(self._arrived)
        self.person, self._deadline = Person(id=client_id, name=name), None
        if self.dialect == 2:
            self.tell(Welcomed(client_id, name, "guest", people.token(client_id)))
        for slug, bookmark in wanted.items():
            try:
                await self._enter(slug, bookmark)
            except NotFound as error:
                self._refuse(error)

    def _arrived(self, outcome: "asyncio.Future[Person | ChatError]") -> None:
        self._asked.discard(outcome)
        if not outcome.cancelled() and isinstance(error := outcome.result(), Internal):
            self._show_out(error, 4011)

    async def _enter(self, slug: str, bookmark: Bookmark) -> None:
        """Listen to a room: first what was missed, then what is told meanwhile, then live."""
        assert self.person
        if (room := await find_rooms(slug)) is None:
            raise NotFound
        hub = live.get_hub()
        if slug in self.seats:
            _room, seat = self.seats[slug]
            hub.hold(room.pk, seat)
        else:
            seat = live.Seat(self._line)
            try:
                await hub.join(room.pk, seat)
            except KeyError:
                raise NotFound from None
            if self._is_closing:  # shown out meanwhile, so that nobody would see to the leaving
                hub.leave(room.pk, seat)
                return
            self.seats[slug] = room, seat
            notice = presence.enter(room, self.person)
            if notice and self.dialect == 1:  # the room is too large to be told
                self.tell(notice)
        version = 0
        if self.dialect == 2:
            version = await self._tell_missed(slug, bookmark)
        seat.release(version)

    async def _tell_missed(self, slug: str, bookmark: Bookmark) -> int:
        """Tell where the client is now and what it has missed; how far that brings it."""
        # Read behind the seat, so that nothing falls between what is read and what is heard.
        if (passage := await read_passage((slug, bookmark))) is None:
            raise NotFound
        room, roster = passage.room, live.get_hub().roster
        self.tell(
            RoomEntered(
                room=room.slug,
                title=room.title,
                topic=room.topic,
                mode="open",
                slow=0,
                epoch=room.epoch,
                version=passage.version,
                recovered=passage.missed is not None,
                members=[Member(id, name, "guest") for id, name in roster.members(room.pk, MEMBERS)],
                online=roster.online(room.pk),
            )
        )
        for text in passage.texts:
            self._line.tell(text)
        return passage.version

    async def _tell_page(self, wanted: ReadHistory) -> None:
        room, _seat = self._seat(wanted.room)
        try:
            self.tell(await read_page(room, wanted))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("No history can be read: %s", str(error).strip())
            self._refuse(Internal())

    def _leave(self, slug: str) -> None:
        assert self.person
        room, seat = self.seats.pop(slug)
        live.get_hub().leave(room.pk, seat)
        presence.leave(room, self.person)

    async def _depart(self) -> None:
        """Give back what this connection holds, and tell the rooms it was in."""
        self._is_closing = True
        self._line.cut()
        try:
            if self._asked:
                # Nobody speaks after having left: what was asked for is told first.
                await asyncio.wait(self._asked, timeout=live.PATIENCE)
        finally:  # also where the server has no more patience with this task
            for slug in list(self.seats):
                self._leave(slug)
            self._let_go()

    def _let_go(self) -> None:
        """Give back the id and the place, if they are held."""
        if self._place is not None:
            _places.give_back(self._place)
            self._place = None
        if self._held is not None:
            live.get_hub().roster.depart(self._held)
            self._held = None

    # Changes

    def _seat(self, slug: str) -> tuple[Room, live.Seat]:
        if slug not in self.seats:
            raise NotFound
        return self.seats[slug]

    def _ask(self, change: AnyChange) -> None:
        """Have a change carried out; the answer comes when it is committed."""
        assert self.person
        room = None
        if isinstance(change, PostMessage):
            # Without a room of its own a message goes to the one that was entered first.
            slug = change.room if self.dialect == 2 and change.room else next(iter(self.seats), "")
            room = self.seats[slug][0].pk if slug in self.seats else None
            if room is None:
                self._in_flight.release()
                raise NotFound(ref=change.ref)
        listened = frozenset(room.pk for room, _seat in self.seats.values())
        order = Order(author=self.person, change=change, rooms=listened, room=room)
        outcome = get_writer().put(order)
        self._asked.add(outcome)
        outcome.add_done_callback(partial(self._answer, change))

    def _answer(self, change: AnyChange, outcome: "asyncio.Future[Done | ChatError]") -> None:
        self._in_flight.release()
        self._asked.discard(outcome)
        if outcome.cancelled():
            return
        match outcome.result():
            case Done() as done if self.dialect == 2:
                self.tell(Acknowledged(change.ref, done.id, done.version, iso(done.at), done.is_repeat))
            case ChatError() as error:
                error.ref = change.ref
                self._refuse(error)
