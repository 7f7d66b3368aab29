"""The promises of docs/PROTOCOL.md on a real site, under every fault of the ledger, for a few seconds."""

import subprocess
import sys

import pytest

from harness.site import TOP

FEW = [
    "--seconds",
    "12",
    "--writers",
    "12",
    "--readers",
    "6",
    "--v1",
    "4",
    "--kills",
    "1",
    "--patience",
    "40",
]


@pytest.mark.timeout(180)
def test_nothing_acknowledged_is_lost_nothing_comes_twice_everybody_sees_one_order() -> None:
    command = [sys.executable, "-m", "bench.ledger", "--seed", "11", *FEW]

    done = subprocess.run(command, cwd=TOP, check=False, capture_output=True, text=True, timeout=170)

    assert done.returncode == 0, done.stdout + done.stderr
    assert figure(done.stdout, "acknowledged") == figure(done.stdout, "written") > 100
    assert figure(done.stdout, "kills") == 1


def figure(table: str, name: str) -> int:
    """The first number in the line of the table that begins with `name`."""
    [line] = [line for line in table.splitlines() if line.startswith(name)]
    return int(line.removeprefix(name).split()[0])
