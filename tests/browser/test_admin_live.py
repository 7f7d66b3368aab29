"""The chat's own pages of the admin in Chromium: each link and each button is clicked once."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.admin import HELD, click_links, sign_in
from tests.browser.conftest import Open, Windows, forget
from tests.browser.page import enter, log, message, page_alone, write

# What the server does is in tests/test_admin_live.py, on both stacks. Whichever test is first waits for the
# browser, the collected files and the site: where it runs out of time, all others fail that need these.
pytestmark = [page_alone, pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gerda(windows: Windows, admin_site: Site) -> AsyncIterator[Page]:
    """The page of a guest who is in the lobby as long as these tests last."""
    options = {"locale": "en-GB"}
    window = await windows.open(**options)
    page = await window.new_page()
    await forget(page, admin_site)
    await page.goto(admin_site.address)
    await enter(page, "Gerda")
    yield page
    await windows.give_back(window, **options)


def talk(page: Page) -> Locator:
    """What is said in the live view, one thing a line."""
    return page.get_by_role("log").get_by_role("listitem")


def chosen(page: Page) -> Locator:
    return page.locator("#chosen")


def part(page: Page, title: str) -> Locator:
    """A part of the page that has this title."""
    return page.locator("section.module").filter(
        has=page.get_by_role("heading", name=re.compile(f"^{title}"))
    )


async def lobby(page: Page, site: Site) -> None:
    """Open the live view of the lobby."""
    await page.goto(f"{site.address}admin/chat/room/1/live/")
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


async def do(page: Page, path: str, **form: str) -> None:
    """Do something in the admin as in another tab."""
    done = await page.evaluate(
        """async ([path, form]) => {
          const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
          const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...form });
          return (await fetch(`/admin/chat/${path}`, { method: "POST", body })).ok;
        }""",
        [path, form],
    )
    assert done


async def test_the_start_page_leads_everywhere(desk: Page, admin_site: Site) -> None:
    await desk.goto(f"{admin_site.address}admin/")
    assert len(await click_links(desk, ".chat-summary a")) == 3
    await desk.get_by_role("link", name="The chat now").click()
    await expect(desk.get_by_role("img", name=re.compile("Messages a minute"))).to_be_visible()
    said = desk.get_by_role("img", name=re.compile(r"in the last day: [1-9]\d* messages"))
    await expect(said).to_be_visible()

    assert len(await click_links(desk, ".chat-parts a")) >= 10
    titles = ("Open reports", "Held messages", "Sanctions that hold", "What moderators did", "Rooms")
    for title in titles:
        await expect(part(desk, title)).to_be_visible()


async def test_the_start_page_follows_what_goes_on(desk: Page, admin_site: Site) -> None:
    await desk.goto(f"{admin_site.address}admin/chat/")
    await desk.get_by_role("link", name="Live view: Lobby").focus()
    await desk.evaluate("scrollTo(0, 200)")

    await do(desk, "person/zoe/act/", act="warn", minutes="60", reason="seen on the start page")
    await desk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # or 15 s later

    await expect(part(desk, "What moderators did")).to_contain_text("seen on the start page")
    await expect(desk.get_by_role("link", name="Live view: Lobby")).to_be_focused()
    assert await desk.evaluate("scrollY") == 200


async def test_what_is_said_comes_into_the_live_view(desk: Page, gerda: Page, admin_site: Site) -> None:
    await desk.goto(f"{admin_site.address}admin/chat/")
    await do(desk, "person/zoe/act/", act="warn", minutes="60", room="1", reason="stands beside the talk")
    await desk.get_by_role("link", name="Live view: Lobby").click()
    await expect(part(desk, "What moderators did")).to_contain_text("stands beside the talk")
    await expect(desk.locator("#here")).to_contain_text("Gerda")

    await write(gerda, "good morning")
    await expect(talk(desk).filter(has_text="good morning")).to_be_visible()
    await expect(desk.locator("#here .chat-names")).not_to_contain_text("max")  # who watches is not there

    await choose(desk, "good morning")
    assert len(await click_links(desk, "#live .object-tools a")) == 3
    assert await click_links(desk, "#live .chat-beside a:not([data-choose])")


async def test_messages_are_deleted_restored_and_pinned_beside_the_talk(
    desk: Page, gerda: Page, admin_site: Site
) -> None:
    await lobby(desk, admin_site)
    await write(gerda, "very rude")
    await choose(desk, "very rude")

    await chosen(desk).get_by_label("Reason:").first.fill("rude")
    await press(desk, "Delete the message")
    await expect(message(gerda, "very rude")).to_have_count(0)
    await expect(talk(desk).filter(has_text="very rude")).to_contain_text("deleted by a moderator")
    await expect(desk.locator("#acts")).to_contain_text("rude")

    await press(desk, "Restore the message")
    await expect(message(gerda, "very rude")).to_be_visible()
    await press(desk, "Pin the message", "Pinned")
    await expect(desk.locator("#run blockquote")).to_have_text("very rude")
    await press(desk, "Unpin", "Unpinned")

    # What is a lot is asked for once more.
    await desk.get_by_role("button", name="Delete messages…").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text("Delete messages")
    await desk.get_by_role("button", name="Delete messages").click()
    await expect(desk.get_by_role("heading", level=1)).to_have_text("Lobby")
    await expect(talk(desk).filter(has_text="very rude")).to_contain_text("deleted by a moderator")
    await expect(message(gerda, "very rude")).to_have_count(0)


async def test_a_person_is_warned_muted_kicked_and_banned_beside_the_talk(
    desk: Page, visit: Open, admin_site: Site
) -> None:
    await visit("Jan", at=admin_site)
    await lobby(desk, admin_site)
    await desk.locator("#here").get_by_role("link", name="Jan").click()
    await expect(chosen(desk).get_by_role("heading")).to_have_text("Jan")

    reason = chosen(desk).locator("#id_act_reason")
    await press(desk, "Warn", "Say why")
    await reason.fill("mind your words")
    await press(desk, "Warn", "Warned: Jan")
    await reason.fill("too loud")
    await press(desk, "Mute", "Muted: Jan")
    await expect(chosen(desk)).to_contain_text("until")
    await press(desk, "Unmute", "Unmuted: Jan")
    await press(desk, "Ban", "Banned: Jan")
    await expect(desk.locator("#here")).not_to_contain_text("Jan")
    await press(desk, "Unban", "Unbanned: Jan")
    await press(desk, "Kick", "Kicked: Jan")


async def test_a_room_is_run_beside_the_talk(desk: Page, gerda: Page, admin_site: Site) -> None:
    await lobby(desk, admin_site)

    run = desk.locator("#run")
    await run.get_by_label("Topic").fill("Tea and books")
    await run.get_by_label("Seconds between two messages").fill("2")
    await run.get_by_label("Reason").fill("a flood")
    await press(desk, "Change the room", "Changed: Topic, Seconds between two messages")
    await expect(gerda.get_by_text("Tea and books").first).to_be_visible()
    await press(desk, "Change the room", "Nothing has changed")
    await run.get_by_label("Seconds between two messages").fill("0")
    await press(desk, "Change the room", "Changed: Seconds between two messages")
    await run.get_by_label("Announcement").fill("We close at nine.")
    await press(desk, "Announce", "Announced")
    await expect(log(gerda).get_by_text("We close at nine.")).to_be_visible()


async def test_a_conversation_of_two_is_followed_without_the_socket(desk: Page, admin_site: Site) -> None:
    await desk.goto(f"{admin_site.address}admin/chat/room/?kind=direct")
    await desk.get_by_role("link", name="Live view").click()
    await expect(talk(desk)).to_contain_text("between us")
    await expect(desk.locator("#run")).to_have_count(0)

    await do(desk, f"heldmessage/{HELD}/decide/", act="let_through")
    await expect(talk(desk).last).to_contain_text("still between us")


async def test_without_a_script_the_live_view_is_read_anew(desk: Page, admin_site: Site) -> None:
    await desk.context.route("**/*.js", lambda route: route.abort())
    await lobby(desk, admin_site)

    await choose(desk, "buy elephants")
    await desk.get_by_role("button", name="Delete the message").click()
    await expect(talk(desk).filter(has_text="buy elephants")).to_contain_text("deleted by a moderator")
    await desk.get_by_role("button", name="Restore the message").click()
    await expect(desk.get_by_role("button", name="Delete the message")).to_be_visible()
    await desk.context.unroute("**/*.js")


async def test_rooms_are_changed_in_the_list(desk: Page, admin_site: Site, tmp_path: Path) -> None:
    await desk.goto(f"{admin_site.address}admin/chat/room/add/")
    await desk.get_by_role("textbox", name="Title:", exact=True).fill("Salon")
    await desk.get_by_label("Address").fill("salon")
    await desk.get_by_role("button", name="Save", exact=True).click()

    for action, cell, is_so in (
        ("Let guests read only", ".field-mode", "guests read"),
        ("Archive", ".field-is_archived img", "True"),
        ("Take the selected rooms out", ".field-is_archived img", "False"),
    ):
        row = desk.get_by_role("row").filter(has=desk.get_by_role("link", name="Salon"))
        await row.get_by_role("checkbox").check()
        await desk.get_by_label("Action:").select_option(label=await _label(desk, action))
        await desk.get_by_role("button", name=re.compile("^(Go|Run)")).click()
        await desk.get_by_label("Reason").fill("for the night")
        await desk.locator("input[type=submit].default").click()
        await expect(desk.locator(".messagelist")).to_contain_text("1 room changed")
        found = row.locator(cell)
        said = await found.get_attribute("alt") if "img" in cell else await found.inner_text()
        assert is_so in str(said)

    await desk.get_by_role("link", name="Salon").click()
    for name, beginning in (("Export as JSON Lines", "{"), ("Export as CSV", "id,")):
        async with desk.expect_download() as started:
            await desk.get_by_role("button", name=name).click()
        path = tmp_path / name
        await (await started.value).save_as(path)
        assert path.read_text().lstrip("\ufeff").startswith(beginning)
    assert len(await click_links(desk, ".object-tools a")) == 4
    await desk.get_by_label("Slow mode").fill("5")
    await desk.get_by_label("Keep messages for days").fill("30")
    await desk.get_by_label("Keep so many messages").fill("1000")
    await desk.get_by_role("button", name="Save and continue editing").click()
    await expect(desk.get_by_label("Slow mode")).to_have_value("5")
    await desk.get_by_role("link", name="Live view").click()
    await expect(desk.locator("#run").get_by_label("Seconds between two messages")).to_have_value("5")
    async with desk.expect_download():  # beside the talk as well, and the page stays
        await desk.get_by_role("button", name="Export as CSV").click()


async def _label(page: Page, beginning: str) -> str:
    options = page.get_by_label("Action:").locator("option").filter(has_text=re.compile(f"^{beginning}"))
    return str(await options.inner_text())


async def test_who_may_only_look_sees_no_button(visit: Open, admin_site: Site) -> None:
    page = await visit(at=admin_site)
    await sign_in(page, admin_site, "rita")
    await expect(part(page, "Open reports")).to_have_count(0)
    await lobby(page, admin_site)
    await choose(page, "buy elephants")

    await expect(page.locator("#live").get_by_role("button")).to_have_count(0)
    await page.goto(f"{admin_site.address}admin/chat/room/")
    await expect(page.get_by_label("Action:")).to_have_count(0)


@pytest.mark.parametrize("locale", ["ru", "en-GB"])
async def test_nothing_is_off_the_screen_of_a_phone(
    desk: Page, windows: Windows, admin_site: Site, locale: str
) -> None:
    window = await windows.open(locale=locale, viewport={"width": 360, "height": 740})
    await window.add_cookies(await desk.context.cookies())  # type: ignore[arg-type]  # as they came
    page = await window.new_page()

    for path in ("", "chat/", "chat/room/1/live/?message=1", "chat/room/", "chat/room/1/change/"):
        await page.goto(f"{admin_site.address}admin/{path}")
        await expect(page.locator("#user-tools")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, path
    await window.close()
