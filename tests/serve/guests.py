"""Guests of a site that is served: what they say and hear, over a library or over a bare socket."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from harness.site import Site

Frame = dict[str, Any]

#: What a guest can make the server keep at most, in bytes, with what Python itself needs for that.
LITTLE = 12 << 20
#: A message as large as can be, in bytes.
LARGE = "\N{GRINNING FACE}" * 4000


async def hear(client: ClientConnection) -> Frame:
    """The next frame, which is no array."""
    frames = await hear_all(client)
    assert len(frames) == 1
    return frames[0]


#: What came in one array behind a frame that was waited for.
_behind: WeakKeyDictionary[ClientConnection, list[Frame]] = WeakKeyDictionary()


async def hear_all(client: ClientConnection) -> list[Frame]:
    """The next frame, or all in the next array, or what is left of the last one."""
    if behind := left_behind(client):
        return behind
    async with asyncio.timeout(20):
        frames = json.loads(await client.recv())
    return frames if isinstance(frames, list) else [frames]


def left_behind(client: ClientConnection) -> list[Frame]:
    """What is left of the last array, for who goes on by other means."""
    return _behind.pop(client, [])


async def hear_of(client: ClientConnection, **wanted: object) -> Frame:
    """The next frame that looks like this, whatever comes before it."""
    while True:
        frames = await hear_all(client)
        for at, frame in enumerate(frames):
            if frame.items() >= wanted.items():
                _behind[client] = frames[at + 1 :]
                return frame


async def say(client: ClientConnection, **frame: object) -> None:
    await client.send(json.dumps(frame))


async def come_in(client: ClientConnection, name: str, **reply: object) -> None:
    """Give a name, and be in; with a number where somebody of this name has not quite left."""
    assert (await hear(client))["type"] == "request_name"
    await say(client, name=name, **reply)
    while not (await hear_of(client, event="join"))["name"].startswith(name):
        pass


async def last_words(client: ClientConnection) -> tuple[list[Frame], Close | None]:
    """All that is still heard, and how the server closes."""
    frames: list[Frame] = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            frames += await hear_all(client)
    return frames, client.protocol.close_rcvd


def narrow_socket(port: int) -> socket.socket:
    """A connection for which the kernel does not keep much."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    narrow.connect(("127.0.0.1", port))
    return narrow


def upgrade(path: str, *headers: str) -> bytes:
    """The request that opens a WebSocket."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin1")


def raw_frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + bytes(4) + payload


def raw_guest(site: Site, id: str, name: str = "", headers: Sequence[str] = ()) -> socket.socket:
    """Somebody on a bare socket who was asked for a name and has given it."""
    line = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    line.sendall(upgrade(f"/ws/{id}", *headers))
    while b"request_name" not in line.recv(1 << 16):
        pass
    line.sendall(raw_frame(1, json.dumps({"name": name or id}).encode()))
    return line


def ask(site: Site, request: bytes, *, until: bytes = b"") -> bytes:
    """What the server answers to these bytes, up to `until`, or to the end of the connection."""
    heard = b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
        line.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while not until or until not in heard:
                data = line.recv(1 << 16)
                if not data:
                    break
                heard += data
    return heard


class Flood:
    """Somebody who says a lot and waits for nothing but the network."""

    def __init__(self, client: ClientConnection, count: int) -> None:
        self.sent = 0
        self.last = f"{count - 1} " + "x" * 3900
        self._task = asyncio.create_task(self._run(client, count))

    async def _run(self, client: ClientConnection, count: int) -> None:
        for number in range(count):
            await say(client, type="message", message=f"{number} " + "x" * 3900, ref=str(number))
            self.sent += 1

    async def done(self) -> None:
        await self._task

    async def stands_still(self) -> None:
        """Return when nothing more gets away."""
        before = -1
        while before < self.sent:
            before = self.sent
            await asyncio.sleep(0.4)
