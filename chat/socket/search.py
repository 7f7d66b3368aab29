"""The search by a socket: what was found, for whoever asks; what else they ask for comes after that."""

import logging
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError

from chat.core.errors import Internal
from chat.core.protocol import Search, encode
from chat.services import search
from chat.storage.readers import searching

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

_find = searching(search.find)


async def send_found(connection: "Connection", wanted: Search) -> None:
    """Tell what was found. Raises ChatError; NotFound where the room is not theirs to read."""
    room = None if wanted.room is None else await connection.subscriptions.found(wanted.room)
    while True:
        actor = connection.actor
        assert actor
        try:
            text = encode(await _find(actor, room, wanted))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Nothing can be searched: %s", str(error).strip())
            raise Internal from None
        if connection.actor == actor:  # or they may not read all of that any more
            break
    connection.admission.add_read(len(text.encode()))
    if not connection.closing.is_closing:
        connection.queue.send(text)
