"""What moderators do from the room, and what the others and whom it is about see of that."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import (
    action_of,
    box,
    connected,
    joined,
    log,
    message,
    page_alone,
    people,
    room,
    seed,
    sign_in,
    write,
)
from tests.serve.sites import assert_is_well

pytestmark = page_alone

#: Ann looks after the yard, Max after the whole site; who says "slop" waits for them.
_YARD = """
from chat.models import FilterRule

yard = Room.objects.create(slug="yard", title="Двор", titles={"en": "Yard"})
Membership.objects.create(room=yard, user=ann, role="moderator")
FilterRule.objects.create(room=yard, kind="word", value="slop", action="hold")
"""
#: Bert is this in the yard from now on.
_BECOME = """
from chat.actors import PROGRAM
from chat.models import Person
from chat.services import members

members.set_role(PROGRAM, "yard", Person.objects.get(user__username="bert").pk, {role!r})
"""
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture(scope="module")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The users and rooms of `seed`, with one that is moderated."""
    site = build(tmp_path_factory.mktemp("moderated"))
    seed(site, _YARD)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


def mark() -> str:
    return secrets.token_hex(4)


async def in_yard(page: Page) -> Page:
    """The page shows the yard, and one is there."""
    await room(page, "Yard").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Yard")
    await expect(joined(page)).to_be_visible()
    return page


async def guest(visit: Open, site: Site, name: str) -> Page:
    return await in_yard(await visit(f"{name} {mark()}", at=site))


async def user(visit: Open, site: Site, username: str, **options: Any) -> Page:
    page = await visit(at=site, **options)
    await sign_in(page, site, username, then="/r/yard/")
    return page


async def said(page: Page, *others: Page) -> str:
    """Something that has just been said, and is seen by these."""
    text = mark()
    await write(page, text)
    for other in (page, *others):
        await expect(message(other, text)).to_have_attribute("data-status", "sent")
    return text


async def choose(line: Locator, tool: str) -> Locator:
    """Have a moderator choose one of the tools in the menu of a message: the dialog that asks for more."""
    await line.hover()
    await line.get_by_role("button", name="Actions").click()
    await line.page.locator("message-actions").get_by_role("button", name=tool, exact=True).click()
    return line.page.locator("act-dialog").get_by_role("dialog")


def removed(page: Page) -> Locator:
    """The last message that is gone."""
    return log(page).locator("chat-message[data-gone]").last


def told(page: Page) -> Locator:
    """What a moderator is told of what they have done."""
    return page.locator("act-note")


