"""The chat's own pages of the admin in Chromium: each link and each button is clicked once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import connected, log, message, page_alone, write
from tests.serve.sites import assert_is_well

pytestmark = page_alone  # what the server does is in tests/test_admin_live.py, on both stacks

SEED = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from chat.actors import PROGRAM, guest
from chat.models import HeldMessage, Report, Room
from chat.services import messages, moderation, people
from chat.services.people import Arrival, Proof

users = get_user_model().objects
users.create_superuser("max", password="maxmax")
rita = users.create_user("rita", password="ritarita", is_staff=True)
looks = ["view_room", "view_message", "view_person"]
rita.user_permissions.set(Permission.objects.filter(codename__in=looks))
lobby = Room.objects.get(slug=Room.LOBBY)
Room.objects.filter(pk=lobby.pk).update(title="Lobby")
zoe, yan = people.arrive([Arrival("zoe", "Zoe", Proof.TOKEN), Arrival("yan", "Yan", Proof.TOKEN)])
direct = Room.objects.create(slug="direct-1", title="Two", direct="1:2", mode="members")
rude = messages.post(guest(zoe), lobby, "buy elephants")
messages.post(guest(yan, frozenset({(direct.pk, "member")})), direct, "between us")
Report.objects.create(message=rude, reporter=yan, reason="spam")
HeldMessage.objects.create(room=lobby, author=zoe, name="Zoe", text="see my page", why="links")
moderation.sanction(PROGRAM, yan, "mute", lobby, 60, "too loud")
"""


@pytest.fixture(scope="module")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = build(tmp_path_factory.mktemp("admin"))
    site.manage("shell", "-c", SEED)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


async def sign_in(page: Page, site: Site, name: str = "max", path: str = "chat/") -> None:
    """Come in to a page of the admin as a user whose password is their name twice."""
    await page.goto(f"{site.address}admin/{path}")
    await page.get_by_label("Username").fill(name)
    await page.get_by_label("Password").fill(name * 2)
    await page.get_by_role("button", name="Log in").click()
    await page.locator("#user-tools").wait_for()


def talk(page: Page) -> Locator:
    """What is said in the live view, one thing a line."""
    return page.get_by_role("log").get_by_role("listitem")


def chosen(page: Page) -> Locator:
    return page.locator("#chosen")


def part(page: Page, title: str) -> Locator:
    """A part of the page that has this title."""
    return page.locator("section.module").filter(has=page.get_by_role("heading", name=title))


async def lobby(page: Page, site: Site) -> None:
    """Open the live view of the lobby, by the start page."""
    await page.goto(f"{site.address}admin/chat/")
    await page.get_by_role("link", name="Live view: Lobby").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Lobby")


async def choose(page: Page, text: str) -> None:
    await talk(page).filter(has_text=text).get_by_role("link", name="Choose").click()
    await expect(chosen(page)).to_contain_text(text)


async def press(page: Page, button: str, says: str = "") -> None:
    """Press one of the buttons beside the talk, and read what came of it, without having left the page."""
    await page.evaluate("window.stays = true")
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.locator("#live").get_by_role("button", name=button, exact=True).click()
    if says:
        await expect(page.locator(".messagelist")).to_contain_text(says)
    assert await page.evaluate("window.stays")


async def follow(page: Page, links: str) -> int:
    """Click each of these links, and come back; how many there are."""
    address, number = page.url, -1
    for number in range(await page.locator(links).count()):
        link = page.locator(links).nth(number)
        name = await link.inner_text()
        async with page.expect_navigation() as there:
            await link.click()
        answer = await there.value
        assert answer, name
        assert answer.ok, name
        await page.goto(address)
    return number + 1


async def test_the_start_page_leads_everywhere(visit: Open, site: Site) -> None:
    page = await visit(at=site)
    await sign_in(page, site, path="")
    assert await follow(page, ".chat-summary a") == 3
    await page.get_by_role("link", name="The chat now").click()
    await expect(page.get_by_role("img", name=re.compile("Messages a minute"))).to_be_visible()
    await expect(page.get_by_role("img", name=re.compile("in the last day: 2 messages"))).to_be_visible()

    assert await follow(page, ".chat-parts a") >= 10
    for title in (
        "Open reports 1",
        "Held messages 1",
        "Sanctions that hold 1",
        "What moderators did",
        "Rooms",
    ):
        await expect(part(page, title)).to_be_visible()


async def test_the_start_page_follows_what_goes_on(visit: Open, site: Site) -> None:
    page = await visit(at=site, clock=True)
    await sign_in(page, site)
    await page.get_by_role("link", name="Live view: Lobby").focus()
    await page.evaluate("scrollTo(0, 200)")
    guest = await visit("Gerda", at=site)
    await write(guest, "is anybody there?")
    await expect(message(guest, "is anybody there?")).to_have_attribute("data-status", "sent")

    here = page.get_by_role("heading", name=re.compile("1 person is here"))
    while not await here.count():
        await page.clock.run_for(15_000)
    await expect(page.get_by_role("link", name="Live view: Lobby")).to_be_focused()
    assert await page.evaluate("scrollY") == 200


