"""Users of a site that is served: who they are on every device, and for how long."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.site import Site
from tests.databases import Database
from tests.serve.accounts import owner_of, page, program, sign_in, sign_out, signed_in
from tests.serve.guests import Frame, hear, hear_of, last_words, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack

#: In so many seconds whoever is signed in hears that it is so no longer.
SOON = 5
#: Another site whose pages may open sockets here.
FRIEND = "https://friend.example"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    site = site_in(tmp_path_factory.mktemp("town"), stack, CHAT_HANDSHAKES="0", ALLOWED_ORIGINS=FRIEND)
    (site.home / "password").write_text(owner_of(site))
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


async def enter(client: ClientConnection, name: str = "Mallory", **reply: object) -> Frame:
    """Come in by v2 and answer with this name, and be in the lobby: the welcome."""
    assert (await hear(client))["type"] == "request_name"
    await say(client, name=name, v=2, **reply)
    welcome = await hear_of(client, type="welcome")
    await hear_of(client, type="history")
    return welcome


async def how_it_ends(client: ClientConnection) -> tuple[int | None, float]:
    """The code with which it is closed, and how many seconds that took."""
    began = time.monotonic()
    async with asyncio.timeout(20):
        _frames, close = await last_words(client)
    return (close.code if close else None), time.monotonic() - began


@pytest.mark.parametrize("form", ["accounts/login/", "admin/login/"])
async def test_a_user_signs_in_and_out_in_another_tab(town: Site, form: str) -> None:
    password = (town.home / "password").read_text()
    tab = await asyncio.to_thread(sign_in, town, "admin", password, form)
    key = tab.cookies["sessionid"]

    async with page(town, key, id="laptop") as laptop, page(town, key, id="phone") as phone:
        here, there = await enter(laptop), await enter(phone)
        await asyncio.to_thread(sign_out, tab)
        (code, seconds), (other, _) = await asyncio.gather(how_it_ends(laptop), how_it_ends(phone))
    async with page(town, key, id="laptop") as laptop:
        now = await enter(laptop, "Ophelia")

    tab.close()
    assert (here["name"], here["role"], here["user"], here["token"]) == ("admin", "moderator", True, "")
    assert here["id"] == there["id"]
    assert (code, other) == (4015, 4015)
    assert seconds < SOON
    assert (now["name"], now["role"], now["user"]) == ("Ophelia", "guest", False)
    assert now["id"] != here["id"]


#: What befalls somebody, in SQL.
FATES = {
    "Fired": "UPDATE auth_user SET is_active = %s WHERE username = 'fired'",
    "Robbed": "UPDATE auth_user SET password = 'another' WHERE username = 'robbed'",
    "Renamed": "UPDATE auth_user SET first_name = 'Anna' WHERE username = 'renamed'",
    "Gone": "DELETE FROM django_session WHERE session_key = %s",
    "Late": "UPDATE django_session SET expire_date = '2020-01-01T00:00:00Z' WHERE session_key = %s",
    "Modest": "DELETE FROM auth_user_groups WHERE user_id = "
    "(SELECT id FROM auth_user WHERE username = 'modest')",
    "Mods": "DELETE FROM auth_group_permissions",
    "Bystander": "UPDATE auth_user SET email = 'b@example.com' WHERE username = 'bystander'",
}


async def test_whatever_changes_who_they_are_reaches_them(town: Site) -> None:
    keys = signed_in(town, *FATES)
    clients = {name: await page(town, key, id=name.lower()) for name, key in keys.items()}
    roles = {name: (await enter(client))["role"] for name, client in clients.items()}
    with Database.of(town) as database:
        for name, statement in FATES.items():
            values = {"Fired": (False,), "Gone": (keys[name],), "Late": (keys[name],)}.get(name, ())
            database.execute(statement, *values)
    ends = {name: asyncio.create_task(how_it_ends(client)) for name, client in clients.items()}
    bystander = ends.pop("Bystander")

    found = {name: await end for name, end in ends.items()}
    again: dict[str, Frame] = {}
    for name in FATES:
        async with page(town, keys[name], id=f"{name}-again") as client:
            again[name] = await enter(client, "Guest")

    assert not bystander.done()
    await clients["Bystander"].close()
    await bystander
    assert {code for code, _seconds in found.values()} == {4015}
    assert max(seconds for _code, seconds in found.values()) < SOON
    assert {name for name, role in roles.items() if role == "moderator"} == {"Mods", "Modest"}
    assert {welcome["role"] for welcome in again.values()} == {"guest", "member"}
    guests = {name for name, welcome in again.items() if not welcome["user"]}
    assert guests == {"Fired", "Robbed", "Gone", "Late"}
    assert again["Renamed"]["name"] == "Anna"


async def test_who_opens_the_socket_decides_whether_the_cookie_counts(town: Site) -> None:
    key = signed_in(town, "Carol")["Carol"]
    async with page(town, key) as own, program(town, key, id="robot") as robot:
        carol, guest = await enter(own), await enter(robot, "Robot")

    assert (carol["name"], carol["user"]) == ("Carol", True)
    assert (guest["id"], guest["name"], guest["user"]) == ("robot", "Robot", False)
    for origin in (
        f"http://localhost:{town.port}",
        f"https://127.0.0.1:{town.port}",
        "http://127.0.0.1",
        "null",
    ):
        with pytest.raises(InvalidStatus):
            await page(town, key, origin=origin)


async def test_pages_of_another_site_that_may_come_bring_no_users(town: Site) -> None:
    key = signed_in(town, "Dan")["Dan"]
    async with page(town, key, origin=FRIEND, id="friend") as client:
        welcome = await enter(client, "Friend")

    assert (welcome["name"], welcome["user"]) == ("Friend", False)


async def test_sessions_may_live_in_their_cookies(tmp_path: Path, stack: Stack) -> None:
    """Then nobody hears of a sign-out, which such a cookie survives; of a new password everybody does."""
    (tmp_path / "cookies.py").write_text(
        "from chatproject.settings import *\n"
        "SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'\n"
    )
    site = site_in(tmp_path, stack, DJANGO_SETTINGS_MODULE="cookies")
    key = signed_in(site, "Carol", in_cookies=True)["Carol"]
    with site.served_by("serve"):
        async with page(site, key) as client, page(site, f"{key}x", id="forged") as forged:
            carol, guest = await enter(client), await enter(forged, "Forger")
            with Database.of(site) as database:
                database.execute("UPDATE auth_user SET password = 'another' WHERE username = 'carol'")
            code, seconds = await how_it_ends(client)

    assert (carol["name"], carol["user"]) == ("Carol", True)
    assert (guest["name"], guest["user"]) == ("Forger", False)
    assert (code, seconds < SOON) == (4015, True)
    assert_is_well(site)


@pytest.mark.timeout(90)
async def test_they_are_one_person_in_both_processes(tmp_path: Path, stack: Stack) -> None:
    """Who arrives in two processes at one moment for the first time is one person."""
    first = site_in(tmp_path, stack, **stack.processes(tmp_path))
    second = Site(tmp_path, **first.environment)
    second.log = tmp_path / "second.log"
    names = [f"User{number}" for number in range(10)]
    keys = signed_in(first, *names)
    with first.served_by("serve"), second.served_by("serve"):

        async def come(site: Site, name: str) -> str:
            async with page(site, keys[name], id=f"{name}-{site.port}") as client:
                welcome = await enter(client)
                await say(client, type="message", message=name, ref=f"{site.port}")
                await hear_of(client, type="ack", ref=f"{site.port}")
                assert welcome["name"] == name
                return str(welcome["id"])

        here, there = await asyncio.gather(
            asyncio.gather(*(come(first, name) for name in names)),
            asyncio.gather(*(come(second, name) for name in names)),
        )

    assert here == there
    assert len(set(here)) == len(names)
    with Database.of(first) as database:
        people = database.execute("SELECT id FROM chat_person")
        authors = database.execute("SELECT author_id, count(*) FROM chat_message GROUP BY author_id")
    assert {id for (id,) in people} == set(here)
    assert dict(authors) == dict.fromkeys(here, 2)
    assert_is_well(first)
    assert_is_well(second)


@pytest.mark.parametrize("guests", ["read", "none"])
async def test_a_site_may_want_its_guests_to_listen_or_to_sign_in(
    tmp_path: Path, stack: Stack, guests: str
) -> None:
    site = site_in(tmp_path, stack, CHAT_GUESTS=guests)
    key = signed_in(site, "Carol")["Carol"]
    with site.served_by("serve"):
        async with page(site, key) as own, page(site, id="new") as new, page(site, id="old") as old:
            await enter(own)
            assert [(await hear(client))["guests"] for client in (new, old)] == [guests, guests]
            await say(new, name="New", v=2, lang="en")
            await say(old, name="Old")
            if guests == "none":
                (heard, close), (seen, other) = await last_words(new), await last_words(old)
                assert (heard[-1]["type"], heard[-1]["code"]) == ("closing", 4509)
                assert (seen[-1]["color"], seen[-1]["code"]) == ("danger", "sign_in_required")
                assert close
                assert other
                assert close.code == other.code == 4509
            else:
                for client in (new, old):
                    await hear_of(client, event="join")
                    await say(client, type="message", message="hi", ref="1")
                assert (await hear_of(new, ref="1"))["code"] == "read_only"
                assert (await hear_of(old, color="danger"))["code"] == "read_only"
            await say(own, type="message", message="hi", ref="1")
            await hear_of(own, type="ack", ref="1")
            if guests == "read":
                assert (await hear_of(old, type="message"))["sender"] == "Carol"
    assert_is_well(site)


async def test_a_function_of_the_site_s_that_fails_costs_a_line(tmp_path: Path, stack: Stack) -> None:
    (tmp_path / "town.py").write_text(
        "def name(user):\n"
        "    return f'Citizen {user.username}'\n"
        "def role(user):\n"
        "    raise RuntimeError('nobody knows')\n"
    )
    site = site_in(tmp_path, stack, CHAT_NAME="town.name", CHAT_ROLE="town.role")
    key = signed_in(site, "Moderator")["Moderator"]
    with site.served_by("serve"):
        async with page(site, key) as client:
            welcome = await enter(client)
            await asyncio.sleep(4)  # looked at again
            await say(client, type="ping", n=1)
            try:
                await hear_of(client, type="pong", n=1)
            except ConnectionClosed as error:
                pytest.fail(str(error))

    assert (welcome["name"], welcome["role"]) == ("Citizen moderator", "member")
    assert "ROLE has failed for a user: RuntimeError('nobody knows')" in site.log.read_text()
    assert_is_well(site)
