"""What the devices of a person know of each other, and a room of who is writing, over two processes."""

import asyncio
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect

from harness.site import Site
from tests.databases import Database
from tests.serve.guests import come_in, hear_of, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack

Two = tuple[Site, Site]


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Two]:
    home = tmp_path_factory.mktemp("two")
    variables = {"SECRET_KEY": "x" * 50, "CHAT_CHANGES": "0", **stack.processes(home)}
    here, there = (site_in(home, stack, **variables) for _ in range(2))
    with here.served_by("serve"), there.served_by("serve"):
        yield here, there
    assert_is_well(here)


async def be(client: ClientConnection, name: str, token: str | None = None) -> str:
    """Come in as somebody of v2: their token."""
    await say(client, name=name, v=2, token=token)
    given = str((await hear_of(client, type="welcome"))["token"])
    await hear_of(client, type="history")
    return given


async def message(client: ClientConnection, ref: str) -> int:
    """The id of something that is said."""
    await say(client, type="message", message="hi", ref=ref)
    return int((await hear_of(client, type="ack", ref=ref))["id"])


async def test_two_devices_agree_on_what_was_read_whoever_comes_last(processes: Two) -> None:
    here, there = processes
    async with connect(here.socket("alice")) as phone, connect(there.socket("tablet")) as tablet:
        await be(tablet, "Alice", await be(phone, "Alice"))
        async with asyncio.timeout(20):  # a process may still be on its way into the site's group
            for number in range(1000):
                id = await message(phone, f"first {number}")
                await say(phone, type="read", room="lobby", id=id)
                try:
                    async with asyncio.timeout(0.5):
                        await hear_of(tablet, type="read", room="lobby", id=id)
                        break
                except TimeoutError:
                    continue
        ids = [await message(phone, str(number)) for number in range(30)]

        for one, other in zip(ids, reversed(ids), strict=True):
            await say(phone, type="read", room="lobby", id=one)
            await say(tablet, type="read", room="lobby", id=other)

        for device in (phone, tablet):
            await hear_of(device, type="read", room="lobby", id=ids[-1])
    with Database.of(here) as database:
        markers = database.execute("SELECT message FROM chat_readmarker WHERE person_id = %s", "alice")
    assert markers == [(ids[-1],)]


async def test_who_is_writing_is_seen_in_the_other_process(processes: Two) -> None:
    here, there = processes
    async with connect(here.socket("bob")) as bob, connect(there.socket("carol")) as carol:
        await be(bob, "Bob")
        await be(carol, "Carol")
        await say(bob, type="typing", room="lobby")

        seen = await hear_of(carol, type="typing")

    assert (seen["id"], seen["name"], seen["room"]) == ("bob", "Bob", "lobby")


async def test_who_is_here_through_another_process_is_mentioned_though_they_never_spoke(
    processes: Two,
) -> None:
    here, there = processes
    async with connect(here.socket("speaker")) as speaker, connect(there.socket("quiet")) as quiet:
        await be(speaker, "Speaker")
        await be(quiet, "Тихоня")
        await hear_of(speaker, type="notification", event="join", name="Тихоня")
        async with connect(here.socket("old")) as old:
            await come_in(old, "Old")

            await say(speaker, type="message", message="Is @тихоня, or @Old, here?", ref="mentions")

            mentioned = ["quiet", "old"]
            for client in (quiet, old):
                said = await hear_of(client, type="message", message="Is @тихоня, or @Old, here?")
                assert said["mentions"] == mentioned
        done = await hear_of(speaker, type="ack", ref="mentions")

        await say(speaker, type="edit", id=done["id"], message="@Speaker", ref="edited")

        assert (await hear_of(quiet, type="update", id=done["id"]))["mentions"] == ["speaker"]
