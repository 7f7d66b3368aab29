"""Files that the admin sends, however large: piece by piece, as they are read, and few at one time."""

import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext

from chat.admin import deeds

#: How many files a process sends at one time: each takes a thread, a connection to the database and a
#: snapshot there for as long as it lasts, and all of them the core that everybody talks through.
AT_ONCE = 2
_free = BoundedSemaphore(AT_ONCE)


class File(StreamingHttpResponse):
    """An answer that holds a place among those that are sent, until it is read, closed or forgotten."""

    def __init__(self, chunks: Iterator[bytes], *, in_turn: bool, **options: Any) -> None:
        self.give_back = weakref.finalize(self, _free.release)
        pieces = _in_turn if in_turn else _one_by_one
        super().__init__(pieces(chunks, self.give_back), **options)

    def close(self) -> None:
        super().close()
        self.give_back()


def stream(
    request: HttpRequest,
    begin: Callable[[], Iterator[bytes]],
    name: str,
    *,
    is_csv: bool,
    otherwise: str,
) -> HttpResponseBase:
    """An answer that is a file of this name; where too many are sent already, the page at `otherwise`."""
    if not _free.acquire(blocking=False):
        messages.warning(request, gettext("Other files are being sent: try again in a minute."))
        return deeds.back_to(request, otherwise)
    try:
        chunks = begin()
    except BaseException:
        _free.release()
        raise
    kind, ending = ("text/csv; charset=utf-8", "csv") if is_csv else ("application/x-ndjson", "jsonl")
    answer = File(chunks, in_turn=isinstance(request, ASGIRequest), content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}.{ending}"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _one_by_one(chunks: Iterator[bytes], done: Callable[[], Any]) -> Iterator[bytes]:
    try:
        yield from chunks
    finally:
        done()


async def _in_turn(chunks: Iterator[bytes], done: Callable[[], Any]) -> AsyncIterator[bytes]:
    """The pieces, each read in the thread of the request when the one before it is on its way."""
    read = sync_to_async(_next)
    try:
        while (chunk := await read(chunks)) is not None:
            yield chunk
    finally:  # whoever has asked may be gone
        if isinstance(chunks, Generator):
            await sync_to_async(chunks.close)()
        done()


def _next(chunks: Iterator[bytes]) -> bytes | None:
    return next(chunks, None)
