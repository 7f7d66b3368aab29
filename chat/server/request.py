"""HTTP: one connection, and one request, or what a WebSocket begins as."""

from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet import reactor as _reactor
from twisted.web.http import HTTPChannel as _HTTPChannel

from chat.core import limits

reactor: Any = _reactor  # its type is found out at run time
HTTPChannel: Any = _HTTPChannel  # half of it is typed

#: The most bytes of a request's body: as much as Django takes into memory.
MAX_BODY_SIZE = 2_621_440
#: How much of a body is not counted among the bytes that all bodies may have together: enough to sign in.
SMALL_BODY = 1 << 16
#: How long who may come again waits for a refusal, in seconds: told at once, many come again at once.
REFUSAL_PAUSE = 2
#: Who speaks through a proxy that does not say who it is. All of them are one.
UNKNOWN = "0.0.0.0"  # noqa: S104  # nothing is bound to it


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, which brings each of its requests in time, and takes each answer before the next."""

    #: How long what is left may take to go out once the time is up.
    abortTimeout = 5  # noqa: N815
    #: The request that is answered, where the client has not taken the answer yet.
    _answered: Any = None
    #: The timer that drops the connection.
    _abortingCall: Any = None  # noqa: N815

    def connectionMade(self) -> None:  # noqa: N802  # Twisted's names
        super().connectionMade()
        if not self.factory.server.admit(self.transport):
            self.transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.factory.server.release(self.transport)
        super().connectionLost(reason)

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
            self.setTimeout(self.factory.server.limits.body_timeout or None)
            return
        super().requestDone(request)
        if self.persistent and not self._handlingRequest:
            self.setTimeout(self.timeOut)  # or the next one would have as long as the body of this one

    def pauseProducing(self) -> None:  # noqa: N802
        super().pauseProducing()
        self._networkProducer.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        super().resumeProducing()
        if self._answered is not None:
            answered, self._answered = self._answered, None
            self.setTimeout(None)
            self.requestDone(answered)

    def loseConnection(self) -> None:  # noqa: N802
        """Close, at the latest in a while where the client does not take what is left."""
        super().loseConnection()
        seconds = self.factory.server.limits.body_timeout
        if seconds and self._abortingCall is None:
            self._abortingCall = reactor.callLater(seconds, self.forceAbortClient)


class Request(WebRequest):  # type: ignore[misc]  # untyped
    """One HTTP request, or what a WebSocket begins as."""

    _is_refused = False
    #: How many bytes of the body are counted.
    _counted = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        # Forms are Django's to read. Twisted would read them too, while everybody waits: a form made for
        # that takes seconds.
        super().__init__(*args, parsePOSTFormSubmission=False, **options)

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """Refuse a body that is too long, and any body before a WebSocket. None is a chunked one."""
        is_too_long = self._is_too_long(length or 0)
        super().gotLength(0 if is_too_long else length)
        if self._is_upgrade() and length != 0:
            self._refuse("400 Bad Request", "A WebSocket does not begin with a body.")
        elif is_too_long:
            self._refuse_body()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        if self._is_refused:
            return
        size = self.content.tell() + len(data)
        if self._is_too_long(size):
            self._refuse_body()
        elif not self._count(max(0, size - SMALL_BODY)):
            self._refuse("503 Service Unavailable", "Too much is being sent here just now.", retry_after=10)
        else:
            super().handleContentChunk(data)

    def finish(self) -> None:
        self._count(0)
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._count(0)
        super().connectionLost(reason)

    def process(self) -> Any:
        """Take in what a proxy says, and nothing that only seems to come from one; count who asks."""
        if self._is_refused:
            return None
        self.requestHeaders.removeHeader(b"daphne-root-path")
        for name in self.server.forwarded:
            if values := self.requestHeaders.getRawHeaders(name):
                # The last one is what the proxy in front of us has added; those before may be anybody's.
                value = values[-1].rpartition(b",")[2].strip()
                if not value.isascii():
                    return self.basic_error(400, b"Bad Request", "A forwarded header is no text")
                if name == self.server.forwarded_address:
                    value = _address(value)
                self.requestHeaders.setRawHeaders(name, [value])
        admission, now = self.server.admission, reactor.seconds()
        throttle = admission.handshakes if self._is_upgrade() else admission.requests
        if not throttle.count(self._network(), now):
            return self._refuse("429 Too Many Requests", "Too many at once. Come again.", retry_after=10)
        if self._is_upgrade():
            wait = admission.turn(now)
            if wait is None:
                return self._refuse("503 Service Unavailable", "Too many come just now.", retry_after=10)
            if wait:
                return reactor.callLater(wait, self._begin)
        elif self._give_ready():
            return None
        return super().process()

    def _give_ready(self) -> bool:
        """Answer at once, if the application has the answer ready."""
        if self.server.ready is None or self.method != b"GET" or self.clientproto != b"HTTP/1.1":
            return False
        headers = {name.lower(): values for name, values in self.requestHeaders.getAllRawHeaders()}
        path, _mark, query = self.uri.partition(b"?")
        is_plain = (
            path.isascii() and b"%" not in path and all(len(values) == 1 for values in headers.values())
        )
        if not is_plain:
            return False
        named = {name: values[0] for name, values in headers.items()}
        ready = self.server.ready(self._scheme(named), path.decode(), query, named)
        if ready is None:
            return False
        self.code, self.request_start = ready.status, reactor.seconds()
        lines = [b"HTTP/1.1 %d %s" % (ready.status, ready.status.phrase.encode())]
        lines += [b"%s: %s" % header for header in ready.headers]
        if self.server.server_name:
            lines.append(b"Server: %s" % self.server.server_name.encode())
        if not self.channel.persistent:
            lines.append(b"Connection: close")  # as nginx asks for each time
        self.startedWriting, self.sentLength = 1, len(ready.body)
        self.channel.write(b"\r\n".join([*lines, b"", ready.body]))
        self.finish()
        self._log(path)
        return True

    def _log(self, path: bytes) -> None:
        """Tell the log of requests, where there is one, what Daphne tells it."""
        forwarded = self.server.forwarded_address
        client = getattr(self.client, "host", ""), getattr(self.client, "port", 0)
        if forwarded and (values := self.requestHeaders.getRawHeaders(forwarded)):
            client = values[0].decode(), 0
        details = {
            "client": f"{client[0]}:{client[1]}",
            "method": "GET",
            "path": path.decode(),
            "status": int(self.code),
        }
        self.server.log_action("http", "complete", {**details, "size": self.sentLength, "time_taken": 0.0})

    def _scheme(self, headers: dict[bytes, bytes]) -> str:
        """By what the client has come: a proxy says it, where one is believed and has said who that is."""
        address, proto = self.server.forwarded_address, self.server.proxy_forwarded_proto_header
        if address and proto and address.lower() in headers:
            said = headers.get(proto.lower().encode())
            if said is not None:
                return said.decode("latin-1")
        return "https" if self.isSecure() else "http"

    def _begin(self) -> None:
        """It is its turn, if it is still there."""
        if self.channel is not None:
            super().process()

    def _network(self) -> str:
        """Whose request this is, as limits count them."""
        forwarded = self.server.forwarded_address
        if forwarded and (values := self.requestHeaders.getRawHeaders(forwarded)):
            return limits.network(values[0].decode())
        return limits.network(getattr(self.client, "host", ""))

    def _is_upgrade(self) -> bool:
        upgrade: bytes = self.requestHeaders.getRawHeaders(b"upgrade", [b""])[0]
        return upgrade.lower() == b"websocket"

    def _is_too_long(self, length: int) -> bool:
        return bool(0 < self.server.max_body_size < length)

    def _count(self, size: int) -> bool:
        """Have so much of this body counted, if there is room for it."""
        most, others = self.server.limits.bodies, self.server.bodies - self._counted
        if size and 0 < most < others + size:
            return False
        self.server.bodies, self._counted = others + size, size
        return True

    def _refuse_body(self) -> None:
        self._refuse("413 Content Too Large", f"At most {self.server.max_body_size} bytes.")

    def _refuse(self, status: str, sentence: str, *, retry_after: int = 0) -> None:
        """Answer by ourselves, with little effort, and take nothing more of this connection.

        Who may come again waits for the answer, and asks for nothing meanwhile.
        """
        self._is_refused = True
        if retry_after:
            self.channel.setTimeout(None)
            self.channel.transport.pauseProducing()
            reactor.callLater(REFUSAL_PAUSE, self._answer, status, sentence, retry_after)
        else:
            self._answer(status, sentence)

    def _answer(self, status: str, sentence: str, retry_after: int = 0) -> None:
        if self.channel is None:  # it has gone
            return
        lines = [
            f"HTTP/1.1 {status}",
            "Connection: close",
            "Content-Type: text/plain",
            f"Content-Length: {len(sentence)}",
        ]
        if retry_after:
            lines.append(f"Retry-After: {retry_after}")
        self.channel.write("\r\n".join([*lines, "", sentence]).encode())
        self.channel.loseConnection()


def _address(value: bytes) -> bytes:
    """What a proxy says of where somebody is, without a port. Rubbish is nobody in particular."""
    return str(limits.address_of(value.decode()) or UNKNOWN).encode()
