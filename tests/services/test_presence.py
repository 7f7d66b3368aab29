"""Presence: by name in a small room, in numbers in a large one."""

import asyncio
import json
from typing import Any

import pytest
import pytest_asyncio

from chat.core.protocol import Notified, encode
from chat.live import crowd as crowd_module
from chat.live import process
from chat.live.send_queue import Batch
from chat.live.subscription import Subscription
from chat.models import Person, Room
from chat.services import presence

Frame = dict[str, Any]


class Listener:
    """Listens, and remembers."""

    def __init__(self, dialect: int) -> None:
        self.dialect = dialect
        self.heard: list[Frame] = []
        self.subscription = Subscription(self)
        self.subscription.release(0)

    def drop(self) -> None:
        self.was_dropped = True

    def send_batch(self, batch: Batch) -> None:
        for text in batch.texts:
            frames = json.loads(text)
            self.heard += frames if isinstance(frames, list) else [frames]

    async def hears(self, count: int) -> list[Frame]:
        """What it has heard, once that is `count` frames."""
        async with asyncio.timeout(10):
            while len(self.heard) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        return self.heard


@pytest.fixture(autouse=True)
def _small_numbers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHAT = {"NOTICES_UP_TO": 3}
    monkeypatch.setattr(crowd_module, "PERIOD", 0.05)


@pytest_asyncio.fixture(autouse=True)
async def _begun(lobby: Room) -> None:
    presence.begin()


async def listeners(room: Room) -> tuple[Listener, Listener]:
    """One of each dialect, who are no people themselves."""
    old, new = Listener(1), Listener(2)
    for listener in (old, new):
        await process.current().hub.join(room.pk, listener.subscription)
    return old, new


def come(room: Room, *names: str) -> list[Notified | None]:
    """These come in: what each is told alone."""
    for name in names:
        process.current().presence.arrive(name.lower(), name)
    people = [Person(id=name.lower(), name=name) for name in names]
    return [None if presence.enter(room, one, "guest") else presence.joined(room, one) for one in people]


def go(room: Room, *names: str) -> None:
    for name in names:
        presence.leave(room, Person(id=name.lower(), name=name))


async def test_in_a_small_room_everybody_hears_of_each_by_name(lobby: Room) -> None:
    old, new = await listeners(lobby)

    alone = come(lobby, "Alice", "Bob", "Carol")
    go(lobby, "Carol")

    assert alone == [None, None, None]
    for listener in (old, new):
        heard = await listener.hears(4)
        assert [(frame["event"], frame["name"], frame["online"]) for frame in heard] == [
            ("join", "Alice", 1),
            ("join", "Bob", 2),
            ("join", "Carol", 3),
            ("leave", "Carol", 2),
        ]


async def test_in_a_large_room_v2_hears_numbers_and_v1_nothing(lobby: Room) -> None:
    come(lobby, "Alice", "Bob", "Carol")
    old, new = await listeners(lobby)

    alone = come(lobby, "Dora", "Emil", "Fred")
    go(lobby, "Emil", "Alice")

    [crowd] = await new.hears(1)
    assert (crowd["event"], crowd["color"]) == ("crowd", "info")
    assert (crowd["came"], crowd["went"], crowd["online"]) == (3, 2, 4)
    assert crowd["message"]
    assert old.heard == []
    assert [notice.name for notice in alone if notice] == ["Dora", "Emil", "Fred"]


async def test_the_newcomer_of_a_large_room_is_told_alone_how_many_are_there(lobby: Room) -> None:
    come(lobby, "Alice", "Bob", "Carol")

    [notice] = come(lobby, "Dora")

    assert notice
    frame = json.loads(encode(notice))
    assert (frame["event"], frame["name"], frame["online"]) == ("join", "Dora", 4)
