"""The bytes of the load: a handmade WebSocket client's side, in the dialects that the servers speak."""

import base64
import json
import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

#: A frame that is one whole text, and one that answers a ping; a client's frames are masked.
_TEXT, _PONG, _CLOSE = 0x81, 0x8A, 0x88
_MASKED = 0x80
#: A ping and the size of what it carries. A text ends before it, or it is the first thing that came.
_PINGS = re.compile(rb"(?:\A|[}\]])\x89[\x00-\x7d]", re.DOTALL)
_STAMP = "2026-01-01T00:00:00Z"


class Step(NamedTuple):
    """A step of the way in: what a newcomer waits for, and what it says then."""

    heard: bytes
    answer: bytes


class Dialect:
    """How a listener gets in and talks. As it stands: v1, which all peers speak."""

    key = "v1"
    #: What the server says to a client whose frame it does not like.
    complaints: Sequence[bytes] = (b'"danger"',)
    #: Where this is not in a chunk, no ping is.
    ping = b"\x89"

    def __init__(self, *, is_proxied: bool = False) -> None:
        #: Whether each listener comes from an address of their own, as a proxy tells it.
        self.is_proxied = is_proxied

    def upgrade(self, client_id: str, number: int, port: int) -> bytes:
        """The request for the socket of the listener with this number."""
        address = f"9.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}" if self.is_proxied else ""
        return upgrade(self.path(client_id), port, address)

    def path(self, client_id: str) -> str:
        """Where the socket is."""
        return f"/ws/{client_id}"

    def way_in(self, name: str) -> list[Step]:
        """What happens from the handshake's answer to being in the room."""
        return [
            Step(b"\r\n\r\n", b""),
            Step(b"request_name", self.frame({"name": name})),
            # Everybody in the room hears who comes, the newcomer included.
            Step(b'"notification"', b""),
        ]

    def message(self, text: str, ref: str) -> bytes:
        """A message to the room; `ref` is unlike any other."""
        return self.frame({"type": "message", "message": text, "timestamp": _STAMP})

    def frame(self, content: dict[str, Any]) -> bytes:
        """A frame of the chat as a frame of the socket."""
        return masked(json.dumps(content).encode())

    def pongs(self, chunk: bytes) -> bytes:
        """The answers to the pings in `chunk`."""
        return b"".join(
            masked(chunk[found.end() : found.end() + chunk[found.end() - 1]], _PONG)
            for found in _PINGS.finditer(chunk)
        )


class V2(Dialect):
    """v2 of docs/PROTOCOL.md, which our server speaks alone: refs, acks, and frames in batches."""

    key = "v2"
    complaints = (b'"danger"', b'"error"', b'"closing"')

    def way_in(self, name: str) -> list[Step]:
        handshake, asked, let_in = super().way_in(name)
        hello = self.frame({"name": name, "v": 2})
        # In a large room notices come once a second only; the history is what a newcomer hears last.
        return [handshake, asked._replace(answer=hello), let_in._replace(heard=b'"type":"history"')]

    def message(self, text: str, ref: str) -> bytes:
        return self.frame({"type": "message", "message": text, "timestamp": _STAMP, "ref": ref})


class Reader(V2):
    """v2 of whoever has given no name, and only reads."""

    def way_in(self, name: str) -> list[Step]:
        handshake, asked, let_in = super().way_in(name)
        return [handshake, asked._replace(answer=self.frame({"v": 2, "reader": True})), let_in]


class SocketIO(Dialect):
    """v1 as the argument of a Socket.IO event, with the pings and packets of Engine.IO around it."""

    key = "socket.io"
    #: Engine.IO has a ping of its own: a frame with the text 2.
    ping = b"\x81\x012"

    def path(self, client_id: str) -> str:
        return "/socket.io/?EIO=4&transport=websocket"

    def way_in(self, name: str) -> list[Step]:
        handshake, *others = super().way_in(name)
        return [handshake._replace(answer=masked(b"40")), *others]

    def frame(self, content: dict[str, Any]) -> bytes:
        return masked(b"42" + json.dumps(["frame", content]).encode())

    def pongs(self, chunk: bytes) -> bytes:
        return masked(b"3") * chunk.count(self.ping)


def upgrade(path: str, port: int, address: str = "") -> bytes:
    """The request that makes a socket of a connection, passed on for `address`, if one is given.

    No extension is asked for, so nothing is packed.
    """
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *([f"X-Forwarded-For: {address}"] if address else []),
    ]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def masked(payload: bytes, opcode: int = _TEXT) -> bytes:
    """A client's frame around `payload`."""
    size = len(payload)
    if size < 126:
        head = bytes([opcode, _MASKED | size])
    elif size < 1 << 16:
        head = bytes([opcode, _MASKED | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([opcode, _MASKED | 127]) + size.to_bytes(8, "big")
    key = os.urandom(4)
    # One operation on two long numbers, instead of one for each byte.
    pattern = (key * (size // 4 + 1))[:size]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")
    return head + key + hidden.to_bytes(size, "big")


def farewell() -> bytes:
    """A frame that says: I am going."""
    return masked((1000).to_bytes(2, "big"), _CLOSE)
