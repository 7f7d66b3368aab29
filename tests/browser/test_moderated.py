"""What people see of moderation: pinned messages, slow rooms, being stopped, reports, filters."""

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import box, choose, connected, enter, log, message, write
from tests.serve.sites import assert_is_well

SEED = """
from chat.access import PROGRAM
from chat.models import FilterRule, Room
from chat.services import filters

for slug in ("rules", "slow", "quiet", "salon", "talk", "complaints", "users"):
    Room.objects.create(slug=slug, title=slug.capitalize())
talk = Room.objects.get(slug="talk")
filters.keep(PROGRAM, FilterRule(room=talk, kind="word", value="darn", action="refuse"))
filters.keep(PROGRAM, FilterRule(room=talk, kind="link", action="hold"))
"""
#: Bob says something in a room, and then there is `message`.
SAY = """
from chat.access import PROGRAM, guest
from chat.models import HeldMessage, Message, Sanction
from chat.services import directory, filters, messages, people, reports, rooms
[bob] = people.arrive([people.Arrival("bob", "Bob")])
"""


@pytest.fixture(scope="module")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a room for each of these stories."""
    made = build(tmp_path_factory.mktemp("moderated"))
    made.manage("shell", "-c", SEED)
    with made.served_by("serve"):
        yield made
    assert_is_well(made)


def moderate(site: Site, *words: str) -> None:
    site.manage("chat_moderate", *words)


def run(site: Site, *lines: str) -> None:
    site.manage("shell", "-c", SAY + "\n".join(lines))


async def arrive(visit: Open, site: Site, name: str, slug: str) -> Page:
    """Come into a room as somebody whose name nobody else has."""
    page = await visit(name, at=site)
    await page.goto(f"{site.address}r/{slug}/")
    await connected(page)
    return page


def pinned(page: Page) -> Locator:
    return page.get_by_role("region", name="Pinned message")


def words(page: Page) -> Locator:
    """What the moderators have told the person."""
    return page.get_by_role("group", name="From the moderators").locator(".moderator-word")


async def test_a_pinned_message_stands_over_the_talk_and_leads_there(visit: Open, site: Site) -> None:
    rules = "Be kind. " * 40
    run(
        site,
        "room = rooms.at(PROGRAM, 'rules')",
        f"first = messages.post(guest(bob), room, '{rules}')",
        "for number in range(80): messages.post(guest(bob), room, f'word {number}')",
        "from chat.services import moderation",
        "moderation.pin(PROGRAM, room, first.pk)",
    )
    alice = await arrive(visit, site, "Alice", "rules")
    await expect(pinned(alice)).to_contain_text("Bob")
    await expect(pinned(alice)).to_contain_text("Be kind.")
    await expect(message(alice, "Be kind.")).to_have_count(0)
    height = (await pinned(alice).bounding_box() or {})["height"]

    unfold = pinned(alice).get_by_role("button", name="Show all of it")
    await unfold.press("Enter")
    await expect(unfold).to_have_attribute("aria-expanded", "true")
    assert (await pinned(alice).bounding_box() or {})["height"] > height
    await unfold.press("Enter")
    await pinned(alice).get_by_role("button", name="Go to this message").press("Enter")
    await expect(message(alice, "Be kind.")).to_have_attribute("data-sought", "")
    await expect(message(alice, "Be kind.")).to_be_in_viewport()

    run(site, "messages.delete(PROGRAM, Message.objects.filter(text__startswith='Be kind.'))")
    await expect(pinned(alice)).to_be_hidden()
    await expect(log(alice).locator("[data-deleted]:visible")).to_have_count(1)
    run(site, "messages.restore(PROGRAM, Message.objects.filter(text__startswith='Be kind.'))")
    await expect(pinned(alice)).to_be_visible()
    await expect(message(alice, "Be kind.")).to_be_visible()
    moderate(site, "unpin", "rules")
    await expect(pinned(alice)).to_be_hidden()

    await alice.get_by_role("button", name="To the latest").click()
    moderate(site, "announce", "rules", "Tea at five.\nBring cups.")
    announcement = log(alice).locator(".is-announcement")
    await expect(announcement).to_contain_text("Announcement:")
    await expect(announcement.locator("[data-message]")).to_have_text("Tea at five.\nBring cups.")
    await expect(announcement).to_be_in_viewport()


async def test_in_a_slow_room_what_is_said_too_soon_is_sent_later(visit: Open, site: Site) -> None:
    moderate(site, "slow", "slow", "3")
    alice = await arrive(visit, site, "Sleepy", "slow")
    await expect(alice.get_by_text("Slow mode: one message in 3 secs.")).to_be_visible()
    first, second, third = (f"{number} {secrets.token_hex(4)}" for number in ("one", "two", "three"))

    await write(alice, first)
    await expect(alice.get_by_text(re.compile(r"The next one in 0:0\d\."))).to_be_visible()
    await write(alice, second)
    await write(alice, third)
    await expect(message(alice, second)).to_contain_text("This room is slow", use_inner_text=True)

    await expect(message(alice, third)).to_have_attribute("data-status", "sent", timeout=15_000)
    said = await log(alice).locator("[data-body]").all_inner_texts()
    assert said == [first, second, third]

    moderate(site, "slow", "slow", "0")
    await expect(alice.get_by_text("Slow mode:").last).to_be_hidden()
    await expect(log(alice).get_by_text("There is no wait between two messages any more.")).to_be_visible()


async def test_who_is_muted_is_told_and_waits(visit: Open, site: Site) -> None:
    alice = await arrive(visit, site, "Loudmouth", "quiet")
    await box(alice).fill("half a sentence")

    moderate(site, "warn", "Loudmouth", "Mind your words", "--room", "quiet")
    await expect(words(alice)).to_contain_text(
        "A moderator warns you. In “Quiet”. Reason: Mind your words", use_inner_text=True
    )
    moderate(site, "mute", "Loudmouth", "--room", "quiet", "--minutes", "1", "--reason", "Too loud")

    await expect(box(alice)).to_be_hidden()
    silence = alice.locator("[data-silence=muted]")
    await expect(silence).to_contain_text(
        re.compile(r"Until \d.*0:[45]\d left.*Reason: Too loud", re.S), use_inner_text=True
    )
    await expect(words(alice)).to_have_count(2)
    await alice.reload()
    await expect(silence).to_contain_text("Too loud")
    await expect(words(alice)).to_have_count(2)
    for _ in range(2):
        await words(alice).get_by_role("button", name="Understood").first.press("Enter")
    await expect(words(alice)).to_have_count(0)
    run(
        site,
        "from django.utils import timezone",
        "from datetime import timedelta",
        "directory.move()",
        "Sanction.objects.update(until=timezone.now() + timedelta(seconds=3), version=directory.version())",
    )
    await alice.reload()
    await expect(silence).to_be_visible()
    await expect(silence).to_be_hidden()

    await expect(box(alice)).to_have_value("half a sentence")
    await box(alice).press("Enter")
    await expect(message(alice, "half a sentence")).to_have_attribute("data-status", "sent")

    moderate(site, "mute", "Loudmouth")
    await expect(silence).to_be_visible()
    await expect(words(alice)).to_contain_text("does not let you write any more", use_inner_text=True)
    moderate(site, "unmute", "Loudmouth")
    await expect(box(alice)).to_be_visible()
    await expect(words(alice)).to_have_count(1)
    await expect(words(alice)).to_contain_text("You may write again.", use_inner_text=True)
    await words(alice).get_by_role("button", name="Understood").press("Enter")
    await expect(words(alice)).to_have_count(0)


async def test_who_is_shut_out_sees_nothing_in_any_tab_until_it_is_over(visit: Open, site: Site) -> None:
    mark = secrets.token_hex(4)
    run(site, f"messages.post(guest(bob), rooms.at(PROGRAM, 'lobby'), '{mark}')")
    alice = await visit("Mallory", at=site, clock=True)
    other = await alice.context.new_page()
    await other.goto(site.address)
    await connected(other)
    await expect(message(alice, mark)).to_be_visible()

    moderate(site, "kick", "Mallory", "--reason", "Spam")
    for page in (alice, other):
        await expect(page.get_by_role("heading", name="You are out for a moment")).to_be_visible()
        await expect(page.get_by_text("Reason: Spam")).to_be_visible()
        await expect(page.locator(".chat")).to_be_hidden()
        await expect(page.get_by_text(mark)).to_have_count(0)
    back = alice.get_by_role("button", name="Come back")
    await expect(back).to_be_disabled()
    await expect(alice.get_by_text(re.compile(r"0:[45]\d left\."))).to_be_visible()
    # Whoever's clock is wrong is told how long it still is.
    await alice.clock.fast_forward(61_000)
    await back.click()
    await expect(back).to_be_disabled()

    run(site, "directory.move()", "Sanction.objects.all().delete()", "directory.move()")
    await other.reload()
    await expect(message(other, mark)).to_be_visible()
    moderate(site, "ban", "Mallory", "--reason", "Spam again")
    await expect(other.get_by_role("heading", name="The chat is closed to you")).to_be_visible()
    await expect(other.get_by_text("Reason: Spam again")).to_be_visible()
    await expect(other.get_by_role("button", name="Come back")).to_be_hidden()
    await other.reload()
    await expect(other.get_by_role("heading", name="The chat is closed to you")).to_be_visible()
    await expect(other.get_by_text(mark)).to_have_count(0)
    moderate(site, "unban", "Mallory")
    await other.reload()
    await expect(message(other, mark)).to_be_visible()


async def test_who_is_banned_from_a_room_is_led_to_the_lobby(visit: Open, site: Site) -> None:
    alice = await arrive(visit, site, "Trudy", "salon")

    moderate(site, "ban", "Trudy", "--room", "salon")
    await expect(alice.get_by_text("A moderator has banned you from the room “Salon”.")).to_be_visible()
    assert alice.url == site.address
    await expect(alice.get_by_role("navigation", name="Rooms").get_by_text("Salon")).to_have_count(0)

    await alice.goto(f"{site.address}r/salon/")
    await expect(alice.get_by_text("A moderator has banned you from the room “")).to_be_visible()
    assert alice.url == site.address


async def test_what_a_filter_stops_is_put_otherwise_and_what_it_holds_waits(
    visit: Open, site: Site
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
    run(site, "filters.decide_held(PROGRAM, HeldMessage.objects.get(text__contains='good'), True)")
    await expect(message(carol, "good.example")).to_be_visible()
    await expect(held).to_have_attribute("data-status", "sent")
    await expect(held).to_have_count(1)

    await write(alice, "see https://bad.example/")
    await expect(message(alice, "bad.example")).to_contain_text(waits, use_inner_text=True)
    run(
        site,
        "bad = HeldMessage.objects.get(text__contains='bad')",
        "filters.decide_held(PROGRAM, bad, False, 'no shops')",
    )
    await expect(message(alice, "bad.example")).to_have_count(0)
    await expect(words(alice)).to_contain_text(
        "A moderator has not let your message through.", use_inner_text=True
    )
    await expect(words(alice)).to_contain_text("Reason: no shops", use_inner_text=True)
    await expect(words(alice)).to_contain_text("https://bad.example/", use_inner_text=True)


async def test_a_message_is_reported_once_and_what_came_of_it_is_told(visit: Open, site: Site) -> None:
    mark = secrets.token_hex(4)
    run(site, f"messages.post(guest(bob), rooms.at(PROGRAM, 'complaints'), 'buy {mark}')")
    alice = await arrive(visit, site, "Peggy", "complaints")
    await write(alice, "my own")

    await choose(message(alice, mark), "Report")
    dialog = alice.get_by_role("dialog", name="What is wrong with this message?")
    await expect(dialog).to_contain_text(f"Bob buy {mark}")
    await expect(dialog.get_by_label("spam or advertising")).to_be_checked()
    await dialog.get_by_label("In your own words").fill("every day")
    await dialog.get_by_label("In your own words").press("Enter")
    await expect(alice.get_by_text("The moderators will look at it.")).to_be_visible()
    await expect(alice.get_by_role("button", name="Close", exact=True)).to_be_focused()
    await alice.keyboard.press("Enter")

    for line in (message(alice, mark), message(alice, "my own")):
        await line.hover()
        await line.get_by_role("button", name="Actions").click()
        await expect(alice.get_by_role("button", name="Reply", exact=True)).to_be_visible()
        await expect(alice.get_by_role("button", name="Report", exact=True)).to_be_hidden()
        await alice.keyboard.press("Escape")
    await alice.reload()
    await connected(alice)
    await message(alice, mark).hover()
    await message(alice, mark).get_by_role("button", name="Actions").click()
    await expect(alice.get_by_role("button", name="Report", exact=True)).to_be_hidden()
    await alice.keyboard.press("Escape")

    run(
        site,
        f"told = Message.objects.get(text='buy {mark}')",
        "from chat.models import Report",
        "assert Report.objects.get(message=told).reason == 'spam or advertising: every day'",
        "reports.decide(PROGRAM, told, True)",
    )
    await expect(words(alice)).to_contain_text(
        "Thank you for your report: the moderators have acted on it."
    )
    await expect(message(alice, mark)).to_have_count(0)


async def test_where_users_of_the_site_speak_a_guest_is_led_to_sign_in(visit: Open, site: Site) -> None:
    alice = await arrive(visit, site, "Victor", "users")

    moderate(site, "mode", "users", "users")
    silence = alice.locator("[data-silence=guests]")
    await expect(silence).to_contain_text("Only users of the site can write here.")
    await expect(silence.get_by_role("link", name="Sign in")).to_be_visible()
    await expect(log(alice).get_by_text("Only users of the site can write here now.")).to_be_visible()

    moderate(site, "mode", "users", "open")
    await expect(box(alice)).to_be_visible()


async def test_the_page_of_a_phone_has_room_for_all_of_it(visit: Open, site: Site) -> None:
    small = {"viewport": {"width": 360, "height": 640}}
    alice = await visit(at=site, **small)
    await enter(alice, "Olivia")
    moderate(site, "warn", "Olivia", "W" * 200)
    await expect(words(alice)).to_be_visible()

    for element in (alice.locator("html"), words(alice)):
        assert await element.evaluate("one => one.scrollWidth <= one.clientWidth")
    await expect(words(alice).get_by_role("button", name="Understood")).to_be_in_viewport()
