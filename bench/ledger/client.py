"""The client: whoever connects, and connects again, and notices that nobody is there any more."""

import asyncio
import contextlib
import json
import time
from random import Random
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.ledger.journal import Journal
from bench.ledger.proxy import HOST, Proxy

Frame = dict[str, Any]

#: After how many seconds of silence a client asks whether the server is there, and gives it up.
ASK, GIVE_UP = 1.0, 3.0
#: How long it waits to be let in, in seconds.
DOOR = 8.0
#: What is refused for now, and may be asked for again.
TRANSIENT = ("internal",)
#: The longest pause before a reconnect, in seconds; a page waits longer.
_BACKOFF = 1.0
_decode = msgspec.json.Decoder().decode


class Client:
    """Somebody who connects, and connects again, until `stop`."""

    dialect = 2

    def __init__(self, name: str, proxy: Proxy, journal: Journal, random: Random) -> None:
        self.name, self.proxy, self.journal, self.random = name, proxy, journal, random
        self.id = name
        #: Whether it hears the lobby in this connection.
        self.is_in = False
        #: When it heard something last.
        self.heard_at = 0.0
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """End. What went wrong in the client itself is raised here."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _live(self) -> None:
        failures = 0
        while True:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                async with connect(
                    f"ws://{HOST}:{self.proxy.port}/ws/{self.id}",
                    compression=None,
                    ping_interval=None if self.dialect == 2 else ASK,
                    ping_timeout=GIVE_UP,
                    open_timeout=DOOR,
                    close_timeout=0.1,
                    proxy=None,
                ) as self._socket:
                    failures = 0
                    self._begin()
                    await self._converse(self._socket)
            self._socket = None
            failures += 1
            self.journal.counts["reconnects"] += 1
            self.journal.note(self.name, "is cut off")
            await asyncio.sleep(self.random.uniform(0, min(_BACKOFF, 0.05 * 2**failures)))

    async def _converse(self, socket: ClientConnection) -> None:
        watching = asyncio.create_task(self._watch(socket))
        try:
            async for text in socket:
                self.heard_at = time.monotonic()
                frames = _decode(text)
                for frame in frames if isinstance(frames, list) else [frames]:
                    await self._take(frame)
        finally:
            watching.cancel()

    async def _watch(self, socket: ClientConnection) -> None:
        """Notice that nobody is there any more; TCP would take minutes."""
        asked = False
        while True:
            await asyncio.sleep(0.25)
            silence = time.monotonic() - self.heard_at
            if silence > (GIVE_UP if self.is_in else DOOR):
                socket.transport.abort()
            elif self.is_in and silence > ASK and not asked:
                await self._ask_for_life()
            asked = silence > ASK
            await self._look_after()

    async def say(self, frame: Frame) -> None:
        """Send, if there is anybody to send to."""
        if self._socket is not None:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                # Where nothing is taken any more, `send` waits; the watch has to go on.
                async with asyncio.timeout(GIVE_UP):
                    await self._socket.send(json.dumps(frame, ensure_ascii=False))

    def leave(self) -> None:
        """Drop the connection, and come again."""
        if self._socket is not None:
            self._socket.transport.abort()

    def _begin(self) -> None:
        """A new connection is there."""
        self.is_in = False
        self.heard_at = time.monotonic()

    # What kinds of clients do

    async def _take(self, frame: Frame) -> None:
        """Go on from a frame of the server."""

    async def _ask_for_life(self) -> None:
        """Make the server say something."""

    async def _look_after(self) -> None:
        """Whatever has to be done now and then."""
