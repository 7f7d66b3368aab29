"""The handshake: the name has come, and with it who this is."""

import asyncio
import uuid
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from msgspec import UNSET

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
from chat.core.protocol import Cursor, NameWas, Reply, cursors
from chat.models import Person, Room
from chat.services import naming, people
from chat.services.naming import Known, Newcomer
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

    #: Why they are not called as they asked.
    _name_was: NameWas = UNSET

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
        person = await self._identify(reply)
        if person is None or connection.closing.is_closing:  # closed meanwhile
            return
        actor = access.guest(person)
        connection.become(actor)
        if connection.dialect == 2:
            connection.send(connection.welcome(self._name_was))
        naming.settle_clash(person.pk)  # somebody may have come elsewhere while this was noted
        for slug, cursor in wanted.items():
            try:
                await connection.subscriptions.enter_first(slug, cursor)
            except (NotFound, RateLimited) as error:
                connection.closing.refuse(error)

    def give_back_id(self) -> None:
        """This connection holds its id no longer."""
        if self._held is not None:
            self._connection.process.roster.depart(self._held)
            self._held = None

    async def _identify(self, reply: Reply) -> Person | None:
        """Who gives this name, once nobody else can be that any more; None where that cannot be kept."""
        connection = self._connection
        client_id = connection.client_id
        asked = names.clean(reply.name)
        proven = people.proven(reply.token) if connection.dialect == 2 else None
        known = await connection.process.once(known_of)(naming.newcomer(proven or client_id, asked))
        if connection.closing.is_closing:
            return None
        called = partial(self._called, asked, known.is_name_of_user or naming.is_reserved(asked))
        if proven is not None:
            name = called(proven)
            self._arrive(Arrival(proven, name, Proof.TOKEN))
            return Person(id=proven, name=name, is_owned=True)
        proof = Proof.CLAIM if connection.dialect == 2 else Proof.NONE
        is_owned = known.is_owned
        is_free = is_owned is None if connection.dialect == 2 else not is_owned
        if not is_free or client_id in connection.process.roster:
            # The id is public, so it proves nothing. It belongs to somebody: this is somebody else.
            client_id, is_owned = uuid.uuid4().hex, None
        if is_owned is None and not connection.admission.count_newcomer():
            await connection.closing.close(TooManyConnections())
            return None
        while True:
            name = called(client_id)
            self._arrive(Arrival(client_id, name, proof))
            if is_owned is None and await self.arrival is None and not connection.closing.is_closing:
                # Somebody else has come first, in another process.
                self.give_back_id()
                client_id = uuid.uuid4().hex
                continue
            return Person(id=client_id, name=name, is_owned=proof is Proof.CLAIM)

    def _called(self, asked: str, is_reserved: bool, id: str) -> str:
        """What a guest is called who comes under this id: a name that is free at this very moment."""
        default = names.default(self._connection.client_id)
        name, self._name_was = naming.given(id, asked, default=default, is_reserved=is_reserved)
        return name

    def _arrive(self, arrival: Arrival) -> None:
        """Be here, and have it noted. That is not waited for, save by what this person says."""
        self._connection.process.roster.arrive(arrival.id, arrival.name)
        self._held = arrival.id
        self.arrival = self._connection.commands.arrive(arrival)
        self.arrival.add_done_callback(self._arrived)

    def _arrived(self, outcome: "asyncio.Future[Person | ChatError | None]") -> None:
        if not outcome.cancelled() and isinstance(outcome.result(), Internal):
            self._connection.closing.close_soon(DatabaseUnreachable())


def _language(wanted: object) -> str | None:
    """The language that a client asks for, if the site speaks it."""
    return next((code for code, _name in settings.LANGUAGES if code == wanted), None)


def known_of() -> BatchLoader[Newcomer, Known]:
    """What the database knows of newcomers, and of names; for one process."""
    return BatchLoader(naming.known)
