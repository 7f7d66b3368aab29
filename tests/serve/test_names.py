"""Names on a site that is served."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect

from harness.site import Site
from tests.serve.guests import come_in, hear, hear_of, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    site = site_in(tmp_path_factory.mktemp("town"), stack)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


async def test_nobody_is_taken_for_somebody_else(town: Site) -> None:
    await asyncio.to_thread(
        town.manage,
        "shell",
        "--verbosity",
        "0",
        "--command",
        "from django.contrib.auth.models import User; User.objects.create_user('watcher')",
    )
    async with (
        connect(town.socket("anna")) as anna,
        connect(town.socket("second")) as second,
        connect(town.socket("third")) as third,
        connect(town.socket("old")) as old,
    ):
        await come_in(anna, "Anna", v=2)

        await hear(second)
        await say(second, name="Аnnа", v=2)  # Cyrillic
        welcome = await hear_of(second, type="welcome")
        assert (welcome["name"], welcome["name_was"]) == ("Аnnа 2", "taken")

        await hear(third)
        await say(third, name="Wаtcher", v=2)
        welcome = await hear_of(third, type="welcome")
        assert (welcome["name"], welcome["name_was"]) == ("User-thir", "reserved")

        await hear(old)
        await say(old, name="Mоderator Max")
        assert (await hear_of(old, event="join"))["name"] == "User-old"

        await say(third, type="rename", name="W a t c h e r")
        assert (await hear_of(third, type="error"))["code"] == "name_reserved"
        await say(third, type="rename", name="a.n.n.a")
        assert (await hear_of(third, type="error"))["code"] == "name_taken"
        await say(third, type="rename", name="Tanya")
        assert (await hear_of(third, type="welcome"))["name"] == "Tanya"
        for client in (anna, second, third, old):
            heard = await hear_of(client, event="rename")
            assert (heard["id"], heard["name"], heard["color"]) == ("third", "Tanya", "info")


async def test_a_room_full_of_people_of_one_name_is_told_apart(town: Site) -> None:
    many = 30
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(connect(town.socket(f"m-{n}"))) for n in range(many)]
        names = await asyncio.gather(*map(_named_max, lines))

    assert len(set(names)) == many
    assert {name.split()[0] for name in names} == {"Max"}
    assert {"Max", *(f"Max {number}" for number in range(2, 10))} <= set(names)


async def _named_max(client: ClientConnection) -> str:
    await hear(client)
    await say(client, name="Max", v=2)
    return str((await hear_of(client, type="welcome"))["name"])
