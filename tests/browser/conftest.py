"""Chromium windows on a real site: served by `serve` as in production, with hashed files."""

import shutil
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, async_playwright

from harness.site import Site
from tests.browser import admin
from tests.browser.page import enter, seed
from tests.serve.sites import assert_is_well
from tests.stacks import Stack

Open = Callable[..., Awaitable[Page]]
#: Makes a site in a folder, with these variables in its environment.
Build = Callable[..., Site]

#: Chromium asks nobody but our server for anything.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
#: Pages of its own, below the line of addresses that nobody sees: two processes more for each window; and a
#: third one in reserve. Of this switch the last one counts, so that here is also what playwright would say.
UNSEEN = [
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    "SpareRendererForSitePerProcess,"
    "PaintHolding,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the same Chromium, and so runs in the loop of the session."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.needs("chromium"))
            if item.get_closest_marker("timeout") is None:
                # The first of a worker has the browser, the collected files and the shared site made.
                item.add_marker(pytest.mark.timeout(180))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


class Windows:
    """The browsers of people: windows with cookies and a storage of their own.

    They are used again, by somebody else, since what they have loaded they need not load anew.
    """

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._idle: dict[str, list[BrowserContext]] = defaultdict(list)

    async def open(self, **options: Any) -> BrowserContext:
        """A window with these options of playwright, in which nobody has been."""
        idle = self._idle[repr(sorted(options.items()))]
        if idle:
            return idle.pop()
        context = await self._chromium.new_context(**options)
        context.set_default_timeout(10_000)
        return context

    async def give_back(self, context: BrowserContext, **options: Any) -> None:
        """Keep a window for others. What its pages have stored, whoever opens it next has to forget."""
        for page in context.pages:
            await page.close()
        await context.set_offline(False)
        await context.clear_cookies()
        self._idle[repr(sorted(options.items()))].append(context)


async def forget(page: Page, site: Site) -> None:
    """Whoever has been at this site in the window of this page has stored nothing."""
    devtools = await page.context.new_cdp_session(page)
    origin = {"origin": site.address.rstrip("/"), "storageTypes": "all"}
    await devtools.send("Storage.clearDataForOrigin", origin)
    await devtools.detach()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows() -> AsyncIterator[Windows]:
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        yield Windows(await playwright.chromium.launch(executable_path=chromium, args=QUIET + UNSEEN))


@pytest.fixture(scope="session")
def build(stack: Stack, collected: Path) -> Build:
    """Builds sites that share the collected files, each with a database in which nothing has happened."""

    def _build(home: Path, **environment: str) -> Site:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.browser.settings", "DEBUG": "0"}
        return stack.site(home, STATIC_ROOT=str(collected), **settings, **environment)

    return _build


@pytest.fixture(scope="session")
def shared_site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of all tests that need none of their own."""
    site = build(tmp_path_factory.mktemp("shared"))
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest.fixture(scope="session")
def peopled_site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the users and the rooms of `seed`, where users make rooms."""
    site = build(tmp_path_factory.mktemp("peopled"), CHAT_ROOMS_BY="users")
    seed(site)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest.fixture(scope="session")
def admin_site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site whose admin is gone through."""
    site = build(tmp_path_factory.mktemp("admin"))
    site.manage("shell", "-c", admin.SEED)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def office(windows: Windows, admin_site: Site) -> Page:
    """A page in whose window Max is signed in to the admin, for as long as there are tests."""
    page = await (await windows.open(locale="en-GB")).new_page()
    await admin.sign_in(page, admin_site, "max")
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(office: Page, faults: list[str]) -> AsyncIterator[Page]:
    """That page, as wide as a desk; what goes wrong in it fails the test."""

    def fail(error: Error) -> None:
        faults.append(str(error))

    def hear(line: ConsoleMessage) -> None:
        if "Content Security" in line.text:
            faults.append(line.text)

    await office.set_viewport_size({"width": 1280, "height": 720})
    office.on("pageerror", fail)
    office.on("console", hear)
    yield office
    office.remove_listener("pageerror", fail)
    office.remove_listener("console", hear)


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
async def visit(windows: Windows, request: pytest.FixtureRequest, faults: list[str]) -> AsyncIterator[Open]:
    """Opens the page as a person of their own; with `clock`, so that the test may set what time it is."""
    opened: list[tuple[BrowserContext, dict[str, Any]]] = []
    wound: set[BrowserContext] = set()

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: faults.append(line.text) if "Content Security" in line.text else None
        )

    async def _visit(
        name: str | None = None,
        *,
        at: Site | None = None,
        locale: str = "en-GB",
        clock: bool = False,
        **options: Any,
    ) -> Page:
        site: Site = at or request.getfixturevalue("shared_site")
        options |= {"locale": locale}
        context = await windows.open(**options)
        opened.append((context, options))
        context.on("page", watch)
        if clock:
            await context.clock.install()
            wound.add(context)
        page = await context.new_page()
        await forget(page, site)
        await page.goto(site.address)
        if name is not None:
            await enter(page, name)
        return page

    yield _visit
    for context, options in opened:
        context.remove_listener("page", watch)
        if context in wound:  # for good
            await context.close()
        else:
            await windows.give_back(context, **options)
