"""A page of which something does not arrive."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, WebSocket, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import connected, message, page_alone, say

pytestmark = page_alone

#: What comes when the talk stands there.
LATER = re.compile(r"/js/parts/later-\w+\.js")
#: What the script of the page imports.
DEEP = re.compile(r"/js/parts/main-\w+\.js")


async def dead(page: Page) -> None:
    await expect(page.get_by_role("alert")).to_contain_text("The chat could not be loaded.")


@pytest.mark.parametrize("fault", ["missing", "broken", "failing"])
async def test_a_module_that_fails_is_said_and_the_page_can_be_had_again(
    visit: Open, faults: list[str], fault: str
) -> None:
    alice = await visit("Alice")
    await expect(alice.get_by_role("alert")).to_have_count(0)

    async def spoil(route: Route) -> None:
        bodies = {"broken": "export {", "failing": "export const randomHex = 1; throw new Error('no');"}
        if fault in bodies:
            await route.fulfill(body=bodies[fault], content_type="text/javascript")
        else:
            await route.fulfill(status=404)

    await alice.route(DEEP, spoil)
    await alice.reload()
    await dead(alice)
    assert not any("Content Security" in line for line in faults)
    faults.clear()
    await alice.unroute(DEEP)
    await alice.get_by_role("link", name="Reload the page").click()

    await connected(alice)
    await expect(alice.get_by_role("alert")).to_have_count(0)


async def test_a_module_that_does_not_come_is_said_and_taken_back_when_it_does(visit: Open) -> None:
    alice = await visit("Alice", clock=True)
    held: list[Route] = []

    await alice.route(
        DEEP, lambda route: held.append(route), times=1
    )  # what comes later has such a name, too
    await alice.reload(wait_until="commit")
    await expect(alice.get_by_role("log")).to_be_attached()
    async with asyncio.timeout(10):
        while not held:  # noqa: ASYNC110  # it is asked for by one that is asked for by another
            await asyncio.sleep(0.01)
    # How far the page has come is not to be seen from outside, so its clock goes on until it says so.
    while not await alice.get_by_role("alert").is_visible():
        await alice.clock.run_for(5000)
    await dead(alice)

    await held[0].continue_()

    await connected(alice)
    await expect(alice.get_by_role("alert")).to_have_count(0)


async def without_the_rest(page: Page) -> asyncio.Event:
    """Open the page anew; the rest of it does not come until this is set."""
    is_let_go = asyncio.Event()

    async def hold(route: Route) -> None:
        await is_let_go.wait()
        await route.continue_()

    await page.route(LATER, hold)
    await page.reload()
    return is_let_go


async def test_what_is_said_while_the_rest_is_on_its_way_is_shown_with_it(
    visit: Open, shared_site: Site
) -> None:
    first, second = "Before the rest is there", "While it is on its way"
    say(shared_site, [first])
    alice = await visit("Alice")
    is_told = asyncio.Event()

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda text: is_told.set() if second in str(text) else None)

    alice.on("websocket", listen)
    is_let_go = await without_the_rest(alice)
    await expect(message(alice, first)).to_be_visible()
    say(shared_site, [second])
    async with asyncio.timeout(10):
        await is_told.wait()

    is_let_go.set()

    await connected(alice)
    await expect(message(alice, second)).to_have_count(1)
    await expect(message(alice, first)).to_have_count(1)


async def test_what_is_clicked_before_it_is_alive_is_done_when_it_is(
    visit: Open, shared_site: Site
) -> None:
    text = "Clicked early"
    say(shared_site, [text])
    alice = await visit("Alice")

    is_let_go = await without_the_rest(alice)
    await alice.get_by_role("button", name="Emoji").click()
    is_let_go.set()

    await expect(alice.get_by_role("dialog", name="Emoji")).to_be_visible()

    is_let_go = await without_the_rest(alice)
    await message(alice, text).hover()
    await message(alice, text).get_by_role("button", name="Actions").click()
    is_let_go.set()

    await expect(alice.get_by_role("button", name="Reply to Bob")).to_be_visible()


async def test_where_the_rest_does_not_come_that_is_said_and_taken_back_when_it_does(visit: Open) -> None:
    alice = await visit("Alice", clock=True)
    await alice.route(LATER, lambda route: route.fulfill(status=404))
    await alice.reload(wait_until="commit")
    await expect(alice.get_by_role("log")).to_be_attached()
    while not await alice.get_by_role("alert").is_visible():
        await alice.clock.run_for(5000)
    await dead(alice)

    await alice.unroute(LATER)
    while not await alice.locator("body[data-whole]").count():
        await alice.clock.run_for(5000)

    await connected(alice)
    await expect(alice.get_by_role("alert")).to_have_count(0)
