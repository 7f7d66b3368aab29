"""Who is here, what they are, who writes, and what people are called."""

import secrets
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import (
    box,
    come_back,
    connected,
    enter,
    give_name,
    log,
    message,
    online,
    page_alone,
    people,
    seed,
    sign_in,
    write,
)
from tests.databases import Database
from tests.serve.sites import assert_is_well

pytestmark = page_alone


def typing(page: Page) -> Locator:
    return page.locator("typing-line > :not([hidden])")


async def test_who_is_here_is_listed_with_what_they_are(visit: Open, peopled_site: Site) -> None:
    site = peopled_site
    alice = await visit("Alice", at=site)
    await alice.get_by_role("button", name="1 person online").click()
    await expect(people(alice)).to_have_count(1)

    boss = await visit(at=site)
    await sign_in(boss, site, "max")
    bob = await visit("Bob", at=site)
    await expect(people(alice)).to_have_count(3)
    names = await people(alice).locator("[data-name]").all_inner_texts()
    assert names == ["max", "Alice", "Bob"]
    await expect(people(alice).nth(0)).to_contain_text("moderator", use_inner_text=True)
    await expect(people(alice).nth(1)).to_contain_text("(you)", use_inner_text=True)
    comings = log(alice).locator("chat-presence")
    await expect(comings).to_have_text("Alice, max and Bob joined the chat.", use_inner_text=True)

    text = secrets.token_hex(4)
    await write(boss, text)
    await expect(message(alice, text)).to_contain_text("moderator", use_inner_text=True)
    await bob.close()
    await expect(people(alice)).to_have_count(2)


async def test_who_calls_themselves_a_moderator_has_no_badge_and_is_mentioned_as_all_are(
    visit: Open, shared_site: Site
) -> None:
    alice = await visit("Alice", at=shared_site)
    await alice.get_by_role("button", name="1 person online").click()

    await visit("Max ✓ (of the house)", at=shared_site)

    await expect(people(alice)).to_have_count(2)
    await expect(alice.locator(".badge")).to_have_count(0)

    await box(alice).fill("thanks")
    button = people(alice).filter(has_text="Max").get_by_role("button", name="Actions")
    await button.click()
    await alice.get_by_role("dialog", name="Max").get_by_role("button", name="Mention").click()
    await expect(box(alice)).to_have_value("thanks @Max ✓ (of the house) ")
    await expect(box(alice)).to_be_focused()


async def test_who_writes_is_seen_and_nothing_jumps(visit: Open, shared_site: Site) -> None:
    alice = await visit(at=shared_site, locale="ru-RU")
    await give_name(alice, "Алиса")
    bob, carol = await visit("Аня", at=shared_site), await visit("Борис", at=shared_site)
    await expect(log(alice).locator("chat-presence")).to_contain_text("Борис", use_inner_text=True)
    before = await alice.locator("chat-composer").bounding_box()

    await box(bob).press_sequentially("so")
    await expect(typing(alice)).to_have_text("Аня печатает…")
    await box(carol).press_sequentially("and")
    await expect(typing(alice)).to_have_text("Аня и Борис печатают…")
    assert await alice.locator("chat-composer").bounding_box() == before
    await expect(typing(bob)).to_have_text("Борис is typing…")

    await box(bob).press("Enter")
    await expect(typing(alice)).to_have_text("Борис печатает…")
    await expect(typing(alice)).to_have_count(0, timeout=8000)


async def test_a_name_is_changed_without_coming_anew(visit: Open, shared_site: Site) -> None:
    alice, bob = await visit("Alice", at=shared_site), await visit("Bob", at=shared_site)
    await expect(log(alice).get_by_text("Bob joined the chat")).to_be_visible()

    await bob.get_by_role("button", name="Your name: Bob").click()
    name = bob.get_by_role("textbox", name="What is your name?")
    for taken, why in (
        ("alice", "Somebody here is called so"),
        ("Moderator", "This name, or one that looks"),
    ):
        await name.fill(taken)
        await bob.get_by_role("button", name="Change the name").click()
        await expect(bob.get_by_role("alert").filter(has_text=why)).to_be_visible()
    # Who thinks better of it finds nothing of that the next time.
    await bob.get_by_role("button", name="Cancel").click()
    await bob.get_by_role("button", name="Your name: Bob").click()
    await expect(bob.get_by_role("alert").filter(has_text="This name")).to_be_hidden()
    await name.fill("Robert")
    await bob.get_by_role("button", name="Change the name").click()

    await expect(bob.get_by_role("button", name="Your name: Robert")).to_be_visible()
    await expect(bob.get_by_role("dialog")).to_be_hidden()
    for page in (alice, bob):
        await expect(log(page).get_by_text("Bob is now Robert")).to_be_visible()
    await expect(log(alice).get_by_text("left the chat")).to_have_count(0)
    await bob.reload()
    await expect(bob.get_by_role("button", name="Your name: Robert")).to_be_visible()


