"""The tables of the admin on a phone: every link, action and button is clicked at least once."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page

from harness.site import Site
from tests.browser.admin import click_links
from tests.browser.page import page_alone

pytestmark = [page_alone, pytest.mark.timeout(180)]  # as of test_admin_live.py

TABLES = ("message", "person", "sanction", "report", "heldmessage", "filterrule", "moderationact")
WIDTH = 360


@pytest_asyncio.fixture(loop_scope="session")
async def phone(desk: Page) -> Page:
    """Max's page, as narrow as a phone."""
    await desk.set_viewport_size({"width": WIDTH, "height": 780})
    return desk


@pytest.mark.parametrize("table", TABLES)
async def test_every_link_leads_to_a_page_that_fits(phone: Page, admin_site: Site, table: str) -> None:
    """From the list on, as far as the pages of the table go; of links to pages of one kind the first."""
    own = f"/admin/chat/{table}/"
    waiting, clicked = [own], {f"{own}?"}
    while waiting:
        await phone.goto(admin_site.address.rstrip("/") + waiting.pop())
        await assert_fits(phone)
        followed = await click_links(phone, clicked=clicked)
        waiting += [address for address in followed if address.startswith(own) and "?" not in address]


async def follow(page: Page, href: str) -> None:
    async with page.expect_navigation():
        await page.locator(f'#content a[href="{href}"]').first.click()


