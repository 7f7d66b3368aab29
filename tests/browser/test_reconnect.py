"""A page whose server goes away and comes back."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.test_two_people import message, write
from tests.site import Site


async def test_the_page_comes_back_with_what_it_missed(browser: Browser, tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.manage("migrate")
    page = await (await browser.new_context(locale="en-GB")).new_page()
    with site.served_by("daphne"):
        await page.goto(site.address)
        await page.get_by_role("button", name="Enter the chat").click()
        await page.get_by_text("Connected", exact=True).wait_for()
        await write(page, "before")
        await expect(message(page, "before")).to_have_count(1)

    await expect(page.get_by_role("button", name="Retry now")).to_be_visible()
    await write(page, "unsent")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("unsent")
    site.manage(
        "shell",
        "-c",
        "from chat.services import messages, people, rooms;"
        "messages.post(people.arrive('bob', 'Bob'), rooms.lobby(), 'missed')",
    )

    with site.served_by("daphne"):
        await page.get_by_role("button", name="Retry now").click()
        await page.get_by_text("Connected", exact=True).wait_for()
        await expect(message(page, "missed")).to_have_count(1)
        await expect(message(page, "before")).to_have_count(1)
        await page.get_by_role("textbox", name="Message").press("Enter")
        await expect(message(page, "unsent")).to_have_count(1)
