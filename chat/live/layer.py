"""The channel layer: one channel of this process in the group of each room that somebody here listens to.

The layer is only a doorbell. What it brings in time is told at once; what it loses, repeats or brings in
disorder is put right from the database (see hub). So nothing depends on it but speed.
"""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from chat.live.subscription import EncodedFrame
from chat.live.supervisor import Supervisor

logger = logging.getLogger(__name__)

#: How long a layer is waited for that does not answer, in seconds.
PATIENCE = 1.0
#: How many events may wait for a layer that does not answer. For the rest the next poll makes up.
OUTBOX = 10_000


class Layer:
    """This process in the channel layer. Belongs to one event loop.

    `heard` gets what other processes have told a room. `has_listeners` says whether a room's group has to
    be entered, or left; `entered` is called with a room whose group was entered.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        heard: Callable[[int, Sequence[EncodedFrame]], None],
        has_listeners: Callable[[int], bool],
        entered: Callable[[int], None],
    ) -> None:
        self._supervisor = supervisor
        self._heard, self._has_listeners, self._entered = heard, has_listeners, entered
        self._id = uuid.uuid4().hex
        self._channel = ""
        self._opening = asyncio.Lock()
        self._outbox: asyncio.Queue[tuple[int, Sequence[EncodedFrame]]] = asyncio.Queue(OUTBOX)
        #: The rooms whose groups are to be entered or left, and for each what is set once that was tried.
        self._unsettled: dict[int, asyncio.Event] = {}
        self._has_unsettled = asyncio.Event()
        #: Those where it failed.
        self._failed: set[int] = set()

    def start(self) -> None:
        """Begin to send, to receive, and to enter groups. Raises ImproperlyConfigured without a layer."""
        self._layer = _layer()
        for work in (self._send, self._receive, self._follow):
            self._supervisor.keep_running(work)

    def post(self, room: int, frames: Sequence[EncodedFrame]) -> None:
        """Tell the other processes. Never waits; what there is no room for, they read from the database."""
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait((room, frames))

    async def settle(self) -> None:
        """Return when the layer has all that was posted, or takes nothing just now."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outbox.join(), PATIENCE)

    def follow(self, room: int) -> asyncio.Event:
        """Have the room's group entered or left; what is set once that was tried."""
        self._has_unsettled.set()
        return self._unsettled.setdefault(room, asyncio.Event())

    def try_again(self, rooms: Iterable[int] = ()) -> None:
        """Enter or leave those groups again where it failed, and those of `rooms`."""
        again = self._failed.union(rooms)
        self._failed.clear()
        for room in again:
            self.follow(room)

    async def _send(self) -> None:
        """Carry what was posted to the layer, one after the other, so the order stays."""
        is_well = True
        while True:
            room, frames = await self._outbox.get()
            try:
                await self._layer.group_send(_group(room), _event(room, frames, self._id))
                is_well = True
            except Exception as error:  # whatever a layer's driver may raise: the poll makes up for it
                if is_well:
                    logger.warning("The channel layer takes no events: %r", error)
                is_well = False
            finally:
                self._outbox.task_done()

    async def _receive(self) -> None:
        is_well = True
        while True:
            try:
                await self._open_channel()
                event = await self._layer.receive(self._channel)
                if event["origin"] != self._id:
                    self._heard(event["room"], _frames(event))
                is_well = True
            except Exception as error:  # as above; a layer that is gone comes back, rubbish is skipped
                if is_well:
                    logger.warning("The channel layer gives no events of ours: %r", error)
                is_well = False
                await asyncio.sleep(PATIENCE)

    async def _follow(self) -> None:
        """Be in the groups of exactly those rooms that somebody here listens to."""
        is_well = True
        while True:
            if not self._unsettled:
                self._has_unsettled.clear()
                await self._has_unsettled.wait()
            room = next(iter(self._unsettled))
            tried = self._unsettled.pop(room)
            try:
                await self._enter_or_leave(room)
                is_well = True
            except Exception as error:  # a layer that is gone: the poll tells the room meanwhile
                if is_well:
                    logger.warning("The channel layer does not take this process in: %r", error)
                is_well = False
                self._failed.add(room)
            except asyncio.CancelledError:  # see supervisor
                self._failed.add(room)
                raise
            finally:
                tried.set()

    async def _enter_or_leave(self, room: int) -> None:
        if self._has_listeners(room):
            await self._open_channel()
            await self._layer.group_add(_group(room), self._channel)
            self._entered(room)
        elif self._channel:
            await self._layer.group_discard(_group(room), self._channel)

    async def _open_channel(self) -> None:
        """The one channel of this process."""
        async with self._opening:
            if not self._channel:  # two may want it at once; what is read must be what is in the groups
                self._channel = await self._layer.new_channel("hub.")


def send_from_outside(room: int, frames: Sequence[EncodedFrame]) -> None:
    """Tell every process, from one that serves nobody (a command of manage.py). Waits for the layer."""
    try:
        async_to_sync(_send_once)(room, frames)
    except Exception as error:  # it is committed: whoever listens hears of it by the poll
        logger.warning("The channel layer takes no events: %r", error)


async def _send_once(room: int, frames: Sequence[EncodedFrame]) -> None:
    async with asyncio.timeout(PATIENCE):
        await _layer().group_send(_group(room), _event(room, frames, ""))


def _layer() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured('CHANNEL_LAYERS has no "default"; the chat needs one to tell anybody.')
    return layer


def _group(room: int) -> str:
    return f"room.{room}"


def _event(room: int, frames: Sequence[EncodedFrame], origin: str) -> dict[str, Any]:
    """The frames as they cross the layer."""
    rows = [[frame.version, frame.v2, frame.v1 is not None] for frame in frames]
    return {"type": "room.event", "room": room, "origin": origin, "frames": rows}


def _frames(event: dict[str, Any]) -> list[EncodedFrame]:
    return [
        EncodedFrame(version, text, text if for_v1 else None) for version, text, for_v1 in event["frames"]
    ]
