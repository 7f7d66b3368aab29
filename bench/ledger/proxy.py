"""The proxy: a way over TCP, from a client to a server or from there to a service, which can be spoilt."""

import asyncio
import contextlib
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from harness.ports import free_port

HOST = "127.0.0.1"
_CHUNK = 16_384
#: How long a connection waits for a server that is down, where it is not refused, in seconds.
_PATIENCE = 10.0


class Target(Protocol):
    """Where a proxy may lead."""

    @property
    def port(self) -> int:
        """A port of the loopback."""

    @property
    def is_up(self) -> bool:
        """Whether it runs."""

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still nevertheless."""


@dataclass(frozen=True)
class Place:
    """A target of which nobody here knows whether it runs."""

    port: int
    is_up: bool = True
    is_frozen: bool = False


class Direction:
    """One direction of a proxy."""

    def __init__(self) -> None:
        #: Seconds that every chunk takes longer.
        self.delay = 0.0
        #: Bytes a second; 0 is no limit.
        self.rate = 0.0
        #: While it is not set, nothing passes, not even the news that the other end has gone.
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry whatever comes, until it ends."""
        while data := await reader.read(_CHUNK):
            if self.delay or self.rate:
                await asyncio.sleep(self.delay + (len(data) / self.rate if self.rate else 0))
            await self.is_open.wait()
            writer.write(data)
            await writer.drain()
        await self.is_open.wait()
        writer.write_eof()


class Proxy:
    """A port of its own for one client. What is wrong with a proxy outlives its connections.

    It leads to any of `targets`. Where that is down, only a balanced one tries another.
    """

    def __init__(self, targets: Sequence[Target], random: Random, *, is_balanced: bool = False) -> None:
        self.up, self.down = Direction(), Direction()
        self.port = free_port()
        #: Whether a fault is on the proxy itself now.
        self.is_faulty = False
        #: Where it leads, or has to lead once that is up again.
        self._target: Target | None = None
        self._targets, self._is_balanced = targets, is_balanced
        self._random = random
        self._pairs: dict[tuple[StreamWriter, StreamWriter], None] = {}
        self._listener: asyncio.Server | None = None
        self._stranded: list[Direction] = []

    @property
    def is_spoilt(self) -> bool:
        """Whether a fault is on it now, or on what it leads to, and nothing takes over."""
        target = self._target
        is_down = target is not None and (target.is_frozen or not target.is_up)
        return self.is_faulty or (is_down and not self._is_balanced)

    async def open(self) -> None:
        """Listen on its port."""
        self._listener = await asyncio.start_server(self._serve, HOST, self.port)

    def close(self) -> None:
        """Listen no longer, and cut what there is."""
        if self._listener is not None:
            self._listener.close()
        self.cut()
        for direction in self._stranded:
            direction.is_open.set()  # whoever waits has to end

    def cut(self) -> None:
        """Reset every connection; whatever is on its way is lost."""
        for here, there in list(self._pairs):
            _reset(here)
            _reset(there)

    def half_close(self, direction: Direction) -> None:
        """Tell whoever is at the end of this direction that nothing more will come."""
        for here, there in list(self._pairs):
            with contextlib.suppress(OSError):
                (there if direction is self.up else here).write_eof()

    def hold(self, *directions: Direction) -> None:
        """Let nothing pass in these directions, or in both, and close nothing, until `heal`."""
        for direction in directions or (self.up, self.down):
            direction.is_open.clear()

    def heal(self) -> None:
        """Let everything pass, and what was held first."""
        for direction in (self.up, self.down):
            direction.is_open.set()

    def strand(self) -> None:
        """Bring nothing more back to those who are connected now, for good; whoever comes anew is well."""
        self.down.is_open.clear()
        self._stranded.append(self.down)
        self.down = Direction()

    async def _serve(self, from_here: StreamReader, here: StreamWriter) -> None:
        target = await self._route()
        if target is None:
            return _reset(here)
        try:
            from_there, there = await asyncio.open_connection(HOST, target.port)
        except OSError:
            return _reset(here)
        self._pairs[here, there] = None
        carrying = [
            asyncio.ensure_future(carry)
            for carry in (self.up.carry(from_here, there), self.down.carry(from_there, here))
        ]
        try:
            await asyncio.gather(*carrying)
        except (OSError, RuntimeError):  # RuntimeError: carried on behind a half-close
            pass
        finally:
            for carry in carrying:
                carry.cancel()
            del self._pairs[here, there]
            _reset(here)
            _reset(there)

    async def _route(self) -> Target | None:
        """Where a new connection leads; where that is down, either nowhere, or there later."""
        up = [target for target in self._targets if target.is_up] if self._is_balanced else ()
        self._target = target = self._random.choice(up or self._targets)
        if not target.is_up and self._random.random() < 0.5:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while not target.is_up:  # noqa: ASYNC110  # a server is no event
                    await asyncio.sleep(0.05)
                return target
        return None


def _reset(writer: StreamWriter) -> None:
    """End a connection with RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, ValueError, AttributeError):  # there is none where it is closed
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
