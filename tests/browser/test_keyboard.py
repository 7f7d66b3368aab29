"""Whoever has no mouse: where the keys lead, what they do, and that the focus is never lost."""

import re
import secrets

from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import (
    action_of,
    box,
    choose,
    connected,
    log,
    message,
    page_alone,
    room,
    say,
    sign_in,
    write,
)

pytestmark = page_alone
#: What the screen reader says of where one is.
_NAME = """(line) => (line.ariaLabelledByElements ?? []).map((part) => part.textContent.trim()).join(" ")"""


async def said(page: Page, text: str) -> Locator:
    """Something nobody has said before: its line."""
    mark = f"{text} {secrets.token_hex(4)}"
    await write(page, mark)
    line = message(page, mark)
    await expect(line).to_have_attribute("data-status", "sent")
    return line


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


async def test_the_log_is_one_stop_and_the_arrows_go_through_it(visit: Open) -> None:
    alice = await visit("Alice")
    first, second = await said(alice, "see https://example.org/a"), await said(alice, "second")
    await choose(first, "👍")
    chip = first.get_by_role("button", name="👍")
    await expect(chip).to_be_visible()

    await box(alice).focus()
    await press(alice, "Shift+Tab")
    await expect(second).to_be_focused()
    assert re.fullmatch(r"Alice second \w{8} .+", await second.evaluate(_NAME))
    await press(alice, "ArrowUp")
    await expect(first).to_be_focused()
    link, address = first.locator(".message-link"), first.locator("[data-link]")
    for inside in (link, address, first.get_by_role("button", name="Actions"), chip, chip):
        await press(alice, "ArrowRight")
        await expect(inside).to_be_focused()
    await press(alice, *["ArrowLeft"] * 4)
    await expect(first).to_be_focused()
    await press(alice, "ArrowRight", "ArrowDown")
    await expect(second).to_be_focused()
    await press(alice, "ArrowDown")
    await expect(second).to_be_focused()

    # Tab leaves the log, and comes back to where one was.
    await press(alice, "ArrowUp", "Tab")
    assert not await log(alice).evaluate("log => log.contains(document.activeElement)")
    await press(alice, "Shift+Tab")
    await expect(first).to_be_focused()
    await press(alice, "ArrowRight", "Escape")
    await expect(first).to_be_focused()
    await press(alice, "Escape")
    await expect(box(alice)).to_be_focused()


async def test_home_end_and_the_page_keys_go_far(visit: Open, shared_site: Site) -> None:
    say(shared_site, [f"line {number}" for number in range(40)])
    alice = await visit("Alice")
    last = await said(alice, "last")
    await last.focus()

    await press(alice, "PageUp")
    a_page_up = focused(alice)
    assert await a_page_up.evaluate("line => line.localName") == "chat-message"
    await expect(a_page_up).to_be_in_viewport()
    await expect(last).not_to_be_in_viewport()
    await press(alice, "PageDown")
    await expect(last).to_be_focused()
    await press(alice, "Home")
    first = focused(alice)
    await expect(first).to_be_in_viewport()
    assert await first.evaluate("line => line.localName") == "chat-message"
    await press(alice, "End")
    await expect(last).to_be_focused()


