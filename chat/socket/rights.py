"""Rights: which rooms the people of this process belong to, and what they are under, until they leave."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from chat import actors
from chat.actors import Actor, Memberships, Restriction, Whose
from chat.core.errors import Banned, ClosingError, Kicked
from chat.core.protocol import encode
from chat.live import process
from chat.models import Room
from chat.services import room_list
from chat.services.room_list import RoomList
from chat.storage import room_rows
from chat.storage.readers import BatchLoader, polling

if TYPE_CHECKING:
    from chat.socket.connection import Connection

#: How many memberships, rooms or lists are read at a time; and after how many connections others have
#: their turn.
AT_A_TIME, TURN = 500, 50
#: How many lists are made at a time: each may be of 200 rooms.
LISTS = 20


class Rights:
    """Sees to it that what a connection may is what the directory says. Belongs to one event loop."""

    def __init__(self) -> None:
        running = process.current()
        self._loop = running.loop
        self._connections, self._directory = running.connections, running.directory
        self._memberships: BatchLoader[Whose, Memberships] = BatchLoader(actors.memberships)
        self._room_lists: BatchLoader[Actor, RoomList] = BatchLoader(room_list.find, most=LISTS)
        self._sanctions = running.sanctions
        self._supervisor = running.supervisor
        self._directory.on_news(self._heed)
        self._directory.on_move(self._follow)

    async def is_anything_known(self, id: str, network: str) -> bool:
        """Whether anything is known against somebody, or those who come from a network: rarely."""
        await self._directory.known()
        return bool(self._sanctions.of(id) or self._sanctions.of_network(network))

    async def shut_out(self, actor: Actor, network: str, *, is_proven: bool) -> ClosingError | None:
        """Why somebody who wants to come in from a network has to stay out; None where they need not.

        Of who has shown who they are the memberships count; anybody else may be somebody else, and is told
        no reason. Nobody costs a query but members where an address is banned.
        """
        await self._directory.known()
        if is_proven and self._sanctions.of_network(network):
            actor = await self.completed(actor, network)
        else:
            actor = replace(actor, restrictions=self._restrictions(actor, network))
        error = why_shut_out(actor)
        if error and not is_proven:
            error.why = ""
        return error

    async def completed(self, actor: Actor, network: str) -> Actor:
        """Somebody who comes in from a network, with the rooms they belong to now, and what they are under.

        As long as nothing is awaited between this and their being among the connections, they hear of
        whatever changes from then on. A guest who belongs to no room costs nothing.
        """
        await self._directory.known()
        return self._with(actor, network, await self._read(lambda: self._whose(actor)))

    async def renew(self, connection: "Connection") -> None:
        """Have a connection belong to the rooms it belongs to now, ahead of all that is still to follow.

        That is read, whoever is known here to belong to nothing.
        """
        found = await self._read(lambda: actors.whose(_actor(connection)))
        if not connection.closing.is_closing:
            self._become(connection, found)

    async def _read(self, whose: Callable[[], Whose]) -> Memberships:
        """The memberships, as of the version of the directory that is gone by here, or of a later one."""
        while True:
            version, asked = self._directory.version, whose()
            found = frozenset() if asked == _NOBODY else await self._memberships(asked)
            if self._directory.version == version:
                return found

    async def rooms(self, keys: Iterable[int]) -> list[Room]:
        """The rooms of these keys, as far as they are there."""
        found = await _in_portions(_rooms, keys)
        return [room for room in found.values() if room is not None]

    async def room_list(self, asker: Actor) -> RoomList:
        """The list of rooms for somebody who asks for it."""
        return await self._room_lists(asker)

    def _whose(self, actor: Actor) -> Whose:
        person, user = actors.whose(actor)
        return (person if person and self._directory.may_be_member(person) else None), user

    def _with(self, actor: Actor, network: str, memberships: Memberships) -> Actor:
        if actor.memberships != memberships:
            actor = replace(actor, memberships=memberships)
        restrictions = self._restrictions(actor, network)
        return actor if actor.restrictions == restrictions else replace(actor, restrictions=restrictions)

    def _restrictions(self, actor: Actor, network: str) -> frozenset[Restriction]:
        """What somebody is under who comes from a network."""
        own = self._sanctions.of(actor.id)
        return own | self._sanctions.of_network(network) if actor.goes_by_address else own

    def _become(self, connection: "Connection", memberships: Memberships) -> None:
        """Have a connection be what it is now; who is shut out is closed."""
        before = _actor(connection)
        now = self._with(before, connection.admission.network, memberships)
        if now == before:
            return
        connection.become(now)
        if now.restrictions == before.restrictions:
            return
        if error := why_shut_out(now):
            connection.closing.close_soon(error)
            return
        connection.subscriptions.keep_to_rights({})
        self._await_end(connection)

    def _await_end(self, connection: "Connection") -> None:
        """Tell somebody their list of rooms again as soon as they are shut out of one no longer.

        One timer for each connection, which ends with it: or it would be kept until then, maybe for years.
        """
        connection.forget_end()
        restrictions = _actor(connection).restrictions
        ends = [one.left for one in restrictions if one.shuts_out and one.holds and one.left is not None]
        if ends:
            connection.end = self._loop.call_later(min(ends), self._is_over, connection)

    def _is_over(self, connection: "Connection") -> None:
        if connection.closing.is_closing:
            return
        if connection.room_list is not None:
            self._supervisor.run(self._tell_lists([connection]))
        self._await_end(connection)

    def _heed(self) -> None:
        """Sanctions have changed: who is under one is so at once, whatever else there is to follow."""
        touched, of = self._sanctions.touched(), self._connections.of
        theirs = self._connections.all() if touched is None else [one for id in touched for one in of(id)]
        for connection in cast("list[Connection]", theirs):
            if not connection.closing.is_closing:
                self._become(connection, _actor(connection).memberships)

    async def _follow(self) -> None:
        """The directory has moved: everybody is what they are now, where they may still be."""
        connections = cast("list[Connection]", self._connections.all())
        before = {connection: _actor(connection).memberships for connection in connections}
        asked = {self._whose(_actor(connection)) for connection in connections} - {_NOBODY}
        found = {_NOBODY: frozenset(), **await _in_portions(_memberships, asked)}
        rows = await _in_portions(
            _rooms, {key for connection in connections for key in connection.subscriptions.all_keys()}
        )
        for number, connection in enumerate(connections, 1):
            if number % TURN == 0:
                await asyncio.sleep(0)
            if connection.closing.is_closing:
                continue
            actor = _actor(connection)
            whose = self._whose(actor)
            is_renewed = actor.memberships != before[connection]  # by what was read later
            if whose in found and not is_renewed:
                self._become(connection, found[whose])
            connection.subscriptions.keep_to_rights(rows)
        await self._tell_lists([one for one in connections if one.room_list is not None])

    async def _tell_lists(self, connections: Sequence["Connection"]) -> None:
        """Tell their lists of rooms to those who have asked for one, where it is another one now."""
        askers = {room_list.asker(_actor(connection)) for connection in connections}
        found = await _in_portions(_lists, askers, LISTS)
        texts: dict[int, str] = {}
        for number, connection in enumerate(connections, 1):
            if number % TURN == 0:
                await asyncio.sleep(0)
            rooms = found.get(room_list.asker(_actor(connection)))
            if rooms is None or connection.closing.is_closing or rooms == connection.room_list:
                continue
            if id(rooms) not in texts:  # of most guests it is the same
                texts[id(rooms)] = encode(room_list.frame(rooms))
            connection.room_list = rooms
            connection.queue.send(texts[id(rooms)])


#: Neither a person nor a user that may belong to a room.
_NOBODY: Whose = (None, None)


def of_process() -> Rights:
    """The rights of those who are here."""
    return process.current().once(Rights)


def _actor(connection: "Connection") -> Actor:
    assert connection.actor  # whose connection it is, is known of each that is listed
    return connection.actor


def why_shut_out(actor: Actor, room: Room | None = None) -> ClosingError | None:
    """Why somebody is closed: they are banned or kicked, on the site or in a room, their only one."""
    if not actor.restrictions or not (found := actor.restriction(room, "ban", "kick")):
        return None
    if found.kind == "ban" or found.left is None:
        return Banned(found.left, found.reason)
    return Kicked(found.left, found.reason)


async def _in_portions(read: Any, keys: Iterable[Any], size: int = AT_A_TIME) -> dict[Any, Any]:
    """What `read` gives for all keys, so many at a time: others have their turn in between."""
    wanted = list(keys)
    found: dict[Any, Any] = {}
    for at in range(0, len(wanted), size):
        found |= await read(wanted[at : at + size])
    return found


@polling
def _memberships(asked: list[Whose]) -> dict[Whose, Memberships]:
    return actors.memberships(asked)


@polling
def _rooms(keys: list[int]) -> dict[int, Room | None]:
    return room_rows.read(keys)


@polling
def _lists(askers: list[Actor]) -> dict[Actor, RoomList]:
    return room_list.find(askers)
