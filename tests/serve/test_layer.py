"""Sites and their processes on one Redis: who hears whom."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from harness import services
from harness.services import Redis
from harness.site import Site
from tests.databases import Database
from tests.serve.guests import Frame, come_in, hear_all, hear_of, last_words, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack

pytestmark = pytest.mark.needs("redis-server")


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with services.home() as home:
        redis = Redis(home)
        with redis:
            yield redis


async def heard_until(client: ClientConnection, text: str) -> list[Frame]:
    """All that is heard, up to this message."""
    frames: list[Frame] = []
    while not any(frame.get("message") == text for frame in frames):
        frames += await hear_all(client)
    return frames


async def test_sites_on_one_redis_do_not_hear_each_other(
    redis: Redis, tmp_path: Path, stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Their lobbies have one key and stand at one version. Two processes of one site do hear each other.

    One stranger has a database of its own; the others a copy, and with it a prefix or an epoch of theirs.
    """
    first = site_in(tmp_path, stack, REDIS_URL=redis.url)
    second = Site(tmp_path, **first.environment)
    second.log = tmp_path / "second.log"
    strangers = [
        site_in(tmp_path_factory.mktemp("stranger"), stack, REDIS_URL=redis.url, **variables)
        for variables in ({}, {"REDIS_PREFIX": "another"}, {})
    ]
    for stranger in strangers[1:]:
        with Database.of(first) as original, Database.of(stranger) as copy:
            [(epoch,)] = original.execute("SELECT epoch FROM chat_room")
            copy.execute("UPDATE chat_room SET epoch = %s", epoch)
    assert "1 room has another epoch." in strangers[2].manage("chat_new_epoch", "--room", "lobby")
    async with AsyncExitStack() as open_:
        for site in (first, second, *strangers):
            open_.enter_context(site.served_by("serve"))
        carol = await open_.enter_async_context(connect(second.socket("carol")))
        await come_in(carol, "Carol")
        bobs = [await open_.enter_async_context(connect(site.socket("bob"))) for site in strangers]
        for bob in bobs:
            await come_in(bob, "Bob")
        alice = await open_.enter_async_context(connect(first.socket("alice")))
        await come_in(alice, "Alice")
        await hear_of(carol, event="join", name="Alice")
        for client, text in ((alice, "one"), (alice, "two"), (None, "eins"), (alice, "three")):
            for speaker in [client] if client else bobs:
                await say(speaker, type="message", message=text)
            if client is alice:
                await hear_of(carol, message=text)
        for bob in bobs:
            await say(bob, type="message", message="zwei")

        for bob in bobs:
            assert [frame["message"] for frame in await heard_until(bob, "zwei")] == ["eins", "zwei"]
    for site in (first, second, *strangers):
        assert_is_well(site)


@pytest.mark.parametrize("fault", [Redis.freeze, Redis.kill], ids=["frozen", "killed"])
async def test_a_server_ends_in_order_without_its_redis(
    fault: Callable[[Redis], None], redis: Redis, tmp_path: Path, stack: Stack
) -> None:
    """And until then everybody hears what is said."""
    site = site_in(tmp_path, stack, REDIS_URL=redis.url)
    try:
        with site.served_by("serve"):
            async with connect(site.socket("alice")) as alice:
                await come_in(alice, "Alice")
                fault(redis)
                await say(alice, type="message", message="one")
                await hear_of(alice, message="one")
                assert site.process
                site.process.send_signal(signal.SIGTERM)
                _frames, close = await last_words(alice)
                assert close
                assert close.code == 4010
                assert await asyncio.to_thread(site.process.wait, 10) == 0
    finally:
        redis.thaw()
        if not redis.pids():
            redis.start()
    log = site.log.read_text()
    assert not [
        words for words in ("Traceback", "never retrieved", "Unhandled", "ResourceWarning") if words in log
    ]
