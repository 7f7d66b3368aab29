"""The handshake: the name has come, and with it who this is."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from chat import access
from chat.core import names
from chat.core.errors import (
    ChatError,
    DatabaseUnreachable,
    Internal,
    NotFound,
    RateLimited,
    TooManyConnections,
)
from chat.core.protocol import Cursor, Reply, cursors
from chat.models import Person, Room
from chat.services import people
from chat.services.people import Arrival, Proof
from chat.storage.readers import BatchLoader

if TYPE_CHECKING:
    from chat.socket.connection import Connection


class Handshake:
    """Finds out who this is, and holds their id while they are here. For one connection."""

    #: The id held in the roster, from the name on.
    _held: str | None = None
    #: What comes of the arrival: what this person says waits for it.
    arrival: "asyncio.Future[Person | ChatError | None]"

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    async def introduce(self, reply: Reply) -> None:
        """Find out who this is, and enter the rooms that the reply asks for, or the lobby."""
        connection = self._connection
        wanted = {Room.LOBBY: Cursor()}
        # As long as no reply was good, each decides anew.
        connection.speak(2 if reply.v == 2 else 1, None)
        if connection.dialect == 2:
            wanted = cursors(reply) or wanted
            connection.speak(2, _language(reply.lang))
        await connection.process.peers.known()
        if connection.closing.is_closing:
            return
        person = await self._identify(reply)
        if person is None or connection.closing.is_closing:  # closed meanwhile
            return
        actor = access.guest(person)
        connection.become(actor)
        if connection.dialect == 2:
            connection.send(connection.welcome())
        for slug, cursor in wanted.items():
            try:
                await connection.subscriptions.enter_first(slug, cursor)
            except (NotFound, RateLimited) as error:
                connection.closing.refuse(error)

    def give_back_id(self, rooms: Sequence[int] = (), *, at_once: bool = True) -> None:
        """This connection holds its id no longer, and is in no room: at once, or in a moment."""
        if self._held is not None:
            self._connection.process.presence.depart(self._held, rooms, at_once=at_once)
            self._held = None

    async def _identify(self, reply: Reply) -> Person | None:
        """Who gives this name, once nobody else can be that any more; None where that cannot be kept."""
        connection = self._connection
        client_id = connection.client_id
        name = names.clean(reply.name) or names.default(client_id)
        if connection.dialect == 2 and (proven := people.proven(reply.token)) is not None:
            self._arrive(Arrival(proven, name, Proof.TOKEN))
            return Person(id=proven, name=name, is_owned=True)
        proof = Proof.CLAIM if connection.dialect == 2 else Proof.NONE
        is_owned = await connection.process.once(_ownership)(client_id)
        if connection.closing.is_closing:
            return None
        is_free = is_owned is None if connection.dialect == 2 else not is_owned
        if not is_free or client_id in connection.process.roster:
            # The id is public, so it proves nothing. It belongs to somebody: this is somebody else.
            client_id, name, is_owned = self._stranger(name)
        if is_owned is None and not connection.admission.count_newcomer():
            await connection.closing.close(TooManyConnections())
            return None
        while True:
            self._arrive(Arrival(client_id, name, proof))
            if is_owned is None and await self.arrival is None and not connection.closing.is_closing:
                # Somebody else has come first, in another process.
                self.give_back_id()
                client_id, name, is_owned = self._stranger(name)
                continue
            return Person(id=client_id, name=name, is_owned=proof is Proof.CLAIM)

    def _stranger(self, name: str) -> tuple[str, str, None]:
        """Somebody who was never here: an id, and a name that nobody here has."""
        return uuid.uuid4().hex, names.unlike(name, self._connection.process.roster.names()), None

    def _arrive(self, arrival: Arrival) -> None:
        """Be here, and have it noted. That is not waited for, save by what this person says."""
        self._connection.process.presence.arrive(arrival.id, arrival.name)
        self._held = arrival.id
        self.arrival = self._connection.commands.arrive(arrival)
        self.arrival.add_done_callback(self._arrived)

    def _arrived(self, outcome: "asyncio.Future[Person | ChatError | None]") -> None:
        if not outcome.cancelled() and isinstance(outcome.result(), Internal):
            self._connection.closing.close_soon(DatabaseUnreachable())


def _language(wanted: object) -> str | None:
    """The language that a client asks for, if the site speaks it."""
    return next((code for code, _name in settings.LANGUAGES if code == wanted), None)


def _ownership() -> BatchLoader[str, bool | None]:
    return BatchLoader(people.ownership)
