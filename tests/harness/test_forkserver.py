"""Programs that are started as forks: they find and leave what a new process would."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness import forkserver

#: Says what it finds, and ends as it is told.
PROGRAM = """
import atexit, os, sys, time
atexit.register(print, "the end")
print(__name__, sys.argv[1:], os.getcwd(), sys.path[0], os.environ["COLOUR"], "HOME" in os.environ)
print("a complaint", file=sys.stderr)
if sys.argv[1] == "wait":
    time.sleep(60)
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    return file


def start(file: Path, argument: str) -> forkserver.Program:
    out, err = file.with_suffix(".out"), file.with_suffix(".err")
    with out.open("wb") as stdout, err.open("wb") as stderr:
        return forkserver.start(
            [str(file), argument], cwd=file.parent, env={"COLOUR": "blue"}, stdout=stdout, stderr=stderr
        )


@pytest.mark.parametrize("code", [0, 3])
def test_it_is_as_in_a_process_of_its_own(file: Path, code: int) -> None:
    assert start(file, str(code)).wait(10) == code

    forked = file.with_suffix(".out").read_text(), file.with_suffix(".err").read_text()
    alone = subprocess.run(
        [sys.executable, str(file), str(code)],
        cwd=file.parent,
        env={"COLOUR": "blue"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert forked == (alone.stdout, alone.stderr)
    assert "the end" in alone.stdout


def test_it_is_waited_for_and_killed(file: Path) -> None:
    program = start(file, "wait")

    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(0.1)
    assert program.poll() is None
    program.send_signal(signal.SIGTERM)
    assert program.wait(10) == program.poll() == -signal.SIGTERM
    program.kill()  # it has ended: nobody else is hit
