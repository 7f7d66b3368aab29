"""Every state of the page, as axe sees it. A new state is a function below, with the people it needs."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from harness.site import Site
from tests.browser import axe
from tests.browser.conftest import Build, Open
from tests.browser.page import (
    action_of,
    box,
    choose,
    connected,
    enter,
    message,
    page_alone,
    room,
    seed,
    sign_in,
    write,
)
from tests.serve.sites import assert_is_well

pytestmark = page_alone

#: Ann looks after the yard, where something is pinned, something is reported, and something waits. May is
#: muted there, and warned, Ben is banned, and Kim is kicked.
_YARD = """
from chat.actors import PROGRAM, guest
from datetime import timedelta
from django.utils import timezone
from chat.models import FilterRule, Sanction
from chat.services import messages, moderation, people, reports
from chat.services.people import Arrival, Proof
from chat.services.users import actor_of

yard = Room.objects.create(slug="yard", title="Yard", topic="Whatever there is")
Membership.objects.create(room=yard, user=ann, role="moderator")
FilterRule.objects.create(room=yard, kind="word", value="slop", action="hold")
FilterRule.objects.create(room=yard, kind="word", value="junk", action="refuse")
may, ben, kim = (users.create_user(name, password=name * 2) for name in ("may", "ben", "kim"))
[carl, mallory] = people.arrive([Arrival(name, name.title(), Proof.TOKEN) for name in ("carl", "mallory")])
[may, ben, kim] = people.arrive([
    Arrival(name, name, Proof.SESSION, user=user.pk, account_name=name)
    for name, user in (("may", may), ("ben", ben), ("kim", kim))
])
moderation.sanction(PROGRAM, may, "mute", yard, 60, "flood")
moderation.warn(PROGRAM, may, "once is enough", yard)
moderation.sanction(PROGRAM, ben, "ban", None, None, "enough")
moderation.sanction(PROGRAM, kim, "kick", None, None, "a pause")
Sanction.objects.filter(kind="kick").update(until=timezone.now() + timedelta(hours=1))
reports.report(guest(carl), messages.post(guest(mallory), yard, "buy elephants"), "spam")
said = messages.post(guest(carl), yard, "Read *this* first, see https://example.org/ and www.example.org")
moderation.pin(PROGRAM, yard, said)
messages.delete(PROGRAM, [messages.post(guest(carl), yard, "gone")], "")
try:
    messages.post(guest(mallory), yard, "slop")
except Exception:
    pass
