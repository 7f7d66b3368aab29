"""The server: listens, counts who comes, and ends in order."""

import asyncio
import gc
import logging
import signal
import sys
import time
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any

import daphne.http_protocol
import daphne.server
import daphne.ws_protocol
from twisted.internet import asyncioreactor as _asyncioreactor
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport

from chat import conf
from chat.core import limits
from chat.core.limits import Slots
from chat.live import process
from chat.live.admission import Admission
from chat.server.channel import Channel
from chat.server.inbox import Inbox
from chat.server.proxy import Proxy
from chat.server.request import MAX_BODY_SIZE, Request
from chat.server.turnstile import Turnstile
from chat.server.websocket import CLOSE_TIMEOUT, WebSocketProtocol, configured

reactor: Any = _reactor  # its type is found out at run time
asyncioreactor: Any = _asyncioreactor
logger = logging.getLogger(__name__)

#: For how long a thread that makes a page, or reads a history, may keep the event loop from its turn, in
#: seconds: Python's own 5 ms for each of many such threads would be heard in the talk.
SWITCH_INTERVAL = 0.0005
#: When the garbage collector looks at what: a connection that has gone is garbage in circles of a hundred
#: objects, and of few there are few to look at. But where a thousand come at once it would look at all of
#: them again and again, a fifth of what they cost.
GC_THRESHOLDS = 700, 10, 10
#: How long the applications have at the end, in seconds, and how long those that were cancelled.
END_TIMEOUT, CANCEL_TIMEOUT = 6, 1
#: How many clients a second are asked back after a restart.
RETURN_RATE = 100
#: How many connections may wait to be accepted, as far as the system lets them.
BACKLOG = 2048

# Twisted and Daphne tell by the wall clock how long something takes. Where that is set back an hour, nobody
# is pinged and nothing times out for an hour.
reactor.seconds = time.monotonic
# Before it reads or writes Twisted notes in whose name it does, for a log of its own that goes nowhere.
asyncioreactor.callWithLogger = lambda _logger, function, *arguments: function(*arguments)
for module in (daphne.http_protocol, daphne.server, daphne.ws_protocol):
    module.time = SimpleNamespace(time=time.monotonic)


class Server(daphne.server.Server):  # type: ignore[misc]  # untyped
    """Serves an ASGI application over HTTP and WebSockets. Told to stop, it ends in order.

    Takes the options of Daphne's Server, and `max_body_size`, the most bytes of a request's body; 0 sets
    no limit.
    """

    #: Whether it ends, so that nobody is let in any more.
    is_ending = False

    def __init__(self, application: Any, *, max_body_size: int = MAX_BODY_SIZE, **options: Any) -> None:
        self.max_body_size = max_body_size
        self.limits = conf.current()
        #: How many bytes of request bodies are here.
        self.bodies = 0
        #: Whose connections are open, where that is counted.
        self._networks: dict[Any, str] = {}
        self._connections = Slots()
        self.turnstile = Turnstile()
        #: Says what the application has ready, where it keeps any answers (chatproject/kept.py).
        pages = getattr(application, "application_mapping", {}).get("http")
        self.ready = getattr(pages, "ready", None)
        self._tell_ready = options.pop("ready_callable", None)
        self._ports: list[Any] = []
        super().__init__(application, ready_callable=self._get_ready, **options)
        self.proxy = Proxy(
            self.proxy_forwarded_address_header,
            self.proxy_forwarded_port_header,
            self.proxy_forwarded_proto_header,
        )

    def run(self) -> None:
        """Serve until told to stop."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        # What was loaded stays: to look whether it is garbage takes 0.15 s, and everybody waits for that.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        super().run()

    @cached_property
    def admission(self) -> Admission:
        """What this process counts. It belongs to the event loop, which turns once this is asked for."""
        return process.current().admission

    def _get_ready(self) -> None:
        """All ports are open and nobody has been let in yet."""
        self.ws_factory.setProtocolOptions(closeHandshakeTimeout=CLOSE_TIMEOUT)
        self.ws_factory.protocol = configured(self.ws_factory)
        options = {
            "factory": self.http_factory,
            "requestFactory": Request,
            "callLater": reactor.callLater,
            "timeOut": self.limits.request_timeout or None,
        }
        channel = type("ConfiguredChannel", (Channel,), options)
        self.http_factory.buildProtocol = lambda _address: channel()
        if self._tell_ready is not None:
            self._tell_ready()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        port.socket.listen(BACKLOG)  # again: Twisted lets fifty wait
        self._ports.append(port)

    def timeout_checker(self) -> None:
        """See every two seconds whether somebody takes too long. Daphne gives up at the first error."""
        for protocol in list(self.connections):
            try:
                protocol.check_timeouts()
            except Exception:  # of this connection alone
                logger.exception("A connection could not be looked after.")
        reactor.callLater(2, self.timeout_checker)

    def admit(self, transport: Any) -> bool:
        """Count a connection, if its address may have one more. Behind a proxy that is the proxy's."""
        host = "" if self.proxy.is_believed else getattr(transport.getPeer(), "host", "")
        network = limits.network(host)
        if not network:
            return True
        if not self._connections.acquire(network, 0, self.limits.tcp_connections_per_address):
            return False
        self._networks[transport] = network
        return True

    def release(self, transport: Any) -> None:
        """A connection is gone."""
        if (network := self._networks.pop(transport, None)) is not None:
            self._connections.release(network)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for a connection; what it is mounted under is not the client's to say."""
        scope["root_path"] = self.root_path
        if not isinstance(protocol, WebSocketProtocol):
            return super().create_application(protocol, scope)
        scope["asgi"] = {"version": "3.0"}
        scope["extensions"] = {"chat": {"wire": protocol.wire}}
        scope["scheme"] = "wss" if self._is_secure(protocol) else "ws"
        inbox = Inbox(protocol.taken)
        running = self.application(scope, inbox.get, partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        return inbox

    def _is_secure(self, protocol: WebSocketProtocol) -> bool:
        """Whether the client speaks TLS, with us or with the proxy in front of us."""
        scheme = getattr(protocol, "client_scheme", None) if self.proxy.is_believed else None
        if scheme:
            return bool(scheme == "https")
        return bool(ISSLTransport.providedBy(protocol.transport))

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
            try:
                protocol.go_down(retry_after=round(1 + place / RETURN_RATE, 2))
            except Exception:  # of this connection alone
                logger.exception("A connection could not be told that the server ends.")
        await self._wait_for_applications(END_TIMEOUT)
        for application in self._running():
            application.cancel()
        await self._wait_for_applications(CANCEL_TIMEOUT)
        if running := process.running():
            await running.settle()
            await running.close()

    async def _wait_for_applications(self, seconds: float) -> None:
        if running := self._running():
            await asyncio.wait(running, timeout=seconds)

    def _running(self) -> list[asyncio.Future[None]]:
        found = (details.get("application_instance") for details in self.connections.values())
        return [application for application in found if application is not None and not application.done()]
