"""The connection: one that HTTP is spoken over, until it is a WebSocket's."""

from collections.abc import Callable
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.protocols.policies import ProtocolWrapper
from twisted.web.http import HTTPChannel as _HTTPChannel

from chat.core import limits
from chat.server import plain
from chat.server.plain import Plain

reactor: Any = _reactor  # its type is found out at run time
HTTPChannel: Any = _HTTPChannel  # half of it is typed

#: How long who may come again waits for a refusal, in seconds: told at once, many come again at once.
REFUSAL_PAUSE = 2
#: Why somebody is refused who asks for more than their share.
TOO_MANY = "Too many at once. Come again."


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, which brings each of its requests in time, and takes each answer before the next."""

    #: How long what is left may take to go out once the time is up.
    abortTimeout = 5  # noqa: N815
    #: The request that is answered, where the client has not taken the answer yet.
    _answered: Any = None
    #: The timer that drops the connection.
    _abortingCall: Any = None  # noqa: N815
    #: Whether nothing has come yet, whether it is to be a WebSocket, and whether it is gone.
    _is_new, _is_socket, _is_lost = True, False, False
    #: What has come before a WebSocket was open.
    _early = b""

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's names
        super().connectionMade()
        if not self.factory.server.admit(self.transport):
            self.transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._is_lost = True
        self.factory.server.release(self.transport)
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Take a plain request by ourselves: Twisted, and Autobahn or Django, each read it anew."""
        is_new, self._is_new = self._is_new, False
        if self._is_socket:  # nobody who keeps to the protocol says anything yet
            self._early += data
            self.transport.pauseProducing()
        elif not self._is_taken(data, is_new):
            super().dataReceived(data)

    def _is_taken(self, data: bytes, is_new: bool) -> bool:
        if self.requests or self._buffer or (request := plain.read(data)) is None:
            return False
        proxy, headers = self.factory.server.proxy, request.headers
        for name in proxy.headers:
            if (value := headers.get(name)) is not None:
                headers[name] = proxy.said(name, value) or b""
        client = proxy.client(headers, getattr(self.transport.getPeer(), "host", ""))
        if is_new and request.is_for_socket:
            self._is_socket = True
            self.setTimeout(None)
            self.in_turn(limits.network(client), lambda: self._open_socket(request))
            return True
        return self._is_answered(request, client)

    def _is_answered(self, request: Plain, client: str) -> bool:
        """Answer at once, if the application has the answer ready."""
        server, path = self.factory.server, request.path
        if server.ready is None or not request.is_for_page or "%" in path:
            return False
        scheme = server.proxy.scheme(request.headers) or ("https" if self.isSecure() else "http")
        ready = server.ready(scheme, path, request.query, request.headers)
        if ready is None:
            return False
        if not server.admission.requests.count(limits.network(client), reactor.seconds()):
            self.refuse("429 Too Many Requests", TOO_MANY, retry_after=10)
            return True
        lines = [b"HTTP/1.1 %d %s" % (ready.status, ready.status.phrase.encode())]
        lines += [b"%s: %s" % header for header in ready.headers]
        if server.server_name:
            lines.append(b"Server: %s" % server.server_name.encode())
        if request.is_last:
            lines.append(b"Connection: close")  # as nginx asks for each time
        self.write(b"\r\n".join([*lines, b"", ready.body]))
        if request.is_last:
            self.loseConnection()
        else:
            self._wait_for_next()
        self._tell_log(client, path, int(ready.status), len(ready.body))
        return True

    def _tell_log(self, client: str, path: str, status: int, size: int) -> None:
        """Tell the log of requests, where there is one, what Daphne tells it."""
        server = self.factory.server
        port = 0 if server.proxy.is_believed else getattr(self.transport.getPeer(), "port", 0)
        answered = {"client": f"{client}:{port}", "method": "GET", "path": path, "status": status}
        server.log_action("http", "complete", {**answered, "size": size, "time_taken": 0.0})

    def _open_socket(self, wanted: Plain) -> None:
        protocol = self.factory.server.ws_factory.buildProtocol(None)
        transport = self.transport
        if isinstance(transport, ProtocolWrapper):  # TLS
            transport.wrappedProtocol = protocol
        else:
            transport.protocol = protocol
        protocol.begin(transport, wanted)
        if self._early:
            transport.resumeProducing()
            protocol.dataReceived(self._early)

    def in_turn(self, network: str, begin: Callable[[], None]) -> None:
        """Begin to open a WebSocket for who comes from there: now, in their turn, or not at all."""
        admission, now = self.factory.server.admission, reactor.seconds()
        if not admission.handshakes.count(network, now):
            return self.refuse("429 Too Many Requests", TOO_MANY, retry_after=10)
        wait = admission.turn(now)
        if wait is None:
            return self.refuse("503 Service Unavailable", "Too many come just now.", retry_after=10)
        if wait:
            reactor.callLater(wait, self._begin, begin)
        else:
            self._begin(begin)

    def _begin(self, begin: Callable[[], None]) -> None:
        """It is its turn, if it is still there."""
        self.factory.server.turnstile.pass_through(lambda: None if self._is_lost else begin())

    def refuse(self, status: str, sentence: str, *, retry_after: int = 0) -> None:
        """Answer by ourselves, with little effort, and take nothing more of this connection.

        Who may come again waits for the answer, and asks for nothing meanwhile.
        """
        if retry_after:
            self.setTimeout(None)
            self.transport.pauseProducing()
            reactor.callLater(REFUSAL_PAUSE, self._answer_refused, status, sentence, retry_after)
        else:
            self._answer_refused(status, sentence)

    def _answer_refused(self, status: str, sentence: str, retry_after: int = 0) -> None:
        if self._is_lost:
            return
        lines = [
            f"HTTP/1.1 {status}",
            "Connection: close",
            "Content-Type: text/plain",
            f"Content-Length: {len(sentence)}",
        ]
        if retry_after:
            lines.append(f"Retry-After: {retry_after}")
        self.write("\r\n".join([*lines, "", sentence]).encode())
        self.loseConnection()

    def resetTimeout(self) -> None:  # noqa: N802
        """Give nobody more time for a byte now and then."""

    def allHeadersReceived(self) -> None:  # noqa: N802
        super().allHeadersReceived()
        if self.length != 0:
            self.setTimeout(self.factory.server.limits.body_timeout or None)

    def requestDone(self, request: Any) -> None:  # noqa: N802
        """Go on to the next request, once the client has taken this answer: they would pile up here."""
        if self.persistent and self._waitingForTransport:
            self._answered = request
            self._wait_for_next()
            return
        super().requestDone(request)
        if self.persistent and not self._handlingRequest:
            self._wait_for_next()

    def _wait_for_next(self) -> None:
        """Give the next request its time, which is not that of the body of this one."""
        most = self.factory.server.limits.body_timeout or None
        self.setTimeout(most if self._waitingForTransport else self.timeOut)

    def pauseProducing(self) -> None:  # noqa: N802
        super().pauseProducing()
        self._networkProducer.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        super().resumeProducing()
        if self._answered is not None:
            answered, self._answered = self._answered, None
            self.setTimeout(None)
            self.requestDone(answered)
        elif not self.requests:
            self._wait_for_next()

    def loseConnection(self) -> None:  # noqa: N802
        """Close, at the latest in a while where the client does not take what is left."""
        super().loseConnection()
        seconds = self.factory.server.limits.body_timeout
        if seconds and self._abortingCall is None:
            self._abortingCall = reactor.callLater(seconds, self.forceAbortClient)
