"""Naming by a socket: another name for somebody who is here."""

from typing import TYPE_CHECKING

from chat.core.errors import Internal, NameReserved, NameTaken, ReadOnly
from chat.core.protocol import Rename
from chat.live.admission import Cost, charges
from chat.services import naming, presence
from chat.socket.identity import known_of

if TYPE_CHECKING:
    from chat.socket.connection import Connection


async def rename(connection: "Connection", wanted: Rename) -> None:
    """Call a guest otherwise once that is stored; `welcome` is the answer, to all their connections.

    Rooms are told of it, so it is for those who may speak in one where they are.
    """
    assert connection.actor
    assert connection.actor.person
    person = connection.actor.person
    name = naming.wanted(connection.actor, wanted.name)
    if name == person.name:
        connection.send(connection.welcome())
        return
    if not connection.subscriptions.may_speak():
        raise ReadOnly
    naming.check_free(connection.actor, name)
    known = await connection.process.once(known_of)(naming.newcomer(person.pk, name))
    if known.is_name_of_user:
        raise NameReserved
    connection.admission.charge(charges(Cost.RENAMING))
    outcome = await connection.commands.arrive(naming.renamed(person, name))
    if isinstance(outcome, Internal):
        raise outcome
    if connection.closing.is_closing:
        return
    try:
        naming.check_free(connection.actor, name)
    except NameTaken:  # by somebody who has come meanwhile: the stored name is again the one they have
        connection.commands.arrive(naming.renamed(person, connection.actor.person.name))
        raise
    presence.rename(person.pk, name)