async def test_what_is_said_comes_into_the_live_view(visit: Open, site: Site) -> None:
    page, guest = await visit(at=site), await visit("Hans", at=site)
    await sign_in(page, site)
    await lobby(page, site)
    await expect(page.locator("#here")).to_contain_text("Hans")

    await write(guest, "good morning")
    await expect(talk(page).filter(has_text="good morning")).to_be_visible()
    # Who watches is not there.
    await expect(guest.locator("online-count > :not([hidden])")).to_have_text(re.compile("1"))
    await expect(page.locator("#here .chat-names")).not_to_contain_text("max")

    await page.get_by_role("link", name="Read anew").click()
    await expect(talk(page).filter(has_text="good morning")).to_be_visible()
    await page.get_by_role("link", name="All messages").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Messages")
    await page.go_back()
    await page.get_by_role("link", name="View in the chat").click()
    await connected(page)


async def test_a_message_is_deleted_restored_and_pinned_beside_the_talk(visit: Open, site: Site) -> None:
    page, guest = await visit(at=site), await visit("Ida", at=site)
    await sign_in(page, site)
    await lobby(page, site)
    await write(guest, "very rude")
    await choose(page, "very rude")

    await chosen(page).get_by_label("Reason:").first.fill("rude")
    await press(page, "Delete the message")
    await expect(message(guest, "very rude")).to_have_count(0)
    await expect(talk(page).filter(has_text="very rude")).to_contain_text("deleted by a moderator")
    await expect(page.locator("#acts")).to_contain_text("rude")

    await press(page, "Restore the message")
    await expect(message(guest, "very rude")).to_be_visible()
    await press(page, "Pin the message", "Pinned")
    await expect(page.locator("#run blockquote")).to_have_text("very rude")
    await press(page, "Unpin", "Unpinned")
    assert await follow(page, "#live .chat-beside a:not([data-choose])") >= 3


async def test_a_person_is_warned_muted_kicked_and_banned_beside_the_talk(visit: Open, site: Site) -> None:
    page, _guest = await visit(at=site), await visit("Jan", at=site)
    await sign_in(page, site)
    await lobby(page, site)
    await page.locator("#here").get_by_role("link", name="Jan").click()
    await expect(chosen(page).get_by_role("heading")).to_have_text("Jan")

    reason = chosen(page).locator("#id_act_reason")
    await press(page, "Warn", "Say why")
    await reason.fill("mind your words")
    await press(page, "Warn", "Warned: Jan")
    await reason.fill("too loud")
    await press(page, "Mute", "Muted: Jan")
    await expect(chosen(page)).to_contain_text("until")
    await press(page, "Unmute", "Unmuted: Jan")
    await press(page, "Ban", "Banned: Jan")
    await expect(page.locator("#here")).not_to_contain_text("Jan")
    await press(page, "Unban", "Unbanned: Jan")
    await press(page, "Kick", "Kicked: Jan")


async def test_what_is_a_lot_is_asked_for_once_more(visit: Open, site: Site) -> None:
    page, guest = await visit(at=site), await visit("Kim", at=site)
    await sign_in(page, site)
    await lobby(page, site)
    for number in range(2):
        await write(guest, f"spam {number}")
    await choose(page, "spam 1")

    await page.get_by_role("button", name="Delete messages…").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Delete messages")
    await page.get_by_role("button", name="Delete messages").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Lobby")
    await expect(talk(page).filter(has_text="spam 0")).to_contain_text("deleted by a moderator")
    await expect(message(guest, "spam")).to_have_count(0)


async def test_a_room_is_run_beside_the_talk(visit: Open, site: Site) -> None:
    page, guest = await visit(at=site), await visit("Lars", at=site)
    await sign_in(page, site)
    await lobby(page, site)

    run = page.locator("#run")
    await run.get_by_label("Topic").fill("Tea and books")
    await run.get_by_label("Seconds between two messages").fill("2")
    await run.get_by_label("Reason").fill("a flood")
    await press(page, "Change the room", "Changed: Topic, Seconds between two messages")
    await expect(guest.get_by_text("Tea and books").first).to_be_visible()
    await press(page, "Change the room", "Nothing has changed")
    await run.get_by_label("Seconds between two messages").fill("0")
    await press(page, "Change the room", "Changed: Seconds between two messages")
    await run.get_by_label("Announcement").fill("We close at nine.")
    await press(page, "Announce", "Announced")
    await expect(log(guest).get_by_text("We close at nine.")).to_be_visible()


