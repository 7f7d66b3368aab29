"""Messages are counted in raw bytes, wherever those were cut."""

from types import SimpleNamespace

from bench.fanout.handlers import DeliveryCounter
from bench.fanout.marker import Marker

FRAMES = b'\x81\x7e{"message":"#a1b2c000007 hi"}\x81\x7e{"message":"#a1b2c000008 there"}'


def receive(chunks: list[bytes], counter: DeliveryCounter) -> None:
    tail, listener = b"", SimpleNamespace(count=0)
    for chunk in chunks:
        received = bytearray(tail + chunk)
        # What lies behind the end is left from an earlier chunk and counts for nothing.
        tail = counter.handle(listener, received + b"#a1b2c000001", len(received))  # type: ignore[arg-type]


def test_a_message_cut_in_two_anywhere_counts_once() -> None:
    counts = []
    for at in range(1, len(FRAMES)):
        counter = DeliveryCounter(Marker("a1b2c"))
        receive([FRAMES[:at], FRAMES[at:]], counter)
        counts.append(counter.count)

    assert counts == [2] * len(counts)


def test_a_message_that_comes_byte_by_byte_counts_once() -> None:
    counter = DeliveryCounter(Marker("a1b2c"))

    receive([bytes([byte]) for byte in FRAMES], counter)

    assert counter.count == 2


def test_numbers_are_read_wherever_the_bytes_are_cut() -> None:
    marker = Marker("a1b2c")
    read = []

    for at in range(1, len(FRAMES)):
        first, tail = marker.numbers(bytearray(FRAMES[:at]), at)
        rest = bytearray(tail + FRAMES[at:])
        second, tail = marker.numbers(rest, len(rest))
        read.append((first + second, tail))

    assert read == [([7, 8], b"")] * len(read)


def test_messages_of_another_run_do_not_count() -> None:
    counter = DeliveryCounter(Marker("ffffe"))

    receive([FRAMES], counter)

    assert counter.count == 0


def test_a_message_says_its_number_in_the_length_that_was_asked_for() -> None:
    text = Marker("a1b2c").text(12, 80)

    assert text.startswith("#a1b2c000012 ")
    assert 78 <= len(text) <= 80
