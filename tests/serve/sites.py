"""Sites to be served, and what they keep."""

import os
from pathlib import Path
from typing import Any

from harness.site import TOP, UNHURRIED, Site
from tests.databases import Database
from tests.stacks import Stack


def site_in(home: Path, stack: Stack, **environment: str) -> Site:
    """A site of its own, whose log keeps what Twisted and asyncio have to say as well.

    Its passwords are hashed at once: the hashing of a real one steps back behind whatever else the machine
    does, for many seconds where that is a lot.
    """
    base = environment.pop("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    (home / "loud.py").write_text(
        f"from {base} import *\n"
        "DEBUG = False  # or Django keeps the queries\n"
        'loud = {"class": "logging.StreamHandler", "stream": "ext://sys.__stderr__", "level": "WARNING"}\n'
        'LOGGING["handlers"]["loud"] = loud\n'
        'LOGGING["root"] = {"handlers": ["loud"]}\n'
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]\n'
    )
    environment = {**UNHURRIED, **environment}
    return stack.site(home, DJANGO_SETTINGS_MODULE="loud", PYTHONPATH=f"{home}:{TOP}", **environment)


def assert_is_well(site: Site) -> None:
    """Nothing has gone wrong that the server itself would have to be blamed for."""
    log = site.log.read_text()
    for fault in ("Traceback", "Unhandled", "never retrieved", "ResourceWarning"):
        assert fault not in log, log


def memory(site: Site) -> int:
    """What the server holds now, in bytes."""
    assert site.process
    pages = Path(f"/proc/{site.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def has_open(site: Site, peer: Any) -> bool:
    """Whether the server has the connection from this address still, and not just the kernel (inode 0).

    From the same port somebody may have come to another server of this machine, for longer.
    """
    assert site.process
    ends = f":{site.port:04X}", f":{peer[1]:04X}"
    rows = [row.split() for row in Path(f"/proc/{site.process.pid}/net/tcp").read_text().splitlines()[1:]]
    return any((row[1][-5:], row[2][-5:]) == ends and row[9] != "0" for row in rows)


def stored(site: Site, author: str) -> list[str]:
    """What somebody has said, as the database has it."""
    with Database.of(site) as database:
        rows = database.execute(
            "SELECT text FROM chat_message WHERE author_id = %s ORDER BY version", author
        )
    return [text for (text,) in rows]