async def test_a_conversation_of_two_is_followed_without_the_socket(visit: Open, site: Site) -> None:
    page = await visit(at=site)
    await sign_in(page, site, path="chat/room/?kind=direct")
    await page.get_by_role("link", name="Live view").click()
    await expect(talk(page)).to_contain_text("between us")
    await expect(page.locator("#run")).to_have_count(0)

    site.manage("shell", "-c", SAY_BETWEEN)
    await expect(talk(page).last).to_contain_text("still between us")


SAY_BETWEEN = """
from chat.actors import PROGRAM, guest
from chat.models import Person, Room
from chat.services import messages
yan, room = Person.objects.get(pk="yan"), Room.objects.get(slug="direct-1")
messages.post(guest(yan, frozenset({(room.pk, "member")})), room, "still between us")
"""


async def test_without_a_script_the_live_view_is_read_anew(visit: Open, site: Site) -> None:
    page = await visit(at=site)
    await sign_in(page, site)
    await page.context.route("**/*.js", lambda route: route.abort())
    await lobby(page, site)

    await choose(page, "buy elephants")
    await page.get_by_role("button", name="Delete the message").click()
    await expect(talk(page).filter(has_text="buy elephants")).to_contain_text("deleted by a moderator")
    await page.get_by_role("button", name="Restore the message").click()
    await expect(page.get_by_role("button", name="Delete the message")).to_be_visible()
    await page.context.unroute("**/*.js")


async def test_rooms_are_changed_in_the_list(visit: Open, site: Site, tmp_path: Path) -> None:
    page = await visit(at=site)
    await sign_in(page, site, path="chat/room/add/")
    await page.get_by_label("Title").fill("Salon")
    await page.get_by_label("Address").fill("salon")
    await page.get_by_role("button", name="Save", exact=True).click()

    for action, cell, is_so in (
        ("Let guests read only", ".field-mode", "guests read"),
        ("Archive", ".field-is_archived img", "True"),
        ("Take the selected rooms out", ".field-is_archived img", "False"),
    ):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Salon"))
        await row.get_by_role("checkbox").check()
        await page.get_by_label("Action:").select_option(label=await _label(page, action))
        await page.get_by_role("button", name=re.compile("^(Go|Run)")).click()
        await page.get_by_label("Reason").fill("for the night")
        await page.locator("input[type=submit].default").click()
        await expect(page.locator(".messagelist")).to_contain_text("1 room changed")
        found = row.locator(cell)
        said = await found.get_attribute("alt") if "img" in cell else await found.inner_text()
        assert is_so in str(said)

    await page.get_by_role("link", name="Salon").click()
    for name, beginning in (("Export as JSON Lines", "{"), ("Export as CSV", "id,")):
        async with page.expect_download() as started:
            await page.get_by_role("link", name=name).click()
        path = tmp_path / name
        await (await started.value).save_as(path)
        assert path.read_text().lstrip("\ufeff").startswith(beginning)
    assert await follow(page, ".object-tools a:not([href*=export], [href^='/r/'])") == 3
    await page.get_by_label("Slow mode").fill("5")
    await page.get_by_label("Keep messages for days").fill("30")
    await page.get_by_label("Keep so many messages").fill("1000")
    await page.get_by_role("button", name="Save and continue editing").click()
    await expect(page.get_by_label("Slow mode")).to_have_value("5")
    await page.get_by_role("link", name="Live view").click()
    await expect(page.locator("#run").get_by_label("Seconds between two messages")).to_have_value("5")


async def _label(page: Page, beginning: str) -> str:
    options = page.get_by_label("Action:").locator("option").filter(has_text=re.compile(f"^{beginning}"))
    return str(await options.inner_text())


async def test_who_may_only_look_sees_no_button(visit: Open, site: Site) -> None:
    page = await visit(at=site)
    await sign_in(page, site, "rita")
    await expect(part(page, "Open reports")).to_have_count(0)
    await lobby(page, site)
    await choose(page, "buy elephants")

    await expect(page.locator("#live").get_by_role("button")).to_have_count(0)
    await page.goto(f"{site.address}admin/chat/room/")
    await expect(page.get_by_label("Action:")).to_have_count(0)


@pytest.mark.parametrize("locale", ["ru", "en-GB"])
async def test_nothing_is_off_the_screen_of_a_phone(visit: Open, site: Site, locale: str) -> None:
    page = await visit(at=site, locale=locale, viewport={"width": 360, "height": 740})
    await page.goto(f"{site.address}admin/")
    await page.locator("#id_username").fill("max")
    await page.locator("#id_password").fill("maxmax")
    await page.locator("[type=submit]").click()
    await page.locator("#user-tools").wait_for()

    for path in ("", "chat/", "chat/room/1/live/?message=1", "chat/room/", "chat/room/1/change/"):
        await page.goto(f"{site.address}admin/{path}")
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, path
