"""The hub: one channel of this process in the group of each room that somebody here listens to.

An event crosses the channel layer once for each process, already encoded as text, and the hub hands
that text to every listener. So a listener costs one call, and the limits of the layer (a queue of 100
for each channel, a walk over all channels at each receive) never meet a crowd.
"""

import asyncio
import logging
from typing import Any, Protocol

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from chat.core.protocol import Event, encode
from chat.core.roster import Roster

logger = logging.getLogger(__name__)


class Listener(Protocol):
    """Somebody who listens to a room."""

    async def hear(self, text: str) -> None:
        """Take one frame. Whoever raises here is told nothing more."""


class Hub:
    """The listeners of this process, room by room, and the roster of those who are here.

    Lives as long as the event loop it was made in. Every method but `post` belongs to that loop.
    """

    def __init__(self) -> None:
        self.roster = Roster()
        self._loop = asyncio.get_running_loop()
        self._layer = _layer()
        self._channel = ""
        self._rooms: dict[int, dict[Listener, None]] = {}
        self._outbox: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self._membership = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_alive(self) -> bool:
        """Whether the loop of this hub still turns."""
        return not self._loop.is_closed()

    def belongs_to(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether this is the hub of `loop`."""
        return self._loop is loop

    async def join(self, room: int, listener: Listener) -> None:
        """From now on `listener` hears what is told to the room with this key."""
        async with self._membership:
            await self._start()
            listeners = self._rooms.setdefault(room, {})
            if not listeners:
                await self._layer.group_add(_group(room), self._channel)
            listeners[listener] = None

    async def leave(self, room: int, listener: Listener) -> None:
        """`listener` hears nothing more of the room. Leaving twice is leaving once."""
        async with self._membership:
            listeners = self._rooms.get(room, {})
            if listener not in listeners:
                return
            del listeners[listener]
            if not listeners:
                del self._rooms[room]
                await self._layer.group_discard(_group(room), self._channel)

    def post(self, room: int, text: str) -> None:
        """Send a frame to the room, here and in every other process. From any thread; never waits."""
        self._loop.call_soon_threadsafe(self._outbox.put_nowait, (room, text))

    async def _start(self) -> None:
        if not self._tasks:
            self._channel = await self._layer.new_channel("hub.")
            self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._receive())]

    async def _send(self) -> None:
        """Carry what was posted to the layer, one after the other, so the order stays."""
        while True:
            room, text = await self._outbox.get()
            try:
                await self._layer.group_send(_group(room), _ring(room, text))
            except Exception:  # whatever a layer's driver may raise: the next event may pass again
                logger.warning("The channel layer took no event of room %s.", room, exc_info=True)

    async def _receive(self) -> None:
        while True:
            try:
                event = await self._layer.receive(self._channel)
            except Exception:  # as above; a layer that is gone comes back
                logger.warning("The channel layer gives no events; trying again.", exc_info=True)
                await asyncio.sleep(1)
            else:
                await self._tell(event["room"], event["text"])

    async def _tell(self, room: int, text: str) -> None:
        for listener in list(self._rooms.get(room, ())):
            try:
                await listener.hear(text)
            except Exception:  # one broken listener must not cost the others their frame
                logger.warning("A listener of room %s is broken and is let go.", room, exc_info=True)
                await self.leave(room, listener)


_hub: Hub | None = None


def hub() -> Hub:
    """The hub of the running event loop."""
    global _hub
    if _hub is None or not _hub.belongs_to(asyncio.get_running_loop()):
        _hub = Hub()
    return _hub


def publish(room: int, event: Event) -> None:
    """Tell an event to the room with this key, in every process. From any thread; encodes once.

    Where no server runs in this process (a command of manage.py), hands it to the layer and waits.
    """
    text = encode(event)
    if _hub is not None and _hub.is_alive:
        _hub.post(room, text)
    else:
        async_to_sync(_layer().group_send)(_group(room), _ring(room, text))


def _layer() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured('CHANNEL_LAYERS has no "default"; the chat needs one to tell anybody.')
    return layer


def _group(room: int) -> str:
    return f"room.{room}"


def _ring(room: int, text: str) -> dict[str, object]:
    """The event as it crosses the layer."""
    return {"type": "room.event", "room": room, "text": text}
