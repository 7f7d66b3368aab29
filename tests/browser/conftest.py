"""Chromium windows on a real site."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.page import enter
from tests.site import Site

Open = Callable[..., Awaitable[Page]]

#: Chromium asks nobody but our server for anything.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives Chromium."""
    for item in items:
        if item.path.is_relative_to(__file__.rsplit("/", 1)[0]):
            item.add_marker(pytest.mark.needs("chromium"))


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)


@pytest.fixture
def own_site(tmp_path: Path) -> Site:
    """A site of the test's own, which it serves itself."""
    site = Site(tmp_path)
    site.manage("migrate")
    return site


@pytest_asyncio.fixture
async def visit(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Opens the page as a person of their own; whatever goes wrong in the page fails the test."""
    faults: list[str] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: faults.append(line.text) if "Content Security" in line.text else None
        )

    async def _visit(
        name: str | None = None, *, at: Site | None = None, locale: str = "en-GB", **options: Any
    ) -> Page:
        site: Site = at or request.getfixturevalue("site")
        context = await browser.new_context(locale=locale, **options)
        context.set_default_timeout(10_000)
        context.on("page", watch)
        page = await context.new_page()
        await page.goto(site.address)
        if name is not None:
            await enter(page, name)
        return page

    yield _visit
    assert faults == []
