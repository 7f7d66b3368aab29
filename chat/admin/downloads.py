"""Files that the admin sends, however large: piece by piece, as they are read."""

from collections.abc import AsyncIterator, Generator, Iterator
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse


def stream(request: HttpRequest, chunks: Iterator[bytes], name: str, *, is_csv: bool) -> HttpResponseBase:
    """An answer that is a file of this name."""
    kind, ending = ("text/csv; charset=utf-8", "csv") if is_csv else ("application/x-ndjson", "jsonl")
    answer = StreamingHttpResponse(
        _in_turn(chunks) if isinstance(request, ASGIRequest) else chunks, content_type=kind
    )
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}.{ending}"
    answer["Cache-Control"] = "private, no-store"
    return answer


async def _in_turn(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, each read in the thread of the request when the one before it is on its way."""
    read = sync_to_async(_next)
    try:
        while (chunk := await read(chunks)) is not None:
            yield chunk
    finally:  # whoever has asked may be gone
        if isinstance(chunks, Generator):
            await sync_to_async(chunks.close)()


def _next(chunks: Iterator[bytes]) -> bytes | None:
    return next(chunks, None)
