"""What people send who mean no good, as messages and as names: it stands there as text and does nothing."""

import contextlib
import re
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from harness.site import UNHURRIED, Site
from tests.browser import admin
from tests.browser.conftest import Build, Open
from tests.browser.hostile import KINDS
from tests.browser.page import box, connected, enter, log, page_alone, write
from tests.serve.guests import Frame, hear_all, say
from tests.serve.sites import assert_is_well

pytestmark = [page_alone, pytest.mark.timeout(300)]

#: Nobody is hurried here, and all come from one address.
_NO_LIMITS = UNHURRIED | {
    f"CHAT_{limit}": "0"
    for limit in (
        *("CHANGES", "REPORTS", "ADDRESS_MESSAGES", "ADDRESS_MESSAGE_BYTES", "ADDRESS_READS", "RENAMES"),
        *("ADDRESS_FRAMES", "HANDSHAKES", "NEWCOMERS", "ARRIVALS"),
    )
}
_SEED = """
from django.contrib.auth import get_user_model
from chat.models import Room

get_user_model().objects.create_superuser("max", password="maxmax")
Room.objects.filter(slug=Room.LOBBY).update(title="Lobby")
"""
#: What the texts of hostile.py call. Before all else, in each page.
_TRAP = "window.pwned = () => { window.isPwned = true; }"
#: What is wrong with a page: something has run, or has become more than text, or has broken the layout.
_INSPECT = """(isOurs) => {
  const faults = window.isPwned ? ["a script has run"] : [];
  const tell = (what, nodes) => {
    for (const node of nodes) faults.push(`${what}: ${node.outerHTML.slice(0, 300)}`);
  };
  const all = [...document.querySelectorAll("body *")];
  const has = (list, test) => (one) => [...one[list]].some(test);
  tell("it listens", all.filter(has("attributes", ({ name }) => name.startsWith("on"))));
  tell("it leads elsewhere", document.querySelectorAll("base, meta[http-equiv=refresh]"));
  const harmless = ["http:", "https:", "mailto:"];
  tell("it is no address", [...document.links].filter(({ protocol }) => !harmless.includes(protocol)));
  const within = "script, iframe, img, style, link, object, embed, form, input, video, audio, math, dialog";
  const said = "[role=log], [data-items], .search-found";
  tell("it is no text", document.querySelectorAll(`:is(${said}) :is(${within})`));
  if (!isOurs) return faults;
  tell("it has a style", all.filter(has("style", (name) => !/^(--|top|left|inset)/.test(name))));
  tell("it is broken", document.querySelectorAll("[data-broken]"));
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page scrolls sideways");
  const scrolled = "[data-scroller], .side-body, dialog[open], :popover-open";
  for (const place of document.querySelectorAll(scrolled)) {
    if (place.scrollWidth <= place.clientWidth) continue;
    const { right } = place.getBoundingClientRect();
    tell("it scrolls sideways", [place.cloneNode()]);
    tell("it is too wide", [...place.querySelectorAll("*")].filter(
      (one) => one.checkVisibility() && one.getBoundingClientRect().right > right).slice(0, 3));
  }
  return faults;
}"""


@pytest.fixture(scope="module")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = build(tmp_path_factory.mktemp("hostile"), **_NO_LIMITS)
    site.manage("shell", "-c", _SEED)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest_asyncio.fixture(loop_scope="session")
async def alice(visit: Open, site: Site) -> AsyncIterator[Page]:
    """Alice on a phone. Whatever asks for something elsewhere, or opens a dialog, fails the test."""
    wrong: list[str] = []
    page = await visit(at=site, viewport={"width": 360, "height": 740})
    context = page.context

    def ask(request: Request) -> None:
        if not request.url.startswith((site.address, "data:", "blob:")):
            wrong.append(request.url)

    def watch(page: Page) -> None:
        page.on("request", ask)
        page.on("dialog", lambda dialog: wrong.append(dialog.message))

    for one in context.pages:
        watch(one)
    context.on("page", watch)
    await context.add_init_script(_TRAP)
    await page.goto(site.address)
    await enter(page, "Alice")
    yield page
    assert wrong == []


async def inspect(page: Page, *, is_ours: bool = True) -> None:
    faults: list[str] = await page.evaluate(_INSPECT, is_ours)
    assert not faults, "\n".join(faults)


