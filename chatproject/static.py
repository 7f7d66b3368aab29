"""Static files: how they are served, and names that carry a hash of their content, to be kept for ever."""

import re
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from chatproject import bundling

#: The folder of the page among the static files.
PAGE = "chat"
#: What the names of the parts of bundled scripts begin with.
PARTS = f"{PAGE}/{bundling.PARTS}"
#: One of them, where another script imports it in any case.
IMPORT = re.compile(r'\b(?:from|import) ?"\./parts/([\w-]+\.js)"')


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # untyped
    """WhiteNoise's middleware. Serves what pages are made of, and nothing that only tells how that is kept.

    It gives ASGI what Django asks for there: an asynchronous iterator.
    """

    #: The addresses of what never changes, once they are known.
    _hashed: frozenset[str] = frozenset()

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        """Serve this file, which was found at the start."""
        if _is_public(url):
            super().add_file_to_dictionary(url, path, stat_cache)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether what is at this address stays as it is: its name has a hash."""
        names: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
        self._hashed = self._hashed or frozenset(self.static_prefix + name for name in names.values())
        return url in self._hashed

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
    """WhiteNoise's storage. The page is bundled in it, where that can be done.

    The names in the imports of our JavaScript are hashed as well.
    """

    support_js_module_import_aggregation = True
    #: Unbundled, scripts import each other twelve deep, and each pass may bring no more than one of them.
    max_post_process_passes = 50

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: What scripts import, by their names.
        self._parts: dict[str, list[str]] = {}

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Bundle what was collected, and hash and compress what browsers are to have."""
        with tempfile.TemporaryDirectory() as folder:
            made = FileSystemStorage(folder)
            names = [] if dry_run else bundling.bundle(Path(self.path(PAGE)), Path(folder, PAGE))
            bundled = {f"{PAGE}/{name}": (made, f"{PAGE}/{name}") for name in names}
            others = {name: found for name, found in paths.items() if not (bundled and _is_source(name))}
            for name in bundled.keys() - paths.keys():
                # What others import is looked for here, before it has got its name.
                Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
                Path(self.path(name)).write_bytes(Path(made.path(name)).read_bytes())
            yield from super().post_process({**others, **bundled}, dry_run, **options)

    def create_compressor(self, **options: Any) -> "_Compressor":
        """What compresses the files."""
        return _Compressor(**options)

    def url(self, name: str | None, force: bool = True) -> str:
        """Where it is, by its hashed name. Django alone would not say that with DEBUG."""
        return cast(str, super().url(name, force))

    def file_hash(self, name: str | None, content: Any = None) -> str | None:
        """What the name gets. A part has its hash already: parts import each other in circles."""
        is_part = name is not None and name.startswith(PARTS)
        return None if is_part else cast(str | None, super().file_hash(name, content))

    def parts(self, script: str) -> list[str]:
        """What the bundled script of this name imports as soon as it is there."""
        if script not in self._parts:
            with self.open(self.stored_name(script)) as file:
                found = IMPORT.findall(file.read().decode())
            self._parts[script] = [f"{PARTS}{name}" for name in found]
        return self._parts[script]


class _Compressor(Compressor):  # type: ignore[misc]  # untyped
    """Compresses what the page consists of by Brotli, too: with the admin that takes twice as long."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._others = Compressor(**options, use_brotli=False)

    def compress(self, path: str) -> list[str]:
        if f"/{PAGE}/" in path:
            return cast(list[str], super().compress(path))
        return cast(list[str], self._others.compress(path))


def _is_source(name: str) -> bool:
    """Whether a file is one of those that are bundled."""
    return name.startswith((f"{PAGE}/js/", f"{PAGE}/css/"))


def require_collected() -> None:
    """Stop the start, with the command that helps, where hashed files are wanted and none are there."""
    if getattr(staticfiles_storage, "hashed_files", None) == {}:
        raise ImproperlyConfigured(
            "The page's files are not collected. Run `python manage.py collectstatic --noinput` "
            "once after each installation or upgrade, with the same environment."
        )