def queue(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Moderation")


async def test_who_is_no_moderator_loads_nothing_that_only_moderators_need(visit: Open, site: Site) -> None:
    loaded: list[str] = []
    bob = await visit(at=site)
    bob.on("request", lambda request: loaded.append(request.url))
    await sign_in(bob, site, "bert", then="/r/yard/")
    await said(bob)

    assert any("/js/parts/later-" in url for url in loaded)  # all that comes for everybody
    assert not any("/js/" in url and ("moderator" in url or "act-" in url) for url in loaded)
    assert not any(url.endswith("/moderation/") for url in loaded)
    await expect(bob.get_by_role("button", name="Moderation")).to_have_count(0)


async def test_a_message_is_pinned_for_all_until_it_is_unpinned(visit: Open, site: Site) -> None:
    alice, ann = await guest(visit, site, "Alice"), await user(visit, site, "ann")
    text = await said(alice, ann)
    pinned = alice.get_by_label("Pinned message")

    await choose(message(ann, text), "Pin")
    await expect(pinned).to_contain_text(text)
    await told(ann).get_by_role("button", name="Undo").click()
    await expect(pinned).to_be_hidden()

    await choose(message(ann, text), "Pin")
    await expect(pinned).to_contain_text(text)
    await expect(ann.get_by_label("Pinned message")).to_be_visible()
    await choose(message(ann, text), "Unpin")
    await expect(pinned).to_be_hidden()
    await expect(told(ann)).to_contain_text("Nothing is pinned any more.", use_inner_text=True)


async def test_a_removed_message_is_gone_for_all_and_may_be_had_back(visit: Open, site: Site) -> None:
    alice, bob = await guest(visit, site, "Alice"), await guest(visit, site, "Bob")
    ann = await user(visit, site, "ann")
    text = await said(bob, alice, ann)

    dialog = await choose(message(ann, text), "Delete")
    await expect(dialog).to_contain_text(text)
    await dialog.get_by_label("Why").fill("not here")
    await dialog.get_by_role("button", name="Delete", exact=True).click()

    await expect(dialog).to_be_hidden()
    for page in (alice, bob, ann):
        await expect(message(page, text)).to_have_count(0)
        await expect(removed(page)).to_contain_text("Removed by a moderator", use_inner_text=True)
    # Nobody else has anything to do with it.
    await removed(alice).hover()
    await expect(removed(alice).get_by_role("button", name="Actions")).to_be_hidden()
    await told(ann).get_by_role("button", name="Undo").click()
    for page in (alice, bob, ann):
        await expect(message(page, text)).to_be_visible()

    await (
        (await choose(message(ann, text), "Delete"))
        .get_by_role("button", name="Delete", exact=True)
        .click()
    )
    await expect(message(alice, text)).to_have_count(0)
    await ann.reload()
    await connected(ann)
    # By the keyboard alone.
    await expect(ann.get_by_role("button", name="Moderation")).to_be_visible()
    await removed(ann).get_by_role("button", name="Actions").focus()
    await ann.keyboard.press("Enter")
    await expect(ann.get_by_role("button", name="Restore")).to_be_focused()
    await ann.keyboard.press("Enter")
    await expect(message(alice, text)).to_be_visible()
    await expect(told(ann)).to_contain_text("The message is there again.", use_inner_text=True)


async def test_somebody_is_warned_muted_and_may_speak_again(visit: Open, site: Site) -> None:
    bob, ann = await guest(visit, site, "Bob"), await user(visit, site, "ann")
    text = await said(bob, ann)
    words = bob.get_by_role("group", name="From the moderators")

    dialog = await choose(message(ann, text), "Warn")
    await expect(dialog.get_by_label("Why")).to_be_focused()
    await ann.keyboard.press("Enter")
    await expect(dialog).to_be_visible()  # nobody is warned of nothing
    await ann.keyboard.type("mind your words")
    await ann.keyboard.press("Enter")
    await expect(words).to_contain_text("mind your words")
    await words.get_by_role("button", name="Understood").click()

    dialog = await choose(message(ann, text), "Mute")
    await dialog.get_by_role("radio", name="other").check()
    await dialog.get_by_label("How many").fill("2")
    await dialog.get_by_label("Minutes, hours or days").select_option("hours")
    await dialog.get_by_role("button", name="Mute").click()
    await expect(box(bob)).to_be_hidden()
    await expect(words).to_contain_text("A moderator does not let you write until")

    await expect(told(ann)).to_contain_text("is muted.", use_inner_text=True)
    await told(ann).get_by_role("button", name="Undo").click()
    await expect(box(bob)).to_be_visible()
    await said(bob, ann)


async def test_what_is_asked_for_again_as_its_answer_was_lost_is_done_once(visit: Open, site: Site) -> None:
    bob, ann = await guest(visit, site, "Bob"), await visit(at=site)
    asked: list[WebSocketRoute] = []

    async def cut(page: WebSocketRoute) -> None:
        """The line breaks over the first answer to a warning."""
        server = page.connect_to_server()

        def send(frame: str | bytes) -> None:
            if '"type":"warn"' in str(frame):
                asked.append(page)
            server.send(frame)

        async def hear(frame: str | bytes) -> None:
            if asked == [page] and '"ack"' in str(frame):
                await page.close(code=1011)
            else:
                page.send(frame)

        page.on_message(send)
        server.on_message(hear)

    await ann.route_web_socket("**/ws/**", cut)
    await sign_in(ann, site, "ann", then="/r/yard/")
    dialog = await choose(message(ann, await said(bob, ann)), "Warn")
    await dialog.get_by_label("Why").fill("once is enough")
    await dialog.get_by_label("Why").press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("There is no connection just now.")
    await connected(ann)
    # The same again, with the button that has kept its place.
    await dialog.get_by_role("button", name="Warn").press("Enter")
    await expect(told(ann)).to_contain_text("is warned.", use_inner_text=True)

    assert len(asked) == 2
    await expect(bob.locator(".moderator-word", has_text="once is enough")).to_have_count(1)


async def test_who_is_kicked_or_banned_in_a_room_is_out_of_it(visit: Open, site: Site) -> None:
    alice, bob = await guest(visit, site, "Alice"), await guest(visit, site, "Bob")
    ann = await user(visit, site, "ann", **PHONE)
    text = await said(bob, alice, ann)
    name = await bob.locator(".own-name-text:visible").inner_text()

    # On a phone, by the name in the list of people.
    await ann.get_by_role("button", name="online").click()
    await people(ann).filter(has_text=name).get_by_role("button", name="Actions").click()
    await ann.get_by_role("dialog", name=name).get_by_role("button", name="Ban", exact=True).click()
    dialog = ann.locator("act-dialog").get_by_role("dialog")
    place = await dialog.bounding_box()
    assert place
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 360
    await expect(dialog.get_by_role("button", name="Ban", exact=True)).to_be_focused()
    await expect(dialog.get_by_role("button", name="Ban", exact=True)).to_be_in_viewport()
    await ann.keyboard.press("Enter")

    await expect(bob.get_by_role("heading", level=1)).to_have_text("Lobby")
    await expect(room(bob, "Yard")).to_have_count(0)
    await expect(log(alice).get_by_text(f"{name} left the chat")).to_be_visible()
    await told(ann).get_by_role("button", name="Undo").click()
    await expect(room(bob, "Yard")).to_be_visible()
    await in_yard(bob)

    line = message(ann, text)
    await line.locator("[data-bubble]").click()
    await ann.locator("message-actions").get_by_role("button", name="Kick").click()
    await dialog.get_by_label("Delete this message as well").check()
    await dialog.get_by_role("button", name="Kick").click()
    await expect(bob.get_by_role("heading", level=1)).to_have_text("Lobby")
    await expect(message(alice, text)).to_have_count(0)


async def test_who_is_banned_on_the_site_is_shut_out_and_let_in_again(visit: Open, site: Site) -> None:
    bob, max_ = await guest(visit, site, "Bob"), await user(visit, site, "max")
    text = await said(bob, max_)

    dialog = await choose(message(max_, text), "Ban")
    await dialog.get_by_role("radio", name="everywhere").check()
    # Nobody who comes from this very machine is kept out by its address.
    await dialog.get_by_label("Keep out guests from their address as well").check()
    await dialog.get_by_role("button", name="Ban", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Ban the person only.")
    await dialog.get_by_label("Keep out guests from their address as well").uncheck()
    await dialog.get_by_label("Why").fill("enough")
    await dialog.get_by_role("button", name="Ban", exact=True).click()

    await expect(dialog).to_be_hidden()
    await expect(bob.locator("shut-out")).to_contain_text("You are banned here. Reason: enough")
    await told(max_).get_by_role("button", name="Undo").click()
    await expect(told(max_)).to_contain_text("may come in again.", use_inner_text=True)
    await bob.reload()
    await connected(bob)


async def test_all_that_somebody_said_lately_is_deleted(visit: Open, site: Site) -> None:
    alice, bob = await guest(visit, site, "Alice"), await guest(visit, site, "Bob")
    ann = await user(visit, site, "ann")
    kept = await said(alice, ann)
    texts = [await said(bob, alice, ann) for _ in range(3)]

    dialog = await choose(message(ann, texts[0]), "Delete all of theirs")
    await dialog.get_by_role("button", name="Delete", exact=True).click()

    for text in texts:
        await expect(message(alice, text)).to_have_count(0)
    await expect(message(alice, kept)).to_be_visible()


async def test_who_may_as_much_is_left_alone_and_that_is_said_where_it_was_asked(
    visit: Open, site: Site
) -> None:
    ann, max_ = await user(visit, site, "ann"), await user(visit, site, "max")
    text = await said(max_, ann)

    dialog = await choose(message(ann, text), "Mute")
    await dialog.get_by_role("button", name="Mute").click()

    await expect(dialog.get_by_role("alert")).to_have_text("They may do as much here as you.")
    await dialog.get_by_role("button", name="Cancel").click()
    await ann.context.set_offline(offline=True)
    await expect(ann.get_by_text("Checking the connection…")).to_be_visible()
    dialog = await choose(message(ann, text), "Kick")
    await expect(dialog.get_by_role("alert")).to_have_count(0)
    await dialog.get_by_role("button", name="Kick").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("There is no connection just now.")
    await said(max_)


async def test_a_moderator_runs_the_room(visit: Open, site: Site) -> None:
    alice, ann = await guest(visit, site, "Alice"), await user(visit, site, "ann")
    await ann.get_by_role("button", name="online").click()
    await ann.get_by_role("button", name="Moderation").click()
    panel = queue(ann)
    await expect(people(ann)).to_have_count(0)  # one panel at a side

    await panel.get_by_role("switch", name="Guests only read").click()
    await expect(box(alice)).to_be_hidden()
    await expect(panel.get_by_role("switch")).to_be_checked()
    await told(ann).get_by_role("button", name="Undo").click()
    await expect(box(alice)).to_be_visible()

    await panel.get_by_role("button", name="30 s").click()
    await expect(panel.get_by_role("button", name="30 s")).to_have_attribute("aria-pressed", "true")
    await write(alice, mark())
    await write(alice, mark())
    await expect(alice.get_by_text("This room is slow").last).to_be_visible()
    await panel.get_by_role("button", name="off").click()
    await expect(panel.get_by_role("button", name="off")).to_have_attribute("aria-pressed", "true")

    topic = mark()
    await panel.get_by_role("button", name="Topic and mode…").click()
    dialog = ann.get_by_role("dialog", name="Topic and mode of the room")
    await dialog.get_by_label("What it is about").fill(topic)
    await dialog.get_by_label("everybody reads, members speak").check()
    await dialog.get_by_role("button", name="Save").click()
    await expect(alice.locator(".room-topic")).to_have_text(topic)
    await expect(box(alice)).to_be_hidden()
    await told(ann).get_by_role("button", name="Undo").click()
    await expect(box(alice)).to_be_visible()

    words = mark()
    await panel.get_by_role("button", name="Announce…").click()
    dialog = ann.get_by_role("dialog", name="Announce something")
    await dialog.get_by_role("textbox").fill(words)
    await dialog.get_by_role("button", name="Announce").click()
    await expect(log(alice).get_by_text(words)).to_be_visible()


async def test_what_is_reported_or_held_waits_for_a_moderator_and_is_decided(
    visit: Open, site: Site
) -> None:
    alice, bob = await guest(visit, site, "Alice"), await guest(visit, site, "Bob")
    ann = await user(visit, site, "ann")
    first, second, third = [await said(bob, alice, ann) for _ in range(3)]
    button = ann.get_by_role("button", name="Moderation")

    for text in (first, third):
        await message(alice, text).hover()
        await message(alice, text).get_by_role("button", name="Actions").click()
        await action_of(alice, "Report").click()
        dialog = alice.locator("report-dialog").get_by_role("dialog")
        await dialog.get_by_role("textbox").fill(f"about {text}")
        await dialog.get_by_role("button", name="Report").click()
        await dialog.get_by_role("button", name="Close").click()
    await write(bob, f"slop {mark()}")

    await expect(button).to_contain_text("3", use_inner_text=True)
    await button.click()
    items = queue(ann).get_by_role("listitem").filter(has=ann.locator(".queue-said"))
    await expect(items).to_have_count(3)
    await expect(items.first.locator("[data-room]")).to_have_text("Yard")
    about = items.filter(has_text=f"about {first}")
    await expect(about).to_contain_text(second)  # what was said around it
    await about.get_by_role("button", name="Delete").press("Enter")
    await expect(items).to_have_count(2)
    await expect(items.first).to_be_focused()
    await expect(message(alice, first)).to_have_count(0)
    thanks = alice.get_by_role("group", name="From the moderators")
    await expect(thanks).to_contain_text("the moderators have acted on it")

    # Down the list by the keyboard, to what is held.
    await items.first.focus()
    await ann.keyboard.press("ArrowDown")
    await expect(items.nth(1)).to_be_focused()
    await items.filter(has_text="slop").get_by_role("button", name="Let through").click()
    await expect(message(alice, "slop")).to_be_visible()
    await expect(items).to_have_count(1)
    await room(ann, "Lobby").click()
    await items.get_by_role("button", name="Show in the room").click()
    await expect(ann.get_by_role("heading", level=1)).to_have_text("Yard")
    await expect(message(ann, third)).to_be_in_viewport()
    await items.get_by_role("button", name="The author…").click()
    dialog = ann.locator("act-dialog").get_by_role("dialog")
    await expect(dialog).to_contain_text("Mute Bob")
    await dialog.get_by_role("button", name="Cancel").click()
    await items.get_by_role("button", name="Dismiss").click()
    await expect(queue(ann).get_by_text("Nothing waits.")).to_be_visible()
    await expect(button).not_to_contain_text("Waiting", use_inner_text=True)
    await expect(message(alice, third)).to_be_visible()


async def test_who_ceases_to_be_a_moderator_has_no_tools_any_more(visit: Open, site: Site) -> None:
    bert = await user(visit, site, "bert")
    button = bert.get_by_role("button", name="Moderation")

    async def become(role: str | None) -> None:
        """In the yard, and without a new connection."""
        await asyncio.to_thread(site.manage, "shell", "-c", _BECOME.format(role=role))

    await become("moderator")
    await button.click()
    await expect(queue(bert).get_by_role("switch")).to_be_visible()
    await become(None)

    await expect(queue(bert)).to_be_hidden()
    await expect(button).to_be_hidden()
    # What had the focus in it has left that to the talk.
    await expect(log(bert)).to_be_focused()
