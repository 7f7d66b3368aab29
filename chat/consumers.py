"""The socket: one consumer for each connection, from the name handshake to the farewell."""

import asyncio
import contextlib
import itertools
import logging
import uuid
from functools import partial
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext, override

from chat import admission, conf, live
from chat.admission import Allowance, Charges
from chat.core import limits, names
from chat.core.errors import (
    ChatError,
    Restarting,
    Internal,
    RateLimitedTooOften,
    NoNameInTime,
    NotFound,
    RateLimited,
    TooManyBadFrames,
    TooManyConnections,
    TooSlow,
)
from chat.core.limits import Strikes
from chat.core.protocol import (
    Acknowledged,
    AnyChange,
    AnyCommand,
    Cursor,
    Change,
    Closing,
    EditMessage,
    EnterRoom,
    Event,
    LeaveRoom,
    Member,
    MessageUpdated,
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
    cursors,
    encode,
    encoded_size,
    parse,
    parse_reply,
)
from chat.models import Person, Room, iso
from chat.services import batch, messages, people, presence, rooms
from chat.services.log import Done, Order, new_key
from chat.services.people import Arrival, Proof

logger = logging.getLogger(__name__)

#: How many of a client's changes may wait for the writer before no more is taken from it.
IN_FLIGHT = 64
#: How many members a `room` frame names; `online` counts them all.
MEMBERS = 200
#: How many passages are read at a time: each may be a thousand messages.
PASSAGES = 10
#: What any reading costs at least, in bytes of what may be read.
READING = 4096
ONE_READING: Charges = (("read", READING),)
#: Everybody there may be told.
ENTERING: Charges = (("change", 1), *ONE_READING)
#: So many refusals a minute are answered at once. After each further one nothing is taken for a while, in
#: seconds.
FREE_REFUSALS, REFUSAL_PAUSE = 20, 0.25
#: How long who keeps on is held, and not heard, before the connection is closed, in seconds: it would come
#: again at once, and a new connection costs more.
EXPULSION_PAUSE = 2

find_ownership = live.Gathered(people.ownership)
find_rooms = live.Gathered(rooms.find)
read_passage = live.Gathered(rooms.passages, most=PASSAGES)
read_page = live.reading(messages.page)

NAME_REQUESTED = encode(NameRequested())

_writer: live.Writer[Arrival | Order, Any] | None = None


