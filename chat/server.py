"""Daphne's server, with what a chat needs of it: fast writing, back-pressure, and an orderly end.

Any ASGI application runs on it. One that knows the wire (`scope["extensions"]["chat"]["wire"]`, see
chat.live.line) writes to its client without waiting, and learns when the server is about to end.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import daphne.server  # first: it chooses Twisted's reactor
from autobahn.websocket.types import ConnectionDeny
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol as DaphneProtocol
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPullProducer, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.internet.tcp import Connection
from zope.interface import implementer

from chat import live

reactor: Any = _reactor  # its type is found out at run time

#: How many of a client's frames may wait for the application before no more is read from it, and how many
#: bytes of them.
FRAMES_WAITING, BYTES_WAITING = 64, 1 << 18
#: The most bytes of a request's body: as much as Django takes into memory.
MAX_BODY_SIZE = 2_621_440
#: How long a client may take to answer a close, in seconds; then the connection is dropped.
CLOSE_TIMEOUT = 5
#: How long the applications have at the end, in seconds, and how long those that were cancelled.
END_TIMEOUT, CANCEL_TIMEOUT = 8, 1
#: How many clients a second are asked back after a restart.
RETURN_RATE = 200


@implementer(IPushProducer, IPullProducer)
class Wire:
    """The way out to one client, for bytes that are frames already."""

    def __init__(self, protocol: "WebSocketProtocol") -> None:
        self.drained: Callable[[], None] | None = None
        self.going_down: Callable[[float], None] | None = None
        self.is_full = False
        self.taken = protocol.taken
        self._protocol = protocol
        transport = protocol.transport
        # Twisted would ask for a turn of the reactor, and the kernel for two changes of what it watches,
        # before the first byte goes. Whatever is no plain socket (TLS) goes that way all the same.
        is_plain = isinstance(transport, Connection)
        self._send = transport.getHandle().send if is_plain else None
        transport.unregisterProducer()  # the HTTP request that this connection began as
        # To a pull producer a plain socket says when nothing is left over; TLS asks one all the time.
        transport.registerProducer(self, not is_plain)
        # Answers to earlier requests may not be out yet. The answer to this one goes behind them, and when
        # that is out everything is.
        self.is_full = is_plain

    def write(self, data: bytes) -> None:
        """Send whole frames. Where the network does not take all of them, it is full until `drained`."""
        if self._protocol.state == DaphneProtocol.STATE_OPEN:  # or nobody is there to hear it
            self.put(data)

    def put(self, data: bytes) -> None:
        """Send bytes, in whatever state the connection is."""
        if self._send is not None and not self.is_full:
            try:
                sent = self._send(data)
            except OSError:  # not now; or never again, which Twisted finds out
                sent = 0
            if sent == len(data):
                return
            data, self.is_full = data[sent:], True
        self._protocol.transport.write(data)

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        """TLS has enough for now."""
        self.is_full = True

    def resumeProducing(self) -> None:  # noqa: N802
        """There is room again."""
        self.is_full = False
        if self.drained is not None:
            self.drained()

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is lost; the application hears of it otherwise."""


