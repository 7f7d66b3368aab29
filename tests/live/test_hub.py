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
from channels.layers import InMemoryChannelLayer, channel_layers
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from chat.actors import PROGRAM, guest
from chat.core.protocol import Notified, PostMessage, React
from chat.live import hub as hub_module
from chat.live import poll as poll_module
from chat.live import process
from chat.live.broadcast import broadcast, refresh
from chat.live.event import History
from chat.live.process import Process
from chat.live.send_queue import Batch
from chat.live.subscription import EncodedFrame, Subscription
from chat.models import Message, Person, Room
from chat.services import changes, messages, rooms
from chat.storage import log
from chat.storage.accepted_command import AcceptedCommand


class Listener:
    """Listens, and remembers."""

    def __init__(self, dialect: int = 2) -> None:
        self.dialect = dialect
        self.heard: list[str] = []
        self.subscription = Subscription(self)
        self.subscription.release(0)

    def drop(self) -> None:
        self.was_dropped = True

    def send_batch(self, batch: Batch) -> None:
        for text in batch.texts:
            frames = msgspec.json.decode(
                text if text.startswith("[") else f"[{text}]", type=list[msgspec.Raw]
            )
            self.heard += [bytes(frame).decode() for frame in frames]

    async def join(self, room: Room) -> None:
        await process.current().hub.join(room.pk, self.subscription)

    def leave(self, room: Room) -> None:
        process.current().hub.leave(room.pk, self.subscription)

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
def _quick_poll(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub reads in threads of its own, and so what is committed."""
    monkeypatch.setattr(poll_module, "POLL", 0.05)


@pytest_asyncio.fixture
async def elsewhere() -> AsyncIterator[Process]:
    """A second process beside that of the loop."""
    yield Process()


async def say(person: Person, room: Room, text: str) -> None:
    await sync_to_async(messages.post)(guest(person), room, text)


async def say_unheard(person: Person, room: Room, text: str) -> None:
    """Say something as another process does whose events do not arrive here."""

    def write() -> None:
        change = PostMessage(message=text)
        log.write([AcceptedCommand(guest(person), change, room=room.pk)], changes.post)

    await sync_to_async(write)()


async def test_everybody_hears_everything_in_one_order(alice: Person, lounge: Room) -> None:
    listeners = [Listener(), Listener(), Listener(dialect=1)]
    for listener in listeners:
        await listener.join(lounge)

    for number in range(50):
        await say(alice, lounge, str(number))

    for listener in listeners:
        assert await listener.texts(50) == [str(number) for number in range(50)]


async def test_who_waits_to_be_told_how_a_room_is_holds_up_no_other(alice: Person, lounge: Room) -> None:
    """Of the lounge it is not settled yet who may still hear what it is called."""
    other = await Room.objects.acreate(slug="other", title="Other")
    here, there = Listener(), Listener()
    await here.join(lounge)
    await there.join(other)
    may_go_on = asyncio.Event()

    async def settled() -> bool:
        return await may_go_on.wait()

    process.current().hub._poll._settled = settled
    await Room.objects.filter(pk=lounge.pk).aupdate(title="Salon")
    await asyncio.sleep(0.2)

    await say_unheard(alice, other, "elsewhere")
    async with asyncio.timeout(2):
        assert await there.texts(1) == ["elsewhere"]

    assert "Salon" not in "".join(here.heard)
    may_go_on.set()
    await say_unheard(alice, lounge, "here")
    assert await here.texts(1) == ["here"]
    assert "Salon" in here.heard[0]


async def test_a_room_hears_only_its_own(alice: Person, lounge: Room) -> None:
    other = await Room.objects.acreate(slug="other", title="Other")
    here, there = Listener(), Listener()
    await here.join(lounge)
    await there.join(other)

    await say(alice, other, "elsewhere")
    await say(alice, lounge, "here")

    assert await here.texts(1) == ["here"]
    assert await there.texts(1) == ["elsewhere"]


async def test_who_has_left_hears_nothing_more(alice: Person, lounge: Room) -> None:
    gone, stays = Listener(), Listener()
    await gone.join(lounge)
    await stays.join(lounge)

    gone.leave(lounge)
    gone.leave(lounge)
    await say(alice, lounge, "hi")

    await stays.texts(1)
    assert gone.heard == []


async def test_the_process_has_one_channel_in_a_group_while_somebody_listens(
    lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = InMemoryChannelLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    first, second = Listener(), Listener()

    await first.join(lounge)
    await second.join(lounge)
    [group] = [name for name in layer.groups if name.startswith("room.")]
    assert len(layer.groups[group]) == 1

    first.leave(lounge)
    second.leave(lounge)
    async with asyncio.timeout(10):
        while group in layer.groups:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_an_event_of_another_process_is_heard_at_once(
    alice: Person, lounge: Room, elsewhere: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_module, "POLL", 3600)
    listener, there = Listener(), Listener()
    await listener.join(lounge)
    await elsewhere.hub.join(lounge.pk, there.subscription)

    await say(alice, lounge, "hi")

    assert await there.texts(1) == await listener.texts(1) == ["hi"]


async def test_events_that_cross_each_other_are_told_in_order_and_nothing_is_read(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this process stores it tells at once; what another has stored before comes after that."""
    monkeypatch.setattr(poll_module, "POLL", 3600)
    monkeypatch.setattr(hub_module, "LATE", 20)
    monkeypatch.setattr(hub_module, "_changes", None)  # who reads fails
    listener = Listener()
    await listener.join(lounge)
    hub, history = process.current().hub, History(lounge.pk, lounge.epoch)

    for version in (2, 3, 1, 4):
        hub.post(history, [EncodedFrame(version, f'{{"type":"message","message":"{version}"}}', None)])

    assert await listener.texts(4) == ["1", "2", "3", "4"]


async def test_a_process_in_which_nobody_listens_tells_the_others(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It serves the admin, say, and no socket."""
    monkeypatch.setattr(poll_module, "POLL", 3600)
    elsewhere, there = Process(), Listener()
    await elsewhere.hub.join(lounge.pk, there.subscription)
    process.current()

    await say(alice, lounge, "hi")

    assert await there.texts(1) == ["hi"]


async def test_a_process_that_tells_nobody_needs_no_layer(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {}

    with pytest.raises(ImproperlyConfigured, match="CHANNEL_LAYERS"):
        await Process().hub.join(1, Listener().subscription)


class HungLayer(InMemoryChannelLayer):
    """Answers nothing, as a Redis does that is stopped and not gone."""

    async def group_add(self, group: str, channel: str) -> None:
        await asyncio.Event().wait()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.Event().wait()


async def test_a_layer_that_hangs_keeps_nobody_out(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_module, "POLL", 0.01)
    monkeypatch.setattr("chat.live.layer.OUTBOX", 3)
    monkeypatch.setitem(channel_layers.backends, "default", HungLayer())
    first, second, back = Listener(), Listener(), Listener()
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
    monkeypatch.setattr(process, "_process", None)
    monkeypatch.setitem(channel_layers.backends, "default", HungLayer())

    refresh([lounge])

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
        if group.startswith("room."):
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
        if group.startswith("room."):
            self.entered.append(group)
        await super().group_add(group, channel)


async def test_a_room_is_entered_though_a_library_has_cancelled_that(
    lounge: Room, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = CancellingLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    monkeypatch.setattr("chat.live.supervisor.PAUSE", 0)

    for room in (lounge, lobby):
        await Listener().join(room)

    async with asyncio.timeout(10):
        while len(layer.entered) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert sorted(layer.entered) == sorted(f"room.{room.pk}.{room.epoch}" for room in (lounge, lobby))


async def test_a_layer_that_lives_again_takes_everybody_in_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = DeadLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    rooms = [await Room.objects.acreate(slug=f"room-{number}", title="Room") for number in range(20)]
    for room in rooms:
        await Listener().join(room)
    async with asyncio.timeout(10):
        while layer.tries < 3 * len(rooms):  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    layer.is_dead = False
    async with asyncio.timeout(10):
        while len(layer.entered) < len(rooms):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    # One more, whose turn comes after all that is still to be tried.
    rooms.append(await Room.objects.acreate(slug="one-more", title="Room"))
    await Listener().join(rooms[-1])

    assert sorted(layer.entered) == sorted(f"room.{room.pk}.{room.epoch}" for room in rooms)


class SlowLayer(InMemoryChannelLayer):
    """Takes its time to open a channel, as one that has to ask Redis does."""

    async def new_channel(self, prefix: str = "specific.") -> str:
        await asyncio.sleep(0.01)
        return await super().new_channel(prefix)


async def test_the_channel_that_is_read_is_the_one_in_the_groups(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_module, "POLL", 3600)
    monkeypatch.setitem(channel_layers.backends, "default", SlowLayer(capacity=10_000))
    elsewhere, listener, there = Process(), Listener(), Listener()
    await listener.join(lounge)
    await elsewhere.hub.join(lounge.pk, there.subscription)

    await say(alice, lounge, "hi")

    assert await there.texts(1) == ["hi"]


async def test_a_change_without_any_event_is_heard_a_little_later(alice: Person, lounge: Room) -> None:
    listener, seed = Listener(), Listener(dialect=1)
    await listener.join(lounge)
    await seed.join(lounge)

    for number in range(5):
        await say_unheard(alice, lounge, str(number))
    await say(alice, lounge, "5")

    assert await listener.texts(6) == await seed.texts(6) == [str(number) for number in range(6)]


async def test_what_is_read_after_a_gap_says_which_version_it_follows(alice: Person, lounge: Room) -> None:
    """Some versions are nowhere any more: who listens need not ask for them."""
    listener, seed = Listener(), Listener(dialect=1)
    await listener.join(lounge)
    await seed.join(lounge)
    await say(alice, lounge, "1")
    await listener.texts(1)

    @transaction.atomic  # lest a poll finds the one without the other
    def change() -> None:
        post(PostMessage(message="2"))
        id = Message.objects.get(text="2").pk
        for emoji in "👍👎":
            log.write([AcceptedCommand(guest(alice), React(id=id, emoji=emoji, on=True))], changes.react)
        post(PostMessage(message="5"))

    def post(command: PostMessage) -> None:
        log.write([AcceptedCommand(guest(alice), command, room=lounge.pk)], changes.post)

    await sync_to_async(change)()
    await listener.texts(2)

    told = [msgspec.json.decode(frame) for frame in listener.heard]
    assert [(frame["type"], frame["version"], frame.get("follows")) for frame in told] == [
        ("message", 1, None),
        ("update", 4, 1),
        ("message", 5, None),
    ]
    assert await seed.texts(3) == ["1", "2", "5"]
    assert not [frame for frame in seed.heard if "follows" in frame]


async def test_what_is_gone_before_it_was_heard_is_not_waited_for(alice: Person, lounge: Room) -> None:
    """It was too old already: nobody would ever find it, and the room has come further all the same."""
    listener = Listener()
    await listener.join(lounge)

    @transaction.atomic  # lest a poll finds it
    def come_and_go() -> None:
        command = AcceptedCommand(guest(alice), PostMessage(message="1"), room=lounge.pk)
        log.write([command], changes.post)
        Message.objects.all().delete()

    await sync_to_async(come_and_go)()
    feed = process.current().hub._feeds[lounge.pk]
    async with asyncio.timeout(10):
        while feed.version != 1:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    await say(alice, lounge, "2")
    assert await listener.texts(1) == ["2"]


@pytest.mark.parametrize("seed", range(5))
async def test_a_bad_layer_changes_when_and_never_what(
    alice: Person, lounge: Room, elsewhere: Process, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(channel_layers.backends, "default", BadLayer(seed))
    elsewhere = Process()
    here, there, seed_client = Listener(), Listener(), Listener(dialect=1)
    await here.join(lounge)
    await elsewhere.hub.join(lounge.pk, there.subscription)
    await elsewhere.hub.join(lounge.pk, seed_client.subscription)

    for number in range(60):
        await (say if number % 3 else say_unheard)(alice, lounge, str(number))

    everything = [str(number) for number in range(60)]
    for listener in (here, there, seed_client):
        assert await listener.texts(60) == everything


async def test_a_quiet_room_tells_its_position(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_module, "QUIET", 0.1)
    listener, seed = Listener(), Listener(dialect=1)
    await listener.join(lounge)
    await seed.join(lounge)

    async with asyncio.timeout(5):
        while not listener.heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    position = f'{{"type":"position","room":"lounge","epoch":"{lounge.epoch}","version":0}}'
    assert listener.heard[0] == position
    assert seed.heard == []


async def test_another_epoch_is_told(alice: Person, lounge: Room) -> None:
    listener = Listener()
    await listener.join(lounge)
    await say(alice, lounge, "lost")
    await listener.texts(1)

    await Message.objects.all().adelete()
    await Room.objects.filter(pk=lounge.pk).aupdate(epoch="another", version=0)

    async with asyncio.timeout(5):
        while '"epoch":"another","version":0' not in listener.heard[-1]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await say(alice, lounge, "new")
    assert await listener.texts(2) == ["lost", "new"]


async def put_back(room: Room, version: int) -> None:
    """Have the database as it was at this version, as after a restore."""
    await Message.objects.filter(room=room, version__gt=version).adelete()
    await Room.objects.filter(pk=room.pk).aupdate(version=version)


async def position_of_another_epoch(listener: Listener, room: Room) -> Room:
    """Return the room once this listener was told that its history is another one."""
    async with asyncio.timeout(5):
        while True:
            now = await Room.objects.aget(pk=room.pk)
            position = (
                f'{{"type":"position","room":"lounge","epoch":"{now.epoch}","version":{now.version}}}'
            )
            if now.epoch != room.epoch and position in listener.heard:
                return now
            await asyncio.sleep(0.01)


async def test_a_room_that_is_put_back_has_another_history(alice: Person, lounge: Room) -> None:
    """Nobody says anything: the poll sees it."""
    listener, seed = Listener(), Listener(dialect=1)
    await listener.join(lounge)
    await seed.join(lounge)
    for text in ("kept", "lost", "lost, too"):
        await say(alice, lounge, text)
    await listener.texts(3)

    await put_back(lounge, 1)
    now = await position_of_another_epoch(listener, lounge)
    await say(alice, lounge, "new")

    assert now.version > 3
    for one in (listener, seed):
        assert await one.texts(4) == ["kept", "lost", "lost, too", "new"]


async def test_what_is_said_in_a_room_that_was_put_back_is_heard(
    alice: Person, lounge: Room, elsewhere: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any poll has seen that: the log does, and has all processes look."""
    monkeypatch.setattr(poll_module, "POLL", 3600)
    here, seed, there, seed_there = Listener(), Listener(dialect=1), Listener(), Listener(dialect=1)
    for one in (here, seed):
        await one.join(lounge)
    for one in (there, seed_there):
        await elsewhere.hub.join(lounge.pk, one.subscription)
    for text in ("kept", "lost", "lost, too"):
        await say(alice, lounge, text)
    for one in (here, seed, there, seed_there):
        await one.texts(3)

    await put_back(lounge, 1)
    await say(alice, lounge, "new")

    for one in (seed, seed_there):
        assert await one.texts(4) == ["kept", "lost", "lost, too", "new"]
    for one in (here, there):  # they ask for the latest page now, and hear the rest live
        await position_of_another_epoch(one, lounge)
    await say(alice, lounge, "newer")
    for one in (here, there):
        assert (await one.texts(4))[3] == "newer"
    for one in (seed, seed_there):
        assert (await one.texts(5))[4] == "newer"


async def test_a_row_that_was_read_before_something_was_told_is_not_put_back(
    alice: Person, lounge: Room
) -> None:
    """The polls run into a talk, and nobody takes that for another history."""
    listener = Listener()
    await listener.join(lounge)

    for number in range(100):
        await say(alice, lounge, str(number))

    await listener.texts(100)
    assert (await Room.objects.aget(pk=lounge.pk)).epoch == lounge.epoch


async def test_all_processes_hear_of_a_new_epoch_at_once(
    alice: Person, lounge: Room, elsewhere: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll_module, "POLL", 3600)
    here, there = Listener(), Listener()
    await here.join(lounge)
    await elsewhere.hub.join(lounge.pk, there.subscription)

    await sync_to_async(rooms.begin_anew)(PROGRAM, "lounge")

    for one in (here, there):
        await position_of_another_epoch(one, lounge)
    await say(alice, lounge, "new")
    for one in (here, there):
        assert await one.texts(1) == ["new"]


async def test_an_event_of_another_history_is_refused(alice: Person, lounge: Room) -> None:
    """As one of another site would be that has come through the layer all the same."""
    listener = Listener()
    await listener.join(lounge)
    hub = process.current().hub

    hub._heard(History(lounge.pk, "a stranger's"), [EncodedFrame(1, '{"a":"stranger\'s"}', None)])
    await say(alice, lounge, "hi")

    assert await listener.texts(1) == ["hi"]
    assert len(listener.heard) == 1


async def test_a_room_that_is_gone_is_left_by_those_in_other_processes(
    alice: Person, lounge: Room, elsewhere: Process
) -> None:
    """Nobody rings for them: the poll sees it, and a room of that address is another."""
    left = asyncio.Event()
    subscription = Subscription(Listener(), closed=left.set)
    subscription.release(0)
    await elsewhere.hub.join(lounge.pk, subscription)
    elsewhere.presence.arrive("alice", "Alice")
    elsewhere.presence.enter(lounge.pk, "alice", "guest")

    await Room.objects.filter(pk=lounge.pk).adelete()

    async with asyncio.timeout(5):
        await left.wait()
    assert elsewhere.roster.online(lounge.pk) == 0
    with pytest.raises(KeyError):
        await elsewhere.hub.join(lounge.pk, subscription)


async def test_another_title_is_heard_without_any_event(lounge: Room) -> None:
    listeners = [Listener(), Listener(dialect=1)]
    for listener in listeners:
        await listener.join(lounge)

    await Room.objects.filter(pk=lounge.pk).aupdate(title="Salon")

    async with asyncio.timeout(5):
        while not all(listener.heard for listener in listeners):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    for listener in listeners:
        assert '"event":"room","room":"lounge","title":"Salon"' in listener.heard[0]


async def test_a_poll_that_has_ended_by_an_error_begins_again(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("chat.live.supervisor.PAUSE", 0)
    listener, read, has_failed = Listener(), poll_module._rows, asyncio.Event()
    await listener.join(lounge)

    async def fail_once(*asked: Any) -> Any:
        if not has_failed.is_set():
            has_failed.set()
            raise RuntimeError("nobody has thought of this")
        return await read(*asked)

    monkeypatch.setattr(poll_module, "_rows", fail_once)
    await has_failed.wait()
    await say_unheard(alice, lounge, "hi")

    assert await listener.texts(1) == ["hi"]
    assert "nobody has thought of this" in caplog.text


async def test_where_there_are_many_rooms_each_is_looked_at_in_its_turn(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another title, another epoch and a room that is gone are heard, though nobody rings."""
    monkeypatch.setattr(poll_module, "WHOLE", 3)
    monkeypatch.setattr(poll_module, "SOME", 2)
    many = [lounge] + [
        await Room.objects.acreate(slug=f"room-{number}", title="Room") for number in range(6)
    ]
    listeners = [Listener() for _ in many]
    left = asyncio.Event()
    listeners[6].subscription.closed = left.set
    for room, listener in zip(many, listeners, strict=True):
        await listener.join(room)

    await Room.objects.filter(pk=many[5].pk).aupdate(title="Salon")
    await Room.objects.filter(pk=many[4].pk).aupdate(epoch="another, of the same version")
    await Room.objects.filter(pk=many[6].pk).adelete()
    await say_unheard(alice, lounge, "hi")

    async with asyncio.timeout(10):
        assert await listeners[0].texts(1) == ["hi"]
        await left.wait()
        while not (listeners[5].heard and listeners[4].heard):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert '"title":"Salon"' in listeners[5].heard[0]
    assert '"epoch":"another, of the same version"' in listeners[4].heard[0]
    assert [listener.heard for listener in listeners[1:4]] == [[], [], []]


async def test_who_comes_and_goes_while_the_rows_are_read_stops_no_poll(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(poll_module, "POLL", 0.001)
    stays, comes = Listener(), Listener()
    await stays.join(lounge)
    other = await Room.objects.acreate(slug="other", title="Other")
    for _ in range(50):
        await comes.join(other)
        await asyncio.sleep(0.001)
        comes.leave(other)
        await asyncio.sleep(0.001)

    await say_unheard(alice, lounge, "hi")

    assert await stays.texts(1) == ["hi"]
    assert "has ended by an error" not in caplog.text


async def test_a_notice_is_heard_by_both_dialects(lounge: Room) -> None:
    listeners = [Listener(), Listener(dialect=1)]
    for listener in listeners:
        await listener.join(lounge)

    broadcast(lounge, Notified(message="Bob joined", color="success"))

    async with asyncio.timeout(5):
        while not all(listener.heard for listener in listeners):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert listeners[0].heard == listeners[1].heard


async def test_what_fails_with_one_event_of_the_site_fails_with_it_alone(
    elsewhere: Process, lounge: Room, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Any] = []
    here = process.current()
    for one in (here, elsewhere):
        one.hub.on_site_event("bad", lambda data: heard.append(1 / data))
        one.hub.on_site_event("good", heard.append)
    await Listener().join(lounge)
    await elsewhere.hub.join(lounge.pk, Listener().subscription)
    async with asyncio.timeout(5):
        while heard.count("known") < 3:
            here.hub.post_to_site("good", "known")
            await asyncio.sleep(0.05)
    heard.clear()

    here.hub.post_to_site("bad", 0)
    here.hub.post_to_site("good", "well")
    async with asyncio.timeout(0.5):
        while heard.count("well") < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    assert [str(record.exc_info and record.exc_info[1]) for record in caplog.records] == [
        "division by zero"
    ] * 2
