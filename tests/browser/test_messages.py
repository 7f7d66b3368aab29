"""What can be done with a message once it is said."""

import secrets

from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.page import action_of, box, choose, connected, log, message, page_alone, write

pytestmark = page_alone


async def said(page: Page, text: str) -> str:
    """Something nobody has said before."""
    mark = f"{text} {secrets.token_hex(4)}"
    await write(page, mark)
    await expect(message(page, mark)).to_have_attribute("data-status", "sent")
    return mark


async def test_bob_sees_alice_put_it_otherwise(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = await said(alice, "Helo")

    await choose(message(alice, mark), "Edit")
    await expect(box(alice)).to_have_value(mark)
    await write(alice, f"Hello, {mark}")

    await expect(message(bob, f"Hello, {mark}")).to_contain_text("edited", use_inner_text=True)
    await expect(message(alice, mark)).to_have_count(1)
    await expect(message(bob, mark)).to_have_count(1)
    await message(bob, mark).hover()
    await message(bob, mark).get_by_role("button", name="Actions").click()
    await expect(action_of(bob, "Reply")).to_be_visible()
    await expect(bob.get_by_role("button", name="Edit", exact=True)).to_be_hidden()


async def test_arrow_up_edits_the_last_message_and_escape_does_not(visit: Open) -> None:
    alice = await visit("Alice")
    mark = await said(alice, "last")

    await box(alice).press("ArrowUp")
    await expect(box(alice)).to_have_value(mark)
    await expect(alice.get_by_text("Editing a message")).to_be_visible()
    await box(alice).press("Escape")

    await expect(box(alice)).to_have_value("")
    await expect(alice.get_by_text("Editing a message")).to_be_hidden()


async def test_an_edit_puts_aside_what_was_being_written(visit: Open) -> None:
    alice = await visit("Alice")
    mark = await said(alice, "first")
    await box(alice).fill("half a sentence")

    await choose(message(alice, mark), "Edit")
    await expect(box(alice)).to_have_value(mark)
    await write(alice, f"{mark} of all")

    await expect(message(alice, f"{mark} of all")).to_be_visible()
    await expect(box(alice)).to_have_value("half a sentence")


async def test_bob_sees_alice_take_it_back(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = await said(alice, "a slip")
    line = message(bob, mark)
    await line.evaluate("line => line.id = 'the-slip'")

    await choose(message(alice, mark), "Delete")
    await alice.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(message(alice, mark)).to_be_visible()
    await choose(message(alice, mark), "Delete")
    await alice.get_by_role("dialog").get_by_role("button", name="Delete").click()

    for page in (alice, bob):
        await expect(message(page, mark)).to_have_count(0)
    await expect(bob.locator("#the-slip")).to_contain_text("Message deleted")


async def test_people_react(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = await said(alice, "Cake?")

    await choose(message(bob, mark), "👍")
    chip = message(alice, mark).get_by_role("button", name="👍")
    await expect(chip).to_have_text("👍 1")
    await expect(chip).to_have_attribute("title", "Bob")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(message(bob, mark).get_by_role("button", name="👍")).to_have_text("👍 2")
    await expect(chip).to_have_attribute("aria-pressed", "true")

    await message(bob, mark).get_by_role("button", name="👍").click()
    await expect(chip).to_have_attribute("title", "You")
    await chip.click()
    for page in (alice, bob):
        await expect(message(page, mark).get_by_role("button", name="👍")).to_have_count(0)


async def test_one_click_is_one_reaction_wherever_the_line_has_been(visit: Open) -> None:
    alice = await visit("Alice")
    mark = await said(alice, "Cake?")
    line = message(alice, mark)
    await choose(line, "👍")
    # Once it is stored nothing is left to be sent after the reload.
    await alice.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('chat.outbox.'))"
    )
    sent: list[str] = []
    alice.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    await alice.reload()
    await connected(alice)

    await line.evaluate("line => { for (const turn of [1, 2]) line.parentNode.append(line); }")
    await line.get_by_role("button", name="👍").click()

    await expect(line.get_by_role("button", name="👍")).to_have_count(0)
    after = await said(alice, "No cake.")
    await expect(message(alice, after)).to_be_visible()
    assert len([text for text in sent if '"react"' in text]) == 1


async def test_an_answer_shows_what_it_answers_and_leads_there(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    question = await said(alice, "Who brings cake?")

    await choose(message(bob, question), "Reply")
    await expect(bob.locator("chat-composer")).to_contain_text(question)
    await write(bob, f"I do, {question[-8:]}")

    answer = log(alice).get_by_role("article").filter(has_text="I do,").filter(has_text=question[-8:])
    await expect(answer).to_contain_text(f"Alice {question}")
    await answer.get_by_role("button", name="In reply to:").click()
    original = message(alice, question).first
    await expect(original).to_have_attribute("data-sought", "")


async def test_a_finger_opens_the_actions(visit: Open) -> None:
    alice = await visit("Alice", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    mark = secrets.token_hex(4)
    await box(alice).fill(mark)
    await alice.get_by_role("button", name="Send").tap()
    await expect(message(alice, mark)).to_have_attribute("data-status", "sent")

    await message(alice, mark).locator("[data-body]").tap()

    await expect(action_of(alice, "Reply")).to_be_in_viewport()
