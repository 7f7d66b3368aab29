"""This process in a channel layer that goes away, or seems to be there: on a real Redis."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from chat.live import backend
from chat.live import layer as layer_module
from chat.live.backend import PATIENCE
from chat.live.event import History, site_group
from chat.live.layer import Layer
from chat.live.subscription import EncodedFrame
from chat.live.supervisor import Supervisor
from harness import services
from harness.services import Redis
from tests.live.lines import Line, line_to

ROOM = History(1, "epoch")


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with services.home() as home:
        redis = Redis(home)
        with redis:
            yield redis


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> InMemoryChannelLayer:
    """A layer within this process, in place of the one of the settings."""
    layer = InMemoryChannelLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    return layer


class Ear:
    """One process in the layer, which listens to the room."""

    def __init__(self) -> None:
        self.heard: list[str | None] = []
        self.entered = 0
        self.has_others = True
        self.layer = Layer(
            Supervisor(),
            self._hear,
            listened=lambda: [ROOM],
            has_listeners=ROOM.__eq__,
            entered=self._enter,
            heard_of_site=lambda kind, data: None,
            has_others=lambda: self.has_others,
        )

    async def open(self) -> None:
        self.layer.start()
        await self.layer.follow(ROOM).wait()

    def _hear(self, history: History, frames: Sequence[EncodedFrame]) -> None:
        assert history == ROOM
        self.heard += [frame.v2 for frame in frames]

    def _enter(self, _history: History) -> None:
        self.entered += 1

    async def hears(self, other: "Ear") -> None:
        """Return once this one hears what the other says from now on."""
        async with asyncio.timeout(15):
            while not self.heard:
                other.layer.post(ROOM, [EncodedFrame(1, "hi", None)])
                await asyncio.sleep(0.1)
        self.heard.clear()


def redis_at(port: int) -> dict[str, Any]:
    host = {"address": f"redis://127.0.0.1:{port}/0", "socket_timeout": None, "socket_connect_timeout": 2}
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [host]},
        }
    }


async def ask(redis: Redis, *words: str) -> None:
    """Have Redis do something, as its owner would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", redis.port)
    writer.write(f"{' '.join(words)}\r\n".encode())
    assert not (await reader.readline()).startswith(b"-")
    writer.close()
    await writer.wait_closed()


async def dead_up(_redis: Redis, line: Line) -> None:
    line.die(up=True)


async def dead_down(_redis: Redis, line: Line) -> None:
    line.die(down=True)


async def dead(_redis: Redis, line: Line) -> None:
    line.die(up=True, down=True)


async def subscriptions_cut(redis: Redis, _line: Line) -> None:
    await ask(redis, "CLIENT", "KILL", "TYPE", "pubsub")


async def frozen(redis: Redis, _line: Line) -> None:
    redis.freeze()
    await asyncio.sleep(4)
    redis.thaw()


async def restarted(redis: Redis, _line: Line) -> None:
    redis.kill()
    await asyncio.sleep(4)
    await asyncio.to_thread(redis.start)


async def full(redis: Redis, _line: Line) -> None:
    await ask(redis, "CONFIG", "SET", "maxmemory", "1")


