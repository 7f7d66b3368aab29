"""PostgreSQL, which may stop, hang, be full of others, be locked, and come back with less than it had."""

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import replace

import psycopg

from bench.database import ONLOOKER
from bench.faults.recipe import CAST, Promise, Scene, recipe
from harness.services import Postgres

_PROMISE = Promise(heals_in=3)
_TERMINATE = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where backend_type = 'client backend' and application_name <> %s"
)
#: Who waits for whom has locked a row; all others wait for this one.
_NEXT = "select pid from pg_stat_activity where wait_event = 'transactionid' limit 1"


def _of(scene: Scene) -> Postgres:
    assert scene.stack.postgres
    return scene.stack.postgres


@recipe("postgresql-stopped", "PostgreSQL is stopped in order for 4 s", _PROMISE)
async def stopped(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=5):
        await asyncio.to_thread(_of(scene).stop)
        await asyncio.sleep(4)
        await asyncio.to_thread(_of(scene).start)
        scene.heals()


@recipe(
    "postgresql-killed", "`kill -9` of PostgreSQL with all its processes, started again 2 s later", _PROMISE
)
async def killed(scene: Scene) -> None:
    async for _ in scene.every(60):
        await asyncio.to_thread(_of(scene).kill)
        await asyncio.sleep(2)
        await asyncio.to_thread(_of(scene).start)
        scene.heals()


@recipe("postgresql-terminated", "`pg_terminate_backend` of every connection every second", _PROMISE)
async def terminated(scene: Scene) -> None:
    async for _ in scene.every(1):
        await scene.ask(_TERMINATE, ONLOOKER)
        scene.heals()


@recipe("postgresql-frozen", "SIGSTOP of all of PostgreSQL for 9 s", _PROMISE)
async def frozen(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=10):
        _of(scene).freeze()
        await asyncio.sleep(9)
        _of(scene).thaw()
        scene.heals()


@recipe(
    "postgresql-frozen-backend",
    "SIGSTOP for 9 s of the backend that holds the lock of the room",
    _PROMISE,
)
async def frozen_in_part(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=10):
        pid = await _freeze_holder(scene)
        await asyncio.sleep(9)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        scene.heals()


async def _freeze_holder(scene: Scene) -> int:
    """Freeze the backend that is the next to have the lock of the room, and let it have it."""
    async with scene.stack.locked():
        await asyncio.sleep(1)  # all wait for it
        [(pid,)] = await scene.ask(_NEXT)
        os.kill(pid, signal.SIGSTOP)
    return int(pid)


@recipe(
    "postgresql-frozen-at-end",
    "PostgreSQL stands still when all three processes are told to end by SIGTERM",
    Promise(heals_in=3, lag=0.3),
)
async def frozen_at_end(scene: Scene) -> None:
    async for _ in scene.every(60):
        _of(scene).freeze()
        await asyncio.sleep(1)
        await asyncio.gather(*(server.stop() for server in scene.servers))
        _of(scene).thaw()
        await asyncio.gather(*(server.start() for server in scene.servers))
        scene.heals()


@recipe(
    "postgresql-exhausted",
    "others take every connection of PostgreSQL for 6 s, and the site loses its own",
    _PROMISE,
)
async def exhausted(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=7):
        with contextlib.ExitStack() as taken:
            first = taken.enter_context(scene.stack.superuser())
            first.autocommit = True
            end = time.monotonic() + 6
            while time.monotonic() < end:
                await asyncio.to_thread(first.execute, _TERMINATE, [ONLOOKER])
                await asyncio.to_thread(_take_all, scene, taken)
                await asyncio.sleep(0.2)
        scene.heals()


def _take_all(scene: Scene, taken: contextlib.ExitStack) -> None:
    """Take what connections are left."""
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            taken.enter_context(scene.stack.superuser())


@recipe("postgresql-locked", "the row of the room is locked for 7 s", _PROMISE)
async def locked(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=8):
        async with scene.stack.locked():
            await asyncio.sleep(7)
        scene.heals()


@recipe(
    "postgresql-restored",
    "PostgreSQL is put back to what it was 5 s ago, in 3 s, while the processes go on",
    _PROMISE,
    # What was said since is gone, and its ids are given anew.
    plan=replace(CAST, is_plain=True),
)
async def restored(scene: Scene) -> None:
    run, postgres = scene.run, _of(scene)
    async for _ in scene.every(60):
        await asyncio.to_thread(postgres.back_up, "copy")
        await asyncio.sleep(5)
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(1)  # by then all that it has said has come
        run.journal.forget()
        for guest in run.guests:
            guest.forget()
        await asyncio.to_thread(postgres.put_back, "copy")
        await asyncio.to_thread(postgres.start)
        run.journal.undo({done.ref for done in scene.stack.database.processed()})
        scene.heals()


RECIPES = (
    stopped,
    killed,
    terminated,
    frozen,
    frozen_in_part,
    frozen_at_end,
    exhausted,
    locked,
    restored,
)
