"""Filters and the queue of a site that two processes serve and nothing but the database connects."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect

from harness.site import Site
from tests.databases import Database
from tests.serve.accounts import page, signed_in
from tests.serve.guests import Frame, come_in, hear, hear_all, hear_of, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack

#: A filter of the whole site.
RULE = "INSERT INTO chat_filterrule (kind, value, action, is_active, note) VALUES (%s, %s, %s, TRUE, '')"


@pytest.fixture(scope="module")
def here_and_there(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[list[Site]]:
    home = tmp_path_factory.mktemp("two")
    here, there = (site_in(home, stack, SECRET_KEY="x" * 50, REDIS_URL="") for _ in range(2))
    there.log = home / "there.log"
    with here.served_by("serve"), there.served_by("serve"):
        yield [here, there]
    for site in (here, there):
        assert_is_well(site)


def keep_filter(site: Site, kind: str, value: str, action: str) -> None:
    """As the admin does in whatever process: the row, and with it the directory."""
    with Database.of(site) as database:
        database.execute(RULE, kind, value, action)
        database.execute("UPDATE chat_directory SET version = version + 1")


@asynccontextmanager
async def moderator(site: Site) -> AsyncIterator[ClientConnection]:
    key = signed_in(site, "Moda")["Moda"]
    async with page(site, key) as client:
        assert (await hear(client))["type"] == "request_name"
        await say(client, v=2, name="")
        await hear_of(client, type="room")
        yield client


async def answered(client: ClientConnection, text: str, ref: str) -> Frame:
    await say(client, type="message", message=text, ref=ref)
    while True:
        for frame in await hear_all(client):
            if frame.get("ref") == ref and frame["type"] in ("ack", "error"):
                return frame


async def is_found(client: ClientConnection, text: str, code: str) -> str:
    """Say it under one ref after the other until a filter finds it: under which it did."""
    for number in range(60):
        if (await answered(client, text, f"{code}{number}")).get("code") == code:
            return f"{code}{number}"
        await asyncio.sleep(0.1)
    raise AssertionError(f"{text} is not {code}.")


async def test_a_filter_holds_in_every_process_and_what_it_held_is_let_through_anywhere(
    here_and_there: list[Site],
) -> None:
    here, there = here_and_there
    async with (
        connect(here.socket("alice")) as alice,
        connect(there.socket("bob")) as bob,
        moderator(there) as moda,
    ):
        await come_in(alice, "Alice", v=2, lang="en")
        await come_in(bob, "Bob")
        await say(moda, type="queue")
        assert (await hear_of(moda, type="queue"))["count"] == 0
        keep_filter(there, "pattern", "(a+)+$", "refuse")
        keep_filter(there, "word", "hm*", "hold")

        await is_found(alice, "a" * 3000, "filtered")
        ref = await is_found(alice, "hmm", "held")
        assert (await hear_of(moda, type="waiting"))["count"] == 1
        assert (await answered(alice, "hmm", ref))["code"] == "held"
        await say(bob, type="message", message="hmm?")
        assert (await hear_of(bob, type="notification", color="danger"))["code"] == "held"
        assert (await hear_of(moda, type="waiting"))["count"] == 2
        await say(moda, type="queue")
        of_alice, of_bob = (await hear_of(moda, type="queue"))["items"]
        assert (of_alice["sender"], of_bob["sender"], of_bob["message"]) == ("Alice", "Bob", "hmm?")

        for number, held in enumerate((of_bob, of_alice)):
            await say(moda, type="decide", kind="held", id=held["id"], accept=True, ref=str(number))
            await hear_of(moda, type="ack", ref=str(number))

        assert (await hear_of(bob, type="message", message="hmm?"))["sender"] == "Bob"
        assert (await hear_of(bob, type="message", message="hmm"))["sender"] == "Alice"
        assert (await hear_of(alice, type="message", message="hmm"))["ref"] == ref
        again = await answered(alice, "hmm", ref)
        assert (again["type"], again["dup"]) == ("ack", True)
