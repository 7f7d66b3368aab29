"""What makes a talk easy to read: quotations, long messages, comings and goings."""

from contextlib import AsyncExitStack

from playwright.async_api import expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import choose, log, message, online, page_alone, say
from tests.serve.tabs import Tab

pytestmark = page_alone


async def test_a_quotation_shows_what_is_not_on_the_page_and_leads_there(
    visit: Open, own_site: Site
) -> None:
    say(own_site, ["Who comes on Saturday?", *(f"word {number}." for number in range(60))])
    with own_site.served_by("serve"):
        async with Tab.opened(own_site, "carol") as carol:
            await carol.hears(type="history")
            await carol.say(type="history", room="lobby", before=2)
            [first] = (await carol.hears(type="history"))["messages"]
            alice = await visit("Alice", at=own_site)
            await expect(message(alice, "word 59.")).to_be_visible()
            await carol.say(type="message", ref="1", message="I do!", reply_to=first["id"])

            quote = message(alice, "I do!").locator("[data-quote]")
            await expect(quote).to_contain_text("Bob")
            await expect(quote).to_contain_text("Who comes on Saturday?")
            await quote.click()
            await expect(message(alice, "Who comes on Saturday?").first).to_be_in_viewport()
            await alice.get_by_role("button", name="To the latest").click()

            own_site.manage("shell", "-c", _DELETE)
            await expect(quote).to_contain_text("Message deleted")
            await expect(log(alice)).not_to_contain_text("Saturday")


#: A moderator deletes the first message, from outside of the server.
_DELETE = """
from chat.actors import PROGRAM
from chat.models import Message
from chat.services import messages
messages.delete(PROGRAM, [Message.objects.select_related("room").earliest("id")])
"""


async def test_a_long_message_shows_its_beginning_until_more_is_wanted(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    box = bob.get_by_role("textbox", name="Message")
    await box.fill("line\n" * 40 + "the end")
    await bob.keyboard.press("Enter")
    long = message(alice, "the end")
    more = long.get_by_role("button", name="Show more")
    await expect(more).to_have_attribute("aria-expanded", "false")
    height = await long.evaluate("line => line.offsetHeight")

    await more.focus()
    await alice.keyboard.press("Enter")
    less = long.get_by_role("button", name="Show less")
    await expect(less).to_be_focused()
    assert await long.evaluate("line => line.offsetHeight") > 1.5 * height
    await choose(message(bob, "the end"), "👍")
    await expect(long.get_by_role("button", name="👍")).to_be_visible()
    await expect(less).to_have_attribute("aria-expanded", "true")

    await less.press("Enter")
    await expect(more).to_be_focused()
    await expect(long).to_be_in_viewport()


async def test_many_comings_are_one_line_and_a_screen_reader_hears_a_number(
    visit: Open, own_site: Site
) -> None:
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
        async with AsyncExitStack() as stack:
            for name in ("anna", "boris", "clara", "dora"):
                await stack.enter_async_context(Tab.opened(own_site, name))
            line = log(alice).locator("chat-presence")
            await expect(line).to_have_text(
                "Alice, Anna and 3 others joined the chat.", use_inner_text=True
            )
            await expect(line).to_have_attribute("aria-live", "off")
            await expect(online(alice)).to_contain_text("5 people online", use_inner_text=True)
            status = alice.get_by_role("status").filter(has_text="5 people online")
            await expect(status).to_be_attached(timeout=10_000)
