"""The handshake: a name is asked for, and whoever has said who they are enters their rooms."""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from chat.core.errors import (
    BannedHere,
    ClosingError,
    NameNeeded,
    NotFound,
    RateLimited,
    RoomClosed,
    SignInRequired,
    TooManyConnections,
)
from chat.core.protocol import Cursor, EnterRoom, NameRequested, Reply, cursors
from chat.models import Room
from chat.services import naming
from chat.socket import notices, rights, session

if TYPE_CHECKING:
    from chat.socket.connection import Connection


async def begin(connection: "Connection", scope: Any) -> None:
    """Ask for a name; whoever is signed in to the site has one, and hears which."""
    if (key := session.key_of(scope)) and (user := await session.user_of(key)):
        if connection.closing.is_closing:  # closed meanwhile
            return
        connection.identity.user = user
        session.watch(connection, key, user)
        connection.send(NameRequested(user=user.name))
    elif connection.limits.guests == "speak":
        connection.send(NameRequested())
    else:
        connection.send(NameRequested(guests=connection.limits.guests))


async def introduce(connection: "Connection", reply: Reply) -> None:
    """Find out who this is, and enter the rooms that the reply asks for, or the lobby."""
    identity = connection.identity
    wanted = {Room.LOBBY: Cursor()}
    # As long as no reply was good, each decides anew.
    connection.speak(2 if reply.v == 2 else 1, None)
    if connection.dialect == 2:
        wanted = cursors(reply) or wanted
        connection.speak(2, _language(reply.lang))
    if identity.user is None and connection.limits.guests == "none":
        await connection.closing.close(SignInRequired())
        return
    is_reader = reply.reader is True and connection.dialect == 2 and identity.user is None
    actor = await (identity.reader() if is_reader else identity.find(reply))
    if actor is None or connection.closing.is_closing:  # closed meanwhile
        return
    if error := rights.why_shut_out(actor):
        return await connection.closing.close(error)
    if not (is_reader or connection.admission.has_place_for(actor.id)):
        await connection.closing.close(TooManyConnections())
        return
    connection.become(actor)
    last_notice = notices.of_process().last
    if connection.dialect == 2:
        connection.send(connection.welcome(identity.name_was))
    if not is_reader:
        naming.settle_clash(actor.id)  # somebody may have come elsewhere while this was noted
    for slug, cursor in wanted.items():
        try:
            await connection.subscriptions.enter_first(slug, cursor, watch=reply.watch is True)
        except ClosingError as error:
            return await connection.closing.close(error)
        except (NotFound, NameNeeded, BannedHere, RateLimited) as error:
            if connection.dialect == 1:  # which knows no other room
                return await connection.closing.close(RoomClosed())
            connection.closing.refuse(error, EnterRoom(slug))
    if not is_reader:
        await notices.of_process().tell_newcomer(connection, last_notice)


def _language(wanted: object) -> str | None:
    """The language that a client asks for, if the site speaks it."""
    return next((code for code, _name in settings.LANGUAGES if code == wanted), None)
