"""Processes of the chat that are killed, ended, held up, or have the wrong time."""

import asyncio
from dataclasses import replace

from bench.faults.recipe import CAST, THREE, Promise, Scene, recipe
from bench.ledger.servers import Server
from bench.ledger.stack import LIBFAKETIME


@recipe(
    "kill",
    "`kill -9` of one of three processes every 5 s; it is started again at once",
    Promise(heals_in=3, silence=3),
    plan=replace(CAST, seconds=30),
)
async def kill(scene: Scene) -> None:
    async for number in scene.every(5, lasting=3):
        server = scene.servers[number % len(scene.servers)]
        server.kill()
        scene.heals()
        await server.start()


@recipe(
    "rolling-restart",
    "SIGTERM to one of three processes after the other, each started again when it has ended",
    Promise(heals_in=3, silence=3),
)
async def rolling_restart(scene: Scene) -> None:
    async for number in scene.every(4, lasting=4):
        server = scene.servers[number % len(scene.servers)]
        ending = asyncio.create_task(server.stop())
        await asyncio.sleep(0)  # it has its signal
        scene.heals()
        await ending
        await server.start()


@recipe(
    "common-restart",
    "SIGTERM to all three processes at once; they are started again when all have ended",
    Promise(heals_in=3),
)
async def common_restart(scene: Scene) -> None:
    async for _ in scene.every(8, lasting=6):
        await asyncio.gather(*(server.stop() for server in scene.servers))
        await asyncio.gather(*(server.start() for server in scene.servers))
        scene.heals()


@recipe(
    "process-frozen",
    "SIGSTOP of one of three processes for 6 s",
    Promise(heals_in=3, silence=6),
)
async def process_frozen(scene: Scene) -> None:
    async for number in scene.every(7, lasting=6):
        server = scene.servers[number % len(scene.servers)]
        server.freeze()
        await asyncio.sleep(6)
        server.thaw()
        scene.heals()


@recipe(
    "process-frozen-in-transaction",
    "SIGSTOP for 16 s of a process that holds the lock of the room",
    Promise(heals_in=3, silence=6.5),
    plan=replace(CAST, seconds=26),
)
async def process_frozen_in_transaction(scene: Scene) -> None:
    async for _ in scene.every(60, lasting=16):
        server = await _freeze_in_transaction(scene)
        await asyncio.sleep(16)
        server.thaw()
        scene.heals()


async def _freeze_in_transaction(scene: Scene) -> Server:
    """Freeze a process that waits for the lock, which its open transaction gets then."""
    server = scene.servers[0]
    async with scene.stack.locked():
        await asyncio.sleep(1)  # all three wait for it
        server.freeze()
    for _ in range(50):
        if await scene.ask("select 1 from pg_stat_activity where state = 'idle in transaction'"):
            return server
        await asyncio.sleep(0.1)
    raise RuntimeError("the process was not in a transaction")


@recipe(
    "clock",
    "the clock of one of three processes is set ahead an hour, then back two, then right",
    Promise(heals_in=3, silence=3),
    shape=replace(THREE, has_clocks=True),
    missing=lambda: "" if LIBFAKETIME.exists() else "needs Debian's package libfaketime",
)
async def clock(scene: Scene) -> None:
    ahead = (3600, -3600, 0)
    async for number in scene.every(4):
        scene.stack.set_clock(0, ahead[number % len(ahead)])
        await asyncio.sleep(1)  # by then it is looked at
        scene.heals()


@recipe(
    "thousand-cut",
    "1,000 sockets are cut at once",
    Promise(heals_in=10, lag=None),
    plan=replace(CAST, seconds=40, writers=4, readers=996, v1=0, pace=2.0, patience=60),
)
async def thousand_cut(scene: Scene) -> None:
    while not all(reader.is_in for reader in scene.run.readers):  # noqa: ASYNC110  # that is no event
        await asyncio.sleep(0.1)
    async for _ in scene.every(15, lasting=12):
        for proxy in scene.run.proxies:
            proxy.cut()
        scene.heals()


RECIPES = (
    kill,
    rolling_restart,
    common_restart,
    process_frozen,
    process_frozen_in_transaction,
    clock,
    thousand_cut,
)