class Mallory:
    """Somebody who is called by a text, and says it."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line

    async def come_in(self, name: str) -> bool:
        """Whether they may be called so, or nearly so."""
        await self._hear("request_name")
        try:
            await say(self._line, name=name, v=2, lang="en")
            return bool((await self._hear("room"))["type"] == "room")
        except ConnectionClosed:
            return False

    async def rename(self, name: str) -> bool:
        """Whether they are called so, or nearly so, from now on."""
        await say(self._line, type="rename", name=name)
        return bool((await self._hear("welcome"))["type"] == "welcome")

    async def ask(self, type: str, **keys: object) -> int:
        """The number of what came of it; 0 where it was refused."""
        ref = secrets.token_hex(8)
        await say(self._line, type=type, ref=ref, **keys)
        answer = await self._hear("ack")
        return int(answer["id"]) if answer["type"] == "ack" else 0

    async def _hear(self, *types: str) -> Frame:
        """The next frame of these types, or that something was wrong."""
        heard: list[Frame] = []
        try:
            while True:
                for frame in (heard := heard + await hear_all(self._line)):
                    # Of what is no frame at all nothing says which one it was.
                    if frame["type"] in types or "code" in frame:
                        return frame
        except TimeoutError as error:
            raise AssertionError(heard) from error


async def test_three_hundred_texts_do_nothing_but_stand_there(alice: Page, site: Site) -> None:
    """Each is the name of somebody, who says it in answer to the one before, changes it, and reacts to it.

    The first of each kind come under that name, stay, and are reported for themselves. Another one takes
    the other names in turn.
    """
    first: list[int] = []
    said = 0
    async with contextlib.AsyncExitStack() as here:
        other = Mallory(await here.enter_async_context(connect(site.socket("other"))))
        assert await other.come_in("Mallory")
        for kind, texts in KINDS.items():
            for number, text in enumerate(texts):
                mallory = other
                if number:
                    await other.rename(text) or await other.rename(f"Mallory {kind} {number}")
                else:
                    mallory = Mallory(await here.enter_async_context(connect(site.socket(f"h{kind[:3]}"))))
                    if not await mallory.come_in(text):
                        line = await here.enter_async_context(connect(site.socket(f"p{kind[:3]}")))
                        mallory = Mallory(line)
                        assert await mallory.come_in(f"Mallory {kind}")
                id = await mallory.ask("message", room="lobby", message=text, reply_to=said or None)
                if id:
                    said = id
                    await mallory.ask("react", id=id, emoji="👍", on=True)
                    if number % 2:
                        await mallory.ask("edit", id=id, message=f"{text[:3990]} edited")
                if not number:
                    first.append(said)
            await write(alice, f"after {kind}")
            await expect(log(alice).get_by_role("article").last).to_contain_text(f"after {kind}")
            await inspect(alice)
            await look_closely(alice)
        reporter = Mallory(await here.enter_async_context(connect(site.socket("reporter"))))
        assert await reporter.come_in("Bob")
        reasons = (texts[-1][:200] for texts in KINDS.values())
        reported = [
            await reporter.ask("report", id=id, reason=why) for id, why in zip(first, reasons, strict=False)
        ]
        # Some are refused: of a message that was reported, and for a reason that nobody sees.
        assert len([report for report in reported if report]) > len(KINDS) / 2

        await alice.get_by_role("button", name="online").click()
        await expect(alice.get_by_role("complementary", name="Who is here")).to_be_visible()
        await inspect(alice)
        await alice.keyboard.press("Escape")
        await searched(alice)
        assert re.fullmatch(r"(\(\d+\) )?Lobby", await alice.title())
    await alice.reload()
    await connected(alice)
    await inspect(alice)
    await moderated(alice, site)


async def look_closely(page: Page) -> None:
    """What can be done with the message before the last one, and what an answer to it looks like."""
    line = log(page).get_by_role("article").nth(-2)
    await line.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("message-actions")).to_be_visible()
    await inspect(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await expect(box(page)).to_be_focused()
    await inspect(page)
    await page.keyboard.press("Escape")


async def searched(page: Page) -> None:
    """What is found by these texts, each looked for by the box of the search."""
    await page.keyboard.press("Control+k")
    search = page.get_by_role("search")
    for texts in KINDS.values():
        await search.get_by_role("searchbox").fill(texts[0].encode(errors="replace").decode()[:200])
        await search.get_by_role("searchbox").press("Enter")
        await expect(search.locator("[data-searching]")).to_be_hidden()
        await inspect(page)
    await search.get_by_role("button", name="Close").click()


async def moderated(page: Page, site: Site) -> None:
    """What moderators see of all that, in the page and in the admin."""
    await admin.sign_in(page, site, "max")
    for path in ("room/1/live/", "message/", "report/", "person/", ""):
        await page.goto(f"{site.address}admin/chat/{path}")
        await inspect(page, is_ours=False)
    await page.goto(site.address)
    await connected(page)
    await page.get_by_role("button", name="Moderation").click()
    await expect(page.locator(".queue-item").first).to_be_visible()
    await inspect(page)