@pytest.mark.needs("redis-server")
@pytest.mark.parametrize(
    "fault",
    [dead_up, dead_down, dead, subscriptions_cut, frozen, restarted, full],
    ids=lambda fault: fault.__name__,
)
async def test_a_line_that_dies_is_made_anew(
    fault: Callable[[Redis, Line], Awaitable[None]],
    server: Redis,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Both ways are heard again, and the log says so without a traceback of ours."""
    async with line_to(server.port) as line:
        settings.CHANNEL_LAYERS = redis_at(line.port)
        here = Ear()
        await here.open()
        settings.CHANNEL_LAYERS = redis_at(server.port)
        there = Ear()
        await there.open()
        await here.hears(there)
        await there.hears(here)
        caplog.clear()

        await fault(server, line)
        here.heard.clear()
        there.heard.clear()
        await here.hears(there)
        await there.hears(here)

        for ear in (here, there):
            await ear.layer.close()
    for record in caplog.records:
        assert record.name != "asyncio"
        assert (
            record.exc_info is None or record.name == "channels_redis.pubsub"
        )  # of which the log keeps a line
    said = [record.getMessage() for record in caplog.records if record.name == "chat.live.layer"]
    assert len(said) <= 4  # that it is gone, and that it is back, of either process


@pytest.mark.needs("redis-server")
async def test_a_layer_that_is_gone_does_not_keep_a_process_from_ending(
    server: Redis, settings: Any
) -> None:
    async with line_to(server.port) as line:
        settings.CHANNEL_LAYERS = redis_at(line.port)
        here = Ear()
        await here.open()
        line.die(up=True, down=True)
        for _ in range(100):
            here.layer.post(ROOM, [EncodedFrame(1, "x" * 100_000, None)])
        await asyncio.sleep(0.1)

        async with asyncio.timeout(5):
            await here.layer.close()


async def test_a_layer_inside_the_process_is_entered_again_by_the_same_channel(
    inside: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a layer puts a channel that was not read in time out of its groups; others live in it."""
    monkeypatch.setattr(layer_module, "RING", 0.05)
    others = await inside.new_channel()
    await inside.group_add("others", others)
    here, there = Ear(), Ear()
    for ear in (here, there):
        await ear.open()
    channels = {channel for group, found in inside.groups.items() if group != "others" for channel in found}

    for group in list(inside.groups):
        if group != "others":
            del inside.groups[group]
    await here.hears(there)
    await there.hears(here)

    assert set(inside.groups[ROOM.group]) == channels
    await inside.group_send("others", {"type": "hi"})
    assert await inside.receive(others) == {"type": "hi"}
    for ear in (here, there):
        await ear.layer.close()


async def test_nobody_is_rung_for_where_nobody_else_hears_it(inside: InMemoryChannelLayer) -> None:
    """A layer inside the process is given what others hear, too, and nothing else."""
    here = Ear()
    await here.open()
    [channel] = inside.groups[ROOM.group]

    assert backend.is_alone(inside, ROOM.group, channel)
    assert backend.is_alone(inside, "a group of nobody's", channel)
    others = await inside.new_channel()
    await inside.group_add(ROOM.group, others)
    assert not backend.is_alone(inside, ROOM.group, channel)
    here.layer.post(ROOM, [])
    async with asyncio.timeout(10):
        event = await inside.receive(others)

    assert (event["type"], event["room"]) == ("room.event", ROOM.room)

    await inside.group_add(site_group("ours"), others)
    here.layer.join_site("ours")
    here.layer.post_to_site("kind", 1)
    async with asyncio.timeout(10):
        event = await inside.receive(others)
    assert (event["type"], event["data"]) == ("site.event", 1)
    await here.layer.close()


@pytest.mark.usefixtures("inside")
async def test_whatever_layer_is_given_no_event_where_there_is_no_other_process() -> None:
    here, there = Ear(), Ear()
    for ear in (here, there):
        await ear.open()
    await here.hears(there)

    there.has_others = False
    there.layer.post(ROOM, [EncodedFrame(1, "nobody hears it", None)])
    there.has_others = True
    there.layer.post(ROOM, [EncodedFrame(2, "both hear it", None)])

    async with asyncio.timeout(10):
        while "both hear it" not in here.heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert "nobody hears it" not in here.heard
    for ear in (here, there):
        await ear.layer.close()


@pytest.mark.usefixtures("inside")
async def test_who_has_just_come_and_who_was_there_hear_each_other_before_the_database_knows() -> None:
    old, new = Ear(), Ear()
    for ear in (old, new):
        ear.has_others = False
        await ear.open()
        ear.layer.join_site("site")
        await ear.layer.follow(ROOM).wait()

    await old.hears(new)
    await new.hears(old)

    for ear in (old, new):
        await ear.layer.close()


async def test_an_event_that_cannot_be_taken_keeps_no_other_from_being_heard(
    inside: InMemoryChannelLayer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor for a moment; and the log says why."""
    here, there = Ear(), Ear()
    for ear in (here, there):
        await ear.open()
    await here.hears(there)
    began = asyncio.get_running_loop().time()

    await inside.group_send(ROOM.group, {"type": "room.event", "origin": "a stranger"})
    await here.hears(there)

    assert asyncio.get_running_loop().time() - began < PATIENCE / 2
    said = [record.getMessage() for record in caplog.records if record.exc_info]
    assert said == ["An event of the channel layer could not be taken."] * 2
    for ear in (here, there):
        await ear.layer.close()
