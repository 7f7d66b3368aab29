"""The search by a socket: what was found, for whoever asks. Nothing else of theirs waits for it."""

import logging
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError

from chat.core.errors import ChatError, Internal, RateLimited
from chat.core.protocol import Search, encode
from chat.services import search
from chat.storage.readers import searching

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

#: After how many seconds somebody may ask again whose last question is not answered yet.
BUSY = 1.0

_find = searching(search.find)


class Searches:
    """The questions of one connection, one at a time."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._is_busy = False

    def begin(self, wanted: Search) -> None:
        """Answer a question when that is found. Raises RateLimited while another is looked into."""
        if self._is_busy:
            raise RateLimited(BUSY)
        self._is_busy = True
        self._connection.process.supervisor.run(self._answer(wanted))

    async def _answer(self, wanted: Search) -> None:
        connection = self._connection
        try:
            text = await self._found(wanted)
        except ChatError as error:
            if not connection.closing.is_closing:
                connection.closing.refuse(error, wanted)
        else:
            connection.admission.add_read(len(text.encode()))
            if not connection.closing.is_closing:
                connection.queue.send(text)
        finally:
            self._is_busy = False

    async def _found(self, wanted: Search) -> str:
        """The frame that answers. Raises ChatError; NotFound where the room is not theirs to read."""
        connection = self._connection
        assert connection.actor
        try:
            room = None if wanted.room is None else await connection.subscriptions.found(wanted.room)
            while True:
                actor = connection.actor
                found = encode(await _find(actor, room, wanted))
                if connection.actor == actor:  # or they may not read all of that any more
                    return found
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Nothing can be searched: %s", str(error).strip())
            raise Internal from None
