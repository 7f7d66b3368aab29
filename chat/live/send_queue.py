"""The send queue: the way to one client. What it is sent waits here for the network; nobody else does."""

import asyncio
import logging
import struct
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

from autobahn.exception import Disconnected

from chat.core.protocol import pack
from chat.live import turn

logger = logging.getLogger(__name__)

#: How much may wait for a client that does not read, in bytes (characters, where the server frames).
UNSENT_LIMIT = 1 << 20
#: What sending raises once the client has gone: under Daphne, and by the ASGI specification.
GONE = (Disconnected, OSError)

Send = Callable[[Any], Awaitable[None]]
#: The text of a frame; in UTF-8 where it was made so.
Text = str | bytes


class Wire(Protocol):
    """What chat.server gives its applications beyond ASGI, in `scope["extensions"]["chat"]["wire"]`."""

    #: Called when the network takes more again.
    drained: Callable[[], None] | None
    #: Called when the server is about to end, with the seconds after which the client may come again.
    going_down: Callable[[float], None] | None
    #: Called when the client has left, with whether it said goodbye. The application may not have taken all
    #: that it said.
    left: Callable[[bool], None] | None
    #: Called with a text as soon as it has come, where all that came before is taken: whether the
    #: application takes it at once. What it does not take comes as under any server.
    heard: Callable[[str], bool] | None

    #: Whether the network takes no more just now.
    is_full: bool

    def write(self, data: bytes) -> None:
        """Send whole frames, behind what waits. It may be full afterwards."""


class Batch:
    """Frames for many: encoded before, and framed for the wire once."""

    __slots__ = ("data", "texts")

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        #: All of it as it goes over the wire.
        self.data = framed(texts)


class SendQueue(ABC):
    """Takes what a client is to be sent, in order, and never waits.

    `dropped` is called once, when the client is found gone, more than UNSENT_LIMIT waits for it, or it is
    dropped. Then what waits is forgotten and nothing more is taken, save a last frame.
    """

    #: The client's: 2 may be sent several frames as one array.
    dialect = 1

    def __init__(self, dropped: Callable[[], None]) -> None:
        self._turn = turn.current()
        self._dropped = dropped
        #: Sent to this client alone, and gathering while the loop turns.
        self._own: list[bytes] = []
        #: What the network is not ready for, in the form in which it will go.
        self._waiting: deque[Any] = deque()
        self._unsent = 0
        self._is_closed = False

    @staticmethod
    def to(
        scope: Any,
        send: Send,
        dropped: Callable[[], None],
        going_down: Callable[[float], None],
        left: Callable[[bool], None],
        heard: Callable[[str], bool],
    ) -> "SendQueue":
        """The queue to the client of `scope`: over the server's own wire, where it gives one.

        Such a server also calls `going_down` before it ends, with the seconds after which the client
        may come again, `left` when the client has left, with whether it said goodbye, and `heard` with what
        the client says, for whatever can be taken at once.
        """
        wire = scope.get("extensions", {}).get("chat", {}).get("wire")
        if wire is None:
            return AsgiSendQueue(send, dropped)
        wire.going_down, wire.left, wire.heard = going_down, left, heard
        return WireSendQueue(wire, dropped)

    def send(self, text: Text) -> None:
        """Send to this client alone. What gathers while the loop turns leaves together.

        And with what everybody is told then: who has said something gets its ack and hears it at one time.
        """
        if self._is_closed:
            return
        if not self._own:
            self._turn.tell_client(self)
        self._own.append(_utf8(text))

    @abstractmethod
    def send_batch(self, batch: Batch) -> None:
        """Send what others are sent as well, after all that this client was sent before."""

    @abstractmethod
    async def finish(self, last: str) -> None:
        """Send all that waits, then `last`, and take nothing more."""

    def discard(self) -> None:
        """Forget what waits, and take nothing more."""
        self._is_closed = True
        self._own.clear()
        self._forget()

    @property
    def is_gathering(self) -> bool:
        """Whether anything that was sent to this client alone is still here."""
        return bool(self._own)

    def leave(self) -> None:
        """Send what has gathered."""
        try:
            if self._own:
                self.send_batch(Batch(()))  # nothing for others
        except Exception:  # something is lost now, and nobody else would notice
            logger.exception("A client could not be sent what it is to hear.")
            self.drop()

    def _gathered(self, *last: str) -> list[bytes]:
        """What was sent to this client alone, and this, as its frames."""
        texts, self._own = [*self._own, *map(_utf8, last)], []
        return texts if self.dialect == 1 else pack(texts)

    def _keep(self, rest: bytes | Sequence[str], size: int) -> None:
        self._waiting.append(rest)
        self._unsent += size
        if self._unsent > UNSENT_LIMIT:
            self.drop()

    def _forget(self) -> None:
        self._waiting.clear()
        self._unsent = 0

    def drop(self) -> None:
        """Take nothing more, and have the client come again: it has missed something."""
        if not self._is_closed:
            self.discard()
            self._dropped()


