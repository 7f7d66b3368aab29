"""How a WebSocket is opened whose request was plain, and read already (chat/server/plain.py)."""

from collections import deque
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from autobahn.wamp.types import TransportDetails
from autobahn.websocket.protocol import TrafficStats
from autobahn.websocket.protocol import WebSocketProtocol as Framing
from autobahn.websocket.types import ConnectionDeny
from autobahn.websocket.utf8validator import Utf8Validator
from daphne.utils import parse_x_forwarded_for
from daphne.ws_protocol import WebSocketProtocol as DaphneProtocol
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred

from chat.core import limits
from chat.server.plain import Plain

reactor: Any = _reactor  # its type is found out at run time

#: Of which no connection can change another's.
_CONSTANT = (bool, bytes, int, type(None))


def _own(made: Any) -> Any:
    """What is made for a connection when it is asked for."""
    return cached_property(lambda _connection: made())


class Opening(DaphneProtocol):  # type: ignore[misc]  # untyped
    """A WebSocket that may begin where Autobahn has read its request.

    Of what Autobahn makes for each connection most is hardly ever used.
    """

    #: Whether it does.
    is_read = False
    #: What logs call the client; and whose its frames are.
    peer = network = ""
    is_open, is_closed, send_queue = _own(Deferred), _own(Deferred), _own(deque)
    trafficStats, utf8validator = _own(TrafficStats), _own(Utf8Validator)  # noqa: N815
    #: Nobody asks where they come from, by TLS or not.
    _transport_details = TransportDetails()

    # Two are never one. Daphne says so in Python, and looks for each connection by it.
    __eq__, __hash__ = object.__eq__, object.__hash__

    def __init__(self) -> None:
        """What Autobahn would make here is made above."""

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's and Autobahn's names
        if self.is_read:  # as it is in the class (`first_state`)
            self.factory.countConnections += 1
        else:
            super().connectionMade()
        self.server = self.factory.server_class

    def begin(self, transport: Any, wanted: Plain) -> None:
        """Go on from a plain request, the first of its connection: here Autobahn would have read it."""
        self.is_read = True
        self.makeConnection(transport)
        self.websocket_version = 13
        self.websocket_protocols: list[str] = []
        self.websocket_extensions: list[Any] = []
        self._wskey = wanted.headers[b"sec-websocket-key"].decode()
        if self.server.is_ending:
            self.failHandshake("The server restarts.", 503)
            return
        self.handshake_deferred: Any = Deferred()
        self.handshake_deferred.addCallbacks(self.succeedHandshake, self._fail)
        self._connect(wanted)

    def _connect(self, wanted: Plain) -> None:
        """Start the application for a plain request, as Daphne does for any (`onConnect`)."""
        server, peer, host = self.server, self.transport.getPeer(), self.transport.getHost()
        server.protocol_connected(self)
        self.request, self.path, self.root_path = wanted, wanted.path.encode(), server.root_path
        self.socket_opened = self.last_ping = reactor.seconds()
        self.clean_headers = list(wanted.headers.items())
        self.client_addr = self.server_addr = None
        if hasattr(peer, "port"):
            self.client_addr, self.server_addr = [peer.host, peer.port], [host.host, host.port]
        if server.proxy_forwarded_address_header:
            self.client_addr, self.client_scheme = parse_x_forwarded_for(
                wanted.headers,
                server.proxy_forwarded_address_header,
                server.proxy_forwarded_port_header,
                server.proxy_forwarded_proto_header,
                self.client_addr,
            )
        self.network = limits.network(self.client_addr[0]) if self.client_addr else ""
        scope = {
            "type": "websocket",
            "path": unquote(wanted.path),
            "raw_path": self.path,
            "root_path": self.root_path,
            "headers": self.clean_headers,
            "query_string": wanted.query,
            "client": self.client_addr,
            "server": self.server_addr,
            "subprotocols": [],
        }
        self.applicationCreateWorked(server.create_application(self, scope))

    def _fail(self, failure: Any) -> None:
        """Let the client not in."""
        if isinstance(failure.value, ConnectionDeny):
            self.failHandshake(failure.value.reason, failure.value.code)
        else:
            self.failHandshake("Internal server error", ConnectionDeny.INTERNAL_SERVER_ERROR)


def first_state(protocol: type[Opening], factory: Any) -> dict[str, Any]:
    """What Autobahn writes into a connection of this kind that begins, as far as it can be shared."""
    # Its handshake is over: Daphne sees whether the application lets them in.
    blank: Any = type("Blank", (protocol,), {"openHandshakeTimeout": 0})()
    blank.factory = factory
    Framing._connectionMade(blank)
    return {name: value for name, value in vars(blank).items() if isinstance(value, _CONSTANT)}
