"""Rooms of a site that two processes serve: what changes in one holds in the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from harness.site import Site
from tests.databases import Database
from tests.serve.accounts import owner_of, page, signed_in
from tests.serve.guests import Frame, hear, hear_of, say
from tests.serve.sites import assert_is_well, site_in
from tests.serve.test_signin import sign_in
from tests.stacks import Stack

#: Without a layer whatever has changed is found a second later; this is with a slow machine's patience.
SOON = 6.0


@pytest.fixture(scope="module", params=["layer", "no layer"])
def here_and_there(
    request: Any, tmp_path_factory: pytest.TempPathFactory, stack: Stack
) -> Iterator[list[Site]]:
    """Two processes of a site, which hear each other at once, or by the database alone."""
    home = tmp_path_factory.mktemp("two")
    environment = stack.processes(home) if request.param == "layer" else {"REDIS_URL": ""}
    here, there = (site_in(home, stack, SECRET_KEY="x" * 50, **environment) for _ in range(2))
    there.log = home / "there.log"
    with here.served_by("serve"), there.served_by("serve"):
        yield [here, there]
    for site in (here, there):
        assert_is_well(site)


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
    password = owner_of(site)
    with httpx.Client(base_url=site.address, headers={"Accept-Language": "en"}, timeout=60) as admin:
        admin.get("admin/login/")
        assert sign_in(admin, password).status_code == 302
        yield admin


def change(admin: httpx.Client, key: int, members: list[dict[str, Any]], **fields: Any) -> None:
    """Fill in the form of a room."""
    form: dict[str, Any] = {"title": "Club", "mode": "members", "position": "0", "slow": "0"}
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


def _key(site: Site, slug: str) -> int:
    with Database.of(site) as database:
        [[key]] = database.execute("SELECT id FROM chat_room WHERE slug = %s", slug)
    return int(key)


def _membership(site: Site) -> int:
    with Database.of(site) as database:
        [[key]] = database.execute("SELECT id FROM chat_membership WHERE person_id = 'alice'")
    return int(key)


async def test_two_who_ask_for_each_other_at_once_get_one_conversation(
    here_and_there: list[Site],
) -> None:
    """Each in a process of their own, five times."""
    here, there = here_and_there
    names = [(f"Ann{number}", f"Ben{number}") for number in range(5)]
    keys = signed_in(here, *(name for pair in names for name in pair))
    async with AsyncExitStack() as open_:
        for ann, ben in names:
            pair = [
                await open_.enter_async_context(page(site, keys[name], id=name))
                for site, name in ((here, ann), (there, ben))
            ]
            ids = [await _come(client) for client in pair]

            await asyncio.gather(
                *(
                    say(client, type="direct", id=other)
                    for client, other in zip(pair, ids[::-1], strict=True)
                )
            )

            one, other = [(await hear_of(client, type="room"))["room"] for client in pair]
            assert one == other

    with Database.of(here) as database:
        counts = database.execute(
            "SELECT count(*) FROM chat_membership JOIN chat_room ON chat_room.id = room_id "
            "WHERE direct IS NOT NULL GROUP BY room_id"
        )
    assert counts == [(2,)] * 5


async def _come(client: ClientConnection) -> str:
    """Be in the lobby, as who is signed in: the id."""
    assert (await hear(client))["type"] == "request_name"
    await say(client, name="", v=2)
    id = str((await hear_of(client, type="welcome"))["id"])
    await hear_of(client, type="history")
    return id
