"""What is dropped on the page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.page import box, page_alone

pytestmark = page_alone

TEXT = {"items": [{"mimeType": "text/plain", "data": "dropped"}], "dragOperationsMask": 1}


async def drop(page: Page, target: str, data: dict[str, Any]) -> None:
    """Drop something as the system does, not as a script would."""
    place = await page.locator(target).bounding_box()
    assert place
    devtools = await page.context.new_cdp_session(page)
    for type in ("dragEnter", "dragOver", "drop"):
        where = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
        await devtools.send("Input.dispatchDragEvent", {"type": type, **where, "data": data})


#: Headless Chromium opens nothing that is dropped; this is what another one would have been allowed to do.
WATCH = """() => {
  window.seen = [];
  for (const type of ["dragover", "drop"]) {
    addEventListener(type, ({ defaultPrevented, dataTransfer }) => {
      seen.push(defaultPrevented ? dataTransfer.dropEffect : "as the browser likes");
    });
  }
}"""


@pytest.mark.parametrize("target", ["chat-log", "textarea"])
async def test_a_dropped_picture_is_not_opened(visit: Open, tmp_path: Path, target: str) -> None:
    alice = await visit("Alice")
    await alice.evaluate(WATCH)
    picture = tmp_path / "picture.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')

    await drop(alice, target, {"items": [], "files": [str(picture)], "dragOperationsMask": 1})

    assert set(await alice.evaluate("seen")) == {"none"}


async def test_text_is_dropped_where_it_can_be_written_and_nowhere_else(visit: Open) -> None:
    alice = await visit("Alice")
    await alice.evaluate(WATCH)

    await drop(alice, "chat-log", TEXT)
    assert set(await alice.evaluate("seen")) == {"none"}
    await drop(alice, "textarea", TEXT)

    await expect(box(alice)).to_have_value("dropped")
