"""Chromium windows on a real site: served by `serve` as in production, with hashed files."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from harness.site import Site
from tests.browser.page import enter
from tests.serve.sites import assert_is_well
from tests.stacks import Stack

Open = Callable[..., Awaitable[Page]]
#: Makes a site in a folder, with these variables in its environment.
Build = Callable[..., Site]

#: Chromium asks nobody but our server for anything.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the same Chromium, and so runs in the loop of the session."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.needs("chromium"))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)


@pytest.fixture(scope="session")
def build(stack: Stack, collected: Path) -> Build:
    """Builds sites that share the collected files, each with a database in which nothing has happened."""

    def _build(home: Path, **environment: str) -> Site:
        return stack.site(home, DEBUG="0", STATIC_ROOT=str(collected), **environment)

    return _build


@pytest.fixture(scope="session")
def shared_site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of all tests that need none of their own."""
    site = build(tmp_path_factory.mktemp("shared"))
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest.fixture
def own_site(build: Build, tmp_path: Path) -> Iterator[Site]:
    """A site of the test's own, which it serves itself."""
    site = build(tmp_path)
    yield site
    assert_is_well(site)


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What goes wrong in the pages of a test, which fails it. A test that wants a fault takes it out."""
    found: list[str] = []
    yield found
    assert found == []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, request: pytest.FixtureRequest, faults: list[str]) -> AsyncIterator[Open]:
    """Opens the page as a person of their own."""
    contexts = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: faults.append(line.text) if "Content Security" in line.text else None
        )

    async def _visit(
        name: str | None = None, *, at: Site | None = None, locale: str = "en-GB", **options: Any
    ) -> Page:
        site: Site = at or request.getfixturevalue("shared_site")
        context = await browser.new_context(locale=locale, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("page", watch)
        page = await context.new_page()
        await page.goto(site.address)
        if name is not None:
            await enter(page, name)
        return page

    yield _visit
    for context in contexts:
        await context.close()
