"""Identity: who somebody is and how they show it, and the id that they hold while they are here."""

import asyncio
import uuid
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from chat import access, actors
from chat.access import Act
from chat.actors import READER, Actor
from chat.core import names
from chat.core.errors import (
    ChatError,
    DatabaseUnreachable,
    Internal,
    RateLimited,
    SessionEnded,
    TooManyConnections,
)
from chat.core.protocol import NameWas, Reply
from chat.live.admission import Cost, charges
from chat.models import Person
from chat.services import naming, people
from chat.services.naming import Known, Newcomer
from chat.services.people import Arrival, NotLetIn, Proof
from chat.services.users import SiteUser
from chat.socket import rights, session
from chat.storage.readers import BatchLoader

if TYPE_CHECKING:
    from chat.socket.connection import Connection


class Identity:
    """Finds out who this is, and holds their id while they are here. For one connection."""

    #: The user of the site who has opened the connection, if they are signed in.
    user: SiteUser | None = None
    #: What comes of the arrival: what this person says waits for it.
    arrival: "asyncio.Future[Person | NotLetIn | ChatError | None]"
    #: Why they are not called as they asked.
    name_was: NameWas = UNSET
    #: What they would be called if nobody else were.
    _wanted = ""
    #: The id held in the roster, from the name on.
    _held: str | None = None

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    async def find(self, reply: Reply) -> Actor | None:
        """Who this is, with all their rights; None where they are not let in, or have left."""
        await self._connection.process.peers.known()
        if self._connection.closing.is_closing:
            return None
        found = await (self._recognise(self.user) if self.user else self._identify(reply))
        if found is None:
            return None
        network = self._connection.admission.network
        return await rights.of_process().completed(await self._unlike_users(found), network)

    async def reader(self) -> Actor:
        """Somebody who reads, and is nobody: nothing of them is noted, and no id is theirs."""
        await self._connection.process.peers.known()
        return await rights.of_process().completed(READER, self._connection.admission.network)

    def depart(self, rooms: Sequence[int], *, at_once: bool) -> None:
        """This connection is gone: it holds its id no longer and is in no room, at once or soon."""
        if self.user is not None:
            session.forget(self._connection)
        self._give_back_id(rooms, at_once=at_once)

    def _give_back_id(self, rooms: Sequence[int] = (), *, at_once: bool = True) -> None:
        if self._held is not None:
            self._connection.process.presence.depart(self._held, rooms, at_once=at_once)
            self._held = None

    async def _is_shut_out(self, id: str, user: Any = None, *, is_proven: bool = True) -> bool:
        """Whether whoever comes under this id is not let in, and was told so: before anything is noted."""
        connection, of_process = self._connection, rights.of_process()
        network = connection.admission.network
        if not await of_process.is_anything_known(id, network):
            return connection.closing.is_closing
        actor = replace(actors.guest(Person(id=id, is_owned=is_proven)), user=user)
        error = await of_process.shut_out(actor, network, is_proven=is_proven)
        if error and not connection.closing.is_closing:
            await connection.closing.close(error)
        return connection.closing.is_closing

    async def _recognise(self, user: SiteUser) -> Actor | None:
        """The user of the site, whatever name they give; None where they are one no longer."""
        if id := user.person:
            if await self._is_shut_out(id, user.user):
                return None
            name = self._called(id, user.name)
            self._arrive(self._by_session(user, id, name), later=True)
        else:
            # Somebody else may come by the same user at this moment, here or in another process, and that
            # is the same person: which one is known only once it is written.
            self._note(self._by_session(user, people.new_id_of_user(), user.name))
            came = await self.arrival
            if not isinstance(came, Person) or self._connection.closing.is_closing:
                return None
            id = came.pk
            name = self._called(id, user.name)
            self._hold(id, name)
        person = Person(id=id, user_id=user.user.pk, name=name, is_owned=True)
        return actors.of_user(person, user.user, user.role, user.permissions)

    def _by_session(self, user: SiteUser, id: str, name: str) -> Arrival:
        network = self._connection.admission.network
        account = {"user": user.user.pk, "account_name": user.name}
        return Arrival(id, name, Proof.SESSION, network=network, **account)

    async def _identify(self, reply: Reply) -> Actor | None:
        """The guest who gives this name, once nobody else can be them; None where they are not let in."""
        connection = self._connection
        client_id = connection.client_id
        asked = names.clean(reply.name)
        proven = people.proven(reply.token) if connection.dialect == 2 else None
        if await self._is_shut_out(proven or client_id, is_proven=proven is not None):
            return None
        if proven is None and connection.dialect == 2:
            return await self._claim(client_id, asked)
        known, wanted = await self._known(proven or client_id, asked)
        if connection.closing.is_closing:
            return None
        if proven is not None:
            name = await self._called_again(proven, asked, wanted)
            if self._connection.closing.is_closing:
                return None
            arrival = Arrival(proven, name, Proof.TOKEN, network=connection.admission.network)
            self._arrive(arrival, later=True)
            return actors.guest(people.drafted(proven, name, is_owned=True))
        is_owned = known.is_owned
        if is_owned or self._is_somebodys(client_id):
            client_id, is_owned = uuid.uuid4().hex, None
        if is_owned is None and not await self._counts_as_newcomer():
            return None
        name = self._called(client_id, asked, wanted)
        self._arrive(Arrival(client_id, name, network=connection.admission.network), later=True)
        return actors.guest(people.drafted(client_id, name, is_owned=False))

    async def _claim(self, id: str, asked: str) -> Actor | None:
        """The guest who gives this name and has nothing to show yet; None where they are not let in.

        Whether the id is nobody's, and the name no user's, the database says as it notes them: so they wait
        for one thread and not for two.
        """
        if self._is_somebodys(id):
            id = uuid.uuid4().hex
        if not await self._counts_as_newcomer():
            return None
        names = naming.candidates(self._connection.client_id, asked)
        wanted = next(names)
        while True:
            name, keys = self._called(id, asked, wanted), naming.newcomer(id, wanted).keys
            network = self._connection.admission.network
            self._arrive(Arrival(id, name, Proof.CLAIM, network=network, keys=keys), later=False)
            came = await self.arrival
            if self._connection.closing.is_closing:
                return None
            if came is NotLetIn.NAME_OF_USER:
                self._give_back_id()
                wanted = next(names)
            elif came is None:  # somebody else has come first, here or in another process
                self._give_back_id()
                id = uuid.uuid4().hex
            else:
                return actors.guest(people.drafted(id, name, is_owned=True))

    def _is_somebodys(self, id: str) -> bool:
        """Whether an id is a user's, or of somebody who is here. It is public, and so proves nothing."""
        return people.is_of_user(id) or id in self._connection.process.roster

    async def _counts_as_newcomer(self) -> bool:
        """Count somebody who was never here; False where that is one too many, and then they are closed."""
        if self._connection.admission.count_newcomer():
            return True
        await self._connection.closing.close(TooManyConnections())
        return False

    async def _known(self, id: str, asked: str) -> tuple[Known, str]:
        """What is known of a guest, and the name they may have, or a stand-in: that of no user.

        One query, but for those who ask for a user's name.
        """
        connection = self._connection
        for wanted in naming.candidates(connection.client_id, asked):
            known = await connection.process.once(known_of)(naming.newcomer(id, wanted))
            if not known.is_name_of_user or connection.closing.is_closing:
                return known, wanted
        raise AssertionError  # there is always another

    def _called(self, id: str, asked: str, wanted: str | None = None) -> str:
        """What somebody is called who comes under this id: a name that is free at this very moment."""
        given = naming.given(id, asked, asked if wanted is None else wanted)
        self.name_was, self._wanted = given.name_was, given.wanted
        return given.name

    async def _called_again(self, id: str, asked: str, wanted: str) -> str:
        """As `_called`, of a guest who has shown who they are: it may be that they are here already.

        Then another name is a `rename`, and whoever may not have one now is called as they are.
        """
        here = self._connection.process.roster.name(id)
        if here in (None, asked) or self._called(id, asked, wanted) == here or await self._may_rename(id):
            return self._called(id, asked, wanted)
        assert here
        name = self._called(id, here)
        self.name_was = "taken"
        return name

    async def _may_rename(self, id: str) -> bool:
        """Whether somebody who is here may be called otherwise now; that counts as one that was given."""
        connection, of_process = self._connection, rights.of_process()
        guest = actors.guest(Person(id=id, is_owned=True))
        actor = await of_process.completed(guest, connection.admission.network)
        rooms = await of_process.rooms(connection.process.roster.rooms(id))
        if not any(access.may(actor, Act.POST, room) for room in rooms):
            return False
        connection.admission.person = id
        try:
            connection.admission.charge(charges(Cost.RENAMING))
        except RateLimited:
            return False
        return True

    async def _unlike_users(self, actor: Actor) -> Actor:
        """Who has come in, with another number where theirs makes the name that of a user of the site.

        The name is theirs meanwhile, so that each who comes looks once. Nobody has been told of it.
        """
        connection, person, of_users = self._connection, actor.person, set[str]()
        assert person
        while person.name != self._wanted:
            known = await connection.process.once(known_of)(naming.with_number(person.pk, person.name))
            if not known.is_name_of_user or connection.closing.is_closing:
                break
            of_users.add(person.name)
            person = copy(person)
            person.name = naming.numbered(person.pk, self._wanted, but=of_users)
            presence = connection.process.presence
            presence.rename(person.pk, person.name, presence.next_since(person.pk), self.name_was)
            if self.user is None:
                connection.commands.arrive(naming.renamed(person, person.name))
        return actor if person is actor.person else replace(actor, person=person)

    def _arrive(self, arrival: Arrival, *, later: bool) -> None:
        """Be here, and have it noted. That is not waited for, save by what this person says.

        Who has nothing to show for it that nobody else may have is noted `later`, with others who come.
        """
        self._hold(arrival.id, arrival.name)
        self._note(arrival, later=later)

    def _note(self, arrival: Arrival, *, later: bool = False) -> None:
        self.arrival = self._connection.commands.arrive(arrival, later=later)
        self.arrival.add_done_callback(self._arrived)

    def _hold(self, id: str, name: str) -> None:
        """Be here under this id, in place of any other."""
        self._give_back_id()
        self._connection.process.presence.arrive(id, name)
        self._held = id

    def _arrived(self, outcome: "asyncio.Future[Person | NotLetIn | ChatError | None]") -> None:
        if outcome.cancelled():
            return
        if isinstance(outcome.result(), Internal):
            self._connection.closing.close_soon(DatabaseUnreachable())
        elif outcome.result() is None and self.user is not None:  # deleted meanwhile
            self._connection.closing.close_soon(SessionEnded())
        elif outcome.result() is None and self._connection.dialect == 1:
            # The id was claimed in another process meanwhile: they come again, and are somebody else.
            self._connection.closing.close_soon(DatabaseUnreachable())


def known_of() -> BatchLoader[Newcomer, Known]:
    """What the database knows of newcomers, and of names; for one process."""
    return BatchLoader(naming.known)