def get_writer() -> live.Writer[Arrival | Order, Any]:
    """The writer of the running event loop: the way of every change into the database."""
    global _writer
    if _writer is None or not _writer.belongs_to(asyncio.get_running_loop()):
        again = partial(batch.carry_out, is_retry=True)
        _writer = live.Writer(batch.carry_out, messages.tell, again)
    return _writer


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One connection. It asks for a name, joins rooms' groups through the hub, and then listens."""

    #: 1 or 2, once the name reply has told.
    dialect = 1
    #: Who this is; known once the handshake is over.
    person: Person | None = None
    #: The room that was entered first: what is said without a room is said there, or nowhere.
    _first = ""
    #: The id held in the roster, from the name on.
    _held: str | None = None
    #: The network that the connection is counted for; None before it is counted.
    _place: str | None = None
    #: When the patience with a newcomer ends, by the loop's clock.
    _deadline: float | None = None
    #: Nothing more is taken from the client.
    _is_closing = False
    #: The client has said goodbye: what it said before is heard, and not waited with.
    _is_leaving = False
    #: What wakes up whoever waits until this client may say more; None where nobody waits.
    _waking: asyncio.Future[None] | None = None
    _language: str | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the connection. However it ends, its rooms are left.

        Channels would give each consumer a channel of its own and wait for that, too. Here the hub
        has the only channel of the process, and the socket is all there is to wait for.
        """
        self.scope, self.base_send = scope, send
        #: The rooms listened to, in the order they were entered, and the place in each.
        self.seats: dict[str, tuple[Room, live.Seat]] = {}
        self._loop = asyncio.get_running_loop()
        self._line = live.Line.to(
            scope, send, lost=self._lose, going_down=self._go_down, left=self._client_left
        )
        self._in_flight = asyncio.Semaphore(IN_FLIGHT)
        #: What the writer still has of this connection.
        self._asked: set[asyncio.Future[Any]] = set()
        try:
            for frames in itertools.count(1):
                try:
                    async with asyncio.timeout_at(self._deadline):
                        message = await receive()
                except TimeoutError:
                    await self._expel(NoNameInTime(), 4503)
                else:
                    await self.dispatch(message)
                    if frames % limits.FRAMES_A_TURN == 0:
                        await asyncio.sleep(0)  # `receive` does not wait while there is more
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
        self._refusals = Strikes(most=settings.refusals_per_minute, seconds=60)
        if settings.name_timeout:
            self._deadline = self._loop.time() + settings.name_timeout
        await self.accept()
        network = limits.network((self.scope.get("client") or [""])[0])
        places = admission.current().connections
        if not places.take(network, settings.connections, settings.connections_per_address):
            logger.warning("Turned away, for there are too many connections: %s", network or "a proxy's")
            await self._expel(TooManyConnections(), 4504)
            return
        self._places, self._place = places, network
        self._allowance = Allowance(network)
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
        except RateLimited as error:
            self._refuse(error)
            if self._refusals.count > FREE_REFUSALS:
                await self._hold(REFUSAL_PAUSE)
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
                if not await self._may_change(content):
                    return
                await self._in_flight.acquire()
                if not self._arrival.done():
                    await asyncio.wait([self._arrival])
                if not self._is_closing:
                    self._ask(content)
            case ReadHistory():
                self._may(ONE_READING)
                await self._tell_page(content)
            case EnterRoom():
                self._may(ENTERING)
                await self._enter(content.room, Cursor(after=content.after, epoch=content.epoch))
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
        if error.is_bad_frame and self._strikes.add(self._loop.time()):
            self._show_out(TooManyBadFrames(), 4505, after=EXPULSION_PAUSE)
        if isinstance(error, RateLimited) and self._refusals.add(self._loop.time()):
            self._show_out(RateLimitedTooOften(), 4506, after=EXPULSION_PAUSE)

    def _show_out(self, error: ChatError, code: int, *, after: float = 0) -> None:
        """Have the connection closed, without waiting for it: at once, or after so many seconds."""
        if not self._is_closing:
            self._is_closing = True
            # Kept, because the loop itself keeps no task alive.
            self._expelling = asyncio.create_task(self._expel(error, code, after=after))

    async def _expel(self, error: ChatError, code: int, *, after: float = 0) -> None:
        """Say why, close with `code`, and be gone."""
        self._is_closing, self._deadline = True, None
        self._wake()
        if after:
            await asyncio.sleep(after)
        if self.dialect == 1:
            last: Event = self._warning(error)
        else:
            last = Closing(code, self._sentence(error), error.retry_after)
        try:
            await self._line.finish(encode(last))
        except Exception:  # a line that is broken is closed all the same, so that the client comes again
            logger.exception("A client could not be told why its connection is closed.")
        with contextlib.suppress(*live.GONE):
            await self.close(code, reason=error.code)
        await self._depart()

    def _lose(self) -> None:
        """The client is gone, or does not read what it is sent."""
        self._show_out(TooSlow(), 4012)

    def _client_left(self, has_said_goodbye: bool) -> None:
        """The client has left. What it asked for and nobody has begun is not done any more.

        Save the words of v1, which has no other way to know that they were heard.
        """
        if has_said_goodbye and self.dialect == 1:
            self._is_leaving = True
        else:
            self._is_closing = True
        self._wake()

    def _go_down(self, retry_after: float) -> None:
        """The server is about to end."""
        self._show_out(Restarting(retry_after), 4010)

    def _warning(self, error: ChatError) -> Notified | Refused:
        sentence = self._sentence(error)
        if self.dialect == 1:
            return Notified(message=sentence, color="danger", code=error.code)
        return Refused(error.code, sentence, error.ref, error.retry_after)

    def _sentence(self, error: ChatError) -> str:
        with override(self._language) if self._language else contextlib.nullcontext():
            return gettext(error.sentence) % error.details

    # How much there may be

    def _may(self, charges: Charges) -> None:
        """Count what is asked for. Raises RateLimited where it is too much, and then nothing is counted."""
        now = self._loop.time()
        if wait := self._allowance.wait(charges, now):
            raise RateLimited(wait)
        self._allowance.take(charges, now)

    async def _may_change(self, change: AnyChange) -> bool:
        """Whether a change may be made: v2 gets RateLimited where it is too much, v1 waits."""
        charges = _charges(change)
        if self.dialect == 2:
            try:
                self._may(charges)
            except RateLimited as error:
                error.ref = change.ref
                raise
            return True
        while wait := self._allowance.wait(charges, self._loop.time(), of_person=not self._is_leaving):
            await self._hold(wait)
            if self._is_closing:
                return False
        self._allowance.take(charges, self._loop.time())
        return True

    def _has_read(self, size: int) -> None:
        """Count what was told to this client alone because it asked."""
        self._allowance.take([("read", max(0, size - READING))], self._loop.time())

    async def _hold(self, seconds: float) -> None:
        """Take nothing from this client for so long, or until it has left."""
        self._waking = self._loop.create_future()
        await asyncio.wait([self._waking], timeout=seconds)
        self._waking = None

    def _wake(self) -> None:
        if self._waking is not None and not self._waking.done():
            self._waking.set_result(None)

    # Coming and going

    async def _introduce(self, reply: Reply) -> None:
        """The name has come: find out who this is, and go in."""
        wanted = {Room.LOBBY: Cursor()}
        # As long as no reply was good, each decides anew.
        self.dialect = self._line.dialect = 2 if reply.v == 2 else 1
        if self.dialect == 2:
            wanted = cursors(reply) or wanted
            self._language = reply.lang if reply.lang in ("ru", "en") else None
        person = await self._identify(reply)
        if person is None or self._is_closing:  # shown out meanwhile
            return
        self.person, self._deadline = person, None
        self._allowance.person = person.pk
        if self.dialect == 2:
            self.tell(Welcomed(person.pk, person.name, "guest", people.token(person.pk)))
        for slug, cursor in wanted.items():
            try:
                if self.dialect == 2:  # v1 reads nothing on coming in
                    self._may(ONE_READING)
                await self._enter(slug, cursor)
            except (NotFound, RateLimited) as error:
                self._refuse(error)

    async def _identify(self, reply: Reply) -> Person | None:
        """Who gives this name, once nobody else can be that any more; None where that cannot be kept."""
        client_id = self.scope["url_route"]["kwargs"]["client_id"]
        name = names.clean(reply.name) or names.default(client_id)
        if self.dialect == 2 and (proven := people.proven(reply.token)) is not None:
            self._arrive(Arrival(proven, name, Proof.TOKEN))
            return Person(id=proven, name=name, is_owned=True)
        proof = Proof.CLAIM if self.dialect == 2 else Proof.NONE
        is_owned = await find_ownership(client_id)
        if self._is_closing:
            return None
        is_free = is_owned is None if self.dialect == 2 else not is_owned
        if not is_free or client_id in live.get_hub().roster:
            # The id is public, so it proves nothing. It belongs to somebody: this is somebody else.
            client_id, name, is_owned = self._stranger(name)
        guests = admission.current().guests
        if is_owned is None and not guests.count(self._place or "", self._loop.time()):
            await self._expel(TooManyConnections(), 4504)
            return None
        while True:
            self._arrive(Arrival(client_id, name, proof))
            if is_owned is None and await self._arrival is None and not self._is_closing:
                # Somebody else has come first, in another process.
                self._give_back_id()
                client_id, name, is_owned = self._stranger(name)
                continue
            return Person(id=client_id, name=name, is_owned=proof is Proof.CLAIM)

    def _stranger(self, name: str) -> tuple[str, str, None]:
        """Somebody who was never here: an id, and a name that nobody here has."""
        return uuid.uuid4().hex, names.unlike(name, live.get_hub().roster.names()), None

    def _arrive(self, arrival: Arrival) -> None:
        """Be here, and have it noted. That is not waited for, save by what this person says."""
        live.get_hub().roster.arrive(arrival.id, arrival.name)
        self._held = arrival.id
        self._arrival = get_writer().put(arrival)
        self._asked.add(self._arrival)
        self._arrival.add_done_callback(self._arrived)

    def _arrived(self, outcome: "asyncio.Future[Person | ChatError | None]") -> None:
        self._asked.discard(outcome)
        if not outcome.cancelled() and isinstance(error := outcome.result(), Internal):
            self._show_out(error, 4011)

    async def _enter(self, slug: str, cursor: Cursor) -> None:
        """Listen to a room: first what was missed, then what is told meanwhile, then live."""
        assert self.person
        if (room := await find_rooms(slug)) is None:
            raise NotFound
        hub = live.get_hub()
        if slug in self.seats and self.seats[slug][0].pk != room.pk:
            self._leave_deleted(slug)  # and another room has its address now
        if slug in self.seats:
            _room, seat = self.seats[slug]
            hub.hold(room.pk, seat)
        else:
            seat = live.Seat(self._line, closed=partial(self._room_deleted, slug))
            try:
                await hub.join(room.pk, seat)
            except KeyError:
                raise NotFound from None
            if self._is_closing:  # shown out meanwhile, so that nobody would see to the leaving
                hub.leave(room.pk, seat)
                return
            self.seats[slug] = room, seat
            self._first = self._first or slug
            notice = presence.enter(room, self.person)
            if notice and self.dialect == 1:  # the room is too large to be told
                self.tell(notice)
        version = 0
        if self.dialect == 2:
            # Read behind the seat, so that nothing falls between what is read and what is heard.
            passage = await read_passage((slug, cursor))
            if slug not in self.seats:  # deleted meanwhile, and the client was told
                return
            if passage is None or passage.room.pk != room.pk:
                self._leave_deleted(slug)
                return
            version = self._tell_missed(passage)
        seat.release(version)

    def _tell_missed(self, passage: rooms.Passage) -> int:
        """Tell where the client is now and what it has missed; how far that brings it."""
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
                recovered=passage.is_recovered,
                members=[Member(id, name, "guest") for id, name in roster.members(room.pk, MEMBERS)],
                online=roster.online(room.pk),
            )
        )
        for text in passage.texts:
            self._line.tell(text)
        self._has_read(passage.size)
        return passage.version

    async def _tell_page(self, wanted: ReadHistory) -> None:
        room, _seat = self._seat(wanted.room)
        try:
            page = encode(await read_page(room, wanted))
            self._has_read(len(page.encode()))
            self._line.tell(page)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("No history can be read: %s", str(error).strip())
            self._refuse(Internal())

    def _leave(self, slug: str) -> None:
        assert self.person
        room, seat = self.seats.pop(slug)
        live.get_hub().leave(room.pk, seat)
        presence.leave(room, self.person)

    def _leave_deleted(self, slug: str) -> None:
        """The room is gone, which the hub has not come to see yet."""
        self._leave(slug)
        self.tell(RoomLeft(slug))

    def _room_deleted(self, slug: str) -> None:
        """The room is gone, and everybody in it has left it."""
        if self.seats.pop(slug, None) and self.dialect == 2:
            self.tell(RoomLeft(slug))

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
            self._places.give_back(self._place)
            self._place = None
        self._give_back_id()

    def _give_back_id(self) -> None:
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
            slug = change.room if self.dialect == 2 and change.room else self._first
            room = self.seats[slug][0].pk if slug in self.seats else None
            if room is None:
                self._in_flight.release()
                raise NotFound(ref=change.ref)
        listened = frozenset(room.pk for room, _seat in self.seats.values())
        key = new_key() if change.ref is None else None
        order = Order(author=self.person, change=change, rooms=listened, room=room, key=key)
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
                if isinstance(done.event, MessageUpdated):
                    # Everybody is told the whole message again, whose size is known only now.
                    self._allowance.take([("told", encoded_size(done.event))], self._loop.time())
                self.tell(Acknowledged(change.ref, done.id, done.version, iso(done.at), done.is_repeat))
            case ChatError() as error:
                error.ref = change.ref
                self._refuse(error)


def _charges(change: AnyChange) -> Charges:
    """What a change costs, as far as it is known before."""
    if isinstance(change, PostMessage | EditMessage):
        return (("message", 1), ("told", len(change.message.encode(errors="replace"))))
    return (("change", 1), ("told", 0))
