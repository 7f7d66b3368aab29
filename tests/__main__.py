"""`python -m tests [sqlite|postgresql] [arguments of pytest]`: pytest on one stack, or on each in turn.

The servers of a stack are started before pytest, which reads the settings first of all; its workers share
them. Both at a time would take as long: browsers leave no time over, and what waits would run out of it.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from harness.services import Postgres, Redis, home
from harness.site import Site
from tests import programs

#: What a database that ends with the tests need not do or keep, and how many may come to it.
FLEETING = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_wal_size=128MB",
    "max_connections=300",
)
#: What the environment says of a stack; by default it is SQLite alone.
VARIABLES = ("DATABASE_URL", "REDIS_URL", "TESTS_TEMPLATE")
#: What would have each of some hundred processes compile the whole chat, and each worker all tests.
WASTEFUL = ("PYTHONDONTWRITEBYTECODE",)


@contextlib.contextmanager
def sqlite() -> Iterator[dict[str, str]]:
    """Nothing has to be started; the database that the tests copy is as long there as they run."""
    with home() as data:
        yield {"TESTS_TEMPLATE": _migrated(f"sqlite:///{data / 'template.sqlite3'}", data)}


@contextlib.contextmanager
def postgresql() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis, as long as the tests run."""
    with home() as data, home() as cache, Postgres(data, *FLEETING) as database, Redis(cache) as redis:
        database.create("template")
        template = _migrated(database.database("template"), data)
        yield {"DATABASE_URL": database.url, "REDIS_URL": redis.url, "TESTS_TEMPLATE": template}


def _migrated(url: str, home: Path) -> str:
    """The address of a database that has all tables from now on: the tests copy it (tests/stacks.py)."""
    Site(home, DATABASE_URL=url).manage("migrate")
    return url


#: A stack, and the programs that it needs.
STACKS: dict[str, tuple[Callable[[], AbstractContextManager[dict[str, str]]], tuple[str, ...]]] = {
    "sqlite": (sqlite, ()),
    "postgresql": (postgresql, ("postgres", "redis-server")),
}


def main() -> int:
    """Run pytest; 0 if all that ran went well, and at least one stack had something to run."""
    chosen, arguments = list(STACKS), sys.argv[1:]
    if arguments and arguments[0] in STACKS:
        chosen, arguments = arguments[:1], arguments[1:]
    # A shell has what it starts in the background ignore it, and so would the sites of the tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    codes: list[int] = []
    for stack in chosen:
        codes.append(_run(stack, arguments))
        if codes[-1] == pytest.ExitCode.INTERRUPTED:
            break
    # What somebody picks by its name may have nothing to do with one of the stacks.
    failed = [
        code for code in codes if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    ]
    return max(failed, default=min(codes))


def _run(stack: str, arguments: list[str]) -> int:
    """The code with which pytest ends on one stack."""
    start, needed = STACKS[stack]
    if missing := programs.missing(needed):
        line = programs.install_line(missing)
        sys.stderr.write(f"Not run on {stack}: {', '.join(missing)} not installed. To install: {line}\n")
        must = programs.must_all_run()
        return pytest.ExitCode.INTERNAL_ERROR if must else pytest.ExitCode.NO_TESTS_COLLECTED
    inherited = {name: value for name, value in os.environ.items() if name not in (*VARIABLES, *WASTEFUL)}
    command = [sys.executable, "-m", "pytest", *arguments]
    with (
        start() as variables,
        subprocess.Popen(command, env={**inherited, **variables}) as process,
        _patience_with(process),
    ):
        return process.wait()


@contextlib.contextmanager
def _patience_with(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Let pytest end in order, and its sites with it, where somebody wants an end."""
    before = [
        (signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_IGN)),  # Ctrl-C reaches pytest, too
        (signal.SIGTERM, signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))),
    ]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
