"""PostgreSQL and Redis that do not answer: what visitors see, and what stands in the log."""

import asyncio
import re
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from harness import services
from harness.site import Site
from tests.databases import Database
from tests.serve.accounts import page, signed_in
from tests.serve.guests import come_in, hear_of, last_words, say
from tests.stacks import Stack


@pytest.mark.needs("postgres")
@pytest.mark.timeout(120)
async def test_a_database_that_does_not_answer_is_said_to_and_signs_nobody_out(
    home: Path, collected: Path
) -> None:
    """Pages say so, and who is signed in to the chat stays until it is known that they are no longer."""
    with services.home() as folder, services.Postgres(folder, "fsync=off") as postgres:
        site = Site(home, DATABASE_URL=postgres.url, **_in_earnest(collected))
        site.manage("migrate")
        key = signed_in(site, "Carol")["Carol"]
        with site.served_by("serve"), httpx.Client(base_url=site.address, timeout=30) as client:
            async with page(site, key) as carol:
                await come_in(carol, "Carol", v=2)
                before = await asyncio.to_thread(client.get, "")
                await asyncio.to_thread(postgres.stop)
                # Not the page of before, which is kept for a while.
                paths = ("r/lobby/", "admin/login/", "r/lobby/")
                answers = [await asyncio.to_thread(client.get, path) for path in paths]
                await asyncio.to_thread(_wait_for, "Sessions cannot be read", site.log)
                await asyncio.sleep(4)  # tried again
                await asyncio.to_thread(postgres.start)
                after = await asyncio.to_thread(client.get, "")
                await asyncio.sleep(4)
                await say(carol, type="ping", n=1)
                await hear_of(carol, type="pong", n=1)
                with Database.at(postgres.url) as database:
                    database.execute("DELETE FROM django_session")
                _frames, close = await last_words(carol)

    assert close
    assert close.code == 4015
    assert (before.status_code, after.status_code) == (200, 200)
    # The form itself asks for nothing.
    assert [answer.status_code for answer in answers] == [503, 200, 503]
    assert answers[0].text == "База данных сейчас не отвечает. Попробуйте ещё раз чуть позже."
    assert answers[0].headers["Retry-After"]
    log = site.log.read_text()
    assert "Traceback" not in log
    assert log.count("Sessions cannot be read") == 1
    assert _kinds(log)["ERROR chatproject.database: The database does not answer"] == 2
    assert "(1 more within 60 s)" in log


@pytest.mark.needs("redis-server")
async def test_a_redis_that_is_gone_has_a_line_and_no_traceback(
    home: Path, stack: Stack, collected: Path
) -> None:
    with services.home() as folder, services.Redis(folder) as redis:
        site = stack.site(home, REDIS_URL=redis.url, **_in_earnest(collected))
        with site.served_by("serve"):
            async with connect(site.socket("alice")) as alice:
                await come_in(alice, "Alice", v=2)
                redis.kill()
                for ref in "12345":
                    await say(alice, type="message", message="?", ref=ref)
                    await hear_of(alice, type="ack", ref=ref)
                await asyncio.sleep(4)  # its receiver tries again every second

    log = site.log.read_text()
    assert "Traceback" not in log
    # It, and how often it came again.
    assert _kinds(log)["ERROR channels_redis.pubsub: Redis does not answer"] == 2


def _in_earnest(collected: Path) -> dict[str, str]:
    return {"DEBUG": "0", "STATIC_ROOT": str(collected), "CHAT_LIMITS": "0"}


def _wait_for(words: str, log: Path) -> None:
    """Return once they stand in the log, for which they have twenty seconds."""
    for _ in range(200):
        if words in log.read_text():
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _kinds(log: str) -> Counter[str]:
    """How many lines there are of each kind."""
    return Counter(re.findall(r"^\S+ \S+ (\w+ [\w.]+: [^:\n]*)", log, re.MULTILINE))
