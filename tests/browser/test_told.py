"""Being told of what is said while one looks elsewhere."""

import secrets
from typing import Any

from playwright.async_api import Page, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import choose, connected, has_read, message, page_alone, room, sign_in, write

pytestmark = page_alone

#: Puts what the browser would show on the desktop, and the notes that it would play, where a test finds it.
RECORDER = """
window.shown = [];
window.notes = 0;
OscillatorNode.prototype.start = () => window.notes++;
OscillatorNode.prototype.stop = () => {};
window.Notification = class {
  static permission = "default";
  static async requestPermission() {
    return (this.permission = window.says ?? "granted");
  }
  constructor(title, options) {
    this.title = title.replaceAll(/[\\u2068\\u2069]/g, "");
    Object.assign(this, options);
    window.shown.push(this);
  }
  close() {
    this.isClosed = true;
  }
};
"""


async def shown(*pages: Page) -> list[Any]:
    """What stands on the desktop, whichever of these pages has put it there."""
    told = [await page.evaluate("shown.filter(({ isClosed }) => !isClosed)") for page in pages]
    return [f"{one['title']}: {one['body']}" for some in told for one in some]


async def who_tells(pages: list[Page]) -> Page:
    """Which of these has put something there: whichever came first."""
    while True:
        for page in pages:
            if await shown(page):
                return page
        await pages[0].wait_for_timeout(100)


async def test_who_asks_for_it_is_told_by_one_tab_of_what_is_said_where_they_do_not_look(
    visit: Open, peopled_site: Site
) -> None:
    alice, bob = await visit(at=peopled_site), await visit("Bob", at=peopled_site)
    await alice.context.add_init_script(RECORDER)
    await sign_in(alice, peopled_site, "ann")
    await room(bob, "Salon").click()
    bell = alice.get_by_role("button", name="Notifications: off")

    # Denied, and then not
    await alice.evaluate("window.says = 'denied'")
    await bell.click()
    dialog = alice.get_by_role("dialog", name="Notifications")
    await expect(dialog.get_by_label("with a sound")).to_be_disabled()
    await dialog.get_by_label("all messages in my rooms").check()
    await expect(dialog.get_by_text("Your browser shows no notifications of this site.")).to_be_visible()
    await dialog.get_by_label("with a sound").check()
    await alice.wait_for_function("() => notes === 2")
    await dialog.get_by_role("button", name="Done").click()
    await expect(alice.get_by_role("button", name="Notifications: on")).to_be_focused()
    await room(alice, "Salon").click()
    await write(alice, "I am here")
    await has_read(peopled_site, "ann", "I am here")  # the salon is one of her rooms then
    await room(alice, "Lobby").click()

    # One of two tabs
    await alice.evaluate("Notification.permission = 'granted'")
    other = await alice.context.new_page()
    await other.add_init_script("Notification.permission = 'granted'")
    await other.goto(peopled_site.address)
    await connected(other)
    await expect(other.get_by_role("button", name="Notifications: on")).to_be_visible()
    first, second = secrets.token_hex(4), f"<b>{secrets.token_hex(4)}</b>"
    await write(bob, first)
    for page in (alice, other):
        await expect(room(page, "Salon")).to_contain_text("Unread messages:", use_inner_text=True)
    speaker = await who_tells([alice, other])
    await speaker.wait_for_timeout(800)  # in which another would have told it as well
    assert await shown(alice, other) == [f"Bob · Salon: {first}"]
    assert sum([await page.evaluate("notes") for page in (alice, other)]) == 4

    # What is deleted is told no more
    await choose(message(bob, first), "Delete")
    await bob.get_by_role("button", name="Delete", exact=True).click()
    await speaker.wait_for_function("() => shown[0].isClosed")

    # A click leads there
    await write(bob, second)
    speaker = await who_tells([alice, other])
    await speaker.evaluate("shown.at(-1).onclick()")
    await expect(message(speaker, second)).to_be_visible()
    assert await shown(alice, other) == []

    # What is looked at in one tab is told by none
    third, fourth = secrets.token_hex(4), secrets.token_hex(4)
    await write(bob, third)
    await expect(message(speaker, third)).to_be_visible()
    await room(bob, "Lobby").click()
    await write(bob, fourth)
    await expect(message(other if speaker is alice else alice, fourth)).to_be_visible()
    await alice.wait_for_timeout(800)  # in which it would be told
    assert await shown(alice, other) == []
