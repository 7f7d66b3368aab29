"""What a first visit takes, bundled and unbundled."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import choose, connected, enter, log, message, page_alone, say, write
from tests.stacks import Stack

pytestmark = page_alone

#: Until the first message is seen. The bytes are those of a site without https, where browsers take gzip:
#: by Brotli the files have a ninth less.
REQUESTS, BYTES = 6, 30_000
#: Notes how many files had come when the first message was there, and their bytes.
WHEN_SEEN = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("chat-message")) return;
  observer.disconnect();
  const come = ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind));
  window.firstSeen = [come.length, come.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)];
}).observe(document, { childList: true, subtree: true });
"""


async def test_the_first_message_takes_few_requests_and_bytes(
    visit: Open, shared_site: Site, faults: list[str]
) -> None:
    say(shared_site, ["There at once"])
    page = await visit()
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    await page.evaluate("localStorage.setItem('chat.name', 'Alice')")
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    await devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await page.set_extra_http_headers({"Accept-Encoding": "gzip"})
    await page.add_init_script(WHEN_SEEN)

    await page.goto(shared_site.address)
    await connected(page)

    files, size = await page.evaluate("firstSeen")
    assert files + 1 <= REQUESTS  # and the socket
    assert 0 < size <= BYTES
    # What comes later does come.
    await choose(message(page, "There at once").last, "Report")
    await expect(page.get_by_role("dialog").filter(has=page.get_by_role("radio")).first).to_be_visible()


@pytest.fixture
def sources(stack: Stack, home: Path) -> Iterator[Site]:
    """A site as whoever works on the page has it."""
    site = stack.site(home)
    with site.served_by("serve"):
        yield site


async def test_the_sources_make_the_same_page(visit: Open, sources: Site) -> None:
    page = await visit(at=sources)
    await enter(page, "Alice")

    await write(page, "From the sources")

    await expect(message(page, "From the sources")).to_have_attribute("data-status", "sent")
    script = page.locator("script[type=module]")
    await expect(script).to_have_attribute("src", "/static/chat/js/main.js")


async def test_who_has_no_javascript_reads_the_talk(visit: Open, shared_site: Site) -> None:
    text = "<b>Read</b> without a script"
    say(shared_site, [text])
    page: Page = await visit(java_script_enabled=False)

    await page.get_by_role("link", name="Read the talk").click()

    await expect(page.get_by_role("article").filter(has_text=text)).not_to_have_count(0)
    await page.get_by_role("link", name="To the chat").click()
    await expect(log(page)).to_be_attached()
