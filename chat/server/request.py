"""HTTP: one request, or what a WebSocket begins as that is not so plain (chat/server/plain.py)."""

from typing import Any

from daphne.http_protocol import WebRequest
from twisted.internet import reactor as _reactor

from chat.core import limits
from chat.server.channel import TOO_MANY

reactor: Any = _reactor  # its type is found out at run time

#: The most bytes of a request's body: as much as Django takes into memory.
MAX_BODY_SIZE = 2_621_440
#: How much of a body is not counted among the bytes that all bodies may have together: enough to sign in.
SMALL_BODY = 1 << 16


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
        proxy, said = self.server.proxy, dict[bytes, bytes]()
        for name in proxy.headers:
            if values := self.requestHeaders.getRawHeaders(name):
                value = proxy.said(name, values[-1])
                if value is None:
                    return self.basic_error(400, b"Bad Request", "A forwarded header is no text")
                self.requestHeaders.setRawHeaders(name, [value])
                said[name] = value
        network = limits.network(proxy.client(said, getattr(self.client, "host", "")))
        if self._is_upgrade():
            return self.channel.in_turn(network, super().process)
        if not self.server.admission.requests.count(network, reactor.seconds()):
            return self._refuse("429 Too Many Requests", TOO_MANY, retry_after=10)
        return super().process()

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
        """Answer by ourselves, and take nothing more of this connection."""
        self._is_refused = True
        self.channel.refuse(status, sentence, retry_after=retry_after)
