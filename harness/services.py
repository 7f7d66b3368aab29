"""PostgreSQL and Redis in processes of their own, on ports of the loopback: to be frozen and killed."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from harness.ports import free_port

#: Where Debian keeps PostgreSQL's programs, of which only some are to be found along PATH.
_POSTGRESQL = Path("/usr/lib/postgresql")
#: Where programs of the system are, such as nginx, which PATH need not name for people.
_SYSTEM = "/usr/sbin"
#: How long a service may take to answer, or to end, in seconds.
PATIENCE = 30
#: How much of its log is shown where it has ended unasked.
LAST_LINES = 40
#: Whom PostgreSQL runs as where root starts it, which it refuses to be.
_USER = "nobody"


def find(*names: str) -> str | None:
    """The path of the first of these programs that is on this machine."""
    versions = sorted(_POSTGRESQL.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), _SYSTEM, *map(str, versions)])
    return next((path for name in names if (path := shutil.which(name, path=places))), None)


class Service(ABC):
    """One server in the folder `home`, on a port of its own, which stays the same."""

    #: What it is called in Debian, where it has other names than its program.
    programs: Sequence[str]

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.log = home / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """What a site is told of it."""

    @abstractmethod
    def _command(self) -> list[str]:
        """The command that starts it."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None and (code := self._process.poll()) is not None:
            last = "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])
            sys.stderr.write(
                f"{self.programs[0]} has ended unasked, with {code}. Its log ends with:\n{last}\n"
            )
        self.stop()

    def start(self) -> None:
        """Start it with what it has kept, and return when it takes connections."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self.home, stdout=log, stderr=log, **_as_nobody(self.home)
            )
        self.wait()

    def wait(self) -> None:
        """Return when it takes connections. Raises RuntimeError, with its log."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError):
                if self._answers():
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{self.programs[0]} does not answer:\n{self.log.read_text()}")

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it answers. Raises OSError where it does not listen yet."""

    def stop(self, signal_: signal.Signals = signal.SIGINT) -> None:
        """End it as its owner would, and return when it has ended."""
        if self._process is not None:
            self.thaw()
            self._process.send_signal(signal_)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End it in the middle of whatever it does, with all its processes."""
        if self._process is not None:
            for pid in self.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Have it do nothing at all, and close nothing, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on where it was."""
        self._signal(signal.SIGCONT)

    def pids(self) -> list[int]:
        """Its processes, the first of which has started the others."""
        if self._process is None or self._process.poll() is not None:
            return []
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [self._process.pid, *map(int, children.split())]

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class Postgres(Service):
    """PostgreSQL with an empty database called `chat`, for whoever comes over the loopback.

    `options` are settings of its own, such as `max_connections=20`.
    """

    programs = ("postgres",)

    def __init__(self, home: Path, *options: str) -> None:
        super().__init__(home)
        self._options = options
        self._data = home / "data"

    @property
    def url(self) -> str:
        return self.database("chat")

    def database(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        if not self._data.exists():
            self._run(
                "initdb",
                "--pgdata",
                str(self._data),
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
            )
            super().start()
            self.create("chat")
        else:
            super().start()

    def create(self, name: str) -> None:
        """Make one more database, which is empty."""
        self._run("createdb", *self._where, name)

    def back_up(self, name: str) -> None:
        """Copy all that it holds into the folder `name` beside its own, while it goes on."""
        where = [*self._where, f"--pgdata={self.home / name}", "--checkpoint=fast"]
        self._run("pg_basebackup", *where)

    def put_back(self, name: str) -> None:
        """Have it hold what it held when it was backed up as `name`. Not while it runs."""
        shutil.rmtree(self._data)
        (self.home / name).rename(self._data)

    def _command(self) -> list[str]:
        options = [
            f"port={self.port}",
            "unix_socket_directories=",
            "listen_addresses=127.0.0.1",
            *self._options,
        ]
        return [
            program("postgres"),
            "-D",
            str(self._data),
            *(part for option in options for part in ("-c", option)),
        ]

    def _answers(self) -> bool:
        ready = subprocess.run([program("pg_isready"), *self._where], capture_output=True, check=False)
        return ready.returncode == 0

    @property
    def _where(self) -> list[str]:
        return ["--host=127.0.0.1", f"--port={self.port}", "--username=postgres"]

    def _run(self, name: str, *arguments: str) -> None:
        command = [program(name), *arguments]
        subprocess.run(command, cwd=self.home, check=True, capture_output=True, **_as_nobody(self.home))


class Redis(Service):
    """Redis, or Valkey, which keeps nothing. `options` are settings of its own, such as `maxmemory 1mb`."""

    programs = ("redis-server", "valkey-server")

    def __init__(self, home: Path, *options: str) -> None:
        super().__init__(home)
        self._options = options

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _command(self) -> list[str]:
        settings = [f"port {self.port}", "bind 127.0.0.1", 'save ""', "appendonly no", *self._options]
        words = [
            f"--{word}" if at == 0 else word
            for setting in settings
            for at, word in enumerate(setting.split(" "))
        ]
        return [program(*self.programs), *(word.replace('""', "") for word in words)]

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")


@contextlib.contextmanager
def home() -> Iterator[Path]:
    """A folder for services, in which those who are not root may write as well."""
    with tempfile.TemporaryDirectory(prefix="chat-", ignore_cleanup_errors=True) as folder:
        yield prepared(Path(folder))


def prepared(folder: Path) -> Path:
    """The folder, given to whom PostgreSQL runs as."""
    if os.geteuid() == 0:
        os.chown(folder, *_nobody())
    return folder


def program(*names: str) -> str:
    """The path of the first of these programs that is there. Raises RuntimeError where none is."""
    path = find(*names)
    if path is None:
        raise RuntimeError(f"There is no {names[0]} on this machine.")
    return path


def _nobody() -> tuple[int, int]:
    user = pwd.getpwnam(_USER)
    return user.pw_uid, user.pw_gid


def _as_nobody(home: Path) -> dict[str, Any]:
    """How to start a process as who owns the folder `home`, where root does not."""
    owner = home.stat()
    if os.geteuid() or owner.st_uid == 0:
        return {}
    return {"user": owner.st_uid, "group": owner.st_gid}
