"""The story that must never break: people open the page, type a name, and talk."""

import secrets

from playwright.async_api import expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import box, connected, log, message, online, write


async def test_two_people_talk(visit: Open, shared_site: Site) -> None:
    alice = await visit("Alice", at=shared_site)
    bob = await visit("Bob", at=shared_site)
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
    await alice.get_by_role("button", name="Выбрать имя").click()
    await alice.get_by_role("button", name="Войти в чат").click()
    await expect(log(alice).get_by_text("теперь в чате").last).to_be_visible()
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


#: The letters of a message from left to right and line by line, as they are drawn.
DRAWN = """line => {
  const walker = document.createTreeWalker(line.querySelector("[data-body]"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data;
    for (let index = 0; index < text.length; index++) {
      const range = document.createRange();
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + 1);
      const { left, top, width } = range.getBoundingClientRect();
      if (width > 0) found.push({ letter: text[index], left, top: Math.round(top) });
    }
  }
  found.sort((one, other) => one.top - other.top || one.left - other.left);
  const lines = Map.groupBy(found, ({ top }) => top);
  return [...lines.values()].map((letters) => letters.map(({ letter }) => letter).join(""));
}"""


async def test_hebrew_and_arabic_run_from_right_to_left_each_line_by_itself(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = secrets.token_hex(4)
    shalom, marhaban = "שלום!", "مرحبا!"

    await write(alice, f"{shalom}\n{mark}!\n{marhaban}")

    for page in (alice, bob):
        line = message(page, mark)
        await expect(line).to_be_visible()
        drawn = await line.evaluate(DRAWN)
        assert drawn == [shalom[::-1], f"{mark}!", marhaban[::-1]]
        bubble = await line.locator("[data-bubble]").bounding_box()
        time = await line.locator("[data-time]").bounding_box()
        assert bubble
        assert time
        assert time["x"] > bubble["x"] + bubble["width"] / 2, "the time stays where it was"


async def test_a_link_in_letters_that_look_like_others_says_where_it_leads(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = secrets.token_hex(4)

    await write(alice, f"https://раураl.com/{mark} https://кириллица.рф/{mark}")

    link, genuine = (
        message(bob, mark).get_by_role("link").nth(0),
        message(bob, mark).get_by_role("link").nth(1),
    )
    await expect(link).to_have_text(f"https://раураl.com/{mark} (xn--l-7sba6dbr.com)")
    await expect(genuine).to_have_text(f"https://кириллица.рф/{mark}")


async def test_a_button_is_called_by_what_is_written_on_it(visit: Open) -> None:
    alice = await visit("Alice")

    for button in await alice.get_by_role("button").all():
        name, words = await button.evaluate(
            "button => [button.getAttribute('aria-label') ?? '', button.innerText.trim()]"
        )
        assert not name or words in name
    await expect(alice.get_by_role("button", name="RU, Русский")).to_be_visible()
