"""What it costs a page to follow a room: the main thread of Chromium, on a machine four times slower.

    python -m bench.page_paint
    python -m bench.page_paint --quick

The window of the page is full, and the reader at its end, while several people talk. First at a pace that a
lively room has, and never before the page has shown what was said last, or a busy machine would let it show
several at a time: what one message costs the main thread, in CPU time of that thread, times four. Then much
faster than anybody reads, and throttled by Chromium, which goes by the clock and so is harder on a machine
that is busy: how long the page was deaf to its reader (long tasks), and how many frames it did not show.
"""

import argparse
import asyncio
import itertools
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import CDPSession, Page, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from bench import production
from harness.site import Site

#: How many times slower than this machine the reader's is.
SLOWER = 4
#: What fills the window of the page, and how fast that comes.
FILLING, FILLING_RATE = 520, 100
#: A lively room: so many messages a second, and how many of them are measured.
LIVELY_RATE, LIVELY = 20, 200
#: A flood.
FLOOD_RATE, FLOOD = 200, 10_000
WRITERS = ("Anna", "Boris", "Clara", "Dmitri", "Elsa")
#: What people say, some of it with a link, over several lines, or long.
SAYINGS = (
    "Yes.",
    "I think we could meet at seven, if nobody minds.",
    "Look at this: https://example.org/a/page?with=a&query=1 and tell me what you think.",
    "First line\nsecond line\nthird line",
    "Да, конечно, давайте попробуем ещё раз завтра утром.",
    "A longer one, as people write them when they have something to explain. " * 4,
)
#: Counts what the reader would feel. A frame that comes late leaves out those that it should have been.
_WATCH = """() => {
  window.felt = { tasks: [], frames: 0, late: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.felt.tasks.push(duration);
  }).observe({ type: "longtask" });
  let before = performance.now();
  requestAnimationFrame(function look(now) {
    window.felt.frames++;
    window.felt.late += Math.max(0, Math.round((now - before) / (1000 / 60)) - 1);
    before = now;
    requestAnimationFrame(look);
  });
}"""
#: Says when the page has shown the next lines: after the frame that has them.
_TELL = """() => new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => window.shown())))
  .observe(document.querySelector("chat-log [data-lines]"), { childList: true })"""
_IS_SHOWN = """text => [...document.querySelectorAll("chat-message")].slice(-3)
  .some((line) => line.textContent.includes(text))"""


class Spent(NamedTuple):
    """What messages cost the main thread, and what the reader felt of it."""

    messages: int
    #: Milliseconds of CPU of the main thread, throttled: of all, scripts, styles, layout.
    total: float
    script: float
    style: float
    layout: float
    #: How long each task took that was longer than 50 ms.
    tasks: list[float]
    #: How many frames were shown, and how many should have been beside them.
    frames: int
    dropped: int

    @property
    def each(self) -> float:
        """Milliseconds of main thread a message."""
        return self.total / self.messages


def main() -> int:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="no flood")
    wanted = parser.parse_args()
    for line in asyncio.run(measured(has_flood=not wanted.quick)):
        sys.stdout.write(f"{line}\n")
    return 0


async def measured(*, has_flood: bool) -> list[str]:
    """What was measured, in words, one figure a line."""
    with tempfile.TemporaryDirectory() as home:
        site = Site(Path(home), **production.environment())
        site.manage("migrate", "--verbosity", "0")
        with site.served_by("serve"):
            async with AsyncExitStack() as stack:
                page = await stack.enter_async_context(_reader(site))
                crowd = [await stack.enter_async_context(_writer(site, name)) for name in WRITERS]
                await page.wait_for_function(_IS_SHOWN, arg=await _talk(crowd, FILLING, FILLING_RATE))
                shown = asyncio.Event()
                await page.expose_function("shown", shown.set)
                await page.evaluate(_TELL)
                lively = await _spent(page, crowd, LIVELY, LIVELY_RATE, shown)
                flood = await _spent(page, crowd, FLOOD, FLOOD_RATE) if has_flood else None
    return [*_lines("lively", lively, LIVELY_RATE), *(_lines("flood", flood, FLOOD_RATE) if flood else [])]


