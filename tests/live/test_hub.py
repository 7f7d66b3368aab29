"""The hub, a real database below it, and channel layers that are as bad as they come."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer

from chat import live
from chat.core.protocol import Notified
from chat.live import hub as hub_module
from chat.live.line import Batch
from chat.models import Message, Person, Room
from chat.services import messages


class Ear:
    """Listens, and remembers."""

    def __init__(self, dialect: int = 2) -> None:
        self.dialect = dialect
        self.heard: list[str] = []
        self.seat = live.Seat(self)
        self.seat.release(0)

    def let_go(self) -> None:
        self.was_let_go = True

    def pass_on(self, batch: Batch) -> None:
        for text in batch.texts:
            frames = msgspec.json.decode(
                text if text.startswith("[") else f"[{text}]", type=list[msgspec.Raw]
            )
            self.heard += [bytes(frame).decode() for frame in frames]

    async def join(self, room: Room) -> None:
        await live.get_hub().join(room.pk, self.seat)

    def leave(self, room: Room) -> None:
        live.get_hub().leave(room.pk, self.seat)

    async def texts(self, count: int) -> list[str]:
        """What it has heard people say, once that is `count` messages."""
        async with asyncio.timeout(10):
            while sum('"type":"message"' in frame for frame in self.heard) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        return [
            frame.partition('"message":"')[2].partition('"')[0]
            for frame in self.heard
            if '"type":"message"' in frame
        ]


class BadLayer(InMemoryChannelLayer):
    """Loses, repeats and delays events, and refuses some."""

    def __init__(self, seed: int) -> None:
        super().__init__(capacity=10_000)
        self.random = random.Random(seed)  # noqa: S311

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        match self.random.randrange(5):
            case 0:
                return
            case 1:
                await super().group_send(group, message)
                await super().group_send(group, message)
            case 2:
                asyncio.get_running_loop().call_later(
                    self.random.random() / 10,
                    lambda: asyncio.ensure_future(InMemoryChannelLayer.group_send(self, group, message)),
                )
            case 3:
                raise ChannelFull
            case _:
                await super().group_send(group, message)


@pytest.fixture(autouse=True)
def _quick_beat(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub reads in threads of its own, and so what is committed."""
    monkeypatch.setattr(hub_module, "BEAT", 0.05)


@pytest_asyncio.fixture
async def elsewhere() -> AsyncIterator[hub_module.Hub]:
    """A second hub beside that of the loop, as another process would have it."""
    yield hub_module.Hub()


say = sync_to_async(messages.post)


async def say_unheard(person: Person, room: Room, text: str) -> None:
    """Say something as another process does whose events do not arrive here."""

    def write() -> None:
        from chat.core.protocol import PostMessage
        from chat.services import log

        change = PostMessage(message=text)
        log.carry_out([log.Order(author=person, change=change, rooms=frozenset([room.pk]), room=room.pk)])

    await sync_to_async(write)()


async def test_everybody_hears_everything_in_one_order(alice: Person, lounge: Room) -> None:
    ears = [Ear(), Ear(), Ear(dialect=1)]
    for ear in ears:
        await ear.join(lounge)

    for number in range(50):
        await say(alice, lounge, str(number))

    for ear in ears:
        assert await ear.texts(50) == [str(number) for number in range(50)]


async def test_a_room_hears_only_its_own(alice: Person, lounge: Room) -> None:
    other = await Room.objects.acreate(slug="other", title="Other")
    here, there = Ear(), Ear()
    await here.join(lounge)
    await there.join(other)

    await say(alice, other, "elsewhere")
    await say(alice, lounge, "here")

    assert await here.texts(1) == ["here"]
    assert await there.texts(1) == ["elsewhere"]


async def test_who_has_left_hears_nothing_more(alice: Person, lounge: Room) -> None:
    gone, stays = Ear(), Ear()
    await gone.join(lounge)
    await stays.join(lounge)

    gone.leave(lounge)
    gone.leave(lounge)
    await say(alice, lounge, "hi")

    await stays.texts(1)
    assert gone.heard == []


