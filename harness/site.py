"""A whole site in processes of its own, as its owner would start it: a database, migrations, a server."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from harness.ports import free_port

TOP = Path(__file__).resolve().parent.parent
#: For tests in which somebody says a lot, and that is not the point.
UNHURRIED = {f"CHAT_{limit}": "0" for limit in ("MESSAGES", "MESSAGE_BYTES", "READS", "FRAMES")}


class Site:
    """A site in the folder `home`, served on a free port of the loopback."""

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
        self.process: subprocess.Popen[bytes] | None = None
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
        """Run a command of manage.py; what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=TOP, env=self.environment, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    @contextlib.contextmanager
    def served_by(self, server: str, *options: str, pass_fds: Sequence[int] = ()) -> Iterator["Site"]:
        """The site while `server` (see `start`) serves it."""
        process = self.start(server, *options, pass_fds=pass_fds)
        try:
            self.wait_for(process)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, server: str, *options: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
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
            self.process = subprocess.Popen(
                [sys.executable, *commands[server], *options],
                cwd=self.top,
                env=self.environment,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
            )
        return self.process

    def wait_for(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server answers. Raises RuntimeError where it does not, with its log."""
        for _ in range(300):
            if process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                httpx.get(self.address)
                return
            time.sleep(0.1)
        raise RuntimeError(f"the server does not answer:\n{self.log.read_text()}")
