"""Static files: how they are served, and names that carry a hash of their content, to be kept for ever."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    """WhiteNoise's middleware. Serves what pages are made of, and nothing that only tells how that is kept.

    It gives ASGI what Django asks for there: an asynchronous iterator.
    """

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        """Serve this file, which was found at the start."""
        if _is_public(url):
            super().add_file_to_dictionary(url, path, stat_cache)

    def find_file(self, url: str) -> Any:
        """The file at this address, which is looked for at each request (with DEBUG)."""
        return super().find_file(url) if _is_public(url) else None

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> FileResponse:
        """The file; read in a thread."""
        response: FileResponse = WhiteNoiseMiddleware.serve(static_file, request)
        if isinstance(request, ASGIRequest):
            pieces = cast(Iterable[bytes], response.streaming_content)
            response.streaming_content = _read(pieces)
        return response


def _is_public(url: str) -> bool:
    parts = url.split("/")
    return parts[-1] != HashedStorage.manifest_name and not any(part.startswith(".") for part in parts)


async def _read(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    read = sync_to_async(b"".join, thread_sensitive=False)
    yield await read(pieces)


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """WhiteNoise's storage, which also puts the hashed names into the imports of our JavaScript."""

    support_js_module_import_aggregation = True


def require_collected() -> None:
    """Stop the start, with the command that helps, where hashed files are wanted and none are there."""
    if getattr(staticfiles_storage, "hashed_files", None) == {}:
        raise ImproperlyConfigured(
            "The page's files are not collected. Run `python manage.py collectstatic --noinput` "
            "once after each installation or upgrade, with the same environment."
        )
