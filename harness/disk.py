"""A small disk, which can be filled."""

import os
import subprocess
from pathlib import Path


class Disk:
    """So many MiB at the folder `path`, in memory. For root alone."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self._size = path, size

    def start(self) -> None:
        """Have it there, empty."""
        self.path.mkdir(exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={self._size}m", "none", str(self.path))

    def stop(self) -> None:
        """Have it gone, with all that is on it."""
        if self.path.is_mount():
            _run("umount", "--lazy", str(self.path))


def missing() -> str:
    """Why there can be none here, if so."""
    return "" if os.geteuid() == 0 else "only root may mount a small disk"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
