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

#: The node that came with the environment.
NODE = str(Path(sysconfig.get_path("scripts")) / "node")
#: A program of the tests, and the Debian package that brings it.
PACKAGES = {"chromium": "chromium"}


def missing(programs: tuple[str, ...] = tuple(PACKAGES)) -> list[str]:
    """Those of `programs` that are not on this machine."""
    return [program for program in programs if shutil.which(program) is None]


def install_line(programs: list[str]) -> str:
    """The command that installs `programs` on Debian."""
    return "sudo apt-get install --no-install-recommends " + " ".join(PACKAGES[name] for name in programs)


def must_all_run() -> bool:
    """Whether a missing program is a failure: in CI no test is left out."""
    return os.environ.get("CI") == "true"


def main() -> None:
    """Install what is missing, as far as this machine allows."""
    if not missing():
        return
    if prefix := _root():
        _apt([*prefix, "update"])
        names = [PACKAGES[program] for program in missing()]
        _apt([*prefix, "install", "--yes", "--no-install-recommends", *names])
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
