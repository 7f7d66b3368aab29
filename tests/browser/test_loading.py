"""A page of which something does not arrive."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.page import connected, page_alone

pytestmark = page_alone

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
