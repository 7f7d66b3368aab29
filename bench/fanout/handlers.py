"""The handlers: what is done with the bytes that the listeners receive."""

import time

from bench.fanout.connection import Connection
from bench.fanout.marker import Marker


class Handler:
    """What is done with the bytes that a listener receives. This one: nothing."""

    def handle(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
        """Take the first `end` bytes; what has to come before the connection's next ones."""
        return b""


class DeliveryCounter(Handler):
    """Counts the messages of a run, for each listener and in all."""

    def __init__(self, marker: Marker) -> None:
        self.marker = marker
        self.count = 0
        self._bytes = marker.bytes

    def handle(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
        count = buffer.count(self._bytes, 0, end)
        self.count += count
        connection.count += count
        # Mostly a chunk ends with a frame, and a call costs more than a look.
        return self.marker.tail(buffer, end) if buffer[end - 1] in self._bytes else b""


class LatencyTimer(Handler):
    """Takes the time from the sending of each message to each of its arrivals."""

    def __init__(self, marker: Marker) -> None:
        self.marker = marker
        #: When each message was sent, by its number.
        self.sent: list[float] = []
        self.delays: list[float] = []

    def handle(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
        numbers, tail = self.marker.numbers(buffer, end)
        connection.count += len(numbers)
        now = time.monotonic()
        self.delays += [now - self.sent[number] for number in numbers]
        return tail
