"""Production: the site's settings as its owner would have them, but that nobody is too fast for it."""

import contextlib
import functools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import services
from harness.services import Postgres, Redis
from harness.site import Site

ENVIRONMENT = {"DEBUG": "0", "HTTPS": "0", "CHAT_LIMITS": "0", "REDIS_URL": "", "PYTHONWARNINGS": ""}
#: Limits as a site has them, which are counted, save that what a load does in a second is let through.
WITH_LIMITS = {
    "CHAT_LIMITS": "1",
    **dict.fromkeys(
        ("CHAT_MESSAGES", "CHAT_FRAMES", "CHAT_ADDRESS_MESSAGES", "CHAT_ADDRESS_FRAMES"), "1000000/1000000"
    ),
    **dict.fromkeys(("CHAT_MESSAGE_BYTES", "CHAT_ADDRESS_MESSAGE_BYTES"), "1000000000/1000000000"),
}


def environment() -> dict[str, str]:
    """The variables of such a site, with the files of its page."""
    return {**ENVIRONMENT, "STATIC_ROOT": _page_files().name}


@contextlib.contextmanager
def postgresql_and_redis() -> Iterator[dict[str, str]]:
    """The variables of a site on an empty PostgreSQL and a Redis, while these run."""
    with services.home() as folder, contextlib.ExitStack() as stop:
        postgresql, redis = (_folder(folder, name) for name in ("postgresql", "redis"))
        yield {
            "DATABASE_URL": stop.enter_context(Postgres(postgresql)).url,
            "REDIS_URL": stop.enter_context(Redis(redis)).url,
        }


def migrate(site: Site) -> None:
    """Have its empty database ready for use."""
    if site.environment["DATABASE_URL"].startswith("sqlite"):
        shutil.copy(Path(_empty_database().name) / "db.sqlite3", site.home)
    else:
        site.manage("migrate", "--verbosity", "0")


def has_services() -> bool:
    """Whether these can run here."""
    return None not in (services.find(*Postgres.programs), services.find(*Redis.programs))


def _folder(within: Path, name: str) -> Path:
    (within / name).mkdir()
    return services.prepared(within / name)


@functools.cache
def _empty_database() -> "tempfile.TemporaryDirectory[str]":
    """A database of SQLite after all migrations, made once for a whole run."""
    folder = tempfile.TemporaryDirectory()
    Site(Path(folder.name), **environment()).manage("migrate", "--verbosity", "0")
    return folder


@functools.cache
def _page_files() -> "tempfile.TemporaryDirectory[str]":
    """What our page consists of, without which our chat does not start; collected once for a whole run."""
    folder = tempfile.TemporaryDirectory()
    site = Site(Path(folder.name), **ENVIRONMENT, STATIC_ROOT=folder.name)
    site.manage("collectstatic", "--noinput", "--verbosity", "0")
    return folder
