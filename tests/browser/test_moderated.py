"""What people see of moderation: pinned messages, slow rooms, being stopped, reports, filters."""

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect
from websockets.asyncio.client import ClientConnection

from harness.site import UNHURRIED, Site
from tests.browser.conftest import Build, Open
from tests.browser.page import action_of, box, choose, connected, enter, log, message, page_alone, write
from tests.serve.accounts import page as socket_of
from tests.serve.sites import assert_is_well

#: What the server does about it is tried on both stacks, without a page.
pytestmark = page_alone

#: A site with a room for each of these stories. Prints the key of a session of Max, who may do it all.
SEED = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from chat.actors import PROGRAM
from chat.models import FilterRule, Room
from chat.services import filters

for slug in ("rules", "slow", "quiet", "salon", "talk", "complaints", "users"):
    Room.objects.create(slug=slug, title=slug.capitalize())
talk = Room.objects.get(slug="talk")
filters.keep(PROGRAM, FilterRule(room=talk, kind="word", value="darn", action="refuse"))
filters.keep(PROGRAM, FilterRule(room=talk, kind="link", action="hold"))
max = get_user_model().objects.create_superuser("max", password="maxmax")
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(max.pk), max.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session.save()
print("key", session.session_key)
"""


class Line:
    """Somebody at the other end of a line, without a page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def come_in(self, name: str) -> None:
        await self._hear("request_name")
        await self._send(name=name, v=2, lang="en")
        await self._hear("room")

    async def enter(self, room: str) -> None:
        await self._send(type="enter", room=room)
        await self._hear("room")

    async def do(self, type: str, **keys: Any) -> int:
        """Ask for something, and have it done; the number of what was said, or of the act."""
        ref = secrets.token_hex(8)
        await self._send(type=type, ref=ref, **keys)
        while True:
            frame = await self._hear("ack", "error")
            if frame.get("ref") == ref:
                assert frame["type"] == "ack", frame
                return int(frame["id"])

    async def say(self, room: str, text: str) -> int:
        return await self.do("message", room=room, message=text)

    async def waiting(self, room: str) -> list[int]:
        """The numbers of what waits for a moderator in a room."""
        await self._send(type="queue")
        items = (await self._hear("queue"))["items"]
        return [item["id"] for item in items if item["room"] == room]

    async def _send(self, **frame: Any) -> None:
        await self._socket.send(json.dumps(frame))

    async def _hear(self, *types: str) -> dict[str, Any]:
        """The next frame of these types; the others that come along with it are passed over."""
        while True:
            told = json.loads(await self._socket.recv())
            for frame in told if isinstance(told, list) else [told]:
                if frame["type"] in types:
                    return dict(frame)


