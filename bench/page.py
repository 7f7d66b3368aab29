"""What a first visit of the page takes: requests, bytes, time to the first message, CPU of the server.

`python -m bench.page` prints the figures, in a few minutes; with `--write` they go into docs/PAGE.md. The
times are worth something where nothing else runs, so what else does is told with them.
"""

import argparse
import os
import platform
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
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
#: How many visits there are of each kind; and how many ask for their files alone.
VISITS, TIMES = 3, 100
#: The longest that a visit may take, in milliseconds.
PATIENCE = 120_000
PAGE = TOP / "docs/PAGE.md"
HEAD = """# What a first visit takes

This page is written by `python -m bench.page --write`, where nothing else runs, and not edited by hand.
"""

SEED = """
from chat.actors import PROGRAM, guest
from chat.services import messages, people, rooms
[bob] = people.arrive([people.Arrival('bob', 'Bob')])
lobby = rooms.at(PROGRAM, 'lobby')
for number in range(60): messages.post(guest(bob), lobby, f'Message {number}: hello there')
"""
#: Notes what had come when the first message was there: files, their bytes, and milliseconds.
WHEN_SEEN = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("chat-message")) return;
  observer.disconnect();
  const come = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
  const size = come.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  window.firstSeen = [come.length, size, performance.now()];
}).observe(document, { childList: true, subtree: true });
"""
#: What had come, in turn.
ADDRESSES = """
["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind)).map(({ name }) => name)
"""


class Visit(NamedTuple):
    """What the first message took: requests, the socket among them, kilobytes, and seconds."""

    requests: int
    kilobytes: float
    seconds: float
    #: What was asked for over HTTP by then.
    addresses: list[str]


def main() -> None:
    """Measure, and print or write a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="put the figures into docs/PAGE.md")
    is_written = arguments.parse_args().write
    told = _told()
    print(told)  # noqa: T201
    if is_written:
        PAGE.write_text(f"{HEAD}\n{told}")


def _told() -> str:
    load = os.getloadavg()[0]
    rows = ["| page | line | requests | KB | to the first message |", "| --- | --- | --- | --- | --- |"]
    work = []
    for name, variables in (
        ("bundled", production.environment()),
        ("sources", {**production.ENVIRONMENT, "SOURCES": "1"}),
    ):
        with _served(variables) as site, _chromium() as chromium:
            _visit(chromium, site, LINES["this machine"])  # what is made once is made
            for line, limits in LINES.items():
                rows.append(_row(name, line, [_visit(chromium, site, limits) for _ in range(VISITS)]))
            addresses = _visit(chromium, site, LINES["this machine"]).addresses
            work.append(f"{name} {_work(site, addresses):.1f} ms")
    return "\n".join(
        [
            *rows,
            "",
            f"Medians of {VISITS} visits; the bytes of bodies as they are sent, compressed where they are.",
            f"CPU of the server for what a first visit asks of it over HTTP: {', '.join(work)} "
            f"(of {TIMES} by one connection each).",
            f"{platform.machine()}, {os.cpu_count()} cores; others kept {load:.1f} of them busy.",
            "",
        ]
    )


def _row(name: str, line: str, visits: list["Visit"]) -> str:
    seconds = statistics.median(visit.seconds for visit in visits)
    return f"| {name} | {line} | {visits[-1].requests} | {visits[-1].kilobytes:.1f} | {seconds:.2f} s |"


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


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
        page.add_init_script(WHEN_SEEN)
        page.goto(site.address, wait_until="commit", timeout=PATIENCE)
        page.locator("chat-message").first.wait_for(state="attached", timeout=PATIENCE)
        files, size, milliseconds = page.evaluate("firstSeen")
        addresses: list[str] = page.evaluate(ADDRESSES)
        return Visit(files + 1, size / 1000, milliseconds / 1000, addresses[:files])
    finally:
        context.close()


def _slow_down(devtools: CDPSession, down: int, up: int, latency: int, slower: int) -> None:
    devtools.send("Network.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    if down:
        speed = {"downloadThroughput": down / 8, "uploadThroughput": up / 8, "latency": latency}
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **speed})


def _work(site: Site, addresses: list[str]) -> float:
    """The milliseconds of CPU that the server has for somebody who asks for these, one after the other."""
    taken = {"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "en-GB"}
    began = _cpu(site)
    for _ in range(TIMES):
        with httpx.Client(headers=taken) as visitor:
            for address in addresses:
                visitor.get(address).raise_for_status()
    return (_cpu(site) - began) / TIMES * 1000


def _cpu(site: Site) -> float:
    """The seconds of CPU that the server has used."""
    assert site.process
    times = Path(f"/proc/{site.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
