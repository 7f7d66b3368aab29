"""A page whose server goes away and comes back."""

from playwright.async_api import expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import action_of, box, come_back, connected, log, message, page_alone, say, write
from tests.databases import Database

pytestmark = page_alone


async def test_a_server_that_restarts_has_the_page_back_unasked_with_what_it_missed(
    visit: Open, own_site: Site
) -> None:
    frames: list[str] = []
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
        alice.on("websocket", lambda line: line.on("framereceived", lambda text: frames.append(str(text))))
        await alice.reload()
        await connected(alice)
        await write(alice, "before")
        await expect(message(alice, "before")).to_have_attribute("data-status", "sent")

    await expect(alice.get_by_role("button", name="Retry now")).to_be_visible()
    await expect(alice.get_by_text("Next try in")).to_be_visible()
    assert '"code":4010' in frames[-1]
    assert '"retry_after":' in frames[-1]
    assert await log(alice).locator("[data-color=danger]").count() == 0
    say(own_site, ["missed one", "missed two"])

    with own_site.served_by("serve"):
        await expect(message(alice, "missed two")).to_be_visible(timeout=30_000)
        await connected(alice)
        await write(alice, "after")
        await expect(message(alice, "after")).to_have_attribute("data-status", "sent")
        said = await log(alice).locator("[data-body]").all_inner_texts()
        assert said == ["before", "missed one", "missed two", "after"]


async def test_what_is_said_without_a_server_is_sent_when_it_is_back(visit: Open, own_site: Site) -> None:
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)

    await expect(alice.get_by_role("button", name="Retry now")).to_be_visible()
    for text in ("one", "two", "three"):
        await write(alice, text)
    await expect(box(alice)).to_have_value("")
    pending = log(alice).locator("[data-status=pending]")
    await expect(pending).to_have_count(3)
    # Remembered by the element itself: what is sent stays the same line.
    await pending.evaluate_all("lines => lines.forEach((line) => line.isTheSame = true)")

    with own_site.served_by("serve"):
        await come_back(alice)
        sent = log(alice).locator("[data-status=sent]")
        await expect(sent).to_have_count(3)
        assert await sent.evaluate_all("lines => lines.every((line) => line.isTheSame)")
        bob = await visit("Bob", at=own_site)
        await expect(message(bob, "three")).to_be_visible()
        assert await log(bob).locator("[data-body]").all_inner_texts() == ["one", "two", "three"]


async def test_what_waits_survives_a_reload_and_arrives_once(visit: Open, own_site: Site) -> None:
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)

    await expect(alice.get_by_role("button", name="Retry now")).to_be_visible()
    await write(alice, "into the dark")
    await expect(message(alice, "into the dark")).to_have_attribute("data-status", "pending")
    # There is nobody to load the page from.
    await alice.goto("about:blank")

    with own_site.served_by("serve"):
        await alice.goto(own_site.address)
        await expect(message(alice, "into the dark")).to_have_attribute("data-status", "sent")
        bob = await visit("Bob", at=own_site)
        await expect(message(bob, "into the dark")).to_have_count(1)
        await alice.reload()
        await connected(alice)
        await expect(message(alice, "into the dark")).to_have_count(1)
        await expect(message(alice, "into the dark")).to_have_attribute("data-own", "")
        await expect(message(bob, "into the dark")).to_have_count(1)


async def test_a_server_that_refuses_says_why_and_the_words_are_kept(visit: Open, own_site: Site) -> None:
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
        await write(alice, "a question")
        answered = message(alice, "a question")
        await expect(answered).to_have_attribute("data-status", "sent")

    await expect(alice.get_by_role("button", name="Retry now")).to_be_visible()
    await answered.hover()
    await answered.get_by_role("button", name="Actions").click()
    await action_of(alice, "Reply").click()
    await write(alice, "an answer")
    with Database.of(own_site) as database:
        database.execute("DELETE FROM chat_message")

    with own_site.served_by("serve"):
        await come_back(alice)
        answer = message(alice, "an answer")
        await expect(answer).to_have_attribute("data-status", "failed")
        await expect(answer).to_contain_text("Not sent.", use_inner_text=True)
        await answer.get_by_role("button", name="Discard").click()
        await expect(answer).to_have_count(0)
