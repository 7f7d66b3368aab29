"""The gauges: what the operating system says of a process, and which core it runs on."""

import contextlib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024


class Gauge:
    """What a process and its children use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def cpu(self) -> float:
        """Seconds of processor time so far, in the kernel and out of it."""
        return sum(_cpu(pid) for pid in _family(self.pid))

    def memory(self) -> int:
        """Bytes of real memory."""
        return sum(_memory(pid) for pid in _family(self.pid))


def cores() -> tuple[int, int]:
    """The core of the servers and the core of the generator: the same where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[min(1, len(allowed) - 1)]


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run on `core`, and have what is started meanwhile run there for good."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def open_many_files() -> None:
    """Let this process and what it starts have as many connections as the system allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def own_cpu() -> float:
    """Seconds of processor time of this process."""
    return time.process_time()


def _family(pid: int) -> list[int]:
    """The process, its children, and theirs, as far as they live."""
    found = [pid]
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in listed.read_text().split():
                found += _family(int(child))
    return found


def _cpu(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # The name of the program, in brackets, may hold anything; the numbers come after it.
    numbers = stat.rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / _TICKS


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    [resident] = [line for line in lines if line.startswith("Rss:")]
    return int(resident.split()[1]) * _KIB