@pytest.fixture(scope="module")
def moderated(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """The site, and the key of the session of Max."""
    site = build(tmp_path_factory.mktemp("moderated"), **UNHURRIED)
    key = site.manage("shell", "-c", SEED).split("key ")[-1].strip()
    with site.served_by("serve"):
        yield site, key
    assert_is_well(site)


@pytest.fixture
def site(moderated: tuple[Site, str]) -> Site:
    return moderated[0]


@pytest_asyncio.fixture(loop_scope="session")
async def boss(moderated: tuple[Site, str]) -> AsyncIterator[Line]:
    """Max, who may do all there is."""
    async with socket_of(*moderated) as socket:
        line = Line(socket)
        await line.come_in("max")
        yield line


async def arrive(visit: Open, site: Site, name: str, slug: str) -> Page:
    """Come into a room as somebody whose name nobody else has."""
    page = await visit(name, at=site)
    await page.goto(f"{site.address}r/{slug}/")
    await connected(page)
    return page


async def id_of(page: Page) -> str:
    """Who sits before a page, as others know them."""
    return str(await page.evaluate("localStorage['chat.client_id']"))


def pinned(page: Page) -> Locator:
    return page.get_by_role("region", name="Pinned message")


def words(page: Page) -> Locator:
    """What the moderators have told the person."""
    return page.get_by_role("group", name="From the moderators").locator(".moderator-word")


async def test_a_pinned_message_stands_over_the_talk_and_leads_there(
    visit: Open, site: Site, boss: Line
) -> None:
    await boss.enter("rules")
    rules = await boss.say("rules", "Be kind. " * 40)
    for number in range(80):
        await boss.say("rules", f"word {number}")
    await boss.do("pin", room="rules", id=rules)
    alice = await arrive(visit, site, "Alice", "rules")
    await expect(pinned(alice)).to_contain_text("max")
    await expect(pinned(alice)).to_contain_text("Be kind.")
    await expect(message(alice, "Be kind.")).to_have_count(0)
    height = await pinned(alice).evaluate("bar => bar.offsetHeight")

    unfold = pinned(alice).get_by_role("button", name="Show all of it")
    await unfold.press("Enter")
    await expect(unfold).to_have_attribute("aria-expanded", "true")
    assert await pinned(alice).evaluate("bar => bar.offsetHeight") > height
    await unfold.press("Enter")
    await pinned(alice).get_by_role("button", name="Go to this message").press("Enter")
    await expect(message(alice, "Be kind.")).to_have_attribute("data-sought", "")
    await expect(message(alice, "Be kind.")).to_be_in_viewport()

    await boss.do("edit", id=rules, message="Be kind. Be brief.")
    await expect(pinned(alice)).to_contain_text("Be brief.")
    await expect(unfold).to_be_hidden()
    await boss.do("pin", room="rules", id=None)
    await expect(pinned(alice)).to_be_hidden()
    await expect(log(alice).get_by_text("Nothing is pinned here any more.")).to_have_count(1)

    await alice.get_by_role("button", name="To the latest").click()
    await boss.do("announce", room="rules", message="Tea at five.\nBring cups.")
    announcement = log(alice).locator(".is-announcement")
    await expect(announcement).to_contain_text("Announcement:")
    await expect(announcement.locator("[data-message]")).to_have_text("Tea at five.\nBring cups.")
    await expect(announcement).to_be_in_viewport()


async def test_what_a_moderator_deletes_is_gone_and_what_they_restore_is_back(
    visit: Open, site: Site, boss: Line
) -> None:
    alice = await visit("Anna", at=site)
    mark = secrets.token_hex(4)
    async with socket_of(site, id=mark) as socket:
        guest = Line(socket)
        await guest.come_in("Gus")
        said = await guest.say("lobby", f"rules {mark}")
    await boss.do("pin", room="lobby", id=said)
    await expect(pinned(alice)).to_contain_text(mark)
    await write(alice, f"mine {mark}")
    await choose(message(alice, f"rules {mark}"), "Reply")
    await write(alice, f"answer {mark}")
    answer = message(alice, f"answer {mark}")
    await expect(answer).to_contain_text(f"rules {mark}")

    bob = await visit("Bobby", at=site)
    theirs = message(bob, f"mine {mark}")
    await expect(theirs).to_be_visible()
    await boss.do("delete", id=said, reason="no rules")
    await expect(pinned(alice)).to_be_hidden()
    for page in (alice, bob):
        await expect(message(page, f"rules {mark}")).to_have_count(0)
    await expect(answer.get_by_text("Message deleted").first).to_be_visible()

    await boss.do("restore", id=said)
    await expect(pinned(alice)).to_contain_text(mark)
    for page in (alice, bob):
        await expect(message(page, f"rules {mark}").first).to_be_visible()
    await boss.do("pin", room="lobby", id=None)


async def test_in_a_slow_room_what_is_said_too_soon_is_sent_later(
    visit: Open, site: Site, boss: Line
) -> None:
    await boss.do("run", room="slow", slow=3)
    alice = await arrive(visit, site, "Sleepy", "slow")
    await expect(alice.get_by_text("Slow mode: one message in 3 secs.")).to_be_visible()
    first, second, third = (f"{number} {secrets.token_hex(4)}" for number in ("one", "two", "three"))

    await write(alice, first)
    await expect(alice.get_by_text(re.compile(r"The next one in 0:0\d\."))).to_be_visible()
    await write(alice, second)
    await write(alice, third)
    await expect(message(alice, second)).to_contain_text("This room is slow", use_inner_text=True)

    await expect(message(alice, third)).to_have_attribute("data-status", "sent", timeout=15_000)
    assert await log(alice).locator("[data-body]").all_inner_texts() == [first, second, third]

    await boss.do("run", room="slow", slow=0)
    await expect(alice.locator("[data-slow]:visible")).to_have_count(0)
    await expect(log(alice).get_by_text("There is no wait between two messages any more.")).to_be_visible()


async def test_who_is_muted_is_told_and_waits(visit: Open, site: Site, boss: Line) -> None:
    alice = await visit("Loudmouth", at=site, clock=True)
    await box(alice).fill("half a sentence")
    loudmouth = await id_of(alice)

    await boss.do("warn", id=loudmouth, room="lobby", reason="Mind your words")
    await expect(words(alice)).to_contain_text("A moderator warns you.", use_inner_text=True)
    await expect(words(alice)).to_contain_text("Reason: Mind your words", use_inner_text=True)
    await boss.do("sanction", kind="mute", id=loudmouth, room="lobby", minutes=1, reason="Too loud")
    silence = alice.locator("[data-silence=muted]")
    await expect(box(alice)).to_be_hidden()
    await expect(silence).to_contain_text(
        re.compile(r"Until \d.*0:[345]\d left.*Reason: Too loud", re.S), use_inner_text=True
    )

    await alice.reload()
    await expect(silence).to_contain_text("Too loud")
    await expect(words(alice)).to_have_count(2)
    for left in (1, 0):
        await words(alice).get_by_role("button", name="Understood").first.press("Enter")
        await expect(words(alice)).to_have_count(left)

    # Their clock is ahead of the server's, which says how long it really is.
    await alice.clock.fast_forward(61_000)
    await expect(box(alice)).to_have_value("half a sentence")
    await box(alice).press("Enter")
    await expect(silence).to_be_visible()
    await expect(message(alice, "half a sentence")).to_have_attribute("data-status", "pending")
    await boss.do("lift", kind="mute", id=loudmouth, room="lobby")
    await expect(message(alice, "half a sentence")).to_have_attribute("data-status", "sent")
    await expect(box(alice)).to_be_visible()
    await expect(words(alice)).to_contain_text("You may write again.", use_inner_text=True)

    await boss.do("sanction", kind="mute", id=loudmouth)
    await expect(silence).to_be_visible()
    await expect(words(alice)).to_have_count(2)
    await expect(words(alice).last).to_contain_text("does not let you write any more", use_inner_text=True)
    await boss.do("lift", kind="mute", id=loudmouth)
    await expect(box(alice)).to_be_visible()
    await expect(words(alice).last).to_contain_text("You may write again.", use_inner_text=True)


async def test_who_is_shut_out_sees_nothing_in_any_tab_until_it_is_over(
    visit: Open, site: Site, boss: Line
) -> None:
    mark = secrets.token_hex(4)
    await boss.say("lobby", mark)
    alice = await visit("Mallory", at=site, clock=True)
    other = await alice.context.new_page()
    await other.goto(site.address)
    await connected(other)
    await expect(message(alice, mark)).to_be_visible()
    mallory = await id_of(alice)
    await choose(message(alice, mark), "Report")
    await expect(alice.get_by_role("dialog")).to_contain_text(mark)

    await boss.do("sanction", kind="ban", id=mallory, reason="Spam")
    await expect(alice.get_by_role("dialog")).to_have_count(0)
    for page in (alice, other):
        await expect(page.get_by_role("heading", name="The chat is closed to you")).to_be_visible()
        await expect(page.locator("shut-out").get_by_text("Reason: Spam")).to_be_visible()
        await expect(page.locator(".chat")).to_be_hidden()
        await expect(page.locator(".chat").get_by_text(mark)).to_have_count(0)
    await other.reload()
    await expect(other.get_by_role("heading", name="The chat is closed to you")).to_be_visible()
    await expect(other.get_by_role("button", name="Come back")).to_be_hidden()
    await boss.do("lift", kind="ban", id=mallory)
    await other.reload()
    await expect(message(other, mark)).to_be_visible()

    await boss.do("sanction", kind="ban", id=mallory, minutes=90)
    back = other.get_by_role("button", name="Come back")
    await expect(back).to_be_disabled()
    await expect(other.get_by_text(re.compile(r"1:\d\d:\d\d left\."))).to_be_visible()
    await boss.do("lift", kind="ban", id=mallory)
    await other.clock.fast_forward(91 * 60_000)
    await back.click()
    await expect(message(other, mark)).to_be_visible()

    await boss.do("sanction", kind="kick", id=mallory, reason="Again")
    await expect(other.get_by_role("heading", name="You are out for a moment")).to_be_visible()
    await expect(other.locator("shut-out").get_by_text("Reason: Again")).to_be_visible()
    await expect(other.get_by_text(re.compile(r"0:[45]\d left\."))).to_be_visible()
    # Whose clock is ahead is told how long it still is.
    await other.clock.fast_forward(61_000)
    await back.click()
    await expect(back).to_be_disabled()


async def test_who_is_banned_from_a_room_is_led_to_the_lobby(visit: Open, site: Site, boss: Line) -> None:
    alice, bob = await arrive(visit, site, "Trudy", "salon"), await arrive(visit, site, "Bert", "salon")

    await boss.do("sanction", kind="ban", id=await id_of(alice), room="salon")
    await expect(alice.get_by_text("A moderator has banned you from the room “Salon”.")).to_be_visible()
    assert alice.url == site.address
    await expect(alice.get_by_role("navigation", name="Rooms").get_by_text("Salon")).to_have_count(0)

    await alice.goto(f"{site.address}r/salon/")
    await expect(alice.get_by_text("A moderator has banned you from the room “")).to_be_visible()
    assert alice.url == site.address

    await boss.do("sanction", kind="kick", id=await id_of(bob), room="salon")
    out = re.compile(r"A moderator has shown you out of the room “Salon”. You may come back after \d")
    await expect(bob.get_by_text(out)).to_be_visible()


async def test_what_a_filter_stops_is_put_otherwise_and_what_it_holds_waits(
    visit: Open, site: Site, boss: Line
) -> None:
    alice, carol = await arrive(visit, site, "Walter", "talk"), await arrive(visit, site, "Carol", "talk")
    await write(alice, "darn it")
    stopped = message(alice, "darn it")
    await expect(stopped).to_contain_text("This is not let through here", use_inner_text=True)
    await stopped.get_by_role("button", name="Change it").click()
    await expect(stopped).to_have_count(0)
    await expect(box(alice)).to_have_value("darn it")
    await write(alice, "dear me")
    await expect(message(carol, "dear me")).to_be_visible()

    await write(alice, "see https://good.example/")
    held = message(alice, "good.example")
    waits = "Waits for a moderator"
    await expect(held).to_contain_text(waits, use_inner_text=True)
    await write(alice, "plain words")
    await expect(message(carol, "plain words")).to_be_visible()
    await alice.reload()
    await expect(held).to_contain_text(waits, use_inner_text=True)
    await expect(message(carol, "good.example")).to_have_count(0)
    [good] = await boss.waiting("talk")
    await boss.do("decide", kind="held", id=good, accept=True)
    await expect(message(carol, "good.example")).to_be_visible()
    await expect(held).to_have_attribute("data-status", "sent")
    await expect(held).to_have_count(1)

    await write(alice, "see https://bad.example/")
    await expect(message(alice, "bad.example")).to_contain_text(waits, use_inner_text=True)
    [bad] = await boss.waiting("talk")
    await boss.do("decide", kind="held", id=bad, accept=False, reason="no shops")
    await expect(message(alice, "bad.example")).to_have_count(0)
    await expect(words(alice)).to_contain_text("has not let your message through.", use_inner_text=True)
    await expect(words(alice)).to_contain_text("Reason: no shops", use_inner_text=True)
    await expect(words(alice)).to_contain_text("https://bad.example/", use_inner_text=True)


async def test_a_message_is_reported_once_and_what_came_of_it_is_told(
    visit: Open, site: Site, boss: Line
) -> None:
    mark = secrets.token_hex(4)
    bob = await arrive(visit, site, "Bob", "complaints")
    await write(bob, f"buy {mark}")
    alice = await arrive(visit, site, "Peggy", "complaints")
    await write(alice, "my own")

    await choose(message(alice, mark), "Report")
    dialog = alice.get_by_role("dialog", name="What is wrong with this message?")
    await expect(dialog).to_contain_text(f"buy {mark}")
    await expect(dialog.get_by_label("spam or advertising")).to_be_checked()
    await dialog.get_by_label("In your own words").fill("every day")
    await dialog.get_by_label("In your own words").press("Enter")
    await expect(alice.get_by_text("The moderators will look at it.")).to_be_visible()
    await expect(alice.get_by_role("button", name="Close", exact=True)).to_be_focused()
    await alice.keyboard.press("Enter")

    async def may_report(text: str) -> bool:
        line = message(alice, text)
        await line.hover()
        await line.get_by_role("button", name="Actions").click()
        await expect(action_of(alice, "Reply")).to_be_visible()
        found = await action_of(alice, "Report").is_visible()
        await alice.keyboard.press("Escape")
        return found

    await write(bob, "all is well")
    await expect(message(alice, "all is well")).to_be_visible()
    offered = {text: await may_report(text) for text in (mark, "my own", "all is well")}
    assert offered == {mark: False, "my own": False, "all is well": True}
    await alice.reload()
    await connected(alice)
    assert not await may_report(mark)

    [reported] = await boss.waiting("complaints")
    await boss.do("decide", kind="report", id=reported, accept=True)
    await expect(words(alice)).to_contain_text("Thank you for your report", use_inner_text=True)
    for page in (alice, bob):
        await expect(message(page, mark)).to_have_count(0)


async def test_where_users_of_the_site_speak_a_guest_is_led_to_sign_in(
    visit: Open, site: Site, boss: Line
) -> None:
    alice = await arrive(visit, site, "Victor", "users")

    await boss.do("run", room="users", mode="users")
    silence = alice.locator("[data-silence=guests]")
    await expect(silence).to_contain_text("Only users of the site can write here.")
    await expect(silence.get_by_role("link", name="Sign in")).to_be_visible()
    await expect(log(alice).get_by_text("Only users of the site can write here now.")).to_be_visible()

    await boss.do("run", room="users", mode="open")
    await expect(box(alice)).to_be_visible()


async def test_the_longest_word_of_a_moderator_has_room_on_a_phone(
    visit: Open, site: Site, boss: Line
) -> None:
    alice = await visit(at=site, viewport={"width": 360, "height": 640})
    await enter(alice, "Olivia")
    await boss.do("warn", id=await id_of(alice), reason="W" * 200)
    await expect(words(alice)).to_be_visible()

    for element in (alice.locator("html"), words(alice)):
        assert await element.evaluate("one => one.scrollWidth <= one.clientWidth")
    await expect(words(alice).get_by_role("button", name="Understood")).to_be_in_viewport()