"""
Look = Callable[..., Awaitable[None]]


@pytest.fixture(scope="module")
def site(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = build(tmp_path_factory.mktemp("axe"), CHAT_ROOMS_BY="users")
    seed(site, _YARD)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


async def test_a_guest_finds_nothing_in_the_way(visit: Open, site: Site, look: Look) -> None:
    alice, carl = await visit(at=site), await visit("Carl", at=site)
    dialog = alice.get_by_role("dialog")

    await connected(alice)
    await look("reading", alice)
    await alice.locator("own-name [data-reader]").click()
    await expect(alice.get_by_role("textbox", name="What is your name?")).to_be_visible()
    await look("asked for a name", alice)
    await alice.keyboard.press("Escape")
    await enter(alice, "Alice")
    await room(alice, "Salon").click()
    await expect(alice.get_by_text("Nobody has said anything yet.")).to_be_visible()
    await look("an empty room", alice)
    await room(alice, "Lobby").click()
    await write(carl, "Hello, **all** `code` https://example.org/")
    await write(alice, "Hello, Carl :)\n\n> quoted\n- a\n- list\n```py\ncode\n```")
    await choose(message(carl, "Hello, Carl"), "👍")
    await choose(message(carl, "Hello, Carl"), "Reply")
    await write(carl, "An answer")
    await choose(message(carl, "An answer"), "👍")
    await expect(message(alice, "An answer")).to_be_visible()
    await look("a talk", alice)

    await message(alice, "An answer").focus()
    await look("on a message", alice)
    await alice.keyboard.press("Enter")
    await expect(action_of(alice, "Reply")).to_be_visible()
    await look("what can be done with a message", alice)
    await action_of(alice, "Report").click()
    await expect(dialog).to_be_visible()
    await look("a report", alice)
    await dialog.get_by_role("button", name="Cancel").click()
    await choose(message(alice, "An answer"), "Other emoji")
    await expect(alice.locator("emoji-picker .picker-emoji").first).to_be_visible()
    await look("all emoji", alice)
    await alice.keyboard.press("Escape")
    await box(alice).press_sequentially("thanks @Ca")
    await expect(alice.get_by_role("option").first).to_be_visible()
    await look("names that are suggested", alice)
    await alice.keyboard.press("Escape")
    await box(alice).fill("")
    await alice.get_by_role("button", name="Notifications").click()
    await expect(dialog).to_be_visible()
    await look("what one is told of", alice)
    await alice.keyboard.press("Escape")
    await choose(message(alice, "Hello, Carl").first, "Delete")
    await look("a question", alice)
    await dialog.get_by_role("button", name="Cancel").click()
    await choose(message(alice, "An answer"), "Reply")
    await box(alice).fill("x" * 3900)
    await look("writing an answer that is long", alice)
    await alice.keyboard.press("Escape")
    await box(alice).fill("")
    await box(alice).press_sequentially(":smi")
    await expect(alice.get_by_role("option").first).to_be_visible()
    await look("suggestions", alice)
    await box(alice).fill("")
    await alice.get_by_role("button", name="Emoji", exact=True).click()
    await expect(alice.get_by_role("button", name="grinning", exact=True)).to_be_visible()
    await look("all emoji", alice)
    await alice.keyboard.press("Escape")
    await alice.keyboard.press("Control+/")
    await expect(dialog).to_be_visible()
    await look("the keys", alice)
    await alice.keyboard.press("Escape")
    await alice.get_by_role("button", name="online").click()
    await expect(alice.get_by_role("complementary", name="Who is here")).to_be_visible()
    await look("who is here", alice)
    await alice.keyboard.press("Control+k")
    search = alice.get_by_role("search")
    for words, answer in (("answer", "An answer"), ("nowhere", "Nothing found.")):
        await search.get_by_role("searchbox").fill(words)
        await search.get_by_role("searchbox").press("Enter")
        await expect(search.get_by_text(answer).first).to_be_visible()
        await look(f"search: {answer}", alice)
    await room(alice, "Yard").click()
    for words in ("junk", "more junk"):
        await write(alice, words)
    await expect(alice.locator("unsent-line")).to_contain_text(
        "2 messages were not sent.", use_inner_text=True
    )
    await look("what was not sent", alice)
    await alice.get_by_role("button", name="Discard all").click()
    await look("whether it is to be discarded", alice)
    await alice.get_by_role("button", name="Keep them").click()
    await room(alice, "News").click()
    await expect(alice.get_by_text("Only members can write here.")).to_be_visible()
    await look("where one only reads", alice)
    await room(alice, "Attic").click()
    await expect(alice.get_by_text("This room is archived")).to_be_visible()
    await look("an archived room", alice)

    other = await visit(at=site)
    await enter(other, "Carl")
    await expect(other.locator("page-note")).to_contain_text("Somebody here is called so already")
    await look("called otherwise", other)
    await other.goto(f"{site.address}plain/")
    await expect(other.get_by_role("article").first).to_be_visible()
    await look("without JavaScript", other)


async def test_a_phone_and_a_line_that_breaks(visit: Open, site: Site, look: Look) -> None:
    lines: list[WebSocketRoute] = []
    bert = await visit(at=site, viewport={"width": 360, "height": 740})

    async def route(line: WebSocketRoute) -> None:
        lines.append(line)
        if len(lines) > 1:  # nobody comes back
            return await line.close(code=1011)
        line.connect_to_server()

    await bert.route_web_socket("**/ws/**", route)
    await sign_in(bert, site, "bert")
    await look("on a phone", bert)
    await bert.get_by_role("button", name="Rooms").click()
    await expect(room(bert, "Salon")).to_be_visible()
    await look("the rooms over the talk", bert)
    await bert.get_by_role("button", name="Make a room").click()
    await expect(bert.get_by_role("dialog")).to_be_visible()
    await look("a new room", bert)
    await bert.keyboard.press("Escape")
    await bert.get_by_role("button", name="online").click()
    await look("who is here, over the talk", bert)
    await bert.keyboard.press("Escape")
    await bert.get_by_role("button", name="Your account").click()
    await look("the account", bert)
    await bert.keyboard.press("Escape")
    await lines[0].close(code=1011)
    await expect(bert.get_by_text("Connection lost.")).to_be_visible()
    await write(bert, "Is anybody there?")
    await expect(message(bert, "Is anybody there?")).to_have_attribute("data-status", "pending")
    await look("no connection", bert)


async def test_those_who_are_under_moderation(visit: Open, site: Site, look: Look) -> None:
    may, ben, kim = await visit(at=site), await visit(at=site), await visit(at=site)

    await sign_in(may, site, "may", then="/r/yard/")
    await expect(may.get_by_text("A moderator does not let you write here.")).to_be_visible()
    await expect(may.get_by_label("Pinned message")).to_be_visible()
    await expect(may.locator("moderator-words")).to_contain_text("once is enough")
    await look("muted and warned", may)
    await ben.goto(f"{site.address}accounts/login/")
    await look("signing in", ben)
    await ben.get_by_label("Username").fill("ben")
    await ben.get_by_label("Password").fill("wrong")
    await ben.get_by_role("button", name="Sign in").click()
    await look("a wrong password", ben)
    await ben.get_by_label("Password").fill("benben")
    await ben.get_by_role("button", name="Sign in").click()
    await expect(ben.locator("shut-out")).to_contain_text("You are banned here.")
    await look("banned", ben)
    await kim.goto(f"{site.address}accounts/login/?next=/")
    await kim.get_by_label("Username").fill("kim")
    await kim.get_by_label("Password").fill("kimkim")
    await kim.get_by_role("button", name="Sign in").click()
    await expect(kim.locator("shut-out")).to_contain_text("You are out for a moment")
    await look("kicked", kim)


async def test_those_who_moderate(visit: Open, site: Site, look: Look) -> None:
    ann = await visit(at=site)
    dialog = ann.get_by_role("dialog")
    panel = ann.get_by_role("complementary", name="Moderation")

    await sign_in(ann, site, "ann", then="/r/yard/")
    await ann.get_by_role("button", name="Moderation").click()
    await expect(panel.get_by_text("buy elephants")).to_be_visible()
    await look("what waits", ann)
    for button in ("Topic and mode…", "Announce…"):
        await panel.get_by_role("button", name=button).click()
        await expect(dialog).to_be_visible()
        await look(button, ann)
        await ann.keyboard.press("Escape")
    line = message(ann, "Read")
    for tool in ("Warn", "Mute", "Ban"):
        await choose(line, tool)
        await expect(dialog).to_be_visible()
        await look(tool, ann)
        await ann.keyboard.press("Escape")
    await choose(line, "Unpin")
    await expect(ann.locator("act-note")).to_contain_text(
        "Nothing is pinned any more.", use_inner_text=True
    )
    await look("what was done", ann)
    await ann.goto(f"{site.address}accounts/logout/")
    await look("signing out", ann)


async def test_the_pages_of_the_admin_that_are_the_chats_own(
    desk: Page, admin_site: Site, look: Look
) -> None:
    await desk.goto(f"{admin_site.address}admin/chat/room/1/live/")
    await expect(desk.get_by_role("log").get_by_role("listitem").first).to_be_visible()
    await look("the live view", desk, "#live")
    await desk.goto(f"{admin_site.address}admin/chat/")
    await look("the start page", desk, "#content")


@pytest.fixture
def look() -> Iterator[Look]:
    """Looks at a page in a state that has a name; what is wrong in any fails the test at its end."""
    wrong: list[str] = []

    async def _look(state: str, page: Page, place: str = "html") -> None:
        wrong.extend(f"{state}: {fault}" for fault in await axe.look(page, place))

    yield _look
    assert not wrong, "\n".join(wrong)