async def test_a_letter_acts_on_the_message_and_is_a_letter_while_one_writes(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    own, other = await said(alice, "own"), await said(bob, "other")
    theirs = message(alice, await other.locator("[data-body]").inner_text())
    about = alice.locator("[data-context]")

    await theirs.focus()
    await press(alice, "r")
    await expect(about).to_contain_text("Bob")
    await expect(box(alice)).to_be_focused()
    await press(alice, "r", "e", "?", "Escape")
    await expect(about).to_be_hidden()
    await expect(box(alice)).to_have_value("re?")
    await box(alice).fill("")

    await theirs.focus()
    await press(alice, "e", "Delete")
    await expect(about).to_be_hidden()
    await expect(alice.get_by_role("dialog")).to_have_count(0)
    await own.focus()
    # On a keyboard of Russian letters the place of the key counts.
    await alice.evaluate(
        """() => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key: "у", code: "KeyE", bubbles: true, cancelable: true }))"""
    )
    await expect(about).to_contain_text("Editing a message")
    await press(alice, "Escape")

    for key in ("Enter", "+", "Shift+F10"):
        await theirs.focus()
        await press(alice, key)
        await expect(alice.get_by_role("dialog", name="Actions: Bob")).to_be_visible()
        await expect(alice.get_by_role("button", name="👍", exact=True)).to_be_focused()
        await expect(action_of(alice, "Reply")).to_have_accessible_name("Reply to Bob")
        await press(alice, "Escape")
        await expect(theirs).to_be_focused()

    # Whoever has left the box by the mouse, and just writes, writes there.
    await alice.get_by_role("heading", level=1).click()
    await press(alice, "w")
    await expect(box(alice)).to_be_focused()
    await theirs.click()
    await expect(theirs).to_be_focused()
    await press(alice, "e", "r")
    await expect(box(alice)).to_have_value("wer")
    await expect(about).to_be_hidden()


async def test_what_takes_the_focus_away_leaves_it_near(visit: Open) -> None:
    alice = await visit("Alice")
    first, second = await said(alice, "first"), await said(alice, "second")

    await second.focus()
    await press(alice, "Delete")
    await alice.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    await expect(second).to_have_count(0)
    await expect(focused(alice)).to_contain_text("Message deleted")

    await choose(first, "👍")
    chip = first.get_by_role("button", name="👍")
    await chip.press("Enter")
    await expect(chip).to_have_count(0)
    await expect(first).to_be_focused()

    await press(alice, "r")
    await alice.get_by_role("button", name="Cancel", exact=True).press("Enter")
    await expect(box(alice)).to_be_focused()


async def test_a_note_that_is_put_away_gives_the_focus_back(visit: Open) -> None:
    await visit("Alice")
    other = await visit("Alice")
    close = other.locator("page-note").get_by_role("button", name="Close")

    await close.press("Enter")

    await expect(close).to_be_hidden()
    await expect(box(other)).to_be_focused()


async def test_the_keys_are_told_of(visit: Open) -> None:
    alice = await visit("Alice")
    keys = alice.get_by_role("dialog", name="Keys")

    for asked in ("Control+/", "?"):
        line = await said(alice, "here")
        await (box(alice) if asked == "Control+/" else line).focus()
        was = await focused(alice).element_handle()
        await press(alice, asked)
        await expect(keys).to_be_visible()
        await expect(keys).to_contain_text("edit, if it is yours")
        await press(alice, asked, "Escape")  # a second time it is there already
        await expect(keys).to_be_hidden()
        assert await alice.evaluate("was => was === document.activeElement", was)


async def test_one_can_skip_to_the_message_box(visit: Open) -> None:
    alice = await visit("Alice")
    await alice.get_by_role("button", name="Your name:").focus()

    # They stand before all else.
    await press(alice, "Shift+Tab", "Enter")
    await expect(alice.get_by_role("dialog", name="Keys")).to_be_visible()
    await press(alice, "Escape", "Shift+Tab")
    skip = alice.get_by_role("button", name="To the message box")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await press(alice, "Enter")
    await expect(box(alice)).to_be_focused()


async def test_alt_and_an_arrow_lead_to_the_next_room(visit: Open, peopled_site: Site) -> None:
    bert = await visit(at=peopled_site)
    await sign_in(bert, peopled_site, "bert")
    title = bert.get_by_role("heading", level=1)
    await expect(room(bert, "Salon")).to_be_visible()
    names = [name.strip() for name in await bert.locator("room-nav [data-title]").all_inner_texts()]
    at = names.index("Lobby")
    assert names.index("Attic") > names.index("Salon")  # an archived one comes last

    await box(bert).focus()
    await press(bert, "Alt+ArrowDown")
    await expect(title).to_have_text(names[at + 1])
    await press(bert, "Alt+ArrowUp")
    await expect(title).to_have_text("Lobby")
    await connected(bert)
    await expect(box(bert)).to_be_focused()