class WireSendQueue(SendQueue):
    """To a client of chat.server: what many are told is the same bytes for all of them."""

    def __init__(self, wire: Wire, dropped: Callable[[], None]) -> None:
        super().__init__(dropped)
        self._wire = wire
        wire.drained = self._drain

    async def finish(self, last: str) -> None:
        for data in (*self._waiting, framed(self._gathered(last))):
            self._wire.write(data)
        self.discard()

    def send_batch(self, batch: Batch) -> None:
        if self._is_closed:
            return
        data = framed(self._gathered()) + batch.data if self._own else batch.data
        if self._wire.is_full:
            self._keep(data, len(data))
        else:
            self._wire.write(data)

    def _drain(self) -> None:
        while self._waiting and not self._wire.is_full:
            data = self._waiting.popleft()
            self._unsent -= len(data)
            self._wire.write(data)


class AsgiSendQueue(SendQueue):
    """To a client of any other server: one task sends for as long as there is something to send."""

    def __init__(self, send: Send, dropped: Callable[[], None]) -> None:
        super().__init__(dropped)
        self._send = send
        self._sending: asyncio.Task[None] | None = None

    async def finish(self, last: str) -> None:
        if not self._is_closed:
            self._write(self._texts(last))
            self._is_closed = True
            while self._sending is not None:
                await asyncio.wait([self._sending])
            self.discard()

    def send_batch(self, batch: Batch) -> None:
        if not self._is_closed:
            self._write([*self._texts(), *batch.texts])

    def _texts(self, *last: str) -> list[str]:
        return [text.decode() for text in self._gathered(*last)]

    def _write(self, texts: Sequence[str]) -> None:
        if self._sending is None:
            self._sending = self._turn.loop.create_task(self._send_all(texts))
        else:
            self._keep(texts, sum(map(len, texts)))

    async def _send_all(self, texts: Sequence[str]) -> None:
        try:
            while True:
                for text in texts:
                    await self._send({"type": "websocket.send", "text": text})
                if not self._waiting:
                    break
                texts = [text for texts in self._waiting for text in texts]
                self._forget()
        except GONE:
            # Daphne may not say so for as long as it has bytes left to send.
            self.drop()
        finally:
            self._sending = None


def _utf8(text: Text) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def framed(texts: Iterable[Text]) -> bytes:
    """Texts as unmasked WebSocket frames, one for each (RFC 6455, section 5.2)."""
    parts: list[bytes] = []
    for text in texts:
        payload = _utf8(text)
        size = len(payload)
        if size < 126:
            parts.append(struct.pack("!BB", 0x81, size))
        elif size < 1 << 16:
            parts.append(struct.pack("!BBH", 0x81, 126, size))
        else:
            parts.append(struct.pack("!BBQ", 0x81, 127, size))
        parts.append(payload)
    return b"".join(parts)
