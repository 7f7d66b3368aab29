"""The page as its tests see it: where things are, and what people do."""

import json

from playwright.async_api import Locator, Page

from harness.site import Site


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def message(page: Page, text: str) -> Locator:
    """The messages in the log that contain `text`."""
    return log(page).get_by_role("article").filter(has_text=text)


def box(page: Page) -> Locator:
    """Where a message is written."""
    return page.get_by_role("textbox", name="Message")


def online(page: Page) -> Locator:
    """How many are in the room, in words."""
    return page.locator("online-count > :not([hidden])")


async def write(page: Page, text: str) -> None:
    await box(page).fill(text)
    await page.keyboard.press("Enter")


async def enter(page: Page, name: str) -> None:
    """Give a name and go in."""
    await page.get_by_role("textbox", name="What is your name?").fill(name)
    await page.get_by_role("button", name="Enter the chat").click()
    await connected(page)


async def connected(page: Page) -> None:
    await page.get_by_text("Connected", exact=True).wait_for()


async def come_back(page: Page) -> None:
    """Have the page connect now that its server is back, however long it had meant to wait."""
    await page.wait_for_function(
        """() => {
          dispatchEvent(new Event("online"));
          return document.querySelector("connection-line").dataset.phase === "connected";
        }""",
        polling=200,
    )


async def choose(line: Locator, action: str) -> None:
    """Choose one of the actions of a message."""
    await line.hover()
    await line.get_by_role("button", name="Actions").click()
    await line.page.get_by_role("button", name=action, exact=True).click()


def say(site: Site, texts: list[str]) -> None:
    """Have Bob say these things without a page, whether the site is served or not."""
    site.manage(
        "shell",
        "-c",
        "from chat.access import PROGRAM, guest\n"
        "from chat.services import messages, people, rooms\n"
        "[bob] = people.arrive([people.Arrival('bob', 'Bob')])\n"
        f"for text in {json.dumps(texts)}: messages.post(guest(bob), rooms.lobby(PROGRAM), text)",
    )
