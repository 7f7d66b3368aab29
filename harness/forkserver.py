"""Starts Python programs fast: as forks of a process that has their libraries imported already.

To import Django, Twisted and the others is half of what the start of a site costs, and a run of the tests
starts some hundreds. All that depends on settings or on the environment comes after the fork, as in a new
process; the program is run as `__main__`, and ends as Python ends.
"""

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

#: What the programs import in any case. None of these may need settings, or make a reactor.
LIBRARIES = (
    "asgiref.server",
    "autobahn.twisted.websocket",
    "channels.generic.websocket",
    "channels.routing",
    "channels_redis.pubsub",
    "django.contrib.admin",
    "django.core.handlers.asgi",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "emoji",
    "limits",
    "msgspec",
    "precis_i18n",
    "twisted.internet.asyncioreactor",
    "twisted.web.http",
)
#: How many bytes a request may have, which is an environment for the most part.
LARGEST = 1 << 17


class Program:
    """A program that was started: as much of `subprocess.Popen` as is used of it here."""

    def __init__(self, pid: int, ending: IO[bytes]) -> None:
        self.pid = pid
        #: The code with which it has ended; None before, and minus the signal where one has ended it.
        self.returncode: int | None = None
        self._ending = ending

    def poll(self) -> int | None:
        """The code with which it has ended; None where it has not."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The code with which it ends. Raises subprocess.TimeoutExpired after so many seconds."""
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._ending, select.POLLIN)
            if not poll.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(self._ending.readline())
            self._ending.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, where it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.send_signal(signal.SIGKILL)


def start(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdout: IO[bytes], stderr: IO[bytes]
) -> Program:
    """Run a Python file with arguments, as `python file ...` would."""
    request = {"arguments": list(arguments), "cwd": str(cwd), "environment": dict(env)}
    receiver, sender = os.pipe()
    with contextlib.closing(os.fdopen(sender, "wb", buffering=0)):
        files = [sender, stdout.fileno(), stderr.fileno()]
        socket.send_fds(_requests(), [json.dumps(request).encode()], files)
    ending = os.fdopen(receiver, "rb", buffering=0)
    return Program(int(ending.readline()), ending)


@cache
def _requests() -> socket.socket:
    """Where the process that forks takes requests. It ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness.forkserver", str(theirs.fileno())],
            cwd=Path(__file__).resolve().parent.parent,
            env={**environment, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"},
            pass_fds=[theirs.fileno()],
        )

    @atexit.register
    def _end() -> None:
        ours.close()
        process.wait()

    return ours


def main() -> None:
    """Fork for each request, and be in the fork what was asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the programs
    for name in LIBRARIES:
        importlib.import_module(name)
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError("A library has made a reactor, which forks cannot share.")
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        request = _fork_for_each(requests)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if request is not None:
        _be(**request)


def _fork_for_each(requests: socket.socket) -> dict[str, Any] | None:
    """Tell of each fork its process id and, when it has ended, its code.

    Returns in each fork, with what it is to be; and, without, when nobody can ask for more.
    """
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    #: By what can be read from when it has ended, a fork: its process id, and where its code is told.
    forks: dict[int, tuple[int, int]] = {}
    while True:
        for ready, _event in poll.poll():
            if ready in forks:
                poll.unregister(ready)
                _bury(ready, *forks.pop(ready))
                continue
            data, files, _flags, _address = socket.recv_fds(requests, LARGEST, 3)
            if not data:
                return None
            told, *outputs = files
            pid = os.fork()
            if pid == 0:
                for file in [told, *forks, *(each for _pid, each in forks.values())]:
                    os.close(file)
                _write_to(*outputs)
                return dict(json.loads(data))
            for output in outputs:
                os.close(output)
            os.write(told, b"%d\n" % pid)
            ended = os.pidfd_open(pid)
            forks[ended] = pid, told
            poll.register(ended, select.POLLIN)


def _bury(ended: int, pid: int, told: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(BrokenPipeError):  # nobody waits for it any longer
        os.write(told, b"%d\n" % code)
    os.close(ended)
    os.close(told)


def _write_to(stdout: int, stderr: int) -> None:
    """Have all that this process prints go there."""
    os.dup2(stdout, sys.stdout.fileno())
    os.dup2(stderr, sys.stderr.fileno())
    os.close(stdout)
    os.close(stderr)


def _be(arguments: list[str], cwd: str, environment: dict[str, str]) -> None:
    """Run a Python file as a new process of this environment would."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    packages = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:1] = [cwd, *packages]
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
