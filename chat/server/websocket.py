"""One WebSocket: what goes out goes over its wire, and what comes in waits for its turn."""

from collections import deque
from typing import Any

from autobahn.websocket.types import ConnectionDeny
from twisted.internet import reactor as _reactor
from twisted.internet.protocol import connectionDone

from chat.core import limits
from chat.core.codes import CloseCode
from chat.core.errors import Restarting
from chat.core.limits import FRAMES_A_TURN, Bucket
from chat.server.frames import SHORT, short_text
from chat.server.opening import Opening, first_state
from chat.server.wire import Wire

reactor: Any = _reactor  # its type is found out at run time

#: How many of a client's frames may wait for the application before no more is read from it, and how many
#: bytes of them.
FRAMES_WAITING, BYTES_WAITING = 256, 1 << 18
#: A frame counts as one more for each so many of its bytes.
FRAME_UNIT = 4096
#: How many bytes Autobahn is given at a time: it copies the rest of them for each frame.
PORTION = 2048
#: How long a client may take to answer a close, in seconds; then the connection is dropped.
CLOSE_TIMEOUT = 5
#: A pong that nobody has asked for, and nobody answers (RFC 6455, section 5.5.3).
UNASKED_PONG = b"\x8a\x00"


class WebSocketProtocol(Opening):
    """One WebSocket: what goes out goes over its wire, and what comes in may have to wait."""

    #: What Autobahn was given and has not taken yet.
    data: bytes
    #: Whether the request that it begins with has come.
    _has_begun = False
    #: Whether no frame is taken because too many wait for the application.
    _is_full = False
    #: Whether nothing more is read from the network.
    _is_paused = False
    #: The timer that goes on to take frames, and the one that ends a connection whose client does not take
    #: the rest.
    _going_on: Any = None
    _aborting: Any = None
    #: Whether any text that `short_text` finds is as short as the options have it.
    _takes_texts = True
    #: How many frames may still be taken in this turn; how many parts of one message have come.
    _left = 0
    _fragments = 0

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's and Autobahn's names
        super().connectionMade()
        self._has_begun = self.is_read
        self.wire = Wire(self, is_first=self.is_read)
        #: What was read and not given to Autobahn yet, and how much of it was given.
        self._unread, self._given = b"", 0
        #: The sizes of the messages that the application has not taken yet, and of all of them.
        self._untaken: deque[int] = deque()
        self._untaken_size = 0
        self._frames = Bucket()

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        if self.server.is_ending:
            raise ConnectionDeny(503, "The server restarts.")  # type: ignore[no-untyped-call]
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            # Daphne would answer with a traceback of its own.
            raise ConnectionDeny(400, "A subprotocol is written in ASCII.")  # type: ignore[no-untyped-call]
        deferred = super().onConnect(request)
        self.network = limits.network(self.client_addr[0]) if self.client_addr else ""
        return deferred

    def sendData(self, data: bytes, *args: Any, **kwargs: Any) -> None:  # noqa: N802
        """Send what Autobahn has to say, in turn with the rest."""
        if self.is_read and self.state == self.STATE_CONNECTING and data.startswith(b"HTTP/1.1 101 "):
            self.wire.put_first(data)
        else:
            self.wire.put(data)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Do what the application asks for; a close takes its reason along."""
        if message["type"] == "websocket.close" and self.state == self.STATE_OPEN:
            self.sendClose(message.get("code") or 1000, message.get("reason") or None)
        else:
            super().handle_reply(message)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        """Close because the time is up (--websocket_timeout): the client may come again."""
        self.sendClose(code or int(CloseCode.SESSION_ENDED))

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802
        """End the connection; at the latest in a while, where the client does not take what is left."""
        super().dropConnection(abort)
        if not abort:
            self._aborting = reactor.callLater(CLOSE_TIMEOUT, self.transport.abortConnection)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802
        for timer in (self._aborting, self._going_on):
            if timer is not None and timer.active():
                timer.cancel()
        self._unread, self._given = b"", 0
        self.server.release(self.transport)
        super().connectionLost(reason)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        if self in self.server.connections:  # Daphne takes it for granted
            super().onClose(wasClean, code, reason)
        if self.wire.left is not None:
            self.wire.left(wasClean)  # a close frame need not have a code

    def check_timeouts(self) -> None:
        """Ping, and see whether it takes too long; but ask nothing of a client that is not read from."""
        super().check_timeouts()
        if self._is_paused and self.state == self.STATE_OPEN:
            if self.autoPingTimeoutCall is not None:
                self._cancelAutoPingTimeoutCall()
            if not self.wire.is_full:
                self.wire.put(UNASKED_PONG)  # the network says if nobody is there any more

    def go_down(self, retry_after: float) -> None:
        """The server ends: have the application say goodbye, or do it here."""
        if self.state == self.STATE_CONNECTING:
            if hasattr(self, "handshake_deferred"):  # or it is refused already
                self.serverReject()
        elif self.wire.going_down is not None:
            self.wire.going_down(retry_after)
        else:
            self.sendClose(int(CloseCode.RESTART), Restarting.code)

    # What comes in

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Begin with the request, which comes whole; all that comes later waits for its turn."""
        if self._has_begun:
            if self.state == self.STATE_OPEN and not self._unread and len(data) <= PORTION:
                self.data += data  # as little as most say at a time needs no other place to wait
            else:
                self._unread, self._given = self._unread[self._given :] + data, 0
            self.consumeData()
        else:
            self._has_begun = True
            super().dataReceived(data)

    def onOpen(self) -> None:  # noqa: N802
        super().onOpen()
        if self._unread:
            self._go_on(0)

    def consumeData(self) -> None:  # noqa: N802
        """Take frames out of what was read: only so many in one turn, and in one second."""
        if self.state == self.STATE_CONNECTING:
            if self._unread:
                self._pause()  # nobody who keeps to the protocol says anything yet
            else:
                super().consumeData()
            return
        if self._going_on is not None and self._going_on.active():
            return
        self._left = FRAMES_A_TURN
        while self.state in (self.STATE_OPEN, self.STATE_CLOSING):
            if self.current_frame is None:
                if not self.data and self._given == len(self._unread):
                    break
                if self._is_full:
                    return self._pause()
                if not self._left:
                    return self._go_on(0)
                if wait := self._wait():
                    return self._go_on(wait)
            if not self._take_text() and not self.processData() and not self._give():
                break
        if self._is_paused:
            self._is_paused = False
            self.transport.resumeProducing()

    def _take_text(self) -> bool:
        """Take a short text that has come whole, which Autobahn would take in thirty steps. Else False."""
        if self.current_frame is not None or self.inside_message or self.state != self.STATE_OPEN:
            return False
        if (found := short_text(self.data)) is None or self.failedByMe or not self._takes_texts:
            return False
        payload, end = found
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            return False  # Autobahn says what is wrong
        self.data = self.data[end:]
        self._count(len(payload))
        if self.autoPingTimeoutCall is not None:
            self._cancelAutoPingTimeoutCall()
        if not self._hear(text):
            self._queue(payload, is_binary=False)
        return True

    def _give(self) -> bool:
        """Give Autobahn more of what was read, if there is more: a little, or the rest of a frame."""
        size = PORTION
        if self.current_frame is not None:
            size += self.current_frame.length
        portion = self._unread[self._given : self._given + size]
        self._given += len(portion)
        if self._given == len(self._unread):
            self._unread, self._given = b"", 0
        self.data += portion
        return bool(portion)

    def _go_on(self, seconds: float) -> None:
        """Take no frame until then."""
        self._pause()
        self._going_on = reactor.callLater(seconds, self._resume)

    def _resume(self) -> None:
        self._going_on = None
        self.consumeData()

    def _pause(self) -> None:
        if not self._is_paused:
            self._is_paused = True
            self.transport.pauseProducing()

    def onFrameBegin(self) -> None:  # noqa: N802
        """Count a frame, and the parts of a message."""
        self._count(self.current_frame.length)
        if self.current_frame.opcode <= 7:
            self._fragments = self._fragments + 1 if self.inside_message else 1
        super().onFrameBegin()
        if 0 < self.server.limits.fragments < self._fragments:
            self._fail_connection(1009, "A message of too many fragments")

    def _wait(self) -> float:
        """The seconds until one more frame may be taken; 0 where it may be now."""
        now = reactor.seconds()
        wait = self._frames.wait(self.server.limits.frames, 1, now)
        if self.network:
            wait = max(wait, self.server.admission.frames.wait(self.network, 1, now))
        return wait

    def _count(self, size: int) -> None:
        """Count a frame of so many bytes."""
        self._left -= 1
        count, now = 1 + size // FRAME_UNIT, reactor.seconds()
        self._frames.take(self.server.limits.frames, count, now)
        if self.network:
            self.server.admission.frames.take(self.network, count, now)

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        """Answer, unless the client does not read what it was sent before."""
        if not self.wire.is_full:
            super().onPing(payload)

    def onMessageEnd(self) -> None:  # noqa: N802
        """Take the whole message. Autobahn would tell listeners of its own, but there are none."""
        if not self.failedByMe:
            self.onMessage(b"".join(self.message_data or ()), self.message_is_binary)
        self.message_data: list[bytes] | None = None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        if isBinary or not self._hear(payload.decode()):
            self._queue(payload, is_binary=isBinary)

    def _hear(self, text: str) -> bool:
        """Have the application take a text, if it takes it at once. Else False."""
        heard = self.wire.heard
        if heard is None or self._untaken or self.muted or not heard(text):
            return False
        self.last_ping = reactor.seconds()
        return True

    def _queue(self, payload: bytes, *, is_binary: bool) -> None:
        """Have a message wait for the application."""
        super().onMessage(payload, is_binary)
        self._untaken.append(len(payload))
        self._untaken_size += len(payload)
        self._is_full = len(self._untaken) >= FRAMES_WAITING or self._untaken_size > BYTES_WAITING

    def taken(self) -> None:
        """The application has taken a message."""
        self._untaken_size -= self._untaken.popleft()
        if (
            self._is_full
            and len(self._untaken) <= FRAMES_WAITING // 2
            and self._untaken_size <= BYTES_WAITING // 2
        ):
            self._is_full = False
            self._go_on(0)  # once the application has begun with what it was given now


def configured(factory: Any) -> type[WebSocketProtocol]:
    """The protocol with its factory's options, and with what a connection begins as, in the class.

    Autobahn puts a hundred attributes into each new connection, and writes forty of them out for a log that
    nobody reads: a fifth of what a connection costs.
    """
    options = {name: getattr(factory, name) for name in WebSocketProtocol.CONFIG_ATTRS}
    members = {name: staticmethod(value) if callable(value) else value for name, value in options.items()}
    sizes = options["maxMessagePayloadSize"], options["maxFramePayloadSize"]
    members |= {"CONFIG_ATTRS": (), "_takes_texts": not any(0 < size < SHORT for size in sizes)}
    protocol = type("ConfiguredProtocol", (WebSocketProtocol,), members)
    for name, value in first_state(protocol, factory).items():
        setattr(protocol, name, value)
    return protocol
