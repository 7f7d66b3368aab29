"""Production: the site's settings as its owner would have them, but that nobody is too fast for it."""

import functools
import tempfile
from pathlib import Path

from harness.site import Site

ENVIRONMENT = {"DEBUG": "0", "HTTPS": "0", "CHAT_LIMITS": "0", "REDIS_URL": "", "PYTHONWARNINGS": ""}


def environment() -> dict[str, str]:
    """The variables of such a site, with the files of its page."""
    return {**ENVIRONMENT, "STATIC_ROOT": _page_files().name}


@functools.cache
def _page_files() -> "tempfile.TemporaryDirectory[str]":
    """What our page consists of, without which our chat does not start; collected once for a whole run."""
    folder = tempfile.TemporaryDirectory()
    site = Site(Path(folder.name), **ENVIRONMENT, STATIC_ROOT=folder.name)
    site.manage("collectstatic", "--noinput", "--verbosity", "0")
    return folder
