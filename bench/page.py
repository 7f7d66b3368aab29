"""What a first visit of the page takes: requests, bytes, time to the first message, CPU of the server.

`python -m bench.page` prints the figures; with `--write` they go into docs/BENCHMARKS.md.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench import production
from harness.site import TOP, Site

#: Bits a second down and up, the milliseconds of a round trip, and how many times slower the processor is.
LINES = {
    "this machine": (0, 0, 0, 1),
    "3G": (1_600_000, 750_000, 150, 1),
    "slow 3G": (400_000, 400_000, 400, 1),
    "3G, CPU / 4": (1_600_000, 750_000, 150, 4),
}
VISITS = 3
BEGIN, END = "<!-- page -->", "<!-- /page -->"
PAGE = TOP / "docs/BENCHMARKS.md"

SEED = """
from chat.actors import PROGRAM, guest
from chat.services import messages, people, rooms
[bob] = people.arrive([people.Arrival('bob', 'Bob')])
lobby = rooms.at(PROGRAM, 'lobby')
for number in range(60): messages.post(guest(bob), lobby, f'Message {number}: hello there')
"""
#: What had come when the first message was there: files, their bytes, and milliseconds.
SEEN = """() => new Promise((done) => {
  const look = () => {
    if (!document.querySelector("chat-message")) return requestAnimationFrame(look);
    const come = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
    const size = come.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
    done([come.length, size, performance.now()]);
  };
  look();
})"""


class Visit(NamedTuple):
    """What the first message took: requests, the socket among them, kilobytes, and seconds."""

    requests: int
    kilobytes: float
    seconds: float


def main() -> None:
    """Measure, and print or write a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="put the table into docs/BENCHMARKS.md")
    table = _table()
    print(table)  # noqa: T201
    if arguments.parse_args().write:
        before, _begin, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}")


def _table() -> str:
    rows = ["| page | line | requests | KB | to the first message |", "| --- | --- | --- | --- | --- |"]
    work = []
    for name, variables in (
        ("bundled", production.environment()),
        ("sources", {**production.ENVIRONMENT, "SOURCES": "1"}),
    ):
        with _served(variables) as site, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            _visit(chromium, site, LINES["this machine"])  # what is made once is made
            for line, limits in LINES.items():
                visits = [_visit(chromium, site, limits) for _ in range(VISITS)]
                seconds = statistics.median(visit.seconds for visit in visits)
                requests, kilobytes, _seconds = visits[-1]
                rows.append(f"| {name} | {line} | {requests} | {kilobytes:.1f} | {seconds:.2f} s |")
            began = _cpu(site)
            for _ in range(VISITS):
                _visit(chromium, site, LINES["this machine"])
            work.append(f"{name} {(_cpu(site) - began) / VISITS * 1000:.0f} ms")
    return "\n".join(
        [*rows, "", f"CPU of the server for a whole first visit, its socket included: {', '.join(work)}."]
    )


@contextmanager
def _served(variables: dict[str, str]) -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), **variables)
        site.manage("migrate", "--verbosity", "0")
        site.manage("shell", "-c", SEED)
        with site.served_by("serve"):
            yield site


def _visit(chromium: Browser, site: Site, line: tuple[int, int, int, int]) -> Visit:
    """Somebody who has never been there, but for the name that they have given."""
    context = chromium.new_context(locale="en-GB")
    try:
        page = context.new_page()
        page.add_init_script("localStorage.setItem('chat.name', 'Alice')")
        devtools = context.new_cdp_session(page)
        _slow_down(devtools, *line)
        page.goto(site.address, wait_until="commit")
        files, size, milliseconds = page.evaluate(SEEN)
        return Visit(files + 1, size / 1000, milliseconds / 1000)
    finally:
        context.close()


def _slow_down(devtools: CDPSession, down: int, up: int, latency: int, slower: int) -> None:
    devtools.send("Network.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    if down:
        speed = {"downloadThroughput": down / 8, "uploadThroughput": up / 8, "latency": latency}
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **speed})


def _cpu(site: Site) -> float:
    """The seconds of CPU that the server has used."""
    assert site.process
    time.sleep(0.5)  # what follows a visit is part of it
    times = Path(f"/proc/{site.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
