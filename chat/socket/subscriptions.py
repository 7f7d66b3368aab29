"""Subscriptions: the rooms that one connection listens to, and what it has missed in them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat import access
from chat.access import Act
from chat.actors import Actor
from chat.core.errors import (
    BannedHere,
    ChatError,
    ClosingError,
    NameNeeded,
    NotFound,
    RoomClosed,
    TooManyRooms,
)
from chat.core.protocol import (
    Cursor,
    EnterRoom,
    ListMembers,
    MembersListed,
    RoomLeft,
)
from chat.live.admission import Cost, charges
from chat.live.subscription import Subscription
from chat.models import Person, Room
from chat.services import presence, rooms
from chat.services.rooms import CatchUp
from chat.socket import entered, rights
from chat.socket.door import Door
from chat.storage.readers import BatchLoader

if TYPE_CHECKING:
    from chat.socket.connection import Connection

#: How many rooms one connection listens to at most.
MOST = 50
#: How many are caught up at a time: each may have missed a thousand messages.
CATCH_UPS = 10


class Subscriptions:
    """The rooms of one connection, by their addresses, in the order they were entered."""

    #: The room that was entered first: what is said without a room is said there, or nowhere.
    first = ""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._door = connection.process.once(Door)
        self._rooms: dict[str, tuple[Room, Subscription]] = {}
        #: Those that are only watched: whoever does so is not there. So are all of somebody without a name.
        self._watched: set[str] = set()

    def __getitem__(self, slug: str) -> Room:
        """The room that is listened to under this address. Raises NotFound."""
        if slug not in self._rooms:
            raise NotFound
        return self._rooms[slug][0]

    def entered(self, slug: str) -> Room:
        """The room under this address, where one is and may speak. Raises NotFound."""
        if slug in self._watched:
            raise NotFound
        return self[slug]

    async def found(self, slug: str) -> Room:
        """The room under this address, listened to or not. Raises NotFound, as where one may not see it.

        And BannedHere, or in dialect v1 why it is closed, where one is banned from it.
        """
        room = await self._find(slug)
        if room is None:
            raise await self._why_not(slug)
        return room

    async def _why_not(self, slug: str) -> ChatError:
        """Why there is no such room for this actor."""
        audience = self._connection.audience
        if audience.restrictions or audience.is_reader:
            everybody = replace(audience.named, restrictions=frozenset())
            room, _version = await self._connection.process.once(_rooms)((everybody, slug))
            if room and (error := rights.why_shut_out(self._actor, room)):
                return error if self._connection.dialect == 1 else BannedHere(error.retry_after)
            if room and access.needs_name(self._actor, room):
                return NameNeeded()
        return NotFound()

    async def _find(self, slug: str) -> Room | None:
        room, version = await self._look_up(slug)
        if room is None and self._connection.process.directory.is_behind(version):
            # They may belong to it by now, and this process not have heard of that.
            await rights.of_process().renew(self._connection)
            room, _version = await self._look_up(slug)
        return room

    async def _look_up(self, slug: str) -> tuple[Room | None, int]:
        since = self._door.version
        room, version = await self._connection.process.once(_rooms)((self._connection.audience, slug))
        if room is not None:
            self._door.keep_room(room, since)
        return room, version

    async def _missed(self, slug: str, cursor: Cursor, *, watch: bool, is_arriving: bool) -> CatchUp | None:
        """What was missed in a room, or its latest page; None where it is not there any more."""
        wanted = self._connection.audience, slug, cursor, watch
        if is_arriving and (known := self._door.catch_up(wanted)):
            return known
        since = self._door.version
        try:
            catch_up = await self._connection.process.once(_catch_ups)(wanted)
        except NotFound:
            return None
        if catch_up is not None:
            self._door.keep_catch_up(wanted, catch_up, since)
        return catch_up

    def keys(self) -> frozenset[int]:
        """The keys of the rooms where one is and may speak."""
        return frozenset(
            room.pk for slug, (room, _subscription) in self._rooms.items() if slug not in self._watched
        )

    def may_speak(self) -> bool:
        """Whether one may speak in any of the rooms where one is."""
        return any(
            access.may(self._actor, Act.POST, room)
            for slug, (room, _subscription) in self._rooms.items()
            if slug not in self._watched
        )

    def check_place(self) -> None:
        """Return if one may listen to one more room. Raises TooManyRooms."""
        if len(self._rooms) >= MOST:
            raise TooManyRooms

    def all_keys(self) -> list[int]:
        """The keys of all rooms that are listened to."""
        return [room.pk for room, _subscription in self._rooms.values()]

    async def enter_first(self, slug: str, cursor: Cursor, *, watch: bool) -> None:
        """Enter a room on coming in. Raises NotFound, BannedHere, RateLimited or TooManyRooms.

        One is for nothing, and so are those where they were a moment ago: nobody is told that they come.
        """
        if self._connection.dialect == 2:  # v1 reads nothing on coming in
            self._connection.admission.charge(charges(Cost.READING))
        is_watching = watch and self._connection.dialect == 2
        await self.enter(slug, cursor, watch=is_watching, is_counted=bool(self.first), is_arriving=True)

    async def enter(
        self,
        slug: str,
        cursor: Cursor,
        *,
        watch: bool = False,
        is_counted: bool = False,
        is_arriving: bool = False,
    ) -> None:
        """Listen to a room: first what was missed, then what is told meanwhile, then live.

        Raises NotFound, BannedHere or TooManyRooms; where it is counted that somebody comes who was not
        there, also RateLimited. Who only watches is not there, and without a cursor is told no history;
        a reader is told it, and is not there either.
        """
        connection = self._connection
        if slug not in self._rooms:
            self.check_place()
        only_watches = watch or self._actor.is_reader
        if not await self._listen(slug, watch=only_watches, is_counted=is_counted, is_arriving=is_arriving):
            return
        room, subscription = self._rooms[slug]
        version = 0
        if connection.dialect == 2:
            # Read behind the subscription, so that nothing falls between what is read and what is heard.
            catch_up = await self._missed(slug, cursor, watch=watch, is_arriving=is_arriving)
            if slug not in self._rooms:  # gone meanwhile, and the client was told
                return
            if catch_up is None or catch_up.room.pk != room.pk:
                self._lose(slug)
                return
            version = self._send_missed(catch_up)
        subscription.release(version)

    async def _listen(self, slug: str, *, watch: bool, is_counted: bool, is_arriving: bool) -> bool:
        """Have a subscription of a room that holds back what it hears; False where that came to nothing.

        Raises NotFound, and RateLimited.
        """
        connection = self._connection
        while True:
            known = connection.process.directory.version, connection.actor
            room = self._door.room(connection.audience, slug) if is_arriving else None
            room = room or await self._find(slug)
            if slug in self._rooms and (room is None or self._rooms[slug][0].pk != room.pk):
                self._lose(slug)  # and another room may have its address now
            if room is None:
                raise await self._why_not(slug)
            if slug in self._rooms:
                _room, subscription = self._rooms[slug]
                self._rooms[slug] = room, subscription
                connection.process.hub.hold(room.pk, subscription)
                self._watch(slug, is_watched=watch)
            else:
                if is_counted and connection.process.roster.role(room.pk, self._person.pk) is None:
                    connection.admission.charge(charges(Cost.NOTICE))
                subscription = Subscription(connection.queue, closed=partial(self._room_deleted, slug))
                if not await self._subscribe(room, subscription, watch=watch):
                    return False
            if known == (connection.process.directory.version, connection.actor):
                return True
            # Whoever sees to it that nobody is where they may not be may have come before us: once more.

    def leave(self, slug: str) -> None:
        """Listen to a room no longer, and have it told. Raises NotFound."""
        room = self[slug]
        _room, subscription = self._rooms.pop(slug)
        if slug in self._watched:
            self._watched.discard(slug)
        else:
            presence.leave(room, self._person)
        self._connection.process.hub.leave(room.pk, subscription)

    def stop_all(self) -> list[int]:
        """Listen to nothing any more; the keys of the rooms, which nobody has been told of."""
        rooms, self._rooms = self._rooms, {}
        for room, subscription in rooms.values():
            self._connection.process.hub.leave(room.pk, subscription)
        return [room.pk for slug, (room, _subscription) in rooms.items() if slug not in self._watched]

    def roster_page(self, command: ListMembers) -> MembersListed:
        """A page of those who are in a room that is listened to. Raises NotFound."""
        room = self[command.room]
        access.check(self._actor, Act.READ, room)
        return presence.page(room, command.after, command.limit)

    def keep_to_rights(self, rows: Mapping[int, Room | None]) -> None:
        """Leave the rooms that this actor may not read by their rows; one without a row is as it was."""
        actor = self._connection.actor
        assert actor
        for slug, (room, subscription) in list(self._rooms.items()):
            row = rows.get(room.pk, room)
            if row is None or row.slug != slug:
                continue  # it is deleted, which the hub tells
            if access.may(actor, Act.READ, row):
                self._rooms[slug] = row, subscription
                if slug not in self._watched:
                    presence.set_role(row, self._person, actor.role_in(row))
            else:
                self._lose(slug)
                if access.needs_name(actor, row):
                    self._connection.closing.refuse(NameNeeded(), EnterRoom(slug))

    async def _subscribe(self, room: Room, subscription: Subscription, *, watch: bool) -> bool:
        """Begin to listen; False where the connection was closed meanwhile. Raises NotFound."""
        connection, slug = self._connection, room.slug
        try:
            await connection.process.hub.join(room.pk, subscription)
        except KeyError:
            raise NotFound from None
        if connection.closing.is_closing:  # nobody would see to the leaving
            connection.process.hub.leave(room.pk, subscription)
            return False
        self._rooms[slug] = room, subscription
        self._watched.add(slug)
        self._watch(slug, is_watched=watch)
        return True

    def _watch(self, slug: str, *, is_watched: bool) -> None:
        """Be in a room that is listened to, or only watch it."""
        connection, (room, subscription) = self._connection, self._rooms[slug]
        subscription.only_watches = is_watched
        if is_watched and slug not in self._watched:
            self._watched.add(slug)
            presence.leave(room, self._person)
        elif not is_watched and slug in self._watched:
            self._watched.discard(slug)
            self.first = self.first or slug
            is_told = presence.enter(room, self._person, self._actor.role_in(room))
            if connection.dialect == 1 and not is_told:  # the room is too large for that
                connection.send(presence.joined(room, self._person))

    def _send_missed(self, catch_up: rooms.CatchUp) -> int:
        """Tell where the client is now and what it has missed; how far that brings it."""
        connection = self._connection
        connection.send(entered.frame(catch_up, self._actor, connection.process.roster))
        for text in catch_up.texts:
            connection.queue.send(text)
        connection.admission.add_read(catch_up.size)
        return catch_up.version

    def _lose(self, slug: str) -> None:
        """The room is not there any more, or not for this actor."""
        error = rights.why_shut_out(self._actor, self._rooms[slug][0])
        self.leave(slug)
        self._tell_left(slug, error)

    def _room_deleted(self, slug: str) -> None:
        """The room is gone, and everybody in it has left it."""
        if self._rooms.pop(slug, None):
            self._watched.discard(slug)
            self._tell_left(slug)

    def _tell_left(self, slug: str, error: ClosingError | None = None) -> None:
        """Say that a room is left; and why, where this actor is shut out from it."""
        connection = self._connection
        if connection.dialect == 1:  # which has no other
            return connection.closing.close_soon(error or RoomClosed())
        connection.send(RoomLeft(slug))
        if error:
            connection.closing.refuse(BannedHere(error.retry_after), EnterRoom(slug))

    @property
    def _person(self) -> Person:
        assert self._actor.person
        return self._actor.person

    @property
    def _actor(self) -> Actor:
        assert self._connection.actor
        return self._connection.actor


def _rooms() -> BatchLoader[tuple[Actor, str], tuple[Room | None, int]]:
    return BatchLoader(rooms.look_up)


def _catch_ups() -> BatchLoader[rooms.Wanted, rooms.CatchUp | None]:
    return BatchLoader(rooms.catch_ups, most=CATCH_UPS)
