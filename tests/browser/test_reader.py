"""Whoever comes for the first time reads at once, and gives a name when they want to say something."""

import secrets

from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import (
    box,
    choose,
    connected,
    give_name,
    log,
    message,
    online,
    page_alone,
    room,
    rooms,
    write,
)

pytestmark = page_alone


async def reader(visit: Open, site: Site) -> Page:
    """Somebody who has given no name, and before whom the whole page stands."""
    page = await visit(at=site)
    await page.get_by_role("button", name="Choose a name").wait_for()
    return page


def name_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="What is your name?")


async def test_the_first_message_waits_for_the_name_and_is_said_once(
    visit: Open, shared_site: Site
) -> None:
    first, second = secrets.token_hex(4), secrets.token_hex(4)
    bob = await visit("Bob", at=shared_site)
    await write(bob, first)
    await expect(online(bob)).to_have_text("1 person online")  # whoever was here before is gone by now
    alice = await reader(visit, shared_site)

    await expect(message(alice, first)).to_be_visible()
    await expect(alice.get_by_role("dialog")).to_be_hidden()
    await expect(online(alice)).to_have_text("1 person online")
    await write(alice, second)
    await expect(name_of(alice)).to_be_focused()
    await expect(box(alice)).to_have_value(second)
    # Who thinks better of it has said nothing, and lost nothing.
    await alice.keyboard.press("Escape")
    await expect(box(alice)).to_be_focused()
    await expect(box(alice)).to_have_value(second)
    for page in (alice, bob):
        await expect(message(page, second)).to_have_count(0)
    await alice.keyboard.press("Enter")
    await name_of(alice).fill("Alice")
    await alice.keyboard.press("Enter")

    await expect(message(bob, second)).to_contain_text("Alice")
    await expect(message(alice, second)).to_have_attribute("data-status", "sent")
    await expect(box(alice)).to_have_value("")
    await expect(box(alice)).to_be_focused()
    await write(alice, f"more {second}")
    await expect(message(bob, f"more {second}")).to_be_visible()
    await expect(message(bob, second)).to_have_count(2)
    for page in (alice, bob):
        await expect(log(page).get_by_text("Alice joined the chat")).to_have_count(1)
        await expect(online(page)).to_have_text("2 people online")
    await alice.reload()
    await expect(alice.get_by_role("button", name="Your name: Alice")).to_be_visible()
    await expect(alice.get_by_role("dialog")).to_be_hidden()


async def test_who_reacts_answers_or_reports_gives_a_name_first(visit: Open, shared_site: Site) -> None:
    mark = secrets.token_hex(4)
    bob = await visit("Bob", at=shared_site)
    await write(bob, mark)
    for act in ("react", "answer", "report"):
        page = await reader(visit, shared_site)
        line = message(page, mark).first
        if act == "react":
            await line.hover()
            await line.get_by_role("button", name="Actions").click()
            await page.get_by_role("button", name="👍").first.click()
        elif act == "answer":
            await choose(line, "Reply")
            await write(page, f"answer to {mark}")
        else:
            await choose(line, "Report")
        await name_of(page).fill(f"{act} {mark}")
        await page.keyboard.press("Enter")
        if act == "react":
            await expect(message(bob, mark).first.get_by_role("button", name="👍")).to_be_visible()
        elif act == "answer":
            await expect(message(bob, f"answer to {mark}").locator("[data-quote]").first).to_contain_text(
                mark
            )
        else:
            await expect(page.locator("report-dialog").get_by_role("dialog")).to_contain_text(mark)


async def test_a_reader_goes_from_room_to_room(visit: Open, peopled_site: Site) -> None:
    site, mark = peopled_site, secrets.token_hex(4)
    site.manage("chat_room", "create", f"named-{mark}", "--title", f"Named {mark}", "--needs-name")
    bob = await visit("Bob", at=site)
    await room(bob, "Salon").click()
    await expect(bob.get_by_role("heading", name="Salon")).to_be_visible()
    page = await reader(visit, site)

    await room(page, "Salon").click()
    await write(bob, f"in the salon {mark}")
    await expect(message(page, f"in the salon {mark}")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    await expect(room(page, "Salon")).to_be_visible()
    await expect(rooms(page).get_by_text(f"Named {mark}")).to_have_count(0)

    # Where a name is needed it is asked for at once, and nothing is to be read before.
    await page.goto(f"{site.address}r/named-{mark}/")
    await expect(name_of(page)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("You are not in the room yet.")).to_be_visible()
    await expect(log(page).get_by_role("article")).to_have_count(0)
    await give_name(page, f"Rita {mark}")
    await connected(page)
    await expect(log(page).get_by_text(f"Rita {mark} joined the chat")).to_be_visible()
    await expect(room(page, f"Named {mark}")).to_be_visible()
