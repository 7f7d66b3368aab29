"""The admin as its browser tests see it: a site with something of everything, and links to be clicked."""

import asyncio
import re
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import Page, Route

from harness.site import Site

#: Max looks after the site, Rita only looks at it. In the lobby and the lounge much was said and reported,
#: some waits, and two talk alone.
SEED = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from chat.actors import PROGRAM, guest
from chat.models import AddressKey, FilterRule, HeldMessage, Membership, PersonAddress, Room
from chat.services import messages, moderation, people, reports
from chat.services.people import Arrival, Proof

users = get_user_model().objects
users.create_superuser("max", password="maxmax")
rita = users.create_user("rita", password="ritarita", is_staff=True)
looks = ["view_room", "view_message", "view_person"]
rita.user_permissions.set(Permission.objects.filter(codename__in=looks))
Room.objects.filter(slug=Room.LOBBY).update(title="Lobby")
lobby, lounge = Room.objects.get(slug=Room.LOBBY), Room.objects.create(slug="lounge", title="Lounge")
direct = Room.objects.create(slug="direct-1", title="Two", direct="1:2", mode="members")
names = ("alice", "bob", "mallory", "oscar", "yan", "zoe")
arrivals = [Arrival(name, name.title(), Proof.TOKEN) for name in names]
alice, bob, mallory, oscar, yan, zoe = people.arrive(arrivals)
key = AddressKey.objects.create()
for person in (alice, mallory):
    PersonAddress.objects.create(person=person, key=key, address="ab" * 16)
Membership.objects.create(room=lounge, person=mallory, role="member")
for number in range(12):
    for person, room in ((alice, lobby), (mallory, lounge)):
        said = messages.post(guest(person), room, f"{person.name} {number}: " + "w" * 100)
        if number % 3 == 0:
            reports.report(guest(bob), said, "spam")
messages.post(guest(oscar), lobby, "to be forgotten")
messages.delete(PROGRAM, [messages.post(guest(mallory), lounge, "gone")], "spam")
reports.report(guest(yan), messages.post(guest(zoe), lobby, "buy elephants"), "spam")
messages.post(guest(yan, frozenset({(direct.pk, "member")})), direct, "between us")
moderation.sanction(PROGRAM, mallory, "mute", lounge, 60, "flood")
moderation.sanction(PROGRAM, mallory, "ban", None, None, "spam")
for number in range(5):
    HeldMessage.objects.create(room=lobby, author=alice, name="Alice", text=f"held {number}", why="word")
HeldMessage.objects.create(room=direct, author=yan, name="Yan", text="still between us", why="word")
FilterRule.objects.create(kind="word", value="teapot", action="hold", room=lounge)
"""
#: What is held in the conversation of two.
HELD = 6

_LINKS = """(links) => [...document.querySelectorAll(links)].flatMap((link, number) => {
  const isHere = link.checkVisibility() && !link.getAttribute("href").startsWith("#");
  return isHere && link.href.startsWith(origin) ? [[number, link.href.slice(origin.length)]] : [];
})"""


async def sign_in(page: Page, site: Site, name: str) -> None:
    """Come in to the admin as a user whose password is their name twice."""
    await page.goto(f"{site.address}admin/login/?next=/admin/chat/")
    await page.locator("#id_username").fill(name)
    await page.locator("#id_password").fill(name * 2)
    await page.locator("[type=submit]").click()
    await page.locator("#user-tools").wait_for()


def kind_of(address: str) -> str:
    """What two addresses have in common that lead to the same page of other rows."""
    parts = urlsplit(address)
    path = re.sub(r"/[^/]+/(change|history|delete|erase|live)/", r"/*/\1/", parts.path)
    return f"{path}?{'&'.join(sorted(name for name, _value in parse_qsl(parts.query)))}"


async def click_links(
    page: Page, links: str = "#content a[href]", clicked: set[str] | None = None
) -> list[str]:
    """Click these links, of those to pages of one kind the first; their addresses.

    Each is asked of the site, which answers well; and the page stays, so that it need not be loaded anew.
    """
    clicked = set() if clicked is None else clicked
    answers: asyncio.Queue[tuple[str, int]] = asyncio.Queue()

    async def stay(route: Route) -> None:
        if not route.request.is_navigation_request():
            return await route.fallback()
        answer = await route.fetch()
        answers.put_nowait((answer.url, answer.status))
        await route.fulfill(status=204)

    followed = []
    found: list[tuple[int, str]] = await page.evaluate(_LINKS, links)
    await page.route("**", stay)
    try:
        for number, address in found:
            if kind_of(address) in clicked:
                continue
            clicked.add(kind_of(address))
            await page.locator(links).nth(number).click()
            there, status = await asyncio.wait_for(answers.get(), 10)
            assert status == 200, (page.url, address)
            assert "/login/" not in there, (page.url, address)
            followed.append(address)
    finally:
        await page.unroute_all()
    return followed
