"""PostgreSQL and Redis that do not answer: what visitors see, and what stands in the log."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from harness import services
from harness.site import Site
from tests.serve.guests import come_in, hear_of, say


@pytest.mark.needs("postgres")
@pytest.mark.timeout(120)
def test_pages_say_that_the_database_does_not_answer(home: Path) -> None:
    with services.home() as folder, services.Postgres(folder) as postgres:
        site = _site(home, DATABASE_URL=postgres.url)
        with site.served_by("serve"), httpx.Client(base_url=site.address, timeout=30) as client:
            before = client.get("")
            postgres.stop()
            answers = [client.get(path) for path in ("", "admin/login/", "")]
            postgres.start()
            after = client.get("")

    assert (before.status_code, after.status_code) == (200, 200)
    # The form itself asks for nothing.
    assert [answer.status_code for answer in answers] == [503, 200, 503]
    assert answers[0].text == "База данных сейчас не отвечает. Попробуйте ещё раз чуть позже."
    assert answers[0].headers["Retry-After"]
    log = site.log.read_text()
    assert "Traceback" not in log
    assert _kinds(log)["ERROR chatproject.database: The database does not answer"] == 2
    assert "(1 more within 60 s)" in log


@pytest.mark.needs("redis-server")
async def test_a_redis_that_is_gone_has_a_line_and_no_traceback(home: Path) -> None:
    with services.home() as folder, services.Redis(folder) as redis:
        site = _site(home, REDIS_URL=redis.url)
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


def _site(home: Path, **environment: str) -> Site:
    static = home / "static"
    site = Site(home, DEBUG="0", STATIC_ROOT=str(static), CHAT_LIMITS="0", **environment)
    site.manage("migrate")
    site.manage("collectstatic", "--noinput")
    return site


def _kinds(log: str) -> Counter[str]:
    """How many lines there are of each kind."""
    return Counter(re.findall(r"^\S+ \S+ (\w+ [\w.]+: [^:\n]*)", log, re.MULTILINE))
