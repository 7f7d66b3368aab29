"""The lease: how long a process is taken for alive without a word from it, and how one finds it dead."""

import os
import socket
from functools import cache
from pathlib import Path

from chat.storage.presence_rows import OSProcess, ProcessRow

#: How long a process lives by a lease that it does not renew, and how often it renews it, in seconds.
LEASE, RENEWAL = 12.0, 4.0
#: How long who was cut off has to come back before anybody hears of it, in seconds.
GRACE = 3.0
#: How much of a time in which nothing was read may count at most, in seconds: whoever could not look, or
#: stood still, knows nothing of others.
BLINK = 2.0


def this_process() -> OSProcess:
    """Where this process runs, so that another of the same machine can tell whether it still does."""
    return OSProcess(_machine(), os.getpid(), _started(os.getpid()) or 0)


def is_gone(process: OSProcess) -> bool:
    """Whether a process of this very machine is known to have ended, other than in order."""
    return bool(
        process.pid
        and _machine()
        and process.host == _machine()
        and _started(process.pid) != process.started
    )


@cache
def _machine() -> str:
    """This machine since its start, and what its processes are numbered in; empty where nobody can say."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()[:100]} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _started(pid: int) -> int | None:
    """When a process was started, in ticks; None where none runs. One that has ended is no process."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else int(rest[18])


class Lease:
    """The lease of another process, counted by the clock of whoever watches it, while it could be read."""

    def __init__(self, seen: ProcessRow, quiet: float = 0.0) -> None:
        #: As it was read last.
        self.seen = seen
        self._quiet = quiet

    def look(self, seen: ProcessRow, elapsed: float) -> None:
        """It was read again, after so many seconds that count."""
        self._quiet = self._quiet + elapsed if seen.renewed_at == self.seen.renewed_at else 0.0
        self.seen = seen

    @property
    def is_over(self) -> bool:
        """Whether the process is gone, and its people with it."""
        return self._quiet >= self.seen.lease
