"""The machine: what is to be known of it next to a number."""

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

from bench.fanout import gauge


def facts() -> dict[str, str]:
    """What it is, and whether it was busy with something else, by name."""
    server, generator = gauge.cores()
    pinned = f"server on core {server}, generator on core {generator}"
    if server == generator:
        pinned = (
            "there is one core only: server and generator share it, and rates and latencies mean little"
        )
    elif generator in gauge.siblings(server):
        pinned += "; both are hyperthreads of one core and slow each other down"
    return {
        "Processor": _field("/proc/cpuinfo", "model name"),
        "Cores": f"{len(os.sched_getaffinity(0))}; {pinned}",
        "Memory": f"{int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GiB",
        "Kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "File system of the databases": _file_system(Path(tempfile.gettempdir()).resolve()),
        "A write brought to that disk": f"{_sync_time() * 1000:.2f} ms, median",
        "Load before the run": f"{os.getloadavg()[0]:.2f}",
    }


def _field(path: str, name: str) -> str:
    """The value in the first line that `name` begins."""
    for line in Path(path).read_text().splitlines():
        found, _colon, value = line.partition(":")
        if found.strip() == name:
            return value.strip()
    return "unknown"


def _sync_time() -> float:
    """Seconds that a small write takes until it is safe: what a commit cannot do without."""
    times = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(30):
            start = time.monotonic()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.monotonic() - start)
    return statistics.median(times)


def _file_system(path: Path) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    within = [(len(where), kind) for where, kind in mounts if path.is_relative_to(where)]
    return max(within)[1] if within else "unknown"
