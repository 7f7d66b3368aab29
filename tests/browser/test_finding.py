"""Finding what was said: by its words, by its address, by its day."""

import pytest
from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import choose, connected, message, page_alone

pytestmark = page_alone

#: What was said in the library, one an hour, since five days ago; and one word of it in the cellar.
SEED = """
from datetime import timedelta
from django.utils import timezone
from chat.actors import guest
from chat.models import Message, Person, Room
from chat.services import directory, messages
reader = guest(Person.objects.create(pk="reader", name="Reader <b>"))
library, cellar = (Room.objects.create(slug=name.lower(), title=name) for name in ("Library", "Cellar"))
directory.move()  # as a service would: the site is served already
for number in range(119):
    said = messages.post(reader, library, f"Чайник {number}" if number % 4 == 0 else f"page {number}")
    at = timezone.now() - timedelta(hours=120 - number)
    Message.objects.filter(pk=said.pk).update(sent_at=at)
messages.post(reader, cellar, "<img src=x> с чайниками")
print(*Message.objects.filter(room=library).order_by("pk").values_list("pk", flat=True))
"""


@pytest.fixture(scope="module")
def talk(peopled_site: Site) -> tuple[Site, list[int]]:
    """The site, and the keys of what was said in the library."""
    return peopled_site, [int(key) for key in peopled_site.manage("shell", "-v0", "-c", SEED).split()]


def panel(page: Page) -> Locator:
    return page.get_by_role("search", name="Search")


def found(page: Page) -> Locator:
    return panel(page).get_by_role("list", name="Found").get_by_role("link")


async def search(page: Page, words: str) -> None:
    await panel(page).get_by_role("searchbox").fill(words)
    await page.keyboard.press("Enter")


async def test_what_was_said_is_found_by_its_words_and_shown_in_its_place(
    visit: Open, talk: tuple[Site, list[int]]
) -> None:
    site, said = talk
    page = await visit(at=site)
    await page.goto(f"{site.address}r/library/")
    await connected(page)
    await page.keyboard.press("Control+k")
    await expect(panel(page).get_by_role("searchbox")).to_be_focused()

    await search(page, "чайником")
    await expect(found(page)).to_have_count(20)
    await expect(found(page).first).to_contain_text("<img src=x> с чайниками")
    await expect(found(page).first).to_contain_text("Cellar")
    await expect(found(page).first).to_contain_text("Reader <b>")
    await expect(found(page).first.locator("mark")).to_have_text("чайниками")
    await panel(page).get_by_role("button", name="Show more").click()
    await expect(found(page)).to_have_count(31)
    await expect(panel(page).get_by_role("button", name="Show more")).to_be_hidden()

    # By the keyboard, from the box to what was found; into another room, and back by the browser.
    await panel(page).get_by_role("searchbox").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(message(page, "с чайниками")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Cellar")
    assert "/r/cellar/#m" in page.url
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Library")

    await found(page).last.click()
    await expect(message(page, "Чайник 0")).to_be_in_viewport()
    await expect(page).to_have_url(f"{site.address}r/library/#m{said[0]}")

    await panel(page).get_by_label("in this room").check()
    await expect(found(page).first).to_contain_text("Чайник 116")
    await search(page, "nothing of the kind")
    await expect(panel(page).get_by_text("Nothing found.")).to_be_visible()
    await expect(found(page)).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(panel(page)).to_be_hidden()
    await expect(page.get_by_role("button", name="Search")).to_be_focused()


async def test_an_address_leads_to_a_message_however_old_and_a_day_to_what_was_said_then(
    visit: Open, talk: tuple[Site, list[int]]
) -> None:
    site, said = talk
    page = await visit("Bob", at=site)
    await page.goto(f"{site.address}r/library/#m{said[1]}")
    await expect(message(page, "page 1").first).to_be_in_viewport()

    # Its time is its address, and so is what is copied.
    time = message(page, "page 3").first.locator("a[href^='#m']")
    await time.click()
    await expect(page).to_have_url(f"{site.address}r/library/#m{said[3]}")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await choose(message(page, "page 5").first, "Copy link")
    await expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == f"{site.address}r/library/#m{said[5]}"
    await choose(message(page, "page 5").first, "Copy text")
    await expect(page.get_by_text("The text is copied.")).to_be_visible()
    assert "page 5" in await page.evaluate("navigator.clipboard.readText()")

    # Whatever is not there, or in no room that one may read, is said to be so.
    await page.evaluate("location.hash = '#m999999'")
    await expect(page.get_by_text("This message is not there any more.")).to_be_visible()
    await page.goto(f"{site.address}r/club/#m{said[0]}")
    await expect(
        page.get_by_text("The room “club” is not there any more, or not open to you.")
    ).to_be_visible()

    await page.goto(f"{site.address}r/library/")
    await connected(page)
    await page.get_by_role("button", name="Search").click()
    day = panel(page).get_by_label("Go to a day")
    await day.fill(await page.evaluate("new Date(Date.now() - 3 * 864e5).toISOString().slice(0, 10)"))
    await day.press("Enter")
    first = page.locator("chat-message[data-sought]")
    await expect(first).to_be_in_viewport()
    before = page.locator("chat-day:has(+ chat-message[data-sought])")
    await expect(before).to_be_visible()