def _lines(name: str, spent: Spent, rate: int) -> Iterator[str]:
    longest, count = max(spent.tasks, default=0), len(spent.tasks)
    parts = {"script": spent.script, "style": spent.style, "layout": spent.layout}
    told = ", ".join(f"{part} {value / spent.messages:.2f}" for part, value in parts.items())
    yield f"{name}: {spent.messages} messages at {rate} a second, CPU/{SLOWER}"
    yield f"  main thread, ms a message: {spent.each:.2f} ({told})"
    if not spent.frames:
        return
    yield f"  long tasks: {count}, {sum(spent.tasks):.0f} ms, the longest {longest:.0f} ms"
    yield f"  frames shown: {spent.frames}, dropped: {spent.dropped}"


@asynccontextmanager
async def _reader(site: Site) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await chromium.new_page(viewport={"width": 1280, "height": 720})
        await page.goto(site.address)
        await page.get_by_text("Connected", exact=True).wait_for()
        yield page
        await chromium.close()


@asynccontextmanager
async def _writer(site: Site, name: str) -> AsyncIterator[ClientConnection]:
    """Somebody who talks and does not listen."""
    async with connect(site.socket(name.lower()), max_size=None) as socket:
        await socket.recv()
        await socket.send(json.dumps({"name": name, "v": 2}))
        deaf = asyncio.create_task(_pass_over(socket))
        yield socket
        deaf.cancel()


async def _pass_over(socket: ClientConnection) -> None:
    async for _frame in socket:
        pass


async def _spent(
    page: Page, crowd: list[ClientConnection], count: int, rate: int, shown: asyncio.Event | None = None
) -> Spent:
    """What so many messages cost the page, from the first to the last that it shows."""
    devtools = await page.context.new_cdp_session(page)
    # By the time that the thread had, whatever else runs on this machine.
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    if not shown:
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await page.evaluate(_WATCH)
    await asyncio.sleep(1)
    before = await _metrics(devtools)
    last = await _talk(crowd, count, rate, shown)
    await page.wait_for_function(_IS_SHOWN, arg=last, timeout=300_000, polling=500)
    after = await _metrics(devtools)
    felt = await page.evaluate("window.felt || { tasks: [], frames: 0, late: 0 }")
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    await devtools.detach()
    total, script, style, layout = (
        (after[f"{name}Duration"] - before[f"{name}Duration"]) * 1000 * (SLOWER if shown else 1)
        for name in ("Task", "Script", "RecalcStyle", "Layout")
    )
    return Spent(count, total, script, style, layout, felt["tasks"], felt["frames"], felt["late"])


async def _metrics(devtools: CDPSession) -> dict[str, float]:
    found: dict[str, Any] = await devtools.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in found["metrics"]}


_numbers = itertools.count(1)


async def _talk(
    crowd: list[ClientConnection], count: int, rate: int, shown: asyncio.Event | None = None
) -> str:
    """Have them say so much in turn, each once the one before is `shown`; the last of it."""
    clock = asyncio.get_running_loop()
    begin, text = clock.time(), ""
    for at in range(count):
        number = next(_numbers)
        text = f"{number}: {SAYINGS[number % len(SAYINGS)]}".strip()
        command = {"type": "message", "ref": f"bench-{number}", "message": text}
        if shown:
            shown.clear()
        await crowd[number // 3 % len(crowd)].send(json.dumps(command))
        if shown:
            await shown.wait()
        await asyncio.sleep(max(0, begin + (at + 1) / rate - clock.time()))
    return text.split("\n", 1)[0]


if __name__ == "__main__":
    sys.exit(main())
