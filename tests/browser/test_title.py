"""A room that is called otherwise, for those who are in it: in their language."""

from playwright.async_api import expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import log, page_alone

pytestmark = page_alone

RENAME = """
from chat.actors import PROGRAM
from chat.models import Room
from chat.services import rooms

room = Room.objects.get(slug=Room.LOBBY)
room.title, room.titles, room.topic = "Салон", {"en": "Salon <b>"}, "Tea"
rooms.describe(PROGRAM, room)
"""


async def test_another_title_is_shown_at_once(visit: Open, own_site: Site) -> None:
    """Though another process has changed it, which nobody hears."""
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)

        own_site.manage("shell", "-c", RENAME)

        await expect(alice.get_by_role("heading", level=1)).to_have_text("Salon <b>")
        await expect(alice).to_have_title("Salon <b>")
        await expect(log(alice)).to_contain_text("Salon <b>")
        await expect(log(alice)).to_contain_text("Tea")
