"""Writing: names are completed, drafts stay, what is too long is said, what was not sent is decided."""

import json
import secrets
import time
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.page import box, choose, connected, message, page_alone, write

pytestmark = page_alone


async def said(page: Page, text: str) -> str:
    """Something nobody has said before."""
    mark = f"{text} {secrets.token_hex(4)}"
    await write(page, mark)
    await expect(message(page, mark)).to_have_attribute("data-status", "sent")
    return mark


async def test_a_name_behind_an_at_is_completed_and_its_owner_told(visit: Open) -> None:
    bella, alice = await visit("Bella Ünlü"), await visit("Alice")
    hint = alice.get_by_role("option", name="Bella Ünlü")

    await box(alice).press_sequentially("Is @unl")
    await expect(hint).to_have_attribute("aria-selected", "true")
    await box(alice).press("Enter")
    await expect(box(alice)).to_have_value("Is @Bella Ünlü ")
    await expect(hint).to_be_hidden()
    mark = secrets.token_hex(4)
    await box(alice).press_sequentially(f"there? {mark}")
    await box(alice).press("Enter")

    for page in (alice, bella):
        await expect(message(page, mark).locator(".message-mention")).to_have_text("@Bella Ünlü")
    await expect(message(bella, mark).get_by_text("Mentions you:")).to_be_visible()
    await expect(message(alice, mark).get_by_text("Mentions you:")).to_be_hidden()


async def test_what_is_answered_or_edited_outlives_a_reload_and_belongs_to_its_tab(visit: Open) -> None:
    alice = await visit("Alice")
    first = await said(alice, "first")
    await box(alice).fill("a thought of its own")
    await choose(message(alice, first), "Edit")
    await box(alice).fill("half an edit")
    other = await alice.context.new_page()
    await other.goto(alice.url)
    await connected(other)

    await expect(box(other)).to_have_value("a thought of its own")
    await expect(other.get_by_text("Editing a message")).to_be_hidden()
    await choose(message(other, first), "Reply")
    await box(other).fill("an answer")
    for page in (alice, other):
        await page.reload()
        await connected(page)

    await expect(alice.get_by_text("Editing a message")).to_be_visible()
    await expect(box(alice)).to_have_value("half an edit")
    await box(alice).press("Escape")
    await expect(box(alice)).to_have_value("a thought of its own")
    await expect(other.locator("[data-context-text]")).to_have_text(first)
    await expect(box(other)).to_have_value("an answer")
    await box(other).press("Enter")
    await expect(message(other, "an answer").locator("[data-quote-text]")).to_have_text(first)
    await other.reload()
    await connected(other)
    await expect(other.locator("[data-context]")).to_be_hidden()
    await other.close()


async def test_what_is_too_long_is_kept_and_said_before_it_is_sent(visit: Open) -> None:
    alice = await visit("Alice")
    told = alice.locator("[data-count-said]")

    await box(alice).fill("\N{GRINNING FACE}" * 3801)
    await expect(told).to_have_text("Characters left: 199")
    await expect(box(alice)).to_have_attribute("aria-describedby", "composer-count composer-slow")
    await box(alice).fill("\N{GRINNING FACE}" * 4012)
    await expect(told).to_have_text("Too long to be sent: 12 over the limit")
    await box(alice).press("Enter")

    assert len(await box(alice).input_value()) == 4012
    await expect(alice.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await expect(box(alice)).to_have_attribute("aria-invalid", "true")
    await box(alice).fill("short")
    await expect(alice.locator("#composer-count")).to_be_hidden()
    await expect(box(alice)).to_have_attribute("aria-describedby", "composer-slow")


async def test_what_was_not_sent_is_sent_again_or_discarded_all_at_one_time(visit: Open) -> None:
    alice = await visit("Alice")
    mark = secrets.token_hex(4)

    async def leave(*words: str) -> None:
        """What a tab that is gone could not send."""
        items: list[dict[str, Any]] = [
            {
                "type": "message",
                "ref": secrets.token_hex(8),
                "room": "lobby",
                "at": int(time.time() * 1000),
                "message": f"{word} {mark}",
                "status": "failed",
                "author": "guest",
            }
            for word in words
        ]
        await alice.evaluate("items => localStorage.setItem('chat.outbox.gone', items)", json.dumps(items))
        await alice.reload()
        await connected(alice)

    line = alice.get_by_role("group", name="Not sent")
    await leave("one", "two", "three")
    await expect(line).to_contain_text("3 messages were not sent.", use_inner_text=True)
    await message(alice, f"two {mark}").get_by_role("button", name="Discard").click()
    await line.get_by_role("button", name="Send all again").click()

    for word in ("one", "three"):
        await expect(message(alice, f"{word} {mark}")).to_have_attribute("data-status", "sent")
    await expect(message(alice, f"two {mark}")).to_have_count(0)
    await expect(line).to_be_hidden()
    await expect(box(alice)).to_be_focused()

    await leave("four", "five")
    await line.get_by_role("button", name="Discard all").click()
    await expect(line.get_by_role("button", name="Keep them")).to_be_focused()
    await line.get_by_role("button", name="Discard all").click()
    await expect(message(alice, f"four {mark}")).to_have_count(0)
    await alice.reload()
    await connected(alice)
    await expect(message(alice, mark)).to_have_count(2)


async def test_on_a_touch_screen_enter_breaks_the_line_and_the_button_sends(visit: Open) -> None:
    alice = await visit("Alice", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    mark = secrets.token_hex(4)
    await expect(box(alice)).to_have_attribute("enterkeyhint", "enter")

    await box(alice).fill(mark)
    await box(alice).press("Enter")
    await box(alice).press_sequentially("more")
    await expect(box(alice)).to_have_value(f"{mark}\nmore")
    await expect(message(alice, mark)).to_have_count(0)
    await alice.get_by_role("button", name="Send", exact=True).tap()

    await expect(message(alice, mark)).to_have_attribute("data-status", "sent")
