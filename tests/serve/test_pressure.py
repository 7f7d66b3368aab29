"""Those who do not read, and those who do not stop."""

import asyncio
import contextlib
import ssl
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Close

from harness.site import Site
from tests.databases import locked
from tests.serve.guests import (
    LARGE,
    LITTLE,
    Flood,
    come_in,
    hear,
    hear_all,
    hear_of,
    last_words,
    narrow_socket,
    raw_frame,
    say,
    upgrade,
)
from tests.serve.sites import has_open, memory, stored

#: How much is said in a flood: more than the kernel takes in, which may have 6 MB for it.
MANY = 2200


async def test_who_does_not_read_is_let_go_and_finds_all_on_coming_again(house: Any) -> None:
    """Carol stops for a while, Dave for ever and over TLS. Bob hears it all, the server keeps little."""
    trust = ssl.create_default_context(cafile=str(house.home / "ca.pem"))
    async with (
        connect(house.socket("alice")) as alice,
        connect(house.socket("bob")) as bob,
        connect(house.socket("carol"), sock=narrow_socket(house.port)) as carol,
        connect("wss://localhost/ws/dave", sock=narrow_socket(house.tls), ssl=trust) as dave,
    ):
        for client, name in ((bob, "Bob"), (dave, "Dave"), (alice, "Alice")):
            await come_in(client, name)
        await say(carol, name="Carol", v=2, lang="en")
        await hear_of(carol, type="history")
        await hear_of(alice, event="join", name="Carol")
        before = memory(house)
        for sleeper in (carol, dave):
            sleeper.transport.pause_reading()

        told = await _talk_until_left(alice, bob, {"Carol", "Dave"})
        kept = memory(house) - before
        carol.transport.resume_reading()
        frames, close = await last_words(carol)

        assert kept < LITTLE
        assert close == Close(4012, "too_slow")
        assert frames[-1].items() >= {"type": "closing", "code": 4012}.items()
        assert frames[-1]["reason"].startswith("Your line is too slow")
        heard = [frame["id"] for frame in frames if frame["type"] == "message"]
        async with connect(house.socket("carol")) as again:
            await say(again, name="Carol", v=2)
            await hear_of(again, type="history")
            while heard[-1] < told[-1]:
                await say(again, type="history", room="lobby", after=heard[-1])
                page = await hear_of(again, type="history")
                heard += [message["id"] for message in page["messages"] if message["id"] > heard[-1]]
        assert told == heard
        async with asyncio.timeout(30):
            while has_open(house, carol.local_address) or has_open(house, dave.local_address):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        dave.transport.abort()


async def _talk_until_left(
    speaker: ClientConnection, listener: ClientConnection, names: set[str]
) -> list[int]:
    """Have somebody talk until these people have left: the ids that a listener heard."""
    told: list[int] = []
    while names:
        for _ in range(20):
            await say(speaker, type="message", message=LARGE)
        await asyncio.gather(_hear_messages(speaker, 20, set()), _hear_messages(listener, 20, names, told))
    return told


async def _hear_messages(
    client: ClientConnection, count: int, names: set[str], told: list[int] | None = None
) -> None:
    for _ in range(count):
        while (frame := await hear(client))["type"] != "message":
            if frame.get("event") == "leave":
                names.discard(frame["name"])
        if told is not None:
            told.append(frame["id"])


async def test_who_floods_is_not_read_from_while_the_database_is_busy(fresh: Site) -> None:
    async with (
        connect(fresh.socket("alice"), sock=narrow_socket(fresh.port)) as alice,
        connect(fresh.socket("bob"), sock=narrow_socket(fresh.port)) as bob,
    ):
        await say(alice, name="Alice", v=2)
        await hear_of(alice, event="join", name="Alice")
        await come_in(bob, "Bob")
        before = memory(fresh)
        with locked(fresh):
            floods = [Flood(alice, MANY), Flood(bob, MANY)]
            for flood in floods:
                await flood.stands_still()

            stuck = [flood.sent for flood in floods]
            kept = memory(fresh) - before

        acknowledged, _echo = await asyncio.gather(
            _acknowledged(alice, MANY), hear_of(bob, message=floods[1].last)
        )

    # How much the kernel takes in is its own affair: the more, the faster it was read from before.
    assert max(stuck) < MANY - 200
    assert kept < LITTLE
    everything = [str(number) for number in range(MANY)]
    assert acknowledged == everything
    assert [text.split(" ")[0] for text in stored(fresh, "alice")] == everything
    assert [text.split(" ")[0] for text in stored(fresh, "bob")] == everything


async def _acknowledged(client: ClientConnection, count: int) -> list[str]:
    refs: list[str] = []
    while len(refs) < count:
        refs += [frame["ref"] for frame in await hear_all(client) if frame["type"] == "ack"]
    return refs


async def test_pings_cost_little_where_nobody_reads_the_pongs(fresh: Site) -> None:
    with narrow_socket(fresh.port) as line:
        line.sendall(upgrade("/ws/mallory"))
        line.setblocking(False)
        before = memory(fresh)
        flood, until = raw_frame(9, b"x" * 125) * 1000, time.monotonic() + 3
        left = flood

        while time.monotonic() < until and memory(fresh) - before < LITTLE:
            with contextlib.suppress(BlockingIOError):
                left = left[line.send(left) :] or flood
            await asyncio.sleep(0)

        assert memory(fresh) - before < LITTLE


async def test_frames_that_wait_cost_little_however_large_they_are(fresh: Site) -> None:
    async with connect(fresh.socket("mallory"), sock=narrow_socket(fresh.port)) as mallory:
        await come_in(mallory, "Mallory")
        before = memory(fresh)
        with locked(fresh):
            for _ in range(70):
                await say(mallory, type="message", message="hi")
            large = asyncio.create_task(_say_large_things(mallory))
            for _ in range(10):
                await asyncio.sleep(0.2)
                if memory(fresh) - before > LITTLE:
                    break
            kept = memory(fresh) - before
        large.cancel()
        mallory.transport.abort()

    assert kept < LITTLE


async def _say_large_things(client: ClientConnection) -> None:
    for _ in range(64):
        await client.send("\N{GRINNING FACE}" + "x" * 1_000_000)
