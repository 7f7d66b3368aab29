"""Subscriptions: the rooms that one connection listens to, and what it has missed in them."""

from functools import partial
from typing import TYPE_CHECKING

from chat import access
from chat.access import Act, Actor
from chat.core.errors import NotFound
from chat.core.protocol import Cursor, ListMembers, Member, MembersListed, RoomEntered, RoomLeft
from chat.live.admission import Cost, charges
from chat.live.subscription import Subscription
from chat.models import Person, Room
from chat.services import presence, rooms
from chat.storage.readers import BatchLoader

if TYPE_CHECKING:
    from chat.socket.connection import Connection

#: How many members a `room` frame names; `online` counts them all.
MEMBERS = 200
#: How many are caught up at a time: each may have missed a thousand messages.
CATCH_UPS = 10


class Subscriptions:
    """The rooms of one connection, by their addresses, in the order they were entered."""

    #: The room that was entered first: what is said without a room is said there, or nowhere.
    first = ""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rooms: dict[str, tuple[Room, Subscription]] = {}

    def __getitem__(self, slug: str) -> Room:
        """The room that is listened to under this address. Raises NotFound."""
        if slug not in self._rooms:
            raise NotFound
        return self._rooms[slug][0]

    def keys(self) -> frozenset[int]:
        """The keys of the rooms."""
        return frozenset(room.pk for room, _subscription in self._rooms.values())

    def entered(self) -> list[Room]:
        """The rooms, as they were when they were entered last."""
        return [room for room, _subscription in self._rooms.values()]

    async def enter_first(self, slug: str, cursor: Cursor) -> None:
        """Enter a room on coming in. Raises NotFound or RateLimited."""
        if self._connection.dialect == 2:  # v1 reads nothing on coming in
            self._connection.admission.charge(charges(Cost.READING))
        await self.enter(slug, cursor)

    async def enter(self, slug: str, cursor: Cursor) -> None:
        """Listen to a room: first what was missed, then what is told meanwhile, then live.

        Raises NotFound.
        """
        connection = self._connection
        room = await connection.process.once(_rooms)((connection.audience, slug))
        if room is None:
            raise NotFound
        if slug in self._rooms and self._rooms[slug][0].pk != room.pk:
            self._leave_deleted(slug)  # and another room has its address now
        if slug in self._rooms:
            _room, subscription = self._rooms[slug]
            self._rooms[slug] = room, subscription
            connection.process.hub.hold(room.pk, subscription)
        else:
            subscription = Subscription(connection.queue, closed=partial(self._room_deleted, slug))
            if not await self._subscribe(room, subscription):
                return
        version = 0
        if connection.dialect == 2:
            # Read behind the subscription, so that nothing falls between what is read and what is heard.
            try:
                catch_up = await connection.process.once(_catch_ups)((connection.audience, slug, cursor))
            except NotFound:
                catch_up = None
            if slug not in self._rooms:  # deleted meanwhile, and the client was told
                return
            if catch_up is None or catch_up.room.pk != room.pk:
                self._leave_deleted(slug)
                return
            version = self._send_missed(catch_up)
        subscription.release(version)

    def leave(self, slug: str) -> None:
        """Listen to a room no longer, and have it told. Raises NotFound."""
        room = self[slug]
        _room, subscription = self._rooms.pop(slug)
        presence.leave(room, self._person)
        self._connection.process.hub.leave(room.pk, subscription)

    def stop_all(self) -> list[int]:
        """Listen to nothing any more; the keys of the rooms, which nobody has been told of."""
        rooms, self._rooms = self._rooms, {}
        for room, subscription in rooms.values():
            self._connection.process.hub.leave(room.pk, subscription)
        return [room.pk for room, _subscription in rooms.values()]

    def members(self, command: ListMembers) -> MembersListed:
        """A page of those who are in a room that is listened to. Raises NotFound."""
        room = self[command.room]
        access.check(self._actor, Act.READ, room)
        return presence.members(room, command.after, command.limit)

    async def _subscribe(self, room: Room, subscription: Subscription) -> bool:
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
        self.first = self.first or slug
        notice = presence.enter(room, self._person, self._actor.role_in(room))
        if notice and connection.dialect == 1:  # the room is too large to be told
            connection.send(notice)
        return True

    def _send_missed(self, catch_up: rooms.CatchUp) -> int:
        """Tell where the client is now and what it has missed; how far that brings it."""
        room, roster = catch_up.room, self._connection.process.roster
        self._connection.send(
            RoomEntered(
                room=room.slug,
                title=room.title,
                topic=room.topic,
                mode="open",
                slow=0,
                epoch=room.epoch,
                version=catch_up.version,
                recovered=catch_up.is_recovered,
                members=[Member(*member) for member in roster.members(room.pk, MEMBERS)],
                online=roster.online(room.pk),
            )
        )
        for text in catch_up.texts:
            self._connection.queue.send(text)
        self._connection.admission.add_read(catch_up.size)
        return catch_up.version

    def _leave_deleted(self, slug: str) -> None:
        """The room is gone, which the hub has not come to see yet."""
        self.leave(slug)
        self._connection.send(RoomLeft(slug))

    def _room_deleted(self, slug: str) -> None:
        """The room is gone, and everybody in it has left it."""
        if self._rooms.pop(slug, None) and self._connection.dialect == 2:
            self._connection.send(RoomLeft(slug))

    @property
    def _person(self) -> Person:
        assert self._actor.person
        return self._actor.person

    @property
    def _actor(self) -> Actor:
        assert self._connection.actor
        return self._connection.actor


def _rooms() -> BatchLoader[tuple[Actor, str], Room | None]:
    return BatchLoader(rooms.find)


def _catch_ups() -> BatchLoader[rooms.Wanted, rooms.CatchUp | None]:
    return BatchLoader(rooms.catch_ups, most=CATCH_UPS)
