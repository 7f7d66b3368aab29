"""Lines between the processes and their services that carry nothing, or in one direction only."""

import asyncio

from bench.faults.recipe import LINED, Promise, Scene, recipe

_PROMISE = Promise(heals_in=5, silence=3)


@recipe("redis-mute", "nothing gets from the processes to Redis for 8 s", _PROMISE, shape=LINED)
async def mute(scene: Scene) -> None:
    async for _ in scene.every(60, lasting=9):
        for line in scene.stack.to_redis:
            line.hold(line.up)
        await asyncio.sleep(8)
        for line in scene.stack.to_redis:
            line.heal()
        scene.heals()


@recipe("redis-deaf", "nothing gets from Redis to the processes for 8 s", _PROMISE, shape=LINED)
async def deaf(scene: Scene) -> None:
    async for _ in scene.every(60, lasting=9):
        for line in scene.stack.to_redis:
            line.hold(line.down)
        await asyncio.sleep(8)
        for line in scene.stack.to_redis:
            line.heal()
        scene.heals()


@recipe(
    "redis-half-dead",
    "the connections that Redis has bring nothing more back, for good; new ones would",
    _PROMISE,
    shape=LINED,
)
async def half_dead(scene: Scene) -> None:
    async for _ in scene.every(60):
        for line in scene.stack.to_redis:
            line.strand()
        scene.heals()


@recipe("redis-partition", "one of three processes does not reach Redis for 8 s", _PROMISE, shape=LINED)
async def apart_from_redis(scene: Scene) -> None:
    async for _ in scene.every(60, lasting=9):
        scene.stack.to_redis[0].hold()
        await asyncio.sleep(8)
        scene.stack.to_redis[0].heal()
        scene.heals()


@recipe(
    "postgresql-partition",
    "one of three processes does not reach PostgreSQL for 9 s",
    Promise(heals_in=3, silence=6.5),
    shape=LINED,
)
async def apart_from_postgresql(scene: Scene) -> None:
    async for _ in scene.every(60, lasting=10):
        scene.stack.to_postgres[0].hold()
        await asyncio.sleep(9)
        scene.stack.to_postgres[0].heal()
        scene.heals()


RECIPES = (mute, deaf, half_dead, apart_from_redis, apart_from_postgresql)
