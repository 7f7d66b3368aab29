"""What one may ask for, over two processes of a site: with a Redis that counts for both, and without."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
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


@contextlib.contextmanager
def two_processes(home: Path, stack: Stack, **variables: str) -> Iterator[tuple[Site, Site]]:
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


@pytest.fixture(scope="module")
def sites(
    redis: Redis, tmp_path_factory: pytest.TempPathFactory, stack: Stack
) -> Iterator[tuple[Site, Site]]:
    """Two processes with a Redis that counts for both."""
    home, variables = tmp_path_factory.mktemp("two"), {"REDIS_URL": redis.url, "REDIS_PREFIX": "two"}
    with two_processes(home, stack, **variables, CHAT_NEWCOMERS="0.001/8") as sites:
        yield sites


def counters(redis: Redis, id: str) -> list[float]:
    """In how many seconds Redis forgets what it counts of what somebody says, wherever it does."""
    with Client.from_url(redis.url, decode_responses=True) as client:
        return [client.pttl(key) / 1000 for key in client.keys(f"two.limits:*:messages:{id}")]


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


async def talk_in_both(here: Site, there: Site, id: str) -> float:
    """Be one person in both processes, who talks all the time; the longest wait for an answer."""
    async with connect(here.socket(id)) as one, connect(there.socket("again")) as other:
        await say(one, name=id, v=2)
        token = (await hear_of(one, type="welcome"))["token"]
        await say(other, name=id, v=2, token=token)
        for client in (one, other):
            await hear_of(client, type="history")
        return max(await asyncio.gather(talk(one, SECONDS), talk(other, SECONDS)))


async def test_a_person_has_one_allowance_in_all_processes(sites: tuple[Site, Site]) -> None:
    here, there = sites
    await talk_in_both(here, there, "alice")

    assert ALLOWED * 0.7 <= len(stored(here, "alice")) <= ALLOWED * 1.4


async def test_who_says_little_is_not_counted_in_redis(redis: Redis, sites: tuple[Site, Site]) -> None:
    here, there = sites
    async with (
        connect(there.socket("bob")) as bob,  # a process without people is none to share with
        connect(here.socket("carol")) as carol,
    ):
        await say(bob, name="Bob", v=2)
        await hear_of(bob, type="history")
        await say(carol, name="Carol", v=2)
        for number in range(2):
            await say(carol, type="message", message="hi", ref=str(number))
            await hear_of(carol, type="ack")
        await asyncio.sleep(0.5)
        assert counters(redis, "carol") == []

        for number in range(2, 8):  # many at once, however long the rest has taken
            await say(carol, type="message", message="hi", ref=str(number))
        await asyncio.sleep(0.5)
        [seconds] = counters(redis, "carol")
        assert 0 < seconds <= BURST / RATE


async def test_without_redis_each_process_counts_for_itself(tmp_path: Path, stack: Stack) -> None:
    with two_processes(tmp_path, stack, REDIS_URL="") as (here, there):
        await talk_in_both(here, there, "alice")

        assert len(stored(here, "alice")) >= ALLOWED * 1.7


@pytest.mark.parametrize("fault", [Redis.freeze, Redis.kill], ids=["frozen", "killed"])
async def test_nobody_waits_for_a_redis_that_does_not_count(
    fault: Callable[[Redis], None], tmp_path: Path, stack: Stack
) -> None:
    """The limits of each process hold; when it is back, those of the site do. The log has a line."""
    with (
        services.home() as folder,
        Redis(folder) as redis,
        two_processes(tmp_path, stack, REDIS_URL=redis.url) as (here, there),
    ):
        fault(redis)

        worst = await talk_in_both(here, there, "alice")

        assert worst < 1
        assert len(stored(here, "alice")) >= ALLOWED * 1.6
        assert here.log.read_text().count(ALONE) == 1
        if redis.pids():
            redis.thaw()
        else:
            redis.start()
        await asyncio.sleep(BURST / RATE + 1)

        await talk_in_both(here, there, "bob")

        assert len(stored(here, "bob")) <= ALLOWED * 1.5


async def test_an_address_has_one_allowance_of_newcomers(sites: tuple[Site, Site]) -> None:
    headers = {"X-Forwarded-For": "203.0.113.5"}
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