async def test_who_comes_second_under_a_name_hears_so_and_may_choose_another(
    visit: Open, shared_site: Site
) -> None:
    await visit("Таня", at=shared_site)
    second = await visit("Таня", at=shared_site)

    await expect(second.get_by_role("status").filter(has_text="Here you are Таня 2.")).to_be_visible()
    await second.get_by_role("button", name="Choose another name").click()
    await second.get_by_role("textbox", name="What is your name?").fill("Нюра")
    await second.get_by_role("button", name="Change the name").click()

    await expect(second.get_by_role("button", name="Your name: Нюра")).to_be_visible()
    await expect(second.locator(".note")).to_be_hidden()


async def test_a_user_of_the_site_comes_in_as_that_and_goes_as_a_guest(
    visit: Open, peopled_site: Site
) -> None:
    site = peopled_site
    ann, bob = await visit(at=site), await visit("Bob", at=site)
    await sign_in(ann, site, "ann")
    await expect(ann.get_by_role("dialog")).to_be_hidden()
    await expect(log(bob).get_by_text("ann member joined")).to_be_visible()
    await box(ann).fill("half a thought")
    first = secrets.token_hex(4)
    await write(bob, first)
    await expect(message(ann, first)).to_be_visible()

    other = await ann.context.new_page()
    await other.goto(site.address)
    await connected(other)
    await other.get_by_role("button", name="Your account: ann").click()
    await other.get_by_role("link", name="Sign out").click()
    await other.get_by_role("button", name="Sign out").click()

    await expect(ann.get_by_role("button", name="Choose a name")).to_be_visible(timeout=8000)
    await enter(ann, "Nobody")
    await expect(ann.get_by_role("button", name="Your name: Nobody")).to_be_visible()
    await expect(box(ann)).to_have_value("")
    second = secrets.token_hex(4)
    await write(ann, second)
    await expect(message(bob, second)).to_contain_text("Nobody")


async def test_what_a_user_has_not_sent_is_not_sent_by_a_guest(visit: Open, own_site: Site) -> None:
    seed(own_site)
    text = secrets.token_hex(4)
    with own_site.served_by("serve"):
        ann = await visit(at=own_site)
        await sign_in(ann, own_site, "ann")
    await write(ann, text)
    await expect(message(ann, text)).to_have_attribute("data-status", "pending")
    await ann.context.clear_cookies()

    with own_site.served_by("serve"):
        bob = await visit("Bob", at=own_site)
        await come_back(ann)
        await enter(ann, "Nobody")
        line = message(ann, text)
        await expect(line).to_contain_text("You were somebody else when you wrote it.", use_inner_text=True)
        await write(ann, "something else")
        await expect(message(ann, "something else")).to_have_attribute("data-status", "sent")
        await expect(message(bob, "something else")).to_be_visible()
        await expect(message(bob, text)).to_have_count(0)

        await line.get_by_role("button", name="Try again").click()
        await expect(message(bob, text)).to_contain_text("Nobody")


async def test_where_guests_only_read_the_box_gives_place_to_a_sentence(
    visit: Open, build: Build, tmp_path: Path
) -> None:
    site = build(tmp_path, CHAT_GUESTS="read")
    with site.served_by("serve"):
        alice = await visit(at=site)

        await expect(alice.get_by_text("Only users of the site can write here")).to_be_visible()
        # To read takes no name.
        await expect(online(alice)).to_have_text("0 people online")
        for asked in ("Choose a name", "Enter the chat"):
            await expect(alice.get_by_role("button", name=asked)).to_be_hidden()
        await expect(box(alice)).to_be_hidden()
        await alice.locator("chat-composer").get_by_role("link", name="Sign in").click()
        await expect(alice).to_have_url(f"{site.address}accounts/login/?next=%2F")
    assert_is_well(site)


async def test_where_there_are_no_guests_who_signs_out_is_asked_to_sign_in(
    visit: Open, build: Build, tmp_path: Path
) -> None:
    site = build(tmp_path, CHAT_GUESTS="none")
    seed(site)
    with site.served_by("serve"):
        ann = await visit(at=site)
        await sign_in(ann, site, "ann")

        await ann.context.clear_cookies()
        with Database.of(site) as database:
            database.execute("DELETE FROM django_session")

        await expect(ann.get_by_role("heading", name="Sign in")).to_be_visible(timeout=8000)
        await expect(ann).to_have_url(f"{site.address}accounts/login/?next=/")
    assert_is_well(site)


async def test_a_long_name_is_cut_and_what_stands_beside_it_is_not(visit: Open) -> None:
    name = "Ш" * 32
    alice = await visit(name)
    await alice.get_by_role("button", name="1 person online").click()

    line = people(alice).filter(has_text=name)
    cut = line.locator("[data-name]")
    await expect(cut).to_have_attribute("title", name)
    assert await cut.evaluate("name => name.scrollWidth > name.clientWidth")
    beside = await line.get_by_text("(you)").bounding_box()
    assert beside
    assert beside["x"] + beside["width"] <= 1280
