"""Redis, which may stop, hang, lose and be full: it is only the doorbell."""

import asyncio
import signal
from typing import Any

import redis

from bench.faults.recipe import Promise, Scene, recipe
from harness.services import Redis

#: People go on talking, only later: what Redis does not tell a process reads once a second.
_PROMISE = Promise(heals_in=5, silence=3)


def _of(scene: Scene) -> Redis:
    assert scene.stack.redis
    return scene.stack.redis


async def _say(scene: Scene, *words: str) -> Any:
    """What Redis answers."""

    def say() -> Any:
        with redis.Redis.from_url(_of(scene).url) as client:
            return client.execute_command(*words)

    return await asyncio.to_thread(say)


@recipe("redis-killed", "`kill -9` of Redis, which is started again 3 s later", _PROMISE)
async def killed(scene: Scene) -> None:
    async for _ in scene.every(7, lasting=4):
        _of(scene).kill()
        await asyncio.sleep(3)
        await asyncio.to_thread(_of(scene).start)
        scene.heals()


@recipe("redis-stopped", "Redis is stopped in order for 6 s", _PROMISE)
async def stopped(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=7):
        await asyncio.to_thread(_of(scene).stop, signal.SIGTERM)
        await asyncio.sleep(6)
        await asyncio.to_thread(_of(scene).start)
        scene.heals()


@recipe("redis-paused", "SIGSTOP of Redis for 8 s", _PROMISE)
async def paused(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=9):
        _of(scene).freeze()
        await asyncio.sleep(8)
        _of(scene).thaw()
        scene.heals()


@recipe("redis-full", "Redis may use no more memory (`maxmemory 1`) for 6 s", _PROMISE)
async def full(scene: Scene) -> None:
    async for _ in scene.every(20, lasting=7):
        await _say(scene, "CONFIG", "SET", "maxmemory", "1")
        await asyncio.sleep(6)
        await _say(scene, "CONFIG", "SET", "maxmemory", "0")
        scene.heals()


@recipe("redis-subscriptions-cut", "`CLIENT KILL TYPE pubsub` every 2 s", _PROMISE)
async def subscriptions_cut(scene: Scene) -> None:
    async for _ in scene.every(2):
        await _say(scene, "CLIENT", "KILL", "TYPE", "pubsub")
        scene.heals()


RECIPES = (killed, stopped, paused, full, subscriptions_cut)
