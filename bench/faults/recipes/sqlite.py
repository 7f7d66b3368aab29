"""SQLite, whose file may be locked, without room, or not there."""

import asyncio
from dataclasses import replace

from bench.faults.recipe import ONE, Promise, Scene, nothing, recipe
from harness import disk

_PROMISE = Promise(heals_in=3)


@recipe("sqlite-locked", "somebody else writes for 7 s", _PROMISE, shape=ONE)
async def locked(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=8):
        async with scene.stack.locked():
            await asyncio.sleep(7)
        scene.heals()


@recipe(
    "sqlite-disk-full",
    "the disk of the database is full for 6 s",
    _PROMISE,
    shape=replace(ONE, disk=16),
    missing=disk.missing,
)
async def disk_full(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=7):
        ballast = scene.stack.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass  # it is full
        await asyncio.sleep(6)
        ballast.unlink()
        scene.heals()


@recipe("sqlite-gone", "the file of the database is moved away for 6 s, and back", _PROMISE, shape=ONE)
async def gone(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=7):
        path = scene.stack.path
        path.rename(path.with_suffix(".away"))
        await asyncio.sleep(6)
        path.with_suffix(".away").rename(path)
        scene.heals()


two = recipe(
    "sqlite-two-processes",
    "two processes on one SQLite have no channel layer in common",
    Promise(silence=3, lag=1.5),
    shape=replace(ONE, processes=2),
)(nothing)

RECIPES = (locked, disk_full, gone, two)
