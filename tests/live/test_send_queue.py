"""The send queue to one client: in order, never waiting, and with an end."""

import asyncio
from typing import Any

import pytest
from websockets.frames import Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from chat.live import send_queue as send_queue_module
from chat.live.send_queue import AsgiSendQueue, Batch, SendQueue, WireSendQueue, framed


class FakeWire:
    """The network, as chat.server gives it: a write fills it when the test says so."""

    def __init__(self) -> None:
        self.drained: Any = None
        self.going_down: Any = None
        self.left: Any = None
        self.heard: Any = None
        self.is_full = False
        #: Whether there is room for more than what is being written.
        self.has_room = True
        self.sent = b""
        #: Each write, as it was handed over.
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.sent += data
        self.is_full = not self.has_room

    def drain(self, *, has_room: bool = True) -> None:
        self.is_full, self.has_room = False, has_room
        self.drained()


class FakeSend:
    """Another server's `send`, which takes what the test lets through."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, message: dict[str, Any]) -> None:
        await self.gate.wait()
        self.sent.append(message["text"])


class Drops:
    """Counts how often a client was dropped."""

    count = 0

    def __call__(self) -> None:
        self.count += 1


def read(data: bytes) -> list[str]:
    """The texts of frames, as a client's library reads them."""
    client = Protocol(CLIENT, state=OPEN, max_size=None)
    client.receive_data(data)
    frames = client.events_received()
    assert client.parser_exc is None
    assert all(frame.opcode is Opcode.TEXT and frame.fin for frame in frames)  # type: ignore[union-attr]
    return [bytes(frame.data).decode() for frame in frames]  # type: ignore[union-attr]


