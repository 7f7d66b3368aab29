"""A whole site in processes of its own, as its owner would start it: a database, migrations, a server."""

import contextlib
import http.client
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from harness import forkserver
from harness.ports import free_port

TOP = Path(__file__).resolve().parent.parent
#: For tests in which somebody says a lot, and that is not the point.
UNHURRIED = {f"CHAT_{limit}": "0" for limit in ("MESSAGES", "MESSAGE_BYTES", "READS", "FRAMES")}


#: A program in a process of its own.
Process = subprocess.Popen[bytes] | forkserver.Program


class Site:
    """A site in the folder `home`, served on a free port of the loopback."""

    #: Whether what it does by manage.py is started as a fork, in half the time.
    forks = False

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{home / 'db.sqlite3'}",
            "REDIS_URL": "",  # whatever servers somebody's own environment names
            "SECRET_KEY": secrets.token_urlsafe(50),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "default",
            **environment,
        }
        #: The program: this one, or a copy of it that may be changed.
        self.top = TOP
        #: What was started last.
        self.process: Process | None = None
        self.port = free_port()
        self.log = home / "server.log"

    @property
    def address(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}/"

    def socket(self, client_id: str) -> str:
        """The address of somebody's socket."""
        return f"ws://127.0.0.1:{self.port}/ws/{client_id}"

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py; what it printed. Raises subprocess.CalledProcessError."""
        command = ["manage.py", *arguments]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            code = self._ended(self._run(command, output, errors), within=60)
            output.seek(0)
            errors.seek(0)
            said, complaint = output.read().decode(), errors.read().decode()
        if code:
            raise subprocess.CalledProcessError(code, command, said, complaint)
        return said

    @contextlib.contextmanager
    def served_by(self, server: str, *options: str, pass_fds: Sequence[int] = ()) -> Iterator["Site"]:
        """The site while `server` (see `start`) serves it."""
        process = self.start(server, *options, pass_fds=pass_fds)
        try:
            self.wait_for(process)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            self._ended(process, within=15)

    def start(self, server: str, *options: str, pass_fds: Sequence[int] = ()) -> Process:
        """Start one of the commands below in a process of its own. It does not answer at once."""
        application = "chatproject.asgi:application"
        commands = {
            "serve": ["manage.py", "serve", f"127.0.0.1:{self.port}"],
            "daphne": ["-m", "daphne", "-p", str(self.port), application],
            "uvicorn": ["-m", "uvicorn", "--lifespan", "off", "--port", str(self.port), application],
            "runserver": ["manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"],
            "reloader": ["manage.py", "runserver", f"127.0.0.1:{self.port}"],
        }
        with self.log.open("ab") as log:
            self.process = self._run([*commands[server], *options], log, log, pass_fds)
        return self.process

    def _run(
        self, command: list[str], stdout: IO[bytes], stderr: IO[bytes], pass_fds: Sequence[int] = ()
    ) -> Process:
        is_reloaded = command[1] == "runserver" and "--noreload" not in command
        if self.forks and command[0] == "manage.py" and not is_reloaded and not pass_fds:
            return forkserver.start(
                command, cwd=self.top, env=self.environment, stdout=stdout, stderr=stderr
            )
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.top,
            env=self.environment,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
        )

    @staticmethod
    def _ended(process: Process, within: float) -> int:
        """The code with which it ends, for which it has so many seconds."""
        try:
            return process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def wait_for(self, process: Process) -> None:
        """Return when the server answers. Raises RuntimeError where it does not, with its log."""
        for _ in range(600):  # a cold start beside busy cores takes long
            if process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._ask()
                return
            time.sleep(0.1)
        raise RuntimeError(f"the server does not answer:\n{self.log.read_text()}")

    def _ask(self) -> None:
        """Have the page, whatever it is. A library that is ready for TLS would take a core for a while."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(line):
            line.request("GET", "/")
            line.getresponse().read()