async def test_the_process_has_one_channel_in_a_group_while_somebody_listens(lounge: Room) -> None:
    layer = get_channel_layer()
    assert isinstance(layer, InMemoryChannelLayer)
    group = f"room.{lounge.pk}"
    first, second = Ear(), Ear()

    await first.join(lounge)
    await second.join(lounge)
    assert len(layer.groups[group]) == 1

    first.leave(lounge)
    second.leave(lounge)
    async with asyncio.timeout(10):
        while group in layer.groups:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_an_event_of_another_process_is_heard_at_once(
    alice: Person, lounge: Room, elsewhere: hub_module.Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "BEAT", 3600)
    ear, there = Ear(), Ear()
    await ear.join(lounge)
    await elsewhere.join(lounge.pk, there.seat)

    await say(alice, lounge, "hi")

    assert await there.texts(1) == await ear.texts(1) == ["hi"]


class HungLayer(InMemoryChannelLayer):
    """Answers nothing, as a Redis does that is stopped and not gone."""

    async def group_add(self, group: str, channel: str) -> None:
        await asyncio.Event().wait()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.Event().wait()


async def test_a_layer_that_hangs_keeps_nobody_out(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "BEAT", 0.01)
    monkeypatch.setattr(hub_module, "OUTBOX", 3)
    monkeypatch.setitem(channel_layers.backends, "default", HungLayer())
    first, second, back = Ear(), Ear(), Ear()
    await first.join(lounge)
    await second.join(lounge)

    for number in range(10):
        await say(alice, lounge, str(number))
    await first.texts(10)
    first.leave(lounge)
    second.leave(lounge)
    await back.join(lounge)
    await say(alice, lounge, "still here")

    assert await back.texts(1) == ["still here"]


