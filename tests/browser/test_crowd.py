"""A large room, and a site that is full."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import give_name, joined, log, message, online, page_alone, people, write

pytestmark = page_alone


@pytest.fixture
def large_site(build: Build, tmp_path: Path) -> Site:
    """A site whose rooms are large with three people."""
    return build(tmp_path, CHAT_NOTICES_UP_TO="2")


@pytest.fixture
def small_site(build: Build, tmp_path: Path) -> Site:
    """A site with room for one connection."""
    return build(tmp_path, CHAT_CONNECTIONS="1")


async def test_a_crowd_is_one_line_in_the_readers_language(visit: Open, large_site: Site) -> None:
    with large_site.served_by("serve"):
        alice, bob = await visit("Alice", at=large_site), await visit(at=large_site, locale="ru-RU")
        await give_name(bob, "")
        await expect(joined(alice)).to_be_visible()

        await alice.get_by_role("button", name="online").click()
        others = [await visit("Carol", at=large_site)]
        # She has seen two come by their names: the third line makes them one.
        comings = log(alice).locator("chat-presence")
        await expect(comings).to_contain_text("and 1 other joined the chat.", use_inner_text=True)
        others.append(await visit("Dave", at=large_site))
        await expect(comings).to_contain_text("and 2 others joined the chat.", use_inner_text=True)
        await expect(crowd(bob)).to_have_text("Пришли 2 человека.", use_inner_text=True)
        await expect(online(alice)).to_contain_text("4 people online", use_inner_text=True)
        await expect(online(bob)).to_contain_text("4 человека в сети", use_inner_text=True)
        # Nobody has said who came; whoever looks finds them soon.
        await expect(people(alice)).to_have_count(4, timeout=8000)

        await others[0].close()
        await expect(comings).to_contain_text("1 other left the chat.", use_inner_text=True)
        await expect(crowd(bob)).to_have_text("Пришли 2 человека. Ушёл 1 человек.", use_inner_text=True)
        await expect(online(alice)).to_contain_text("3 people online", use_inner_text=True)
        assert await log(alice).get_by_text("Carol").count() == 0

        await write(alice, "what a crowd")
        await expect(message(bob, "what a crowd")).to_be_visible()
        await visit("Erin", at=large_site)
        await expect(crowd(alice)).to_have_text("1 person came.", use_inner_text=True)


async def test_who_finds_the_site_full_reads_why_and_tries_again(visit: Open, small_site: Site) -> None:
    with small_site.served_by("serve"):
        alice, bob = await visit("Alice", at=small_site), await visit(at=small_site)
        await give_name(bob, "Bob")
        again = bob.get_by_role("button", name="Connect again")
        await expect(again).to_be_visible()
        await expect(bob.get_by_text("There are too many connections. Close some")).to_be_visible()

        await write(bob, "let me in")
        await expect(message(bob, "let me in")).to_have_attribute("data-status", "pending")
        await again.click()
        await expect(bob.get_by_text("There are too many connections. Close some")).to_be_visible()

        await alice.close()
        await keep_asking(bob)
        await expect(message(bob, "let me in")).to_have_attribute("data-status", "sent")
        await expect(bob.get_by_text("There are too many connections")).to_be_hidden()


def crowd(page: Page) -> Locator:
    """The lines that say how many came and went."""
    return log(page).locator("chat-notice:has([data-count])")


async def keep_asking(page: Page) -> None:
    """Press the button until it is of use: the server takes a moment to see that somebody has gone."""
    await page.wait_for_function(
        """() => {
          const line = document.querySelector("connection-line");
          line.querySelector("[data-when=stopped]:not([hidden]) button")?.click();
          return line.dataset.phase === "connected";
        }""",
        polling=200,
    )