async def assert_fits(page: Page) -> None:
    """Nothing is off the screen to the side."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= WIDTH, page.url


async def go(page: Page, site: Site, path: str) -> None:
    await page.goto(f"{site.address}admin/chat/{path}")


async def press(where: Page | Locator, name: str) -> None:
    page = where if isinstance(where, Page) else where.page
    async with page.expect_navigation():
        await where.get_by_role("button", name=name, exact=True).click()


def told(page: Page) -> Locator:
    """What the page says of what was done."""
    return page.locator(".messagelist")


def part(page: Page, name: str) -> Locator:
    return page.locator(f"#chat-{name}")


async def test_a_person_is_moderated_by_the_buttons(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "person/alice/change/")
    for button, says in (
        ("Warn", "Warned"),
        ("Mute", "Muted"),
        ("Unmute", "Unmuted"),
        ("Kick", "Kicked"),
        ("Ban", "Banned"),
        ("Unban", "Unbanned"),
    ):
        form = part(phone, "person-acts")
        await form.get_by_label("Reason").fill("spam")
        await form.get_by_label("Where").select_option("Lounge")
        await form.get_by_label("Time").select_option("7 days")
        await press(form, button)
        assert f"{says}: Alice" in await told(phone).inner_text()
    acts = part(phone, "audit")
    assert "unbanned (Lounge) “spam”" in await acts.inner_text()
    assert "Lounge" in await part(phone, "sanctions").inner_text()


async def test_their_addresses_are_banned_with_them(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "person/alice/change/")
    form = part(phone, "person-acts")
    await form.get_by_label("Ban their addresses, too").check()

    await press(form, "Ban")

    assert "Banned: Alice" in await told(phone).inner_text()
    await press(part(phone, "person-acts"), "Unban")


async def test_what_somebody_said_is_deleted_once_it_was_asked(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "person/mallory/change/")
    await part(phone, "person-acts").get_by_label("Time").select_option("an hour")
    await press(part(phone, "person-acts"), "Delete messages…")
    await assert_fits(phone)
    await follow(phone, "/admin/chat/person/mallory/change/")  # not yet
    await press(part(phone, "person-acts"), "Delete messages…")
    await phone.get_by_label("Reason").fill("spam")

    await press(phone, "Delete messages")

    # How many there were, other tests have a say in.
    assert re.search(r"Deleted messages of a person: Mallory \(\d+\)", await told(phone).inner_text())
    await go(phone, admin_site, "message/?q=Mallory&deleted_at__isempty=1")
    assert await phone.locator("#result_list tbody tr").count() == 0


async def test_a_message_is_deleted_and_restored_and_its_author_warned(
    phone: Page, admin_site: Site
) -> None:
    await go(phone, admin_site, "message/?q=Alice+11")
    await follow_first_row(phone)
    await phone.get_by_label("Reason").first.fill("spam")
    await press(phone, "Delete the message")
    assert await phone.locator(".chat-this .chat-mark").inner_text() == "deleted"
    await press(phone, "Restore the message")
    assert await phone.locator(".chat-this .chat-mark").count() == 0
    await part(phone, "person-acts").get_by_label("Reason").fill("no more of it")
    await press(part(phone, "person-acts"), "Warn")

    assert "Warned: Alice" in await told(phone).inner_text()
    assert "/message/" in phone.url


async def follow_first_row(page: Page) -> None:
    async with page.expect_navigation():
        await page.locator("#result_list tbody th a").first.click()


@pytest.mark.parametrize(
    ("path", "action", "title", "says"),
    [
        ("sanction/?q=flood", "Lift the selected sanctions", "Lift sanctions", "1 sanction lifted."),
        ("report/", "Dismiss the selected reports", "Dismiss reports", "1 report decided."),
        (
            "report/",
            "The selected reports are right: delete the messages",
            "Delete what was reported",
            "1 report decided.",
        ),
        ("heldmessage/", "Let the selected messages through", "Let messages through", "1 message decided."),
        ("heldmessage/", "Refuse the selected messages", "Refuse messages", "1 message decided."),
    ],
)
async def test_an_action_asks_why_and_says_what_it_did(
    phone: Page, admin_site: Site, path: str, action: str, title: str, says: str
) -> None:
    await act(phone, admin_site, path, action, title, says)


async def test_messages_are_deleted_and_restored(phone: Page, admin_site: Site) -> None:
    for action, title, says in (
        ("Delete the selected messages", "Delete messages", "1 message deleted."),
        ("Restore the selected messages", "Restore messages", "1 message restored."),
    ):
        await act(phone, admin_site, "message/?q=Alice+10", action, title, says)


async def act(phone: Page, admin_site: Site, path: str, action: str, title: str, says: str) -> None:
    """Do this with the first row of a list, and read that it was done."""
    await go(phone, admin_site, path)
    await phone.locator("#result_list tbody input[name=_selected_action]").first.check()
    await phone.get_by_label("Action:").select_option(action)
    await press(phone, "Go")
    await assert_fits(phone)
    await phone.get_by_label("Reason").fill("as agreed")

    await press(phone, title)

    assert says in await told(phone).inner_text()


@pytest.mark.parametrize(
    ("path", "button", "gone"),
    [
        ("report/", "Dismiss the report", True),
        ("report/", "It is right: delete the message", True),
        ("heldmessage/", "Let it through", True),
        ("heldmessage/", "Refuse it", True),
        ("sanction/?active=1&kind__exact=ban", "Lift the sanction", False),
    ],
)
async def test_the_button_of_a_row_decides_it(
    phone: Page, admin_site: Site, path: str, button: str, gone: bool
) -> None:
    await go(phone, admin_site, path)
    rows = phone.locator("#result_list tbody tr")
    before = await rows.count()
    await follow_first_row(phone)
    form = part(phone, "decide" if gone else "lift")
    await form.get_by_label("Reason").fill("as agreed")

    await press(form, button)

    if gone:
        assert await rows.count() == before - 1
    else:
        assert await form.count() == 0


async def test_a_filter_is_made_changed_and_deleted(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "filterrule/")
    await follow(phone, "/admin/chat/filterrule/add/")
    await phone.get_by_label("What:").select_option("pattern")
    await phone.get_by_label("Value:").fill("(")
    await press(phone, "Save")
    assert await phone.locator(".errorlist").count()  # beside the form, and nothing is kept
    await phone.get_by_label("Value:").fill("(a+)+$")
    await press(phone, "Save and continue editing")
    await phone.get_by_label("Action:").select_option("hold")
    await press(phone, "Save and add another")
    await go(phone, admin_site, "filterrule/?kind__exact=pattern")
    await follow_first_row(phone)
    await phone.locator("a.deletelink").click()
    await press(phone, "Yes, I’m sure")
    assert "(a+)+$" not in await phone.locator("#content").inner_text()


async def test_files_are_sent(phone: Page, admin_site: Site) -> None:
    for path, name, ending in (
        ("person/alice/change/", "Export as JSON Lines", "jsonl"),
        ("person/alice/change/", "Export as CSV", "csv"),
        ("moderationact/?kind__exact=warn", "Export as CSV", "csv"),
    ):
        await go(phone, admin_site, path)
        async with phone.expect_download() as download:
            await phone.get_by_role("button", name=name).click()
        found = await download.value
        assert found.suggested_filename.endswith(f".{ending}")
        assert await found.failure() is None


async def test_a_person_is_erased_once_it_was_shown_what_goes(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "person/oscar/change/")
    await follow(phone, "/admin/chat/person/oscar/erase/")
    assert "Messages: 1" in await phone.locator("#content").inner_text()
    await assert_fits(phone)
    await phone.get_by_label("Messages").select_option("delete")

    await press(phone, "Erase a person")

    assert "they are forgotten" in await told(phone).inner_text()
    await go(phone, admin_site, "person/?q=oscar")
    assert await phone.locator("#result_list").count() == 0


async def test_lists_are_searched_and_filtered_by_time(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "message/")
    await phone.locator("#searchbar").fill("Alice 7")
    await press(phone, "Search")
    assert await phone.locator("#result_list tbody tr").count() == 1
    await phone.get_by_label("From").fill("2020-01-01T00:00")
    await phone.get_by_label("To", exact=True).fill("2100-01-01T00:00")
    await press(phone, "Show")
    assert await phone.locator("#result_list tbody tr").count() == 1
    await phone.get_by_label("To", exact=True).fill("2020-01-02T00:00")
    await press(phone, "Show")
    assert await phone.locator("#result_list tbody tr").count() == 0


async def test_on_a_phone_the_text_comes_first(phone: Page, admin_site: Site) -> None:
    await go(phone, admin_site, "message/")

    text = await phone.locator("#result_list tbody .field-text_start").first.bounding_box()
    name = await phone.locator("#result_list tbody .field-author_link").first.bounding_box()

    assert text
    assert name
    assert text["x"] >= 0
    assert text["x"] + text["width"] <= WIDTH
    assert text["y"] + text["height"] <= name["y"] + 1
