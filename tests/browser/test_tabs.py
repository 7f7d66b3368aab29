"""Several tabs of one browser."""

import secrets

from playwright.async_api import expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import box, come_back, connected, log, message, online, page_alone, write

pytestmark = page_alone


async def test_two_tabs_of_a_browser_are_one_person(visit: Open, shared_site: Site) -> None:
    bob = await visit("Bob", at=shared_site)
    here = await visit("Alice", at=shared_site)
    there = await here.context.new_page()
    await there.goto(here.url)
    await connected(there)
    await expect(online(bob)).to_have_text("2 people online")

    mark = secrets.token_hex(4)
    await write(there, mark)
    await expect(message(here, mark)).to_have_attribute("data-own", "")
    await there.close()
    await write(here, f"still here {mark}")

    await expect(message(bob, f"still here {mark}")).to_be_visible()
    await expect(log(bob).get_by_text("Alice joined the chat")).to_have_count(1)
    await expect(log(bob).get_by_text("Alice left the chat")).to_have_count(0)
    await expect(online(bob)).to_have_text("2 people online")
    await here.close()
    await expect(log(bob).get_by_text("Alice left the chat")).to_have_count(1)
    await expect(online(bob)).to_have_text("1 person online")


async def test_a_new_name_is_the_same_person(visit: Open) -> None:
    alice = await visit("Alice")
    mark = secrets.token_hex(4)
    await write(alice, mark)
    await expect(message(alice, mark)).to_have_attribute("data-status", "sent")

    await alice.get_by_role("button", name="Your name: Alice").click()
    await alice.get_by_role("textbox", name="What is your name?").fill("Alicia")
    await alice.get_by_role("button", name="Change the name").click()

    await expect(alice.get_by_role("button", name="Your name: Alicia")).to_be_visible()
    await connected(alice)
    await write(alice, f"again {mark}")
    await expect(message(alice, mark)).to_have_count(2)
    for line in await message(alice, mark).all():
        await expect(line).to_have_attribute("data-own", "")


async def test_a_tab_that_is_closed_leaves_its_unsent_words_to_another(visit: Open, own_site: Site) -> None:
    with own_site.served_by("serve"):
        here = await visit("Alice", at=own_site)
        there = await here.context.new_page()
        await there.goto(own_site.address)
        await connected(there)

    for page in (here, there):
        await expect(page.get_by_role("button", name="Retry now")).to_be_visible()
    await write(there, "from the other tab")
    await expect(message(here, "from the other tab")).to_have_count(0)
    await there.close()
    await expect(message(here, "from the other tab")).to_have_attribute("data-status", "pending")
    await expect(box(here)).to_have_value("")

    with own_site.served_by("serve"):
        await come_back(here)
        await expect(message(here, "from the other tab")).to_have_attribute("data-status", "sent")


async def test_each_tab_keeps_its_own_draft(visit: Open) -> None:
    here = await visit("Alice")
    there = await here.context.new_page()
    await there.goto(here.url)
    await connected(there)

    await box(here).fill("half a thought")
    await box(there).fill("another one")
    for page, text in ((here, "half a thought"), (there, "another one")):
        await page.reload()
        await expect(box(page)).to_have_value(text)

    await box(there).press("Enter")
    await there.close()
    await here.close()
    later = await there.context.new_page()
    await later.goto(here.url)
    await expect(box(later)).to_have_value("half a thought")
