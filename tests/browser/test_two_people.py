"""The story that must never break: people open the page, type a name, and talk."""

import secrets

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.page import box, connected, log, message, online, write


async def test_two_people_talk(visit: Open) -> None:
    alice = await visit("Alice")
    bob = await visit("Bob")
    await expect(log(alice).get_by_text("Bob joined the chat")).to_be_visible()

    hello, answer = (f"{word} {secrets.token_hex(4)}" for word in ("Hello", "Hi"))
    await write(alice, hello)
    await expect(message(bob, hello)).to_contain_text("Alice")
    await write(bob, answer)

    for page in (alice, bob):
        await expect(message(page, hello)).to_have_count(1)
        await expect(message(page, answer)).to_have_count(1)
    await expect(message(alice, hello)).to_have_attribute("data-own", "")
    await expect(message(bob, hello)).not_to_have_attribute("data-own", "")
    await bob.close()
    await expect(log(alice).get_by_text("Bob left the chat")).to_be_visible()


async def test_text_from_people_is_text(visit: Open) -> None:
    alice = await visit("<b>Al</b>")
    attack = f"<img src=x onerror=\"document.title='broken'\"> {secrets.token_hex(4)}"

    await write(alice, attack)

    await expect(message(alice, attack)).to_be_visible()
    await expect(message(alice, attack)).to_contain_text("<b>Al</b>")
    assert await log(alice).locator("img").count() == 0
    assert "broken" not in await alice.title()


async def test_shift_enter_breaks_the_line_and_enter_sends(visit: Open) -> None:
    alice = await visit("Alice")
    mark = secrets.token_hex(4)

    await box(alice).press_sequentially(f"{mark} one")
    await box(alice).press("Shift+Enter")
    await box(alice).press_sequentially("two")
    await box(alice).press("Enter")

    await expect(message(alice, mark)).to_contain_text(f"{mark} one\ntwo", use_inner_text=True)
    await expect(box(alice)).to_have_value("")


async def test_enter_that_ends_a_composition_does_not_send(visit: Open) -> None:
    alice = await visit("Alice")
    mark = secrets.token_hex(4)
    await box(alice).fill(mark)

    await box(alice).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(box(alice)).to_have_value(mark)
    await box(alice).press("Enter")

    await expect(message(alice, mark)).to_have_count(1)


async def test_what_was_said_is_there_on_opening(visit: Open) -> None:
    alice = await visit("Alice")
    mark = secrets.token_hex(4)
    await write(alice, mark)
    await expect(message(alice, mark)).to_be_visible()

    bob = await visit("Bob")
    await expect(message(bob, mark)).to_be_visible()

    await alice.reload()
    await expect(message(alice, mark)).to_have_count(1)
    await expect(message(alice, mark)).to_have_attribute("data-own", "")


async def test_a_name_is_remembered(visit: Open) -> None:
    alice = await visit("Alice")

    await alice.reload()

    await connected(alice)
    await expect(alice.get_by_role("dialog")).to_be_hidden()
    await expect(alice.get_by_role("button", name="Your name: Alice")).to_be_visible()


async def test_the_page_speaks_russian_and_can_be_switched(visit: Open) -> None:
    alice = await visit(locale="ru-RU")
    await expect(alice.get_by_role("button", name="Войти в чат")).to_be_visible()
    await alice.get_by_role("button", name="Войти в чат").click()
    await expect(log(alice).get_by_text("присоединился к чату").last).to_be_visible()
    await expect(online(alice)).to_contain_text("в сети")

    await alice.get_by_role("button", name="English").click()

    await expect(box(alice)).to_be_visible()
    await connected(alice)
    assert await alice.locator("html").get_attribute("lang") == "en"


async def test_the_page_fits_a_small_phone(visit: Open) -> None:
    alice = await visit("Alice", viewport={"width": 360, "height": 640})

    await write(alice, "Donaudampfschifffahrtsgesellschaft" * 20)
    await expect(message(alice, "Donaudampf").last).to_be_visible()

    assert await alice.evaluate("document.documentElement.scrollWidth") <= 360
    await expect(alice.get_by_role("button", name="Send")).to_be_in_viewport()