class WebSocketProtocol(DaphneProtocol):  # type: ignore[misc]  # untyped
    """One WebSocket: what goes out goes over its wire, and what comes in may have to wait."""

    #: Whether no more is read because too much waits.
    _is_paused = False
    #: The timer that ends a connection whose client does not take the rest.
    _aborting: Any = None

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's and Autobahn's names
        super().connectionMade()
        self.server = self.factory.server_class
        self.wire = Wire(self)
        #: The sizes of the frames that the application has not taken yet.
        self._untaken: list[int] = []

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        if self.server.is_ending:
            raise ConnectionDeny(503, "The server restarts.")  # type: ignore[no-untyped-call]
        if not request.headers.get("sec-websocket-protocol", "").isascii():
            # Daphne would answer with a traceback of its own.
            raise ConnectionDeny(400, "A subprotocol is written in ASCII.")  # type: ignore[no-untyped-call]
        return super().onConnect(request)

    def sendData(self, data: bytes, *args: Any, **kwargs: Any) -> None:  # noqa: N802
        """Send what Autobahn has to say, in turn with the rest."""
        self.wire.put(data)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Do what the application asks for; a close takes its reason along."""
        if message["type"] == "websocket.close" and self.state == self.STATE_OPEN:
            self.sendClose(message.get("code") or 1000, message.get("reason") or None)
        else:
            super().handle_reply(message)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        """Close because the time is up (--websocket_timeout): the client may come again."""
        self.sendClose(code or 4015)

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802
        """End the connection; at the latest in a while, where the client does not take what is left."""
        super().dropConnection(abort)
        if not abort:
            self._aborting = reactor.callLater(CLOSE_TIMEOUT, self.transport.abortConnection)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802
        if self._aborting is not None and self._aborting.active():
            self._aborting.cancel()
        super().connectionLost(reason)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        if self in self.server.connections:  # Daphne takes it for granted
            super().onClose(wasClean, code, reason)

    # What comes in

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        """Answer, unless the client does not read what it was sent before."""
        if not self.wire.is_full:
            super().onPing(payload)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        super().onMessage(payload, isBinary)
        self._untaken.append(len(payload))
        if len(self._untaken) >= FRAMES_WAITING or sum(self._untaken) > BYTES_WAITING:
            self._is_paused = True
            self.transport.pauseProducing()

    def processData(self) -> bool:  # noqa: N802
        """Take one frame out of what was read, unless enough of them wait."""
        return not self._is_paused and super().processData()

    def taken(self) -> None:
        """The application has taken a frame."""
        del self._untaken[0]
        if self._is_paused and len(self._untaken) <= FRAMES_WAITING // 2:
            self._is_paused = False
            self.consumeData()
            if not self._is_paused:
                self.transport.resumeProducing()

    def go_down(self, retry_after: float) -> None:
        """The server ends: have the application say goodbye, or do it here."""
        if self.state == self.STATE_CONNECTING:
            self.serverReject()
        elif self.wire.going_down is not None:
            self.wire.going_down(retry_after)
        else:
            self.sendClose(4010, "restart")


class Request(WebRequest):  # type: ignore[misc]  # untyped
    """One HTTP request, or what a WebSocket begins as."""

    _is_refused = False

    def __init__(self, *args: Any, **options: Any) -> None:
        # Forms are Django's to read. Twisted would read them too, while everybody waits: a form made for
        # that takes seconds.
        super().__init__(*args, parsePOSTFormSubmission=False, **options)

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """Refuse a body that is too long, and any body before a WebSocket. None is a chunked one."""
        is_too_long = self._is_too_long(length or 0)
        super().gotLength(0 if is_too_long else length)
        upgrade = self.requestHeaders.getRawHeaders(b"upgrade", [b""])[0]
        if upgrade.lower() == b"websocket" and length != 0:
            self._refuse(b"400 Bad Request")
        elif is_too_long:
            self._refuse(b"413 Content Too Large")

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if self._is_refused:
            return
        if self._is_too_long(self.content.tell() + len(data)):
            self._refuse(b"413 Content Too Large")
        else:
            super().handleContentChunk(data)

    def process(self) -> Any:
        """Take in what a proxy says, and nothing that only seems to come from one."""
        if self._is_refused:
            return None
        self.requestHeaders.removeHeader(b"daphne-root-path")
        for name in self.server.forwarded:
            if values := self.requestHeaders.getRawHeaders(name):
                # The last one is what the proxy in front of us has added; those before may be anybody's.
                value = values[-1].rpartition(b",")[2].strip()
                if not value.isascii():
                    return self.basic_error(400, b"Bad Request", "A forwarded header is no text")
                self.requestHeaders.setRawHeaders(name, [value])
        return super().process()

    def _is_too_long(self, length: int) -> bool:
        most = self.channel.factory.server.max_body_size
        return bool(0 < most < length)

    def _refuse(self, status: bytes) -> None:
        self._is_refused = True
        self.channel.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        self.channel.loseConnection()


class Server(daphne.server.Server):  # type: ignore[misc]  # untyped
    """Serves an ASGI application over HTTP and WebSockets. Told to stop, it ends in order.

    Takes the options of Daphne's Server, and `max_body_size`, the most bytes of a request's body; 0 sets
    no limit.
    """

    #: Whether it ends, so that nobody is let in any more.
    is_ending = False

    def __init__(self, application: Any, *, max_body_size: int = MAX_BODY_SIZE, **options: Any) -> None:
        self.max_body_size = max_body_size
        self._inner = application
        self._tell_ready = options.pop("ready_callable", None)
        self._ports: list[Any] = []
        super().__init__(self._application, ready_callable=self._get_ready, **options)
        #: The headers in which a proxy says who the client is, where one is believed.
        self.forwarded = [
            name.encode()
            for name in (
                self.proxy_forwarded_address_header,
                self.proxy_forwarded_port_header,
                self.proxy_forwarded_proto_header,
            )
            if name
        ]

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, which is watched as it takes what a client says."""
        if scope["type"] == "websocket":
            receive = partial(_take, scope["extensions"]["chat"]["wire"].taken, receive)
        await self._inner(scope, receive, send)

    def _get_ready(self) -> None:
        """All ports are open and nobody has been let in yet."""
        self.ws_factory.setProtocolOptions(closeHandshakeTimeout=CLOSE_TIMEOUT)
        self.ws_factory.protocol = _configured(self.ws_factory)
        build = self.http_factory.buildProtocol

        def build_protocol(address: Any) -> Any:
            channel = build(address)
            channel.requestFactory = Request
            return channel

        self.http_factory.buildProtocol = build_protocol
        if self._tell_ready is not None:
            self._tell_ready()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for a connection; what it is mounted under is not the client's to say."""
        scope["root_path"] = self.root_path
        if isinstance(protocol, WebSocketProtocol):
            scope["extensions"] = {"chat": {"wire": protocol.wire}}
        return super().create_application(protocol, scope)

    def kill_all_applications(self) -> Deferred[None]:
        """End in order: Daphne calls this before its reactor stops, and the reactor waits."""
        return Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        """Close the doors, send everybody away to come again, and wait until they and their rooms know."""
        self.is_ending = True
        if self.signal_handlers:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # twice is impatience
        for port in self._ports:
            port.stopListening()
        sockets = [protocol for protocol in self.connections if isinstance(protocol, WebSocketProtocol)]
        for place, protocol in enumerate(sockets):
            protocol.go_down(retry_after=round(1 + place / RETURN_RATE, 2))
        await self._wait_for_applications(END_TIMEOUT)
        for application in self._running():
            application.cancel()
        await self._wait_for_applications(CANCEL_TIMEOUT)
        await live.settle()

    async def _wait_for_applications(self, seconds: float) -> None:
        if running := self._running():
            await asyncio.wait(running, timeout=seconds)

    def _running(self) -> list[asyncio.Future[None]]:
        found = (details.get("application_instance") for details in self.connections.values())
        return [application for application in found if application is not None and not application.done()]


def _configured(factory: Any) -> type[WebSocketProtocol]:
    """The protocol with its factory's options in the class.

    Autobahn copies forty of them into each new connection, and writes them out for a log that nobody
    reads: a seventh of what a connection costs.
    """
    options = {name: getattr(factory, name) for name in WebSocketProtocol.CONFIG_ATTRS}
    members = {name: staticmethod(value) if callable(value) else value for name, value in options.items()}
    return type("ConfiguredProtocol", (WebSocketProtocol,), {**members, "CONFIG_ATTRS": ()})


async def _take(taken: Callable[[], None], receive: Callable[[], Awaitable[Any]]) -> Any:
    message = await receive()
    if message["type"] == "websocket.receive":
        taken()
    return message
