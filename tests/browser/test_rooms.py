"""Several rooms in one page: a list of them, what is unread, and what becomes of a room."""

import secrets
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import (
    box,
    connected,
    enter,
    give_name,
    has_read,
    log,
    message,
    online,
    page_alone,
    people,
    room,
    rooms,
    seed,
    sign_in,
    write,
)
from tests.serve.sites import assert_is_well

pytestmark = page_alone


@pytest.fixture
def site(peopled_site: Site) -> Site:
    return peopled_site


def mark() -> str:
    return secrets.token_hex(4)


async def in_room(page: Page, title: str) -> None:
    """It is shown, and one is there."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(room(page, title)).to_have_attribute("aria-current", "page")
    await expect(online(page)).to_contain_text("online", use_inner_text=True)


async def test_a_room_is_opened_without_a_reload_and_the_browser_goes_back(visit: Open, site: Site) -> None:
    alice = await visit("Alice", at=site)
    await alice.evaluate("window.stays = true")
    lobby, salon = mark(), mark()
    await write(alice, lobby)

    await room(alice, "Salon").click()
    await in_room(alice, "Salon")
    await expect(alice).to_have_url(f"{site.address}r/salon/")
    await expect(alice).to_have_title("Salon")
    await expect(alice.get_by_text("Tea and books")).to_be_visible()
    await expect(message(alice, lobby)).to_have_count(0)
    await write(alice, salon)
    await expect(message(alice, salon)).to_have_attribute("data-status", "sent")

    await alice.go_back()
    await expect(alice).to_have_url(site.address)
    await expect(message(alice, lobby)).to_be_visible()
    await expect(message(alice, salon)).to_have_count(0)
    await alice.go_forward()
    await expect(message(alice, salon)).to_be_visible()
    assert await alice.evaluate("window.stays")

    await alice.reload()
    await in_room(alice, "Salon")
    await expect(message(alice, salon)).to_be_visible()


async def test_each_room_has_a_draft_of_its_own(visit: Open, site: Site) -> None:
    alice = await visit("Alice", at=site)
    await box(alice).fill("for the lobby")

    await room(alice, "Salon").click()
    await expect(box(alice)).to_have_value("")
    await box(alice).fill("for the salon")
    await room(alice, "Lobby").click()

    await expect(box(alice)).to_have_value("for the lobby")
    await room(alice, "Salon").click()
    await expect(box(alice)).to_have_value("for the salon")

    # Nor is lost what is half written in place of a message.
    await box(alice).press("Enter")
    text = mark()
    await write(alice, text)
    await expect(message(alice, text)).to_have_attribute("data-status", "sent")
    await box(alice).press("ArrowUp")
    await box(alice).fill("half of it")
    await room(alice, "Lobby").click()
    await expect(box(alice)).to_have_value("for the lobby")
    await room(alice, "Salon").click()
    await expect(message(alice, text)).to_be_visible()
    await box(alice).press("ArrowUp")
    await expect(box(alice)).to_have_value("half of it")


async def test_what_is_said_elsewhere_is_unread_until_it_is_seen_on_any_device(
    visit: Open, site: Site
) -> None:
    alice, bob = await visit("Alice", at=site), await visit("Bob", at=site)
    first, second, third = mark(), mark(), mark()
    await room(alice, "Salon").click()
    await in_room(alice, "Salon")
    await room(bob, "Salon").click()
    await write(bob, first)
    await expect(message(alice, first)).to_be_visible()
    await has_read(site, "Alice", first)
    other = await alice.context.new_page()
    await other.goto(site.address)
    await connected(other)
    await room(alice, "Lobby").click()

    await write(bob, second)
    await write(bob, third)
    for page in (alice, other):
        await expect(room(page, "Salon")).to_contain_text("Unread messages: 2", use_inner_text=True)
    await room(alice, "Salon").click()

    await expect(alice.locator(".log-unread")).to_have_text("2 new messages", use_inner_text=True)
    below = await alice.locator(".log-unread ~ chat-message").all_inner_texts()
    assert [third in below[1], second in below[0], len(below)] == [True, True, 2]
    for page in (alice, other):
        await expect(room(page, "Salon")).not_to_contain_text("Unread", use_inner_text=True)
    await room(alice, "Lobby").click()
    await room(alice, "Salon").click()
    await expect(alice.locator(".log-unread")).to_have_count(0)


async def test_who_is_invited_finds_the_room_and_who_is_sent_away_the_lobby(
    visit: Open, site: Site
) -> None:
    ann, bert = await visit(at=site), await visit(at=site)
    await sign_in(ann, site, "ann")
    await sign_in(bert, site, "bert")
    await expect(rooms(bert).get_by_text("Club")).to_have_count(0)
    await write(bert, mark())

    await ann.get_by_role("button", name="online").click()
    line = people(ann).filter(has_text="bert")
    await line.get_by_role("button", name="Actions").click()
    await ann.get_by_role("button", name="Invite to “Club”").click()

    await expect(
        ann.get_by_role("status").filter(has_text="bert is now a member of “Club”.")
    ).to_be_visible()
    await expect(
        bert.get_by_role("status").filter(has_text="You are now a member of “Club”.")
    ).to_be_visible()
    await bert.get_by_role("button", name="Open the room").click()
    await in_room(bert, "Club")
    await expect(bert.locator(".note")).to_be_hidden()
    text = mark()
    await write(bert, text)
    await expect(message(bert, text)).to_have_attribute("data-status", "sent")
    await expect(room(ann, "Club")).to_contain_text("Unread messages", use_inner_text=True)

    site.manage("chat_room", "member", "remove", "club", "--user", "bert")
    await expect(
        bert.get_by_text("The room “Club” is not there any more, or not open to you.")
    ).to_be_visible()
    await expect(bert).to_have_url(site.address)
    await expect(rooms(bert).get_by_text("Club")).to_have_count(0)
    await expect(log(bert).get_by_role("article").first).to_be_visible()
    # The browser goes back to where one has been, save where that is no more.
    await room(bert, "Salon").click()
    await in_room(bert, "Salon")
    await room(bert, "News").click()
    await in_room(bert, "News")
    await bert.go_back()
    await in_room(bert, "Salon")
    await bert.go_back()
    await in_room(bert, "Lobby")
    await bert.get_by_role("button", name="Close").first.click()
    # Of the forms that a note may have none is seen.
    await expect(bert.get_by_text("The room “Club”").filter(visible=True)).to_have_count(0)


async def test_an_address_of_no_room_is_not_found(visit: Open, site: Site) -> None:
    alice = await visit("Alice", at=site)

    for slug in ("club", "nowhere"):
        answer = await alice.goto(f"{site.address}r/{slug}/")
        assert answer
        assert answer.status == 404
        sentence = f"The room “{slug}” is not there any more, or not open to you."
        await expect(alice.get_by_text(sentence)).to_be_visible()
        await expect(alice).to_have_url(site.address)


async def test_a_guest_finds_the_closed_room_they_belong_to_whenever_the_page_is_loaded(
    visit: Open, site: Site
) -> None:
    name = f"Zoe {mark()}"
    zoe = await visit(name, at=site)
    program = (
        "from chat.actors import PROGRAM; from chat.models import Person; "
        "from chat.services import members; "
        f"members.set_role(PROGRAM, 'club', Person.objects.get(name={name!r}).pk, 'member')"
    )
    site.manage("shell", "-c", program)

    await zoe.goto(f"{site.address}r/club/")
    await in_room(zoe, "Club")
    await zoe.reload()
    await in_room(zoe, "Club")
    await expect(zoe).to_have_url(f"{site.address}r/club/")


async def test_a_room_is_made_and_shown_at_once(visit: Open, site: Site) -> None:
    ann, bert = await visit(at=site), await visit(at=site)
    await sign_in(ann, site, "ann")
    await sign_in(bert, site, "bert")
    title = f"Garden {mark()}"

    await rooms(ann).get_by_role("button", name="Make a room").click()
    dialog = ann.get_by_role("dialog", name="Make a room")
    await dialog.get_by_label("Title").fill(title)
    await dialog.get_by_label("What it is about").fill("Roses")
    await dialog.get_by_role("button", name="Make a room").click()

    await in_room(ann, title)
    await expect(ann.get_by_text("Roses")).to_be_visible()
    await expect(box(ann)).to_be_focused()
    await write(ann, "first here")
    await room(bert, title).click()
    await expect(message(bert, "first here")).to_contain_text("owner", use_inner_text=True)


async def test_a_room_that_cannot_be_made_is_still_to_be_made(
    visit: Open, build: Build, tmp_path: Path
) -> None:
    site = build(tmp_path, CHAT_ROOMS_BY="users", CHAT_ROOMS_PER_USER="1")
    seed(site)
    with site.served_by("serve"):
        bert = await visit(at=site)
        await sign_in(bert, site, "bert")
        make = bert.get_by_role("button", name="Make a room")
        dialog = bert.get_by_role("dialog", name="Make a room")

        for title in ("One", "Two"):
            await rooms(bert).get_by_role("button", name="Make a room").click()
            await dialog.get_by_label("Title").fill(title)
            await dialog.get_by_role("button", name="Make a room").click()
            await expect(bert.get_by_role("heading", level=1)).to_have_text("One")

        await expect(dialog.get_by_role("alert")).to_have_text("You have made as many rooms as you can.")
        await expect(dialog.get_by_label("Title")).to_have_value("Two")
        await bert.context.set_offline(offline=True)
        await expect(bert.get_by_text("Checking the connection…")).to_be_visible()
        await dialog.get_by_role("button", name="Make a room").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("There is no connection just now.")
        await dialog.get_by_role("button", name="Cancel").click()
        await expect(dialog).to_be_hidden()
        await expect(make).to_be_visible()
    assert_is_well(site)


async def test_what_is_asked_of_somebody_on_a_phone_stands_beside_them(visit: Open, site: Site) -> None:
    ann, bert = (
        await visit(at=site, viewport={"width": 360, "height": 640}, has_touch=True),
        await visit(at=site),
    )
    await sign_in(ann, site, "ann")
    await sign_in(bert, site, "bert")

    await ann.get_by_role("button", name="online").click()
    button = people(ann).filter(has_text="bert").get_by_role("button", name="Actions")
    await button.click()

    card = ann.get_by_role("dialog", name="bert")
    await expect(card.get_by_role("button", name="Talk alone")).to_be_focused()
    await expect(people(ann).first).to_be_visible()
    place, beside = await card.bounding_box(), await button.bounding_box()
    assert place
    assert beside
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 360
    gap = max(beside["y"] - place["y"] - place["height"], place["y"] - beside["y"] - beside["height"])
    assert 0 <= gap <= 10
    await ann.keyboard.press("Escape")
    await expect(card).to_be_hidden()
    await expect(people(ann).first).to_be_visible()

    await button.click()
    await card.get_by_role("button", name="Talk alone").click()
    await expect(ann.get_by_role("heading", level=1)).to_have_text("bert")
    await expect(people(ann).first).to_be_hidden()


async def test_a_room_that_is_opened_is_read_out_and_its_button_says_what_is_unread(
    visit: Open, site: Site
) -> None:
    alice, bob = await visit("Alice", at=site), await visit("Bob", at=site)
    await room(alice, "Salon").click()
    await expect(alice.get_by_role("status").filter(has_text="Salon")).to_have_count(1)
    own = mark()
    await write(alice, own)
    await has_read(site, "Alice", own)  # so that the room is hers
    await room(alice, "Lobby").click()
    await room(bob, "Salon").click()

    await write(bob, mark())

    await alice.set_viewport_size({"width": 360, "height": 640})
    await expect(alice.get_by_role("button", name="Rooms Unread messages: 1")).to_be_visible()


async def test_whoever_is_about_to_choose_a_room_still_is_where_another_comes_or_goes(
    visit: Open, site: Site
) -> None:
    bert = await visit(at=site)
    await sign_in(bert, site, "bert")
    await room(bert, "Salon").focus()

    for action, count in (("add", 1), ("remove", 0)):
        site.manage("chat_room", "member", action, "club", "--user", "bert")
        await expect(room(bert, "Club")).to_have_count(count)
        await expect(room(bert, "Salon")).to_be_focused()


async def test_two_users_talk_alone(visit: Open, site: Site) -> None:
    ann, bert = await visit(at=site), await visit(at=site)
    await sign_in(ann, site, "ann")
    await sign_in(bert, site, "bert")
    text = mark()

    await bert.get_by_role("button", name="online").click()
    await people(bert).filter(has_text="ann").get_by_role("button", name="Actions").click()
    await bert.get_by_role("button", name="Talk alone").click()
    await in_room(bert, "ann")
    await write(bert, text)

    await expect(room(ann, "bert")).to_contain_text("Unread messages: 1", use_inner_text=True)
    await expect(rooms(ann).get_by_role("heading", name="Conversations")).to_be_visible()
    await room(ann, "bert").click()
    await expect(message(ann, text)).to_be_visible()


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("News", "Only members can write here."),
        ("Attic", "This room is archived: nothing more is said here."),
    ],
)
async def test_where_nothing_may_be_said_a_sentence_takes_the_place_of_the_box(
    visit: Open, site: Site, title: str, why: str
) -> None:
    alice = await visit("Alice", at=site)

    user = await visit(at=site)
    await sign_in(user, site, "bert")
    await room(user, title).click()
    await expect(user.get_by_text(why)).to_be_visible()
    await expect(box(user)).to_be_hidden()

    await room(alice, title).click()

    await expect(alice.get_by_text(why)).to_be_visible()
    await expect(box(alice)).to_be_hidden()
    await room(alice, "Lobby").click()
    await expect(box(alice)).to_be_visible()


async def test_on_a_phone_the_rooms_come_over_the_talk(visit: Open, site: Site) -> None:
    alice = await visit("Alice", at=site, viewport={"width": 360, "height": 640}, has_touch=True)
    opener = alice.get_by_role("button", name="Rooms")
    await expect(rooms(alice)).to_be_hidden()

    await opener.click()
    await expect(room(alice, "Lobby")).to_be_focused()
    for _ in range(10):
        await alice.keyboard.press("Tab")
        assert not await alice.evaluate("document.activeElement.closest('.talk')"), "it is covered"
    for item in await rooms(alice).get_by_role("link").all():
        place = await item.bounding_box()
        assert place
        assert place["height"] >= 44 or not await item.get_attribute("data-slug")
    await alice.keyboard.press("Escape")
    await expect(rooms(alice)).to_be_hidden()
    await expect(opener).to_be_focused()

    await opener.click()
    await room(alice, "Salon").click()
    await expect(rooms(alice)).to_be_hidden()
    await expect(alice.get_by_role("heading", level=1)).to_have_text("Salon")
    assert await alice.evaluate("document.documentElement.scrollWidth") <= 360


async def test_a_new_tab_opens_a_room_by_its_link(visit: Open, site: Site) -> None:
    alice = await visit("Alice", at=site)

    async with alice.context.expect_page() as opened:
        await room(alice, "Salon").click(modifiers=["ControlOrMeta"])

    other = await opened.value
    await expect(other.get_by_role("heading", level=1)).to_have_text("Salon")
    await expect(alice.get_by_role("heading", level=1)).not_to_have_text("Salon")


async def test_words_that_are_not_sent_yet_go_to_the_room_they_were_written_in(
    visit: Open, site: Site
) -> None:
    alice, bob = await visit("Alice", at=site), await visit("Bob", at=site)
    text = mark()

    await alice.context.set_offline(offline=True)
    await write(alice, text)
    await room(alice, "Salon").click()
    await alice.context.set_offline(offline=False)

    await expect(message(bob, text)).to_be_visible()
    await in_room(alice, "Salon")
    await expect(message(alice, text)).to_have_count(0)


async def test_what_a_user_saw_and_wrote_goes_with_them_from_every_tab(visit: Open, site: Site) -> None:
    ann = await visit(at=site)
    await sign_in(ann, site, "ann")
    await room(ann, "Club").click()
    await in_room(ann, "Club")
    text, draft = mark(), mark()
    await write(ann, text)
    await expect(message(ann, text)).to_have_attribute("data-status", "sent")
    await box(ann).fill(draft)

    other = await ann.context.new_page()
    await other.goto(site.address)
    await connected(other)
    await room(other, "Salon").click()
    await other.get_by_role("button", name="Your account: ann").click()
    await other.get_by_role("link", name="Sign out").click()
    await other.get_by_role("button", name="Sign out").click()
    await expect(other).to_have_url(f"{site.address}r/salon/")

    await expect(ann.get_by_role("button", name="Choose a name")).to_be_visible(timeout=8000)
    await expect(ann.get_by_text(text)).to_have_count(0)
    await expect(ann.get_by_text("Club", exact=True)).to_have_count(0)
    await expect(ann.get_by_role("button", name="Your account")).to_be_hidden()
    await enter(ann, f"Nobody {mark()}")
    await expect(box(ann)).to_have_value("")
    await box(ann).fill("what a guest was writing")

    await sign_in(ann, site, "ann")
    await expect(box(ann)).to_have_value("what a guest was writing")
    await room(ann, "Club").click()
    await expect(box(ann)).to_have_value(draft)


async def test_another_language_and_another_name_are_chosen_in_the_room_that_is_shown(
    visit: Open, site: Site
) -> None:
    alice = await visit("Alice", at=site)
    await room(alice, "Salon").click()
    await in_room(alice, "Salon")

    await alice.get_by_role("button", name="Your name: Alice").click()
    await expect(alice.get_by_role("dialog").get_by_text("Salon")).to_be_visible()
    await alice.keyboard.press("Escape")
    await alice.get_by_role("button", name="Русский").click()

    await expect(alice.get_by_role("button", name="Ваше имя: Alice")).to_be_visible()
    await expect(alice).to_have_url(f"{site.address}r/salon/")


async def test_the_keyboard_is_where_one_writes_or_reads_why_not(visit: Open, site: Site) -> None:
    site.manage("chat_room", "create", "shed", "--title", "Shed")
    alice = await visit(at=site, locale="ru-RU")
    await give_name(alice, f"Алиса {mark()}")
    why, words = alice.locator("[data-silence=archived]"), alice.locator("chat-composer textarea")

    await alice.locator("a[data-slug=attic]").click()
    await expect(why).to_be_focused()
    await alice.locator("a[data-slug=shed]").click()
    await expect(words).to_be_focused()
    await expect(log(alice).get_by_text("теперь в чате")).to_be_visible()
    site.manage("chat_room", "set", "shed", "--archive")
    await expect(log(alice).get_by_text("Комната в архиве: писать в неё больше нельзя.")).to_be_visible()
    await expect(why).to_be_focused()
    site.manage("chat_room", "set", "shed", "--unarchive")
    await expect(log(alice).get_by_text("Теперь писать здесь могут все.").last).to_be_visible()
    await expect(words).to_be_focused()


async def test_the_room_that_is_shown_is_in_sight_in_a_long_list(visit: Open, site: Site) -> None:
    alice = await visit("Alice", at=site, viewport={"width": 1280, "height": 160})
    last = rooms(alice).locator("a[data-slug]").last
    await expect(last).not_to_be_in_viewport()

    await alice.goto(f"{site.address}r/{await last.get_attribute('data-slug')}/")

    await expect(rooms(alice).locator("[aria-current]")).to_be_in_viewport()
    # What is for the ear alone does not make the page longer than the window.
    assert await alice.evaluate("document.scrollingElement.scrollHeight") == 160
