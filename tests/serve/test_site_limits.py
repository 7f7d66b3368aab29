"""What one may ask for, over two processes of a site: with a Redis that counts for both, and without."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis as Client
from websockets.asyncio.client import ClientConnection, connect

from harness import services
from harness.services import Redis
from harness.site import Site
from tests.serve.guests import hear_all, hear_of, last_words, say
from tests.serve.sites import assert_is_well, site_in, stored
from tests.stacks import Stack

pytestmark = pytest.mark.needs("redis-server")

#: What a person may say: so many a second, after so many at once.
RATE, BURST = 2, 10
#: For how long somebody talks, in seconds; and what is allowed meanwhile.
SECONDS = 5
ALLOWED = BURST + RATE * SECONDS
#: What the log says without Redis.
ALONE = "Each process counts for itself"


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with services.home() as home:
        redis = Redis(home)
        with redis:
            yield redis


@contextlib.asynccontextmanager
async def two_processes(home: Path, stack: Stack, **variables: str) -> AsyncIterator[tuple[Site, Site]]:
    variables = {
        "SECRET_KEY": "x" * 50,
        "CHAT_MESSAGES": f"{RATE}/{BURST}",
        "CHAT_REFUSALS_PER_MINUTE": "0",
        **variables,
    }
    here = site_in(home, stack, **variables)
    there = Site(home, **here.environment)
    there.log = home / "there.log"
    with here.served_by("serve", "--proxy-headers"), there.served_by("serve", "--proxy-headers"):
        yield here, there
    for site in (here, there):
        assert_is_well(site)


def counters(redis: Redis, prefix: str) -> dict[str, float]:
    """What Redis counts for a site, and in how many seconds it forgets that."""
    with Client.from_url(redis.url, decode_responses=True) as client:
        return {key: client.pttl(key) / 1000 for key in client.keys(f"{prefix}.limits:*")}


async def talk(client: ClientConnection, seconds: float) -> float:
    """Say things all the time, and wait for each answer: the longest of these waits."""
    worst, end = 0.0, time.monotonic() + seconds
    number = 0
    while (before := time.monotonic()) < end:
        number += 1
        ref = f"{id(client)} {number}"
        await say(client, type="message", message="hi", ref=ref)
        while not any(
            frame.get("ref") == ref and frame["type"] in ("ack", "error")
            for frame in await hear_all(client)
        ):
            pass
        worst = max(worst, time.monotonic() - before)
        await asyncio.sleep(0.05)
    return worst


async def talk_in_both(here: Site, there: Site) -> float:
    """Be one person in both processes, who talks all the time; the longest wait for an answer."""
    async with connect(here.socket("alice")) as one, connect(there.socket("again")) as other:
        await say(one, name="Alice", v=2)
        token = (await hear_of(one, type="welcome"))["token"]
        await say(other, name="Alice", v=2, token=token)
        for client in (one, other):
            await hear_of(client, type="history")
        return max(await asyncio.gather(talk(one, SECONDS), talk(other, SECONDS)))


async def test_a_person_has_one_allowance_in_all_processes(
    redis: Redis, tmp_path: Path, stack: Stack
) -> None:
    async with two_processes(tmp_path, stack, REDIS_URL=redis.url) as (here, there):
        await talk_in_both(here, there)

        assert ALLOWED * 0.7 <= len(stored(here, "alice")) <= ALLOWED * 1.4


async def test_who_says_little_is_not_counted_in_redis(redis: Redis, tmp_path: Path, stack: Stack) -> None:
    async with (
        two_processes(tmp_path, stack, REDIS_URL=redis.url, REDIS_PREFIX="calm") as (here, there),
        connect(there.socket("bob")) as bob,  # a process without people is none to share with
        connect(here.socket("alice")) as alice,
    ):
        await say(bob, name="Bob", v=2)
        await hear_of(bob, type="history")
        await say(alice, name="Alice", v=2)
        for number in range(2):
            await say(alice, type="message", message="hi", ref=str(number))
            await hear_of(alice, type="ack")
        await asyncio.sleep(0.5)
        assert counters(redis, "calm") == {}

        for number in range(2, 4):
            await say(alice, type="message", message="hi", ref=str(number))
        await asyncio.sleep(0.5)
        [(key, seconds)] = counters(redis, "calm").items()
        assert key.endswith(":messages:alice")
        assert 0 < seconds <= BURST / RATE


async def test_without_redis_each_process_counts_for_itself(tmp_path: Path, stack: Stack) -> None:
    async with two_processes(tmp_path, stack, REDIS_URL="") as (here, there):
        await talk_in_both(here, there)

        assert len(stored(here, "alice")) >= ALLOWED * 1.7


@pytest.mark.parametrize("fault", [Redis.freeze, Redis.kill], ids=["frozen", "killed"])
async def test_nobody_waits_for_a_redis_that_does_not_count(
    fault: object, redis: Redis, tmp_path: Path, stack: Stack
) -> None:
    """The limits of each process hold; when it is back, those of the site do. The log has a line."""
    try:
        async with two_processes(tmp_path, stack, REDIS_URL=redis.url) as (here, there):
            fault(redis)  # type: ignore[operator]

            worst = await talk_in_both(here, there)

            assert worst < 1
            alone = len(stored(here, "alice"))
            assert alone >= ALLOWED * 1.6
            assert here.log.read_text().count(ALONE) == 1
            if redis.pids():
                redis.thaw()
            else:
                redis.start()
            await asyncio.sleep(BURST / RATE + 1)

            await talk_in_both(here, there)

            assert len(stored(here, "alice")) - alone <= ALLOWED * 1.5
    finally:
        redis.thaw()
        if not redis.pids():
            redis.start()


async def test_an_address_has_one_allowance_of_newcomers(
    redis: Redis, tmp_path: Path, stack: Stack
) -> None:
    headers = {"X-Forwarded-For": "203.0.113.5"}
    async with two_processes(tmp_path, stack, REDIS_URL=redis.url, CHAT_NEWCOMERS="0.001/8") as sites:
        closes = []
        for number in range(30):
            site = sites[number % 2]
            async with connect(site.socket(f"guest-{number}"), additional_headers=headers) as guest:
                await say(guest, name="Guest", v=2)
                frames = await hear_of_end_or_welcome(guest)
                closes.append(frames)
            await asyncio.sleep(0.05)

        assert 8 <= closes.count("welcome") <= 12


async def hear_of_end_or_welcome(client: ClientConnection) -> str:
    """How somebody is received."""
    while True:
        for frame in await hear_all(client):
            if frame["type"] in ("welcome", "closing"):
                if frame["type"] == "closing":
                    assert (await last_words(client))[1]
                return str(frame["type"])
