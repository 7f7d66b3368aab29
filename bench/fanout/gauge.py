"""The gauges: what the operating system says of a process, and which core it runs on."""

import contextlib
import os
import resource
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_KIB = 1024
#: That all of a process's time is meant, of all its threads, in the kernel and out of it.
_CPUCLOCK_SCHED = 2


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


class StolenTime:
    """What the hypervisor takes from some cores from now on, to give it to other machines."""

    def __init__(self, cores: Iterable[int]) -> None:
        self._cores = {f"cpu{core}" for core in cores}
        self._before = self._read()

    def share(self) -> float:
        """Of all the time of these cores."""
        stolen, whole = (now - before for now, before in zip(self._read(), self._before, strict=True))
        return stolen / whole if whole else 0.0

    def _read(self) -> tuple[int, int]:
        stolen = whole = 0
        for line in Path("/proc/stat").read_text().splitlines():
            name, *numbers = line.split()
            if name in self._cores:
                # The eighth is the stolen time; those behind it are in the first already.
                ticks = [int(number) for number in numbers[:8]]
                stolen, whole = stolen + ticks[7], whole + sum(ticks)
        return stolen, whole


def cores() -> tuple[int, int]:
    """The core of the servers and the core of the generator: the same where there is only one.

    Two hyperthreads of one core slow each other down, so they are taken only where nothing else is there.
    """
    server, *others = sorted(os.sched_getaffinity(0))
    apart = [core for core in others if core not in siblings(server)]
    return server, [*apart, *others, server][0]


def siblings(core: int) -> set[int]:
    """The hyperthreads of the same core, with itself; none where the system does not say."""
    try:
        listed = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list").read_text()
    except OSError:
        return set()
    found: set[int] = set()
    for part in listed.strip().split(","):
        first, _dash, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


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
    # What clock_getcpuclockid(3) gives, which Python has for threads alone: the clock counts nanoseconds,
    # where /proc has steps of 10 ms.
    clock = ~pid << 3 | _CPUCLOCK_SCHED
    try:
        return time.clock_gettime(clock)
    except OSError:  # it has ended
        return 0.0


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    [resident] = [line for line in lines if line.startswith("Rss:")]
    return int(resident.split()[1]) * _KIB
