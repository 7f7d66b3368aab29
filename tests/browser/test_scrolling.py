"""A talk that is longer than the window."""

from playwright.async_api import expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import has_read, log, message, page_alone, say, write

pytestmark = page_alone

TALK = [f"word {number}." for number in range(1, 201)]

#: Scroll to near the top, and say which message is under the eye there and where.
LOOK_UP = """scroller => {
  scroller.scrollTop = 100;
  const eye = scroller.getBoundingClientRect().top + scroller.clientHeight / 2;
  const lines = [...scroller.querySelectorAll("chat-message")];
  const line = lines.find((one) => one.getBoundingClientRect().bottom > eye);
  line.isUnderTheEye = true;
  return { top: line.getBoundingClientRect().top, count: lines.length };
}"""
#: Where the message that was under the eye is now.
LOOK_AGAIN = """scroller => {
  const lines = [...scroller.querySelectorAll("chat-message")];
  const line = lines.find((one) => one.isUnderTheEye);
  line.isUnderTheEye = false;
  return line.getBoundingClientRect().top;
}"""


async def test_two_hundred_messages_come_in_above_without_a_jump(visit: Open, own_site: Site) -> None:
    say(own_site, TALK)
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
        lines = log(alice).get_by_role("article")
        await expect(lines).to_have_count(50)

        for count in (100, 150, 200):
            seen = await log(alice).evaluate(LOOK_UP)
            assert seen["count"] == count - 50
            await expect(lines).to_have_count(count)
            moved = await log(alice).evaluate(LOOK_AGAIN) - seen["top"]
            assert abs(moved) <= 2, f"{moved} pixels at {count} messages"

        await expect(alice.get_by_text("The conversation begins here.")).to_be_attached()
        assert await log(alice).locator("[data-body]").all_inner_texts() == TALK


async def test_where_much_is_new_the_room_opens_where_that_begins_and_a_button_leads_back_there(
    visit: Open, own_site: Site
) -> None:
    say(own_site, ["old"])
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
        await expect(message(alice, "old")).to_be_visible()
        await has_read(own_site, "Alice", "old")
        await alice.goto("about:blank")
        say(own_site, TALK[:80])

        await alice.goto(own_site.address)
        button = alice.get_by_role("button", name="To the first new one")
        divider = log(alice).locator("chat-unread")
        await expect(divider).to_be_in_viewport()
        await expect(divider).to_have_text("80 new messages", use_inner_text=True)
        await expect(message(alice, "word 1.")).to_be_in_viewport()
        await expect(log(alice).locator(".log-unread + chat-message")).to_contain_text("word 1.")
        await expect(button).to_be_hidden()
        await alice.get_by_role("button", name="To the latest").click()
        await expect(message(alice, "word 80.")).to_be_in_viewport()
        await expect(button).to_be_hidden()


async def test_who_reads_above_is_told_of_what_is_new_and_gets_there(visit: Open, own_site: Site) -> None:
    say(own_site, TALK)
    with own_site.served_by("serve"):
        alice, carol = await visit("Alice", at=own_site), await visit("Carol", at=own_site)
        lines = log(alice).get_by_role("article")
        await expect(lines).to_have_count(50)
        seen = await log(alice).evaluate(LOOK_UP)
        await expect(lines).to_have_count(100)

        await write(carol, "news")
        jump = alice.get_by_role("button", name="To the latest")
        await expect(jump).to_contain_text("1")
        assert abs(await log(alice).evaluate(LOOK_AGAIN) - seen["top"]) <= 2
        await jump.click()

        await expect(message(alice, "news")).to_be_in_viewport()
        await expect(jump).to_be_hidden()
