"""Plain requests, as programs and browsers write them: read at once.

Anything else goes the long way, through Twisted and Autobahn, with the same outcome.
"""

import re
from typing import NamedTuple

#: A whole request without a body, in printable ASCII, for a path that says nothing by signs of its own.
_REQUEST = re.compile(
    rb"GET (?P<path>/(?!/)[A-Za-z0-9/._~%-]*)(?:\?(?P<query>[A-Za-z0-9=&._~%+-]*))? HTTP/1\.1\r\n"
    rb"(?P<headers>(?:[A-Za-z0-9-]+:[ -~]*\r\n)+)\r\n"
)
_HEADER = re.compile(rb"([A-Za-z0-9-]+): *([ -~]*?) *\r\n")
#: With these there is more to a request.
_OTHERS = frozenset((b"content-length", b"transfer-encoding", b"expect", b"daphne-root-path"))
_HOST = re.compile(rb"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
#: What has to be in a request for a WebSocket, and how.
_NEEDED = {
    b"upgrade": re.compile(rb"websocket", re.IGNORECASE),
    b"connection": re.compile(rb"(keep-alive, ?)?upgrade", re.IGNORECASE),
    b"sec-websocket-version": re.compile(rb"13"),
    b"sec-websocket-key": re.compile(rb"[A-Za-z0-9+/]{22}=="),
}
#: What may be in it, and how: nothing that has to be answered.
_PLAIN = {
    b"origin": re.compile(rb"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?"),
    b"sec-websocket-extensions": re.compile(rb"(permessage-deflate(; ?client_max_window_bits)?)?"),
}
#: How the connection goes on after the answer to any other request.
_CONNECTION = re.compile(rb"keep-alive|close", re.IGNORECASE)
#: The longest that is looked at.
_LONGEST = 8192


class Plain(NamedTuple):
    """A GET that nothing is wrong with, and that brings nothing."""

    path: str
    query: bytes
    #: In the order they came, each name once and in small letters.
    headers: dict[bytes, bytes]

    @property
    def is_for_socket(self) -> bool:
        """Whether it asks for a WebSocket and for nothing beside."""
        headers = self.headers
        return (
            all(name in headers and form.fullmatch(headers[name]) for name, form in _NEEDED.items())
            and all(form.fullmatch(headers[name]) for name, form in _PLAIN.items() if name in headers)
            and b"sec-websocket-protocol" not in headers
        )

    @property
    def is_for_page(self) -> bool:
        """Whether it asks for nothing but what stands at its path."""
        connection = self.headers.get(b"connection", b"keep-alive")
        return b"upgrade" not in self.headers and bool(_CONNECTION.fullmatch(connection))

    @property
    def is_last(self) -> bool:
        """Whether its connection is to end with the answer."""
        return self.headers.get(b"connection", b"").lower() == b"close"


def read(data: bytes) -> Plain | None:
    """The request that all of `data` is; None where it is anything else, or not so plain.

    Whatever that is, Twisted and Autobahn know better.
    """
    if len(data) > _LONGEST or not (found := _REQUEST.fullmatch(data)):
        return None
    pairs = _HEADER.findall(found["headers"])
    headers = {name.lower(): value for name, value in pairs}
    if len(headers) < len(pairs) or not _OTHERS.isdisjoint(headers):
        return None
    if not _HOST.fullmatch(headers.get(b"host", b"")):
        return None
    return Plain(found["path"].decode(), found["query"] or b"", headers)
