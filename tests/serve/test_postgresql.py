"""A site on PostgreSQL: a flood of pages, a process that stands still, a database that says nothing."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from websockets.asyncio.client import connect

from harness.services import Postgres, home
from harness.site import TOP, UNHURRIED, Site
from tests.serve.guests import hear_of, say
from tests.serve.sites import assert_is_well

pytestmark = [pytest.mark.stack("postgresql"), pytest.mark.needs("postgres")]

#: What a process takes of the database, by DATABASE_CONNECTIONS.
CONNECTIONS = 10
#: Programs that take the lobby's lock as a change does, and stand still.
STANDING_STILL = {
    "with the lock": """
import time
from django.db import transaction
from chat.models import Room
from chat.storage import pipeline, statements
with transaction.atomic():
    with pipeline.opened() as answered:
        statements.locked([Room.objects.get(slug=Room.LOBBY).pk], [], [], answered)
    print("locked", flush=True)
    time.sleep(600)
""",
    "with something that was said before": """
import time
from chat.actors import guest
from chat.core.protocol import PostMessage
from chat.models import Room
from chat.services import commands, people
from chat.storage import log
from chat.storage.accepted_command import AcceptedCommand
[bob] = people.arrive([people.Arrival("bob", "Bob", people.Proof.TOKEN)])
room = Room.objects.get(slug=Room.LOBBY)
said, new = (
    AcceptedCommand(guest(bob), PostMessage(message="hi", ref=ref), room=room.pk) for ref in "12"
)
commands.run([said])
def stand_still(within, command):
    print("locked", flush=True)
    time.sleep(600)
log.write([said, new], stand_still)
""",
}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with contextlib.ExitStack() as stop:
        server = Postgres(stop.enter_context(home()), "fsync=off")
        yield stop.enter_context(server)


@pytest.fixture(scope="module")
def template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with all tables, in which nothing has happened."""
    site = Site(tmp_path_factory.mktemp("template"), DATABASE_URL=postgres.database("template"))
    with psycopg.connect(postgres.url, autocommit=True) as database:
        database.execute("CREATE DATABASE template")
    site.manage("migrate", "--verbosity=0")
    return "template"


@pytest.fixture
def served(postgres: Postgres, template: str, collected: Path, tmp_path: Path) -> Iterator[Site]:
    name = tmp_path.name.replace("-", "_")[:50]
    with psycopg.connect(postgres.url, autocommit=True) as database:
        database.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
    variables = {"DEBUG": "0", "HTTPS": "0", "STATIC_ROOT": str(collected), **UNHURRIED}
    site = Site(tmp_path, DATABASE_URL=postgres.database(name), **variables)
    with site.served_by("serve"):
        yield site
    assert site.process
    assert site.process.returncode == 0
    assert_is_well(site)


def backends(site: Site) -> int:
    """How many connections its processes have."""
    with psycopg.connect(site.environment["DATABASE_URL"], application_name="test") as database:
        found = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'chat'"
        ).fetchone()
    assert found
    return int(found[0])


async def test_a_flood_of_pages_takes_no_more_connections_than_it_may(served: Site) -> None:
    async with connect(served.socket("alice")) as alice, httpx.AsyncClient(timeout=60) as browser:
        await say(alice, name="Alice", v=2)
        most = 0

        async def fetch(turn: asyncio.Semaphore) -> int:
            async with turn:
                return (await browser.get(served.address)).status_code

        turn = asyncio.Semaphore(100)
        pages = asyncio.gather(*(fetch(turn) for _ in range(150)))
        for number in range(20):
            await say(alice, type="message", message="hi", ref=str(number))
            await hear_of(alice, type="ack", ref=str(number))
            most = max(most, await asyncio.to_thread(backends, served))

        assert set(await pages) == {200}
        assert 0 < most <= CONNECTIONS


def test_the_check_says_where_one_process_alone_is_too_many(postgres: Postgres, tmp_path: Path) -> None:
    site = Site(tmp_path, DATABASE_URL=postgres.url, DATABASE_CONNECTIONS="1000")

    command = [sys.executable, "manage.py", "check", "--database", "default"]
    done = subprocess.run(
        command, cwd=TOP, env=site.environment, check=True, capture_output=True, text=True
    )

    assert "one process may take 1000" in done.stderr


@pytest.mark.parametrize("how", STANDING_STILL)
async def test_who_stands_still_with_a_rooms_lock_holds_nobody_up_for_long(served: Site, how: str) -> None:
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", "shell", "-c", STANDING_STILL[how]),
        cwd=TOP,
        env=served.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert other.stdout
        while b"locked" not in (line := await other.stdout.readline()):
            assert line
        async with connect(served.socket("alice")) as alice:
            await say(alice, name="Alice", v=2)
            await say(alice, type="message", message="hi", ref="1")

            assert (await hear_of(alice, ref="1"))["type"] == "ack"
    finally:
        other.kill()
        await other.wait()


async def test_a_database_that_says_nothing_is_given_up_and_comes_back(
    served: Site, postgres: Postgres
) -> None:
    async with connect(served.socket("alice")) as alice:
        await say(alice, name="Alice", v=2)
        await say(alice, type="message", message="before", ref="1")
        await hear_of(alice, type="ack", ref="1")

        postgres.freeze()
        try:
            await say(alice, type="message", message="meanwhile", ref="2")
            refused = await hear_of(alice, ref="2")
        finally:
            postgres.thaw()

        assert (refused["type"], refused["code"]) == ("error", "internal")
        await say(alice, type="message", message="after", ref="3")
        await hear_of(alice, type="ack", ref="3")
        await say(alice, type="history", room="lobby")
        page = await hear_of(alice, type="history")
        assert [message["message"] for message in page["messages"]] == ["before", "after"]


async def test_a_server_ends_though_its_database_says_nothing(served: Site, postgres: Postgres) -> None:
    async with connect(served.socket("alice")) as alice, httpx.AsyncClient(timeout=60) as browser:
        await say(alice, name="Alice", v=2)
        await hear_of(alice, type="history")
        postgres.freeze()
        try:
            await say(alice, type="message", message="meanwhile", ref="1")
            page = asyncio.create_task(browser.get(served.address + "admin/login/"))
            await asyncio.sleep(0.2)
            assert served.process
            served.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(served.process.wait, 15)
        finally:
            postgres.thaw()
        with contextlib.suppress(httpx.TransportError):
            await page
