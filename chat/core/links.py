"""Links in a text, as the page shows them (static/chat/js/addresses.js), and what begins with `www.`."""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import unquote

_ADDRESS = re.compile(
    r"(?:https?://|(?<![\w.])www\.(?=\w))"
    "[^\\s<>\"'`\\x00-\\x1f\\x7f-\\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"https?://[/\\]*", re.IGNORECASE)
#: Punctuation after an address belongs to the sentence around it; so does a bracket that it has not opened,
#: but to whom a link is refused that is all the same.
_TRAILING = ".,;:!?…*_~|\\»”’)]}"
_AUTHORITY = re.compile(r"[^/\\?#]*")
_PORT = re.compile(r":\d*$")
_HOST = re.compile(r"[^\s/\\?#@:%.]+(?:\.[^\s/\\?#@:%.]+)+")


class Link(NamedTuple):
    """A link, and where it leads."""

    start: int
    end: int
    host: str


def links(text: str) -> list[Link]:
    """The links in a text."""
    found = []
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_TRAILING)
        if host := _host(address):
            found.append(Link(match.start(), match.start() + len(address), host))
    return found


def is_host(name: str) -> bool:
    """Whether this is the name of a host, as a filter lets it by."""
    return _HOST.fullmatch(name) is not None


def is_among(host: str, allowed: Collection[str]) -> bool:
    """Whether a host is one of these, or of a name below one of them."""
    return any(host == one or host.endswith(f".{one}") for one in allowed)


def plain_host(host: str) -> str:
    """The name of a host in one spelling: as DNS has it, where it can be put so."""
    plain = unicodedata.normalize("NFKC", unquote(host)).lower().strip(".")
    try:
        return plain.encode("idna").decode()
    except UnicodeError:
        return plain


def _host(address: str) -> str:
    """Where an address leads, as a browser reads it: `https://bank.example@elsewhere.example` elsewhere."""
    authority = _AUTHORITY.match(_SCHEME.sub("", address, count=1))
    assert authority
    return plain_host(_PORT.sub("", authority[0].rpartition("@")[2]))
