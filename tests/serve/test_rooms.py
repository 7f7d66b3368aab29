"""Rooms of a site that two processes serve: what changes in one holds in the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from harness.site import Site
from tests.databases import Database
from tests.serve.guests import Frame, hear, hear_of, say
from tests.serve.sites import assert_is_well, site_in
from tests.serve.test_signin import sign_in
from tests.stacks import Stack

#: Without a layer whatever has changed is found a second later; this is with a slow machine's patience.
SOON = 6.0

#: Two users of the site, as people of the chat.
USERS = """
from django.contrib.auth.models import User
from chat.models import Person
for name in ("ann", "ben"):
    user = User.objects.create_user(name)
    Person.objects.create(pk=name, name=name.title(), user=user, is_owned=True)
"""
#: Each of them asks for the conversation with the other at the same moment.
ASK = """
import time
from django.contrib.auth.models import User
from chat.access import Actor
from chat.core.protocol import OpenDirect
from chat.models import Person
from chat.services import commands
from chat.services.room_commands import RoomCommand
user = User.objects.get(username="{me}")
actor = Actor("member", Person.objects.get(user=user), user)
time.sleep(max(0, {at} - time.time()))
print(*commands.carry_out([RoomCommand(actor, OpenDirect(id="{other}"))]))
"""


@pytest.fixture(params=["layer", "no layer"])
def here_and_there(request: Any, tmp_path: Path, stack: Stack) -> list[Site]:
    """Two processes of a site, which hear each other at once, or by the database alone."""
    environment = stack.processes(tmp_path) if request.param == "layer" else {"REDIS_URL": ""}
    return [site_in(tmp_path, stack, SECRET_KEY="x" * 50, **environment) for _ in range(2)]


@asynccontextmanager
async def in_chat(site: Site, id: str) -> AsyncIterator[ClientConnection]:
    """Somebody who speaks v2, and has heard that they are in the lobby."""
    async with connect(site.socket(id)) as client:
        assert (await hear(client))["type"] == "request_name"
        await say(client, name=id.title(), v=2, lang="en")
        await hear_of(client, type="room")
        yield client


@contextmanager
def admin_of(site: Site) -> Any:
    """The admin, signed in."""
    password = site.manage("welcome").partition("password ")[2].split(" ")[0]
    with httpx.Client(base_url=site.address, headers={"Accept-Language": "en"}, timeout=60) as admin:
        admin.get("admin/login/")
        assert sign_in(admin, password).status_code == 302
        yield admin


def change(admin: httpx.Client, key: int, members: list[dict[str, Any]], **fields: Any) -> None:
    """Fill in the form of a room."""
    form: dict[str, Any] = {"title": "Club", "mode": "members", "position": "0"}
    form |= {"csrfmiddlewaretoken": admin.cookies["csrftoken"], **fields}
    form |= {"memberships-TOTAL_FORMS": len(members)}
    form |= {"memberships-INITIAL_FORMS": sum("id" in row for row in members)}
    for number, row in enumerate(members):
        form |= {f"memberships-{number}-{field}": value for field, value in row.items()}
    assert admin.post(f"admin/chat/room/{key}/change/", data=form).status_code == 302


async def list_with(client: ClientConnection, room: str, *, has: bool = True) -> list[Frame]:
    """The next list of rooms that has this one, or has it not."""
    async with asyncio.timeout(SOON):
        while True:
            rooms: list[Frame] = (await hear_of(client, type="rooms"))["rooms"]
            if any(one["room"] == room for one in rooms) == has:
                return rooms


@pytest.mark.timeout(180)
async def test_what_the_admin_says_reaches_whoever_is_in_another_process(
    here_and_there: list[Site],
) -> None:
    here, there = here_and_there
    here.manage("chat_room", "create", "club", "--title", "Club", "--mode", "members")
    async with AsyncExitStack() as open_:
        for site in (here, there):
            open_.enter_context(site.served_by("serve"))
        admin = open_.enter_context(admin_of(here))
        alice = await open_.enter_async_context(in_chat(there, "alice"))
        key, membership = _key(here, "club"), {"person": "alice", "role": "member"}
        await say(alice, type="rooms")
        await list_with(alice, "club", has=False)

        await asyncio.to_thread(change, admin, key, [{**membership, "room": key}])
        await list_with(alice, "club")
        await say(alice, type="enter", room="club")
        await hear_of(alice, type="room", room="club")
        await say(alice, type="message", room="club", message="hi", ref="1")
        await hear_of(alice, type="ack", ref="1")

        kept = {**membership, "id": _membership(here), "room": key}
        await asyncio.to_thread(change, admin, key, [kept], is_archived="on")
        async with asyncio.timeout(SOON):
            await hear_of(alice, type="notification", event="room", mode="archived")
        await say(alice, type="message", room="club", message="ho", ref="2")
        assert (await hear_of(alice, ref="2"))["code"] == "read_only"

        await asyncio.to_thread(change, admin, key, [{**kept, "DELETE": "on"}])
        async with asyncio.timeout(SOON):
            await hear_of(alice, type="left", room="club")
        await list_with(alice, "club", has=False)

        here.manage("chat_room", "member", "add", "club", "--person", "alice", "--role", "owner")
        assert (await list_with(alice, "club"))[0]["role"] == "owner"
        here.manage("chat_room", "delete", "club")
        await list_with(alice, "club", has=False)
    for site in (here, there):
        assert_is_well(site)


def _key(site: Site, slug: str) -> int:
    with Database.of(site) as database:
        [[key]] = database.execute("SELECT id FROM chat_room WHERE slug = %s", slug)
    return int(key)


def _membership(site: Site) -> int:
    with Database.of(site) as database:
        [[key]] = database.execute("SELECT id FROM chat_membership")
    return int(key)


async def test_two_who_ask_for_each_other_at_once_get_one_conversation(
    tmp_path: Path, stack: Stack
) -> None:
    site = site_in(tmp_path, stack)
    site.manage("shell", "-c", USERS)

    at = time.time() + 6
    asked = [ASK.format(me=me, other=other, at=at) for me, other in (("ann", "ben"), ("ben", "ann"))]
    slugs = await asyncio.gather(*(asyncio.to_thread(site.manage, "shell", "-c", words) for words in asked))

    assert len({slug.split()[-1] for slug in slugs}) == 1, slugs
    with Database.of(site) as database:
        assert database.execute("SELECT count(*) FROM chat_room WHERE direct IS NOT NULL") == [(1,)]
        assert database.execute("SELECT count(*) FROM chat_membership") == [(2,)]
