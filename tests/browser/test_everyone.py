"""Large letters, a window of 320 pixels, text from right to left, more contrast, less motion, paper."""

import secrets
from typing import Any

import pytest
from playwright.async_api import Page, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import box, choose, log, message, page_alone, write

pytestmark = page_alone

#: WCAG 1.4.10: a window of 1280 pixels at 400 %. And 1.4.4: letters twice as large.
_ZOOMED: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
_HEBREW, _ARABIC = "שלום, (world)!", "مرحبا hello"
#: What is cut off at the side of the window, or has to be scrolled to sideways.
_OUTSIDE = """() => {
  const unseen = ".visually-hidden, .skip-link";
  const isSeen = (one) => one.checkVisibility({ opacityProperty: true }) && !one.closest(unseen);
  const isOut = ({ left, right, width }) => width > 1 && (left < -1 || right > innerWidth + 1);
  const pressed = [...document.querySelectorAll("button, a, textarea, input, h1, h2, dt, dd, label")];
  const outside = pressed.filter((one) => isSeen(one) && isOut(one.getBoundingClientRect()));
  if (document.documentElement.scrollWidth > innerWidth) outside.push(document.documentElement);
  return outside.map((one) => one.outerHTML.slice(0, 200));
}"""


async def nothing_is_outside(page: Page) -> None:
    assert await page.evaluate(_OUTSIDE) == []


async def said(page: Page, text: str) -> str:
    mark = f"{text} {secrets.token_hex(4)}"
    await write(page, mark)
    await expect(message(page, mark)).to_have_attribute("data-status", "sent")
    return mark


@pytest.mark.parametrize(("locale", "size"), [("en-GB", "100%"), ("ru-RU", "100%"), ("ru-RU", "200%")])
async def test_nothing_is_out_of_reach_in_a_small_window_or_with_large_letters(
    visit: Open, peopled_site: Site, locale: str, size: str
) -> None:
    window = _ZOOMED if size == "100%" else {"viewport": {"width": 640, "height": 900}}
    bob = await visit("Bob", at=peopled_site)
    mark = await said(bob, "w" * 60)
    alice = await visit(at=peopled_site, locale=locale, **window)
    await alice.evaluate("size => { document.documentElement.style.fontSize = size; }", size)

    await alice.locator("own-name [data-reader]").click()
    await nothing_is_outside(alice)
    await alice.locator("name-dialog input").fill("Alice of the very long name, indeed")
    await alice.locator("name-dialog [type=submit]").click()
    await expect(alice.locator("own-name [data-reader]")).to_be_hidden()
    await nothing_is_outside(alice)
    line = message(alice, mark)
    await line.focus()
    await alice.keyboard.press("Enter")
    await nothing_is_outside(alice)
    await alice.locator("message-actions [data-action=report]").click()
    await expect(alice.locator("report-dialog dialog")).to_be_visible()
    await nothing_is_outside(alice)
    await alice.keyboard.press("Escape")
    await alice.keyboard.press("Control+/")
    await expect(alice.locator("keys-dialog dialog")).to_be_visible()
    await nothing_is_outside(alice)
    await alice.keyboard.press("Escape")
    for panel in ("rooms", "people"):
        await alice.locator(f"[aria-controls={panel}]").click()
        await expect(alice.locator(f"#{panel}")).to_be_visible()
        await nothing_is_outside(alice)
        await alice.locator(f"#{panel} [data-close]").click()

    if size == "200%":  # and on a phone it is still to be seen where one is, and what one writes
        await alice.set_viewport_size({"width": 360, "height": 740})
        await nothing_is_outside(alice)
        for place, least in (
            (alice.locator(".room-title"), 60),
            (alice.locator("textarea.composer-text"), 100),
        ):
            found = await place.bounding_box()
            assert found
            assert found["width"] > least


async def test_what_runs_from_right_to_left_stands_in_its_place(visit: Open) -> None:
    alice, bob = await visit(_HEBREW), await visit("Bob")
    texts = [await said(alice, text) for text in (_ARABIC, _HEBREW)]

    for text in texts:
        line = message(bob, text)
        # The letters run from the right, and the bubble stands where it always does.
        where = "body => getComputedStyle(body.closest('.message-bubble')).unicodeBidi"
        assert await line.locator("[data-body]").evaluate(where) == "plaintext"
        bubble, column = await line.locator("[data-bubble]").bounding_box(), await line.bounding_box()
        assert bubble
        assert column
        assert bubble["x"] - column["x"] < 80
    author = message(bob, texts[0]).locator("[data-author]")
    assert await author.evaluate("name => [name.localName, name.textContent]") == ["bdi", _HEBREW]
    await choose(message(bob, texts[1]), "Reply")
    about = bob.locator("[data-context-text]")
    assert await about.evaluate("words => getComputedStyle(words).direction") == "rtl"


async def test_who_asks_for_more_contrast_or_less_motion_has_it(visit: Open) -> None:
    alice = await visit("Alice", contrast="more", reduced_motion="reduce")
    await said(alice, "hello")

    ink = "() => Number(getComputedStyle(document.body).getPropertyValue('--ink-soft').match(/[.\\d]+/)[0])"
    strong = await alice.evaluate(ink)
    assert await alice.evaluate("() => document.getAnimations().length") == 0
    await alice.emulate_media(contrast="no-preference")
    assert await alice.evaluate(ink) > strong


async def test_on_paper_there_is_the_talk_and_nothing_to_press(visit: Open) -> None:
    alice = await visit("Alice")
    first = await said(alice, "first")
    for number in range(30):
        await write(alice, f"line {number}")
    await choose(message(alice, "line 29").last, "Reply")
    code = await said(alice, "```\nprint()\n```")
    last = await said(alice, "\n".join(["long"] * 40))
    body = message(alice, last).locator("[data-body]")
    folded = await body.bounding_box()
    assert folded

    await alice.emulate_media(media="print")

    await expect(box(alice)).to_be_hidden()
    # What is quoted, how people reacted and what is pinned can be pressed elsewhere, and is read here.
    talk = ".message-quote, .reaction, .pinned-go"
    await expect(alice.locator(f"button:visible:not({talk})")).to_have_count(0)
    for text in (first, code, last):
        await expect(message(alice, text)).to_be_visible()
    whole = await body.bounding_box()
    assert whole
    assert whole["height"] > 2 * folded["height"]
    # As long as the talk, and not as the window.
    height = await log(alice).evaluate("log => log.scrollHeight - log.clientHeight")
    assert height <= 1
    assert await alice.evaluate("() => document.documentElement.scrollHeight > innerHeight")