def test_a_command_does_not_wait_for_a_layer_that_hangs(
    lounge: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No server runs in its process, so it hands what there is to tell to the layer by itself."""
    monkeypatch.setattr(hub_module, "_hub", None)
    monkeypatch.setitem(channel_layers.backends, "default", HungLayer())

    live.look(lounge.pk)

    assert "takes no events" in caplog.text


class DeadLayer(InMemoryChannelLayer):
    """Takes nobody in, until it lives again."""

    def __init__(self) -> None:
        super().__init__()
        self.is_dead = True
        self.entered: list[str] = []
        self.tries = 0

    async def group_add(self, group: str, channel: str) -> None:
        if self.is_dead:
            self.tries += 1
            raise ConnectionError
        self.entered.append(group)
        await super().group_add(group, channel)


class CancellingLayer(InMemoryChannelLayer):
    """Lets the end of a task of its own come through once."""

    def __init__(self) -> None:
        super().__init__()
        self.entered: list[str] = []
        self.has_cancelled = False

    async def group_add(self, group: str, channel: str) -> None:
        if not self.has_cancelled:
            self.has_cancelled = True
            raise asyncio.CancelledError
        self.entered.append(group)
        await super().group_add(group, channel)


async def test_a_room_is_entered_though_a_library_has_cancelled_that(
    lounge: Room, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = CancellingLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    monkeypatch.setattr("chat.live.supervisor.PAUSE", 0)

    for room in (lounge, lobby):
        await Ear().join(room)

    async with asyncio.timeout(10):
        while len(layer.entered) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert sorted(layer.entered) == sorted(f"room.{room.pk}" for room in (lounge, lobby))


async def test_a_layer_that_lives_again_takes_everybody_in_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = DeadLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    rooms = [await Room.objects.acreate(slug=f"room-{number}", title="Room") for number in range(20)]
    for room in rooms:
        await Ear().join(room)
    async with asyncio.timeout(10):
        while layer.tries < 3 * len(rooms):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    layer.is_dead = False
    async with asyncio.timeout(10):
        while len(layer.entered) < len(rooms):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    # One more, whose turn comes after all that is still to be tried.
    rooms.append(await Room.objects.acreate(slug="one-more", title="Room"))
    await Ear().join(rooms[-1])

    assert sorted(layer.entered) == sorted(f"room.{room.pk}" for room in rooms)


class SlowLayer(InMemoryChannelLayer):
    """Takes its time to open a channel, as one that has to ask Redis does."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        await asyncio.sleep(0.01)
        return await super().new_channel(prefix)


async def test_the_channel_that_is_read_is_the_one_in_the_groups(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "BEAT", 3600)
    monkeypatch.setitem(channel_layers.backends, "default", SlowLayer(capacity=10_000))
    elsewhere, ear, there = hub_module.Hub(), Ear(), Ear()
    await ear.join(lounge)
    await elsewhere.join(lounge.pk, there.seat)

    await say(alice, lounge, "hi")

    assert await there.texts(1) == ["hi"]


async def test_a_change_without_any_event_is_heard_a_little_later(alice: Person, lounge: Room) -> None:
    ear, seed = Ear(), Ear(dialect=1)
    await ear.join(lounge)
    await seed.join(lounge)

    for number in range(5):
        await say_unheard(alice, lounge, str(number))
    await say(alice, lounge, "5")

    assert await ear.texts(6) == await seed.texts(6) == [str(number) for number in range(6)]


@pytest.mark.parametrize("seed", range(5))
async def test_a_bad_layer_changes_when_and_never_what(
    alice: Person, lounge: Room, elsewhere: hub_module.Hub, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(channel_layers.backends, "default", BadLayer(seed))
    elsewhere = hub_module.Hub()
    here, there, seed_client = Ear(), Ear(), Ear(dialect=1)
    await here.join(lounge)
    await elsewhere.join(lounge.pk, there.seat)
    await elsewhere.join(lounge.pk, seed_client.seat)

    for number in range(60):
        await (say if number % 3 else say_unheard)(alice, lounge, str(number))

    everything = [str(number) for number in range(60)]
    for ear in (here, there, seed_client):
        assert await ear.texts(60) == everything


async def test_a_quiet_room_tells_its_position(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "QUIET", 0.1)
    ear, seed = Ear(), Ear(dialect=1)
    await ear.join(lounge)
    await seed.join(lounge)

    async with asyncio.timeout(5):
        while not ear.heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    position = f'{{"type":"position","room":"lounge","epoch":"{lounge.epoch}","version":0}}'
    assert ear.heard[0] == position
    assert seed.heard == []


async def test_another_epoch_is_told(alice: Person, lounge: Room) -> None:
    ear = Ear()
    await ear.join(lounge)
    await say(alice, lounge, "lost")
    await ear.texts(1)

    await Message.objects.all().adelete()
    await Room.objects.filter(pk=lounge.pk).aupdate(epoch="another", version=0)

    async with asyncio.timeout(5):
        while '"epoch":"another","version":0' not in ear.heard[-1]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await say(alice, lounge, "new")
    assert await ear.texts(2) == ["lost", "new"]


async def test_a_room_that_is_gone_is_left_by_those_in_other_processes(
    alice: Person, lounge: Room, elsewhere: hub_module.Hub
) -> None:
    """Nobody rings for them: the beat sees it, and a room of that address is another."""
    left = asyncio.Event()
    seat = live.Seat(Ear(), closed=left.set)
    seat.release(0)
    await elsewhere.join(lounge.pk, seat)
    elsewhere.roster.arrive("alice", "Alice")
    elsewhere.roster.enter(lounge.pk, "alice")

    await lounge.adelete()

    async with asyncio.timeout(5):
        await left.wait()
    assert elsewhere.roster.online(lounge.pk) == 0
    with pytest.raises(KeyError):
        await elsewhere.join(lounge.pk, seat)


async def test_another_title_is_heard_without_any_event(lounge: Room) -> None:
    ears = [Ear(), Ear(dialect=1)]
    for ear in ears:
        await ear.join(lounge)

    await Room.objects.filter(pk=lounge.pk).aupdate(title="Salon")

    async with asyncio.timeout(5):
        while not all(ear.heard for ear in ears):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    for ear in ears:
        assert '"event":"room","room":"lounge","title":"Salon"' in ear.heard[0]


async def test_a_beat_that_has_ended_by_an_error_begins_again(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chat.live.supervisor.PAUSE", 0)
    ear, read, has_failed = Ear(), hub_module._rooms, asyncio.Event()
    await ear.join(lounge)

    async def fail_once(keys: list[int]) -> Any:
        if not has_failed.is_set():
            has_failed.set()
            raise RuntimeError("nobody has thought of this")
        return await read(keys)

    monkeypatch.setattr(hub_module, "_rooms", fail_once)
    await has_failed.wait()
    await say_unheard(alice, lounge, "hi")

    assert await ear.texts(1) == ["hi"]
    assert "nobody has thought of this" in caplog.text


async def test_a_notice_is_heard_by_both_dialects(lounge: Room) -> None:
    ears = [Ear(), Ear(dialect=1)]
    for ear in ears:
        await ear.join(lounge)

    live.whisper(lounge.pk, Notified(message="Bob joined", color="success"))

    async with asyncio.timeout(5):
        while not all(ear.heard for ear in ears):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert ears[0].heard == ears[1].heard
