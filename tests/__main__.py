"""`python -m tests [sqlite|postgresql] [arguments of pytest]`: pytest on one stack, or on all at a time.

Much of a run is waiting, of which two at a time make use. What the second has to say comes after the first.
The servers of a stack are started before pytest, which reads the settings first of all; its workers share
them.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

import pytest

from harness.services import Postgres, Redis, home
from harness.site import Site
from tests import programs

#: What a database that ends with the tests need not do, and how many may come to it.
FLEETING = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")
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
    with contextlib.ExitStack() as ending:
        runs = [
            ending.enter_context(_begun(stack, arguments, waits=bool(n))) for n, stack in enumerate(chosen)
        ]
        with _patience_with([run.process for run in runs if run.process]):
            codes = [run.end() for run in runs]
    # What somebody picks by its name may have nothing to do with one of the stacks.
    failed = [
        code for code in codes if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    ]
    return max(failed, default=min(codes))


class Run:
    """A run of pytest on one stack; without a process one that cannot be, which ends with this code."""

    def __init__(
        self, process: "subprocess.Popen[bytes] | None", output: IO[bytes] | None, code: int = 0
    ) -> None:
        self.process, self._output, self._code = process, output, code

    def end(self) -> int:
        """Wait for its end, and say what it has had to say; the code of it."""
        code = self.process.wait() if self.process else self._code
        if self._output:
            self._output.seek(0)
            shutil.copyfileobj(self._output, sys.stdout.buffer)
            sys.stdout.flush()
        return code


@contextlib.contextmanager
def _begun(stack: str, arguments: list[str], *, waits: bool) -> Iterator[Run]:
    """A run that has begun. One that `waits` keeps to itself what it has to say until it is ended."""
    start, needed = STACKS[stack]
    if missing := programs.missing(needed):
        line = programs.install_line(missing)
        sys.stderr.write(f"Not run on {stack}: {', '.join(missing)} not installed. To install: {line}\n")
        must = programs.must_all_run()
        yield Run(
            None, None, pytest.ExitCode.INTERNAL_ERROR if must else pytest.ExitCode.NO_TESTS_COLLECTED
        )
        return
    inherited = {name: value for name, value in os.environ.items() if name not in (*VARIABLES, *WASTEFUL)}
    command = [sys.executable, "-m", "pytest", *arguments]
    with start() as variables, tempfile.TemporaryFile() as file:
        output = file if waits else None
        environment = {**inherited, **variables}
        with subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process:
            yield Run(process, output)


@contextlib.contextmanager
def _patience_with(processes: "list[subprocess.Popen[bytes]]") -> Iterator[None]:
    """Let pytest end in order, and its sites with it, where somebody wants an end."""

    def end_all(*_: object) -> None:
        for process in processes:
            process.send_signal(signal.SIGINT)

    before = [
        (signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_IGN)),  # Ctrl-C reaches pytest, too
        (signal.SIGTERM, signal.signal(signal.SIGTERM, end_all)),
    ]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
