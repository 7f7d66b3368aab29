"""A line to a server over TCP that may die without a word."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator


class Line:
    """A port that leads to another one. What was connected before `die` stays open and carries nothing."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.port = 0
        self._pairs: list[Pair] = []

    def die(self, *, up: bool = False, down: bool = False) -> None:
        """Have the connections that there are lose all that goes up to the server, or down from it."""
        for pair in self._pairs:
            pair.is_dead_up |= up
            pair.is_dead_down |= down

    async def serve(self, from_here: StreamReader, here: StreamWriter) -> None:
        """Carry what one connection brings, until it ends."""
        pair = Pair()
        self._pairs.append(pair)
        try:
            from_there, there = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            here.transport.abort()
            return
        try:
            await asyncio.gather(pair.carry_up(from_here, there), pair.carry_down(from_there, here))
        except OSError:
            pass
        finally:
            for writer in (here, there):
                writer.transport.abort()


class Pair:
    """One connection here, and the one that it leads to."""

    is_dead_up = is_dead_down = False

    async def carry_up(self, reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            if not self.is_dead_up:
                writer.write(data)
        writer.transport.abort()

    async def carry_down(self, reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            if not self.is_dead_down:
                writer.write(data)
        writer.transport.abort()


@contextlib.asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    """A line to this port of the loopback."""
    line = Line(port)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