async def turn() -> None:
    """Let the loop turn until all that was begun is done."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_of_any_size_is_read_as_it_was_written(size: int) -> None:
    texts = ["a" * size, "я" * (size // 2), "end"]

    assert read(framed(texts)) == texts


def test_many_are_told_the_same_bytes() -> None:
    batch = Batch(["one", "two"])

    assert read(batch.data) == ["one", "two"]


async def test_what_one_is_told_and_what_all_are_told_keep_their_order() -> None:
    wire = FakeWire()
    queue = WireSendQueue(wire, Drops())

    queue.send("1")
    queue.send("2")
    queue.send_batch(Batch(["3"]))
    queue.send("4")
    await turn()

    assert read(wire.sent) == ["1", "2", "3", "4"]


async def test_who_has_said_something_gets_the_ack_and_hears_it_in_one_write() -> None:
    wire = FakeWire()
    queue = WireSendQueue(wire, Drops())
    said = Batch(["said"])

    queue.send("ack")
    asyncio.get_running_loop().call_soon(queue.send_batch, said)  # a room is told when the loop turns
    await turn()

    assert [read(data) for data in wire.writes] == [["ack", "said"]]
    assert read(said.data) == ["said"]  # for the others


async def test_what_gathers_leaves_together_and_to_v2_as_an_array() -> None:
    old, new = FakeWire(), FakeWire()
    for wire, dialect in ((old, 1), (new, 2)):
        queue = WireSendQueue(wire, Drops())
        queue.dialect = dialect
        queue.send("1")
        queue.send("2")
    await turn()

    assert [read(data) for data in old.writes] == [["1", "2"]]
    assert [read(data) for data in new.writes] == [["[1,2]"]]


async def test_what_the_network_does_not_take_waits_for_it() -> None:
    wire = FakeWire()
    queue = WireSendQueue(wire, Drops())
    wire.has_room = False

    for number in range(5):
        queue.send_batch(Batch([str(number)]))
    assert read(wire.sent) == ["0"]

    wire.drain()
    queue.send_batch(Batch(["5"]))
    assert read(wire.sent) == ["0", "1", "2", "3", "4", "5"]


async def test_a_network_that_is_full_again_in_between_is_waited_for_again() -> None:
    wire = FakeWire()
    queue = WireSendQueue(wire, Drops())
    wire.has_room = False
    for number in range(5):
        queue.send_batch(Batch([str(number)]))

    wire.drain(has_room=False)
    assert read(wire.sent) == ["0", "1"]

    wire.drain()
    assert read(wire.sent) == ["0", "1", "2", "3", "4"]


async def test_who_does_not_read_is_lost_once_and_hears_nothing_but_the_last_word() -> None:
    wire, dropped = FakeWire(), Drops()
    queue = WireSendQueue(wire, dropped)
    wire.has_room = False

    for _ in range(30):
        queue.send_batch(Batch(["x" * 100_000]))
        queue.send("nothing")
        await turn()
    assert dropped.count == 1

    await queue.finish("goodbye")
    queue.send("more")
    await turn()
    wire.drain()
    assert dropped.count == 1
    assert read(wire.sent) == ["x" * 100_000, "goodbye"]


async def test_the_limit_is_on_what_waits_and_not_on_what_was_sent() -> None:
    wire, dropped = FakeWire(), Drops()
    queue = WireSendQueue(wire, dropped)

    for _ in range(10):
        wire.has_room = False
        for _ in range(5):
            queue.send_batch(Batch(["x" * 100_000]))
        wire.drain()

    assert dropped.count == 0
    assert len(read(wire.sent)) == 50


@pytest.mark.parametrize("is_full", [False, True])
async def test_the_last_word_comes_after_all_that_waits(is_full: bool) -> None:
    wire = FakeWire()
    queue = WireSendQueue(wire, Drops())
    wire.has_room = not is_full
    queue.send_batch(Batch(["1"]))
    queue.send_batch(Batch(["2"]))
    queue.send("3")

    await queue.finish("goodbye")

    queue.send("more")
    queue.send_batch(Batch(["more"]))
    await turn()
    assert read(wire.sent) == ["1", "2", "3", "goodbye"]


async def test_who_is_cut_off_hears_nothing_more() -> None:
    wire = FakeWire()
    queue = WireSendQueue(wire, Drops())
    wire.has_room = False
    queue.send_batch(Batch(["1"]))
    queue.send_batch(Batch(["2"]))
    queue.send("3")

    queue.discard()

    await turn()
    wire.drain()
    assert read(wire.sent) == ["1"]


async def test_a_server_without_a_wire_is_sent_to_in_order() -> None:
    send = FakeSend()
    queue = AsgiSendQueue(send, Drops())

    queue.send("1")
    queue.send_batch(Batch(["2", "3"]))
    queue.send("4")
    await turn()

    assert send.sent == ["1", "2", "3", "4"]


async def test_nobody_waits_for_a_server_that_waits_for_its_client() -> None:
    send, dropped = FakeSend(), Drops()
    queue = AsgiSendQueue(send, dropped)
    send.gate.clear()

    for number in range(100):
        queue.send_batch(Batch([str(number)]))
        await turn()
    assert send.sent == []

    send.gate.set()
    await turn()
    assert send.sent == [str(number) for number in range(100)]
    assert dropped.count == 0


async def test_who_does_not_read_from_another_server_is_lost_once_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(send_queue_module, "UNSENT_LIMIT", 1000)
    send, dropped = FakeSend(), Drops()
    queue = AsgiSendQueue(send, dropped)
    send.gate.clear()

    for _ in range(30):
        queue.send_batch(Batch(["x" * 100]))
        await turn()

    assert dropped.count == 1
    send.gate.set()
    await turn()
    assert send.sent == ["x" * 100]


async def test_the_last_word_waits_for_another_server() -> None:
    send = FakeSend()
    queue = AsgiSendQueue(send, Drops())
    send.gate.clear()
    queue.send_batch(Batch(["1"]))
    queue.send("2")
    end = asyncio.create_task(queue.finish("goodbye"))
    await turn()
    assert not end.done()
    queue.send_batch(Batch(["more"]))

    send.gate.set()
    await end

    queue.send("more")
    await turn()
    assert send.sent == ["1", "2", "goodbye"]


@pytest.mark.parametrize("error", send_queue_module.GONE)
async def test_a_client_that_is_found_gone_is_lost_once(error: type[Exception]) -> None:
    async def send(message: dict[str, Any]) -> None:
        raise error("gone")

    dropped = Drops()
    queue = AsgiSendQueue(send, dropped)

    for _ in range(3):
        queue.send_batch(Batch(["hi"]))
        queue.send("hi")
        await turn()
    await queue.finish("goodbye")

    assert dropped.count == 1


async def test_the_queue_is_on_the_server_s_own_wire_where_it_has_one() -> None:
    def goes_down(retry_after: float) -> None:
        pass

    def left(has_said_goodbye: bool) -> None:
        pass

    def heard(text: str) -> bool:
        return False

    wire = FakeWire()

    own = SendQueue.to(
        {"extensions": {"chat": {"wire": wire}}}, FakeSend(), Drops(), goes_down, left, heard
    )
    other = SendQueue.to({}, FakeSend(), Drops(), goes_down, left, heard)

    assert isinstance(own, WireSendQueue)
    assert (wire.going_down, wire.left, wire.heard) == (goes_down, left, heard)
    assert isinstance(other, AsgiSendQueue)
