"""The programs that some tests start: where they are, and how they come onto a Debian machine.

`python -m tests.programs` installs what is missing, or prints the line that does. With CI=true it is
an error if one is missing after all.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from harness.services import Postgres, Redis, find

#: The node that came with the environment.
NODE = str(Path(sysconfig.get_path("scripts")) / "node")
#: A program of the tests, and the names of those that will do.
PROGRAMS = {
    "chromium": ("chromium",),
    "postgres": Postgres.programs,
    "redis-server": Redis.programs,
    "nginx": ("nginx",),
}
#: A program of the tests, and the Debian packages either of which brings it.
PACKAGES = {
    "chromium": ("chromium",),
    "postgres": ("postgresql",),
    "redis-server": ("redis-server", "valkey-server"),
    "nginx": ("nginx",),
}


def missing(programs: tuple[str, ...] = tuple(PROGRAMS)) -> list[str]:
    """Those of `programs` that are not on this machine."""
    return [program for program in programs if find(*PROGRAMS[program]) is None]


def install_line(programs: list[str]) -> str:
    """The command that installs `programs` on Debian."""
    return "sudo apt-get install --no-install-recommends " + " ".join(map(_package, programs))


def _package(program: str) -> str:
    """The first of its packages that this Debian knows."""
    first = PACKAGES[program][0]
    if len(PACKAGES[program]) == 1 or shutil.which("apt-cache") is None:
        return first
    shown = ["apt-cache", "show", "--quiet=2"]
    known = (
        package
        for package in PACKAGES[program]
        if subprocess.run([*shown, package], check=False, capture_output=True).returncode == 0
    )
    return next(known, first)


def must_all_run() -> bool:
    """Whether a missing program is a failure: in CI no test is left out."""
    return os.environ.get("CI") == "true"


def main() -> None:
    """Install what is missing, as far as this machine allows."""
    if not missing():
        return
    if prefix := _root():
        _apt([*prefix, "update"])
        _apt([*prefix, "install", "--yes", "--no-install-recommends", *map(_package, missing())])
    if still := missing():
        sys.stderr.write(f"Not on this machine: {', '.join(still)}. To install: {install_line(still)}\n")
        if must_all_run():
            sys.exit(1)


def _root() -> list[str] | None:
    """How apt-get is run as root here without asking anybody; None where it cannot."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode == 0:
        return [sudo, "-n", "apt-get"]
    return None


def _apt(command: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*command, "--quiet=2"], check=False, env=environment)


if __name__ == "__main__":
    main()
