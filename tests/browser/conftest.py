"""Chromium windows on a real site."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

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


@pytest_asyncio.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[Open]:
    """Opens the page as a person of their own; whatever goes wrong in the page fails the test."""
    faults: list[str] = []

    async def _visit(name: str | None = None, *, locale: str = "en-GB", **options: Any) -> Page:
        context = await browser.new_context(locale=locale, **options)
        context.set_default_timeout(10_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: faults.append(line.text) if "Content Security" in line.text else None
        )
        await page.goto(site.address)
        if name is not None:
            await page.get_by_role("textbox", name="What is your name?").fill(name)
            await page.get_by_role("button", name="Enter the chat").click()
            await page.get_by_text("Connected", exact=True).wait_for()
        return page

    yield _visit
    assert faults == []
