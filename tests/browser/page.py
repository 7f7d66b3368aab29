"""The page as its tests see it: where things are, and what people do."""

import asyncio
import json
import re

import pytest
from playwright.async_api import Locator, Page

from harness.site import Site
from tests.databases import Database

#: Marks what says something of the page alone, which is the same whatever the server stands on.
page_alone = pytest.mark.stack("sqlite")


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


def joined(page: Page) -> Locator:
    """The latest line of those who have come."""
    return log(page).get_by_text("joined the chat").filter(visible=True).last


async def write(page: Page, text: str) -> None:
    await box(page).fill(text)
    await page.keyboard.press("Enter")


async def enter(page: Page, name: str) -> None:
    """Give a name and go in; before that one reads."""
    await give_name(page, name)
    await connected(page)


async def give_name(page: Page, name: str) -> None:
    """Give a name where there was none, in whatever language."""
    button = page.locator("own-name [data-reader]")
    await button.click()
    await page.locator("name-dialog input").fill(name)
    await page.locator("name-dialog [type=submit]").click()
    await button.wait_for(state="hidden")


async def connected(page: Page) -> None:
    """All of the page is there, and it is connected."""
    await page.get_by_text("Connected", exact=True).wait_for()
    await page.locator("body[data-whole]").wait_for(state="attached")


async def come_back(page: Page) -> None:
    """Have the page connect, now that its server is back: it may have meant to wait."""
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
    await action_of(line.page, action).click()


def action_of(page: Page, action: str) -> Locator:
    """One of the actions of the message whose menu is open; some say whose that is: "Reply to Anna"."""
    name = re.compile(rf"^{re.escape(action)}(?!\w)")
    return page.locator("message-actions").get_by_role("button", name=name)


def say(site: Site, texts: list[str]) -> None:
    """Have Bob say these things without a page, whether the site is served or not."""
    site.manage(
        "shell",
        "-c",
        "from chat.actors import PROGRAM, guest\n"
        "from chat.services import messages, people, rooms\n"
        "[bob] = people.arrive([people.Arrival('bob', 'Bob')])\n"
        f"for text in {json.dumps(texts)}: messages.post(guest(bob), rooms.at(PROGRAM, 'lobby'), text)",
    )


async def has_read(site: Site, name: str, text: str) -> None:
    """Return when the server knows that `name` has read the latest message that says `text`."""
    newest = "SELECT max(id) FROM chat_message WHERE text = %s"
    read = "SELECT count(*) FROM chat_readmarker JOIN chat_person ON chat_person.id = person_id"
    with Database.of(site) as database:
        while not database.execute(f"{read} WHERE name = %s AND message >= ({newest})", name, text)[0][0]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def rooms(page: Page) -> Locator:
    """The list of rooms."""
    return page.get_by_role("navigation", name="Rooms")


def room(page: Page, title: str) -> Locator:
    """A room in the list."""
    return rooms(page).get_by_role("link").filter(has_text=title)


def people(page: Page) -> Locator:
    """Who is in the room, one a line, once that list is open."""
    return page.get_by_role("complementary", name="Who is here").get_by_role("listitem")


async def sign_in(page: Page, site: Site, username: str, then: str = "/") -> None:
    """Come in as a user of the site, whose password is their username twice."""
    await page.goto(f"{site.address}accounts/login/?next={then}")
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password").fill(username * 2)
    await page.get_by_role("button", name="Sign in").click()
    await connected(page)


def seed(site: Site, more: str = "") -> None:
    """Users and rooms. Ann owns the club, which nobody else knows of; Max looks after the site.

    And whatever `more` does with them.
    """
    site.manage("shell", "-c", _SEED + more)


_SEED = """
from django.contrib.auth import get_user_model
from chat.models import Membership, Room

users = get_user_model().objects
ann, bert = (users.create_user(name, password=name * 2) for name in ("ann", "bert"))
users.create_superuser("max", password="maxmax")
club = Room.objects.create(slug="club", title="Club", topic="Cards", mode="members")
Membership.objects.create(room=club, user=ann, role="owner")
Room.objects.filter(slug=Room.LOBBY).update(title="Lobby")
Room.objects.create(slug="salon", title="Salon", topic="Tea and books")
Room.objects.create(slug="news", title="News", mode="read_only")
Room.objects.create(slug="attic", title="Attic", is_archived=True)
"""
