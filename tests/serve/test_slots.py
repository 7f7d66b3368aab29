"""As many connections as there are slots."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Close

from harness.site import Site
from tests.serve.guests import come_in, hear, hear_of, last_words, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    """Three slots, and one of them for each address, behind a proxy."""
    caps = {"CHAT_CONNECTIONS": "3", "CHAT_CONNECTIONS_PER_ADDRESS": "1"}
    site = site_in(tmp_path_factory.mktemp("small"), stack, **caps)
    with site.served_by("serve", "-v", "2", "--proxy-headers"):
        yield site
    assert_is_well(site)


@contextlib.asynccontextmanager
async def connected(site: Site, address: str = "") -> AsyncIterator[ClientConnection]:
    """Somebody from this address who has found a slot; who left before may not be quite gone."""
    async with asyncio.timeout(10), contextlib.AsyncExitStack() as stack:
        while True:
            client = await stack.enter_async_context(from_address(site, address))
            if (await hear(client))["type"] == "request_name":
                break
            await client.close()
        yield client


def from_address(site: Site, address: str) -> connect:
    headers = {"X-Forwarded-For": address} if address else {}
    return connect(site.socket("somebody"), additional_headers=headers)


async def is_turned_away(client: ClientConnection) -> bool:
    [frame], close = await last_words(client)
    sentence = frame["message"]
    assert frame == {
        "type": "notification",
        "message": sentence,
        "color": "danger",
        "code": "too_many_connections",
    }
    return bool(sentence) and close == Close(4504, "too_many_connections")


async def test_who_finds_no_slot_is_turned_away_until_somebody_leaves(small: Site) -> None:
    async with connected(small), connected(small):
        async with connected(small), from_address(small, "") as one_too_many:
            assert await is_turned_away(one_too_many)

        async with connected(small) as in_the_free_slot:
            await come_in_named(in_the_free_slot, "Zoe")


async def come_in_named(client: ClientConnection, name: str) -> None:
    """Give a name when asked already."""
    await say(client, name=name)
    await hear_of(client, event="join", name=name)


async def test_an_address_has_its_own_number_of_slots(small: Site) -> None:
    async with connected(small, "203.0.113.5"):
        async with from_address(small, "198.51.100.1, 203.0.113.5") as second:
            assert await is_turned_away(second)

        async with connected(small, "203.0.113.6"):
            pass


async def test_without_limits_there_is_always_a_slot(tmp_path: Path, stack: Stack) -> None:
    caps = {"CHAT_CONNECTIONS": "1", "CHAT_CONNECTIONS_PER_ADDRESS": "1", "CHAT_LIMITS": "0"}
    site = site_in(tmp_path, stack, **caps)
    with site.served_by("serve"):
        async with connect(site.socket("alice")) as alice, connect(site.socket("bob")) as bob:
            await come_in(alice, "Alice")
            await come_in(bob, "Bob")
