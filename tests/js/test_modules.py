"""The page's modules, tested by node's own runner."""

import subprocess
from pathlib import Path

from tests.programs import NODE


def test_the_modules_of_the_page() -> None:
    here = Path(__file__).parent
    tests = sorted(str(path) for path in here.glob("*.test.mjs"))

    done = subprocess.run([NODE, "--test", *tests], capture_output=True, text=True, check=False, timeout=50)

    assert tests
    assert done.returncode == 0, done.stdout + done.stderr
