"""How what was written is shown, and what helps to write it: markup, emoji, and reactions with any."""

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.page import box, choose, message, page_alone, write
from tests.browser.test_messages import said

pytestmark = page_alone

CODE = "if x < 1:\n    print('*no*')"


async def test_a_message_is_shown_with_its_markup_and_kept_as_written(visit: Open) -> None:
    alice = await visit("Alice", permissions=["clipboard-read", "clipboard-write"])
    written = (
        "*bold* _italic_ ~~gone~~ `<b>` snake_case <i>x</i> www.example.org/a [here](https://example.org/b)\n"
        f"> quoted\n- one\n- two\n```python\n{CODE}\n```"
    )
    await box(alice).fill(written)
    await box(alice).press("Enter")

    line = message(alice, "snake_case")
    await expect(line).to_have_attribute("data-status", "sent")
    for tag, text in {"strong": "bold", "em": "italic", "s": "gone", "blockquote": "quoted"}.items():
        await expect(line.locator(f".message-body {tag}")).to_have_text(text)
    await expect(line.locator(".message-body > code")).to_have_text("<b>")
    await expect(line.locator("li")).to_have_text(["one", "two"])
    await expect(line.locator("i, b")).to_have_count(0)
    links = line.locator(".message-body").get_by_role("link")
    await expect(links).to_have_text(["www.example.org/a", "here (example.org)"])
    for link, href in ((links.first, "https://www.example.org/a"), (links.last, "https://example.org/b")):
        await expect(link).to_have_attribute("href", href)
        await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")
        await expect(link).to_have_attribute("target", "_blank")

    await line.get_by_role("button", name="Copy the code").press("Enter")
    await expect(line.get_by_text("Copied")).to_be_visible()
    assert await alice.evaluate("navigator.clipboard.readText()") == CODE

    await choose(line, "Edit")
    await expect(box(alice)).to_have_value(written)
    await write(alice, "🎉 👍🏽")
    await expect(alice.locator("[data-emoji-alone]")).to_have_text("🎉 👍🏽")


async def test_an_emoji_is_written_by_its_name(visit: Open) -> None:
    alice = await visit("Alice")
    options = alice.get_by_role("option")

    await box(alice).press_sequentially("Hurray :tad")
    await expect(options).to_have_accessible_name(":tada:")
    await expect(box(alice)).to_have_attribute(
        "aria-activedescendant", await options.evaluate("one => one.id")
    )
    await box(alice).press("Enter")
    await expect(box(alice)).to_have_value("Hurray 🎉 ")
    await expect(options).to_have_count(0)

    await box(alice).press_sequentially(":heart")
    await expect(options.nth(1)).to_be_visible()
    await box(alice).press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await box(alice).press("Escape")
    await expect(options).to_have_count(0)
    await box(alice).press_sequentially(": `:tada:` 12:30")
    await expect(box(alice)).to_have_value("Hurray 🎉 ❤️ `:tada:` 12:30")
    await box(alice).press("Enter")
    await expect(message(alice, "Hurray 🎉 ❤️")).to_have_attribute("data-status", "sent")


async def test_any_emoji_is_picked_by_keyboard_into_a_text_and_as_a_reaction(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = await said(alice, "Look")
    picker = alice.get_by_role("dialog", name="Emoji")
    search = picker.get_by_role("searchbox", name="Search emoji")

    button = alice.get_by_role("button", name="Emoji", exact=True)
    await button.press("Enter")
    await expect(search).to_be_focused()
    await expect(button).to_have_attribute("aria-expanded", "true")
    await search.press_sequentially("octop")
    await expect(picker.get_by_role("button", name="octopus")).to_be_visible()
    await search.press("Enter")
    await expect(box(alice)).to_have_value("🐙")
    await expect(box(alice)).to_be_focused()
    await button.press("Enter")
    await expect(search).to_be_focused()
    await search.press("Escape")
    await expect(picker).to_be_hidden()
    await expect(button).to_be_focused()

    await choose(message(alice, mark), "Other emoji")
    await expect(search).to_be_focused()
    await search.press("ArrowDown")
    await expect(picker.get_by_role("region", name="Recent").get_by_role("button")).to_be_focused()
    await alice.keyboard.press("ArrowDown")
    await alice.keyboard.press("ArrowRight")
    await alice.keyboard.press("Enter")
    reaction = message(bob, mark).locator(".reaction")
    await expect(reaction).to_contain_text("😃")
    await expect(reaction).to_have_attribute("title", "Alice")
    await reaction.click()
    await expect(message(alice, mark).locator(".reaction")).to_have_attribute("title", "You and Bob")
    await message(alice, mark).locator(".reaction").click()
    await expect(reaction).to_have_attribute("title", "You")
