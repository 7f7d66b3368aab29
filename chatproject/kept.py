"""What is the same for everybody is made once: hashed files, pages of visitors, words for users.

A process keeps such answers, whole and compressed, and gives them again from its event loop: without a
thread, the database or a template.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, parse_cookie
from django.utils import translation

from chat.http.page import FOR_USERS, SAME_FOR_ALL
from chat.live import process
from chat.storage import database_file

Headers = dict[bytes, bytes]
Message = Mapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Send], Awaitable[None]]

#: So long a page is right whatever changes, in seconds.
FRESH = 1.0
#: And so long where nothing that it shows has changed, as far as is known: rows may be changed by hand.
OLD = 60.0
#: The most bytes of one answer, and of all; and the most answers. Those asked for last stay: who asks under
#: ever other hosts that are ours (each port is one) pushes out nothing that others ask for as well.
ONE, ALL, MOST = 1 << 18, 1 << 23, 1000
#: The longest name of a host, with its port. Django takes any number of digits for a port.
HOST = 261

#: What asks for something else than the whole, or for what a file alone can say.
ELSE = frozenset((b"range", b"if-range", b"if-match", b"if-modified-since", b"if-unmodified-since"))
#: What is not told to somebody who has the answer already.
OF_BODY = frozenset((b"content-length", b"content-encoding", b"content-type"))

_MARK = SAME_FOR_ALL.lower().encode()
#: How Django and WhiteNoise find out what is understood: otherwise one would be given what another takes.
_GZIP, _BROTLI = re.compile(rb"\bgzip\b"), re.compile(rb"\bbr\b")


class Key(NamedTuple):
    """All that an answer depends on which everybody is given who asks in the same way."""

    scheme: str
    host: bytes
    path: str
    #: Whether gzip and Brotli are understood.
    takes: tuple[bool, bool]
    #: None where it is a file.
    language: str | None
    #: Whether they may be a user. What visitors are given they are not, even where it is the same.
    has_session: bool


class Ready(NamedTuple):
    """An answer that can be given at once."""

    status: HTTPStatus
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Answer(NamedTuple):
    """An answer that is kept; `version` is that of the directory before it was `made`, or -1."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    is_page: bool
    is_for_users: bool
    version: int
    made: float

    def to(self, known: bytes | None) -> "Ready":
        """What is told to somebody who has what these tags name."""
        tags = [value for name, value in self.headers if name.lower() == b"etag"]
        if not known or not any(_is_same(tag, known) for tag in tags):
            return Ready(HTTPStatus.OK, self.headers, self.body)
        headers = [(name, value) for name, value in self.headers if name.lower() not in OF_BODY]
        return Ready(HTTPStatus.NOT_MODIFIED, headers, b"")

    def holds(self, now: float) -> bool:
        """Whether whoever makes it anew would make the same."""
        if not self.is_page or now - self.made < FRESH:
            return True
        known = process.current().directory.fresh_version
        return (
            self.version >= 0
            and known == self.version
            and now - self.made < OLD
            and database_file.is_there()
        )


class Kept:
    """An ASGI application for HTTP, with the answers that it keeps of another one."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._size = 0

    def ready(self, scheme: str, path: str, query: bytes, headers: Headers) -> Ready | None:
        """What is kept for who asks by GET with these headers: a server need not run the application."""
        key = _key(scheme, path, query, headers)
        answer = self._answers.get(key) if key else None
        if key is None or answer is None or not answer.holds(time.monotonic()):
            return None
        self._answers.move_to_end(key)
        return answer.to(headers.get(b"if-none-match"))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Answer with what is kept, or else have it answered, and keep that if it is to be."""
        headers = dict(scope["headers"])
        asked = scope["scheme"], scope["path"], scope["query_string"], headers
        is_plain = scope["method"] == "GET" and len(headers) == len(scope["headers"])
        key = _key(*asked) if is_plain else None
        if key is None:
            await self._application(scope, receive, _Recorder(send))
        elif ready := self.ready(*asked):
            await send({"type": "http.response.start", "status": ready.status, "headers": ready.headers})
            await send({"type": "http.response.body", "body": ready.body})
        else:
            directory, began = process.current().directory, time.monotonic()
            version = directory.fresh_version
            if version < 0:
                directory.hurry()
            recorder = _Recorder(send)
            await self._application(scope, receive, recorder)
            self._keep(key, recorder.answer(version, began))

    def _keep(self, key: Key, answer: Answer | None) -> None:
        """Keep an answer, and as many others as there is room for."""
        self._forget(key)
        if answer is None or answer.is_page is (key.language is None):
            return
        if key.has_session and not answer.is_for_users:
            return
        self._answers[key] = answer
        self._size += len(answer.body)
        while self._size > ALL or len(self._answers) > MOST:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: Key) -> None:
        if gone := self._answers.pop(key, None):
            self._size -= len(gone.body)


class _Recorder:
    """Passes an answer on, without the mark that is for us, and remembers it where it is to be kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] | None = None
        self._mark: bytes | None = None
        self._is_whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": self._begin(message["status"], message["headers"])}
        elif message["type"] == "http.response.body":
            if self._body is not None:
                self._body.append(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
        await self._send(message)

    def _begin(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers to pass on."""
        self._headers = [(name, value) for name, value in headers if name.lower() != _MARK]
        named = {name.lower(): value for name, value in headers}
        self._mark = named.get(_MARK)
        is_same = self._mark is not None or b"immutable" in named.get(b"cache-control", b"")
        is_small = int(named.get(b"content-length", ONE + 1)) <= ONE
        if status == HTTPStatus.OK and is_same and is_small and b"set-cookie" not in named:
            self._body = []
        return self._headers

    def answer(self, version: int, began: float) -> Answer | None:
        """What was passed on, if it is to be kept; when that began the directory had this version."""
        if self._body is None or not self._is_whole:
            return None
        body, lasts = b"".join(self._body), version if self._mark != b"moment" else -1
        is_page, is_for_users = self._mark is not None, self._mark == FOR_USERS.encode()
        return Answer(self._headers, body, is_page, is_for_users, lasts, began)


def _key(scheme: str, path: str, query: bytes, headers: Headers) -> Key | None:
    """By what an answer to this is kept, if it may be given to everybody."""
    host = headers.get(b"host", b"")
    is_odd = not 0 < len(host) <= HOST or scheme not in ("http", "https")
    if query or is_odd or not ELSE.isdisjoint(headers):
        return None
    is_file = path.startswith(settings.STATIC_URL)
    language, has_session = (None, False) if is_file else _reader(headers)
    accepted = headers.get(b"accept-encoding", b"")
    takes = _GZIP.search(accepted) is not None, _BROTLI.search(accepted) is not None
    return Key(scheme, host, path, takes, language, has_session)


def _reader(headers: Headers) -> tuple[str, bool]:
    """The language of who asks, as Django finds it, and whether they may be a user."""
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    request = HttpRequest()
    request.COOKIES = cookies
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get(b"accept-language", b"").decode("latin-1")
    return translation.get_language_from_request(request), settings.SESSION_COOKIE_NAME in cookies


def _is_same(tag: bytes, known: bytes) -> bool:
    """Whether it is one of the tags that somebody has. What is compressed is the same as what is not."""
    return tag.removeprefix(b"W/") in (one.strip().removeprefix(b"W/") for one in known.split(b","))
