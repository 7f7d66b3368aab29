"""The hub and the channel layer under it."""

import asyncio

from channels.layers import InMemoryChannelLayer, get_channel_layer

from chat import live
from chat.core.protocol import Notified


class Ear:
    """Listens, and remembers."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def hear(self, text: str) -> None:
        self.heard.append(text)


class BrokenEar(Ear):
    """Fails at the second frame."""

    async def hear(self, text: str) -> None:
        await super().hear(text)
        if len(self.heard) == 2:
            raise RuntimeError("the socket is gone")


def line(number: int) -> Notified:
    return Notified(message=str(number), color="info")


async def told(ear: Ear, count: int) -> list[str]:
    """What `ear` has heard, once it has heard `count` frames, as numbers."""
    async with asyncio.timeout(5):
        while len(ear.heard) < count:  # noqa: ASYNC110  # an ear is no event
            await asyncio.sleep(0.001)
    return [text.partition('"message":"')[2].partition('"')[0] for text in ear.heard]


async def test_a_listener_hears_its_room_in_order() -> None:
    alice, bob, carol = Ear(), Ear(), Ear()
    await live.hub().join(1, alice)
    await live.hub().join(1, bob)
    await live.hub().join(2, carol)

    for number in range(500):
        live.publish(1, line(number))

    everything = [str(number) for number in range(500)]
    assert await told(alice, 500) == everything
    assert await told(bob, 500) == everything
    assert carol.heard == []


async def test_a_broken_listener_costs_nobody_else_a_frame() -> None:
    alice, broken, bob = Ear(), BrokenEar(), Ear()
    for ear in (alice, broken, bob):
        await live.hub().join(1, ear)

    for number in range(5):
        live.publish(1, line(number))

    assert await told(alice, 5) == await told(bob, 5) == list("01234")
    assert len(broken.heard) == 2


async def test_who_has_left_hears_nothing_more() -> None:
    alice, bob = Ear(), Ear()
    await live.hub().join(1, alice)
    await live.hub().join(1, bob)

    await live.hub().leave(1, alice)
    await live.hub().leave(1, alice)
    live.publish(1, line(0))

    await told(bob, 1)
    assert alice.heard == []


async def test_the_process_has_one_channel_in_a_group_while_somebody_listens() -> None:
    layer = get_channel_layer()
    assert isinstance(layer, InMemoryChannelLayer)
    alice, bob = Ear(), Ear()

    await live.hub().join(7, alice)
    await live.hub().join(7, bob)
    assert len(layer.groups["room.7"]) == 1

    await live.hub().leave(7, alice)
    await live.hub().leave(7, bob)
    assert "room.7" not in layer.groups


async def test_an_event_from_another_process_is_heard() -> None:
    alice = Ear()
    await live.hub().join(1, alice)

    layer = get_channel_layer()
    assert layer
    await layer.group_send("room.1", {"type": "room.event", "room": 1, "text": '{"message":"0"}'})

    assert await told(alice, 1) == ["0"]


async def test_a_thread_may_publish() -> None:
    alice = Ear()
    await live.hub().join(1, alice)

    await asyncio.to_thread(live.publish, 1, line(0))

    assert await told(alice, 1) == ["0"]
