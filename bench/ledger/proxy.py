"""The proxy: one client's way to the servers over TCP, which a fault can cut, hold up or slow down."""

import asyncio
import contextlib
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from random import Random

from bench.ledger.servers import Server

HOST = "127.0.0.1"
_CHUNK = 16_384
#: How long a connection waits for a server that is down, where it is not refused, in seconds.
_PATIENCE = 10.0


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
    """A port of its own for one client. What is wrong with a proxy outlives its connections."""

    def __init__(self, servers: Sequence[Server], random: Random) -> None:
        self.up, self.down = Direction(), Direction()
        self.port = 0
        #: Whether a fault is on the proxy itself now.
        self.is_faulty = False
        #: Where it leads, or has to lead once that server is up again.
        self._server: Server | None = None
        self._servers = servers
        self._random = random
        self._pairs: dict[tuple[StreamWriter, StreamWriter], None] = {}
        self._listener: asyncio.Server | None = None

    @property
    def is_spoilt(self) -> bool:
        """Whether a fault is on it now, or on the server that it leads to."""
        server = self._server
        return self.is_faulty or (server is not None and (server.is_frozen or not server.is_up))

    async def open(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listen no longer, and cut what there is."""
        if self._listener is not None:
            self._listener.close()
        self.cut()

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

    async def _serve(self, from_here: StreamReader, here: StreamWriter) -> None:
        server = await self._route()
        if server is None:
            return _reset(here)
        try:
            from_there, there = await asyncio.open_connection(HOST, server.site.port)
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

    async def _route(self) -> Server | None:
        """A server for a new connection; where it is down, either none or the same one later."""
        self._server = server = self._random.choice(self._servers)
        if not server.is_up and self._random.random() < 0.5:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while not server.is_up:  # noqa: ASYNC110  # a server is no event
                    await asyncio.sleep(0.05)
                return server
        return None


def _reset(writer: StreamWriter) -> None:
    """End a connection with RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
