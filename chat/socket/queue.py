"""The queue by a socket: a page of it for who asks, and its number from then on whenever that changes."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError

from chat import access
from chat.actors import Actor
from chat.core.errors import Internal
from chat.core.protocol import ListQueue, QueueCounted, encode
from chat.live import process
from chat.services import queue
from chat.services.queue import Scope
from chat.storage import vendor
from chat.storage.readers import polling, reading

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

#: How often it is counted where nobody says that it has changed, and how long it is not counted again after
#: it was, in seconds: so whoever reports all the time costs no more than this.
POLL, REST = 3.0, 0.2

_read_items, _read_counts = reading(queue.items), polling(queue.counts)


async def send_page(connection: "Connection", wanted: ListQueue) -> None:
    """Tell a page of the queue, and its number whenever that changes. Raises ChatError."""
    try:
        page = await _read_items(_actor(connection), wanted.after, wanted.limit)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The queue cannot be read: %s", str(error).strip())
        raise Internal from None
    text = encode(page)
    connection.admission.add_read(len(text.encode()))
    if not connection.closing.is_closing:
        process.current().once(QueueWatch).add(connection, page.count)
        connection.queue.send(text)


class QueueWatch:
    """Tells those who have asked for the queue how much waits for them. Belongs to one event loop."""

    def __init__(self) -> None:
        running = process.current()
        #: What each was told last.
        self._told: dict[Connection, int] = {}
        self._is_hurried = asyncio.Event()
        running.hub.on_site_event(queue.KIND, lambda _data: self._is_hurried.set())
        running.supervisor.keep_running(self._run)

    def add(self, connection: "Connection", count: int) -> None:
        """A connection knows this number, and hears of every other one from now on."""
        self._told[connection] = count

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._is_hurried.wait()
            self._is_hurried.clear()
            with contextlib.suppress(*vendor.UNAVAILABLE):  # then the next time
                await self._tell()
            await asyncio.sleep(REST)

    async def _tell(self) -> None:
        """Count once for all rooms, and tell those whose number is another one."""
        self._told = {one: told for one, told in self._told.items() if not one.closing.is_closing}
        scopes = {_scope(connection) for connection in self._told}
        if not scopes:
            return
        found = await _read_counts(scopes)
        for connection, told in list(self._told.items()):
            now = found.get(_scope(connection), told)  # where those are other rooms since, the next time
            if now != told and not connection.closing.is_closing:
                self._told[connection] = now
                connection.send(QueueCounted(now))


def _scope(connection: "Connection") -> Scope:
    return access.moderated_rooms(_actor(connection))


def _actor(connection: "Connection") -> Actor:
    assert connection.actor
    return connection.actor
