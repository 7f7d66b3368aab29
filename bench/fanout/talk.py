"""The talk: what the crowd says, and when it may say more."""

from collections.abc import Callable
from itertools import cycle

from bench.fanout.connection import Connection
from bench.fanout.crowd import Crowd
from bench.fanout.handlers import DeliveryCounter, Handler
from bench.fanout.marker import Marker

#: How long a message is, in characters.
LENGTH = 80
#: How long the generator pauses before it looks for what has come, in seconds.
PAUSE = 0.0003
#: What an ack of dialect v2 has in it, and nothing else.
_ACK = b'"ack"'


class Talk:
    """Messages to a crowd, of which `in_flight` at most are not yet heard by everybody."""

    def __init__(self, crowd: Crowd, in_flight: int, length: int = LENGTH) -> None:
        self.crowd, self.in_flight, self.length = crowd, in_flight, length
        self.counter = DeliveryCounter(Marker())
        self.sent = 0
        self._speakers = cycle(crowd.speakers())

    def keep_up(self) -> None:
        """Say what may be said now."""
        while self.counter.count >= (self.sent - self.in_flight + 1) * len(self.crowd):
            self.say()

    def say(self) -> None:
        """Say one thing more."""
        marker = self.counter.marker
        self.crowd.say(
            next(self._speakers), marker.text(self.sent, self.length), f"{marker.run}.{self.sent}"
        )
        self.sent += 1

    def go_on(self, is_over: Callable[[], bool]) -> None:
        """Talk until it is over."""
        while not is_over():
            self.keep_up()
            self.crowd.turn(PAUSE)

    def finish(self) -> float:
        """Wait for what is under way; the reach."""
        return self.crowd.hear_out(self.sent)


class Writers(Handler):
    """Has each listener write again as soon as something it wrote is acknowledged."""

    def __init__(self, crowd: Crowd, in_flight: int) -> None:
        self.crowd, self.in_flight, self.marker = crowd, in_flight, Marker()
        self.sent = self.acked = 0
        self.is_over = False

    def start(self) -> None:
        """Everybody says the first things."""
        for connection in self.crowd.listeners:
            connection.is_speaker = True
            for _ in range(self.in_flight):
                self._say(connection)

    def handle(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
        acked = buffer.count(_ACK, 0, end)
        self.acked += acked
        if not self.is_over:
            for _ in range(acked):
                self._say(connection)
        # The first bytes of an ack may be the last of a chunk.
        return bytes(buffer[max(0, end - len(_ACK) + 1) : end]) if buffer[end - 1] in _ACK else b""

    def _say(self, connection: Connection) -> None:
        text = self.marker.text(self.sent, LENGTH)
        self.crowd.say(connection, text, f"{self.marker.run}.{self.sent}")
        self.sent += 1
