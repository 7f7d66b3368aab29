"""The request of a WebSocket, read at once where it is as plain as programs and browsers write it.

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
#: What has to be in it, and how.
_NEEDED = {
    b"host": re.compile(rb"[A-Za-z0-9.-]+(:[0-9]{1,5})?"),
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
#: With these there is more to it.
_OTHERS = frozenset(
    (b"content-length", b"transfer-encoding", b"expect", b"sec-websocket-protocol", b"daphne-root-path")
)
#: The longest that is looked at.
_LONGEST = 8192


class Upgrade(NamedTuple):
    """A request for a WebSocket that nothing is wrong with, and that asks for nothing beside."""

    path: str
    query: bytes
    #: In the order they came, each name once and in small letters.
    headers: dict[bytes, bytes]

    @property
    def key(self) -> str:
        """What the answer is made of."""
        return self.headers[b"sec-websocket-key"].decode()


def read(data: bytes) -> Upgrade | None:
    """The request for a WebSocket that all of `data` is; None where it is anything else, or not so plain.

    Whatever that is, Twisted and Autobahn know better.
    """
    if len(data) > _LONGEST or not (found := _REQUEST.fullmatch(data)):
        return None
    pairs = _HEADER.findall(found["headers"])
    headers = {name.lower(): value for name, value in pairs}
    if len(headers) < len(pairs) or not _OTHERS.isdisjoint(headers):
        return None
    if not all(name in headers and form.fullmatch(headers[name]) for name, form in _NEEDED.items()):
        return None
    if not all(form.fullmatch(headers[name]) for name, form in _PLAIN.items() if name in headers):
        return None
    return Upgrade(found["path"].decode(), found["query"] or b"", headers)
