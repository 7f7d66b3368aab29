"""A database file that is taken away from a site that is served."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from harness.site import Site
from tests.serve.guests import hear_of, say
from tests.serve.sites import stored

pytestmark = pytest.mark.stack("sqlite")  # whose databases alone are files


async def test_nothing_is_acknowledged_that_nobody_would_find_again(fresh: Site) -> None:
    database, away = fresh.home / "db.sqlite3", fresh.home / "away.sqlite3"
    async with connect(fresh.socket("alice")) as alice:
        await say(alice, name="Alice", v=2)
        await say(alice, type="message", message="before", ref="1")
        await hear_of(alice, type="ack", ref="1")

        database.rename(away)
        page = await asyncio.to_thread(httpx.get, fresh.address)
        await say(alice, type="message", message="meanwhile", ref="2")
        refused = await hear_of(alice, type="error")

        assert page.status_code == 503
        assert (refused["code"], refused["ref"]) == ("internal", "2")
        assert not database.exists()
        away.rename(database)
        await say(alice, type="message", message="after", ref="3")
        await hear_of(alice, type="ack", ref="3")
    assert stored(fresh, "alice") == ["before", "after"]
    assert "is gone. Put it back" in fresh.log.read_text()


async def test_what_is_restored_under_the_server_waits_for_a_restart(fresh: Site) -> None:
    """What was said since the copy has been told, under versions that the copy would give once more."""
    database, copy = fresh.home / "db.sqlite3", fresh.home / "copy.sqlite3"
    async with connect(fresh.socket("alice")) as alice:
        await say(alice, name="Alice", v=2)
        await hear_of(alice, event="join", name="Alice")
        _copy(database, copy)
        await say(alice, type="message", message="since the copy", ref="1")
        await hear_of(alice, type="ack", ref="1")

        for part in ("-wal", "-shm"):
            database.with_name(f"db.sqlite3{part}").unlink()
        copy.rename(database)
        page = await asyncio.to_thread(httpx.get, fresh.address)
        await say(alice, type="message", message="to whom?", ref="2")
        refused = await hear_of(alice, ref="2")

    assert page.status_code == 503
    assert (refused["type"], refused["code"]) == ("error", "internal")
    assert stored(fresh, "alice") == []
    assert "another file than at the start" in fresh.log.read_text()


def _copy(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
