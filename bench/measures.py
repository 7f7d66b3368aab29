"""The measures: what is done to a server that runs, and what comes out in numbers."""

import math
import time
from collections.abc import Callable
from itertools import cycle
from typing import NamedTuple

from bench.gauge import Gauge, own_cpu
from bench.load import Connection, Counting, Crowd, Ear, Failed
from bench.marker import Marker
from bench.wire import Dialect

MIB = 1024 * 1024
#: How long a message is, in characters, and how long one that is to fill memory.
LENGTH, LONG = 80, 4000
#: How much is told before memory is measured, in bytes. Until then our server grows by 4 MiB, whoever
#: listens, and hardly at all afterwards.
WARMTH = 64 * MIB
#: How long the generator pauses before it looks for what has come, in seconds.
PAUSE = 0.0003
#: What an ack of dialect v2 has in it, and nothing else.
_ACK = b'"ack"'


class FanOut(NamedTuple):
    """Messages to a room, as many in flight as was asked for."""

    #: Seconds of processor time for each delivery: of the server, and of the generator.
    cpu: float
    own_cpu: float
    #: Deliveries a second.
    rate: float
    #: Received, divided by expected.
    reach: float


class Latency(NamedTuple):
    """Seconds from sending to each arrival."""

    median: float
    p99: float
    reach: float


class Newcomers(NamedTuple):
    """Many who come into one room: seconds of the server's processor, seconds on the clock, bytes each."""

    cpu: float
    wall: float
    memory: float


class Stored(NamedTuple):
    """Messages that were acknowledged: how many a second, how many, and the mark that they carry."""

    rate: float
    acked: int
    marker: Marker


class Stall(NamedTuple):
    """A reader that stopped reading: bytes that were told meanwhile, and by how much the server grew."""

    told: int
    growth: int
    #: Of those who went on reading; and whether they heard nothing any more, or it took too long.
    reach: float
    stood_still: bool


class Talk:
    """Messages to a crowd, of which `in_flight` at most are not yet heard by everybody."""

    def __init__(self, crowd: Crowd, in_flight: int, length: int = LENGTH) -> None:
        self.crowd, self.in_flight, self.length = crowd, in_flight, length
        self.ear = Counting(Marker())
        self.sent = 0
        self._speakers = cycle(crowd.speakers())

    def keep_up(self) -> None:
        """Say what may be said now."""
        while self.ear.count >= (self.sent - self.in_flight + 1) * len(self.crowd):
            self.say()

    def say(self) -> None:
        """Say one thing more."""
        marker = self.ear.marker
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
        """Wait for what is under way; the reach. What comes too often is waited for, too."""
        expected = self.sent * len(self.crowd)
        try:
            while self.ear.count < expected:
                self.crowd.turn()
        except Failed:
            return self.ear.count / expected
        self.crowd.rest(0.1)
        return self.ear.count / expected


def fan_out(crowd: Crowd, gauge: Gauge, in_flight: int, warm_up: float, seconds: float) -> FanOut:
    """Talk for `seconds`, after `warm_up` seconds that do not count."""
    talk = Talk(crowd, in_flight)

    def read() -> tuple[float, float, float, int]:
        return gauge.cpu(), own_cpu(), time.monotonic(), talk.ear.count

    with crowd.hearing(talk.ear):
        talk.go_on(_after(warm_up))
        before = read()
        talk.go_on(_after(seconds))
        after = read()
        reach = talk.finish()
    cpu, own, wall, count = (late - early for late, early in zip(after, before, strict=True))
    if not count:
        raise Failed("nothing was delivered")
    return FanOut(cpu / count, own / count, count / wall, reach)


def latency(crowd: Crowd, rate: float, seconds: float) -> Latency:
    """Say `rate` messages a second, and look when each comes to each."""
    speakers, ear = crowd.speakers(), _Timing(Marker())
    start = time.monotonic()
    with crowd.hearing(ear):
        for number in range(math.ceil(rate * seconds)):
            crowd.rest(start + number / rate - time.monotonic())
            text = ear.marker.text(number, LENGTH)
            ear.sent.append(time.monotonic())
            crowd.say(speakers[number % len(speakers)], text, f"{ear.marker.run}.{number}")
        crowd.rest(2.0)
    expected = len(ear.sent) * len(crowd)
    ordered = sorted(ear.delays)
    if not ordered:
        raise Failed("nothing was delivered")
    return Latency(
        ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], reach=len(ordered) / expected
    )


def newcomers(crowd: Crowd, gauge: Gauge, count: int, warm_up: int) -> Newcomers:
    """Have `count` come in; before that, some who leave again, all but one."""
    crowd.grow(warm_up)
    crowd.shrink(1)
    settle(crowd, gauge)
    memory, cpu, start = gauge.memory(), gauge.cpu(), time.monotonic()
    crowd.grow(1 + count)
    cpu, wall = gauge.cpu() - cpu, time.monotonic() - start
    settle(crowd, gauge)
    return Newcomers(cpu, wall, (gauge.memory() - memory) / count)


def storing(crowd: Crowd, in_flight: int, warm_up: float, seconds: float) -> Stored:
    """Have everybody write, each with `in_flight` messages that are not acknowledged yet."""
    ear = _Writing(crowd, in_flight)
    with crowd.hearing(ear):
        ear.start()
        crowd_talks_until(crowd, _after(warm_up))
        count, start = ear.acked, time.monotonic()
        crowd_talks_until(crowd, _after(seconds))
        rate = (ear.acked - count) / (time.monotonic() - start)
        ear.is_over = True
        crowd_talks_until(crowd, lambda: ear.acked == ear.sent)
    return Stored(rate, ear.acked, ear.marker)


def stall(crowd: Crowd, silent: Dialect, gauge: Gauge, amount: int, seconds: float) -> Stall:
    """Tell the room `amount` bytes while one listener, who speaks `silent`, has stopped reading.

    The room is told WARMTH bytes before that one comes: what a busy server needs for itself is not counted.
    """
    tell_at_length(crowd, lambda talk: lambda: talk.sent * LONG >= WARMTH)
    stalled = Crowd(crowd.port, silent)
    try:
        stalled.grow(1)
        settle(crowd, gauge)
        watch = _Watch(gauge, amount, seconds)
        talk, reach = tell_at_length(crowd, watch.over)
        watch.sample()
        return Stall(talk.sent * LONG, watch.most - watch.before, reach, watch.is_late() or reach < 1)
    finally:
        stalled.close()


def tell_at_length(crowd: Crowd, over: Callable[[Talk], Callable[[], bool]]) -> tuple[Talk, float]:
    """Talk in long messages until it is over, or until nothing is heard; the reach."""
    talk = Talk(crowd, in_flight=32, length=LONG)
    with crowd.hearing(talk.ear):
        try:
            talk.go_on(over(talk))
        except Failed:
            return talk, talk.ear.count / (talk.sent * len(crowd))
        return talk, talk.finish()


def settle(crowd: Crowd, gauge: Gauge, seconds: float = 30) -> None:
    """Return when the server has nothing left to do; after `seconds` at the latest."""
    is_late = _after(seconds)
    while not is_late():
        before = gauge.cpu()
        crowd.rest(0.5)
        if gauge.cpu() - before < 0.03:
            return


def crowd_talks_until(crowd: Crowd, is_over: Callable[[], bool]) -> None:
    """Hear what comes until it is over."""
    while not is_over():
        crowd.turn()


class _Timing(Ear):
    """Takes the time from the sending of each message to each of its arrivals."""

    def __init__(self, marker: Marker) -> None:
        self.marker = marker
        #: When each message was sent, by its number.
        self.sent: list[float] = []
        self.delays: list[float] = []

    def hear(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
        numbers, tail = self.marker.numbers(buffer, end)
        now = time.monotonic()
        self.delays += [now - self.sent[number] for number in numbers]
        return tail


class _Writing(Ear):
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

    def hear(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
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


class _Watch:
    """Looks at the server's memory ten times a second, for as long as it is asked whether all is told."""

    def __init__(self, gauge: Gauge, amount: int, seconds: float) -> None:
        self._gauge, self._amount = gauge, amount
        self.is_late = _after(seconds)
        self.before = self.most = gauge.memory()
        self._next = 0.0

    def over(self, talk: Talk) -> Callable[[], bool]:
        """Whether `talk` has told enough, or it has taken too long."""

        def is_over() -> bool:
            if time.monotonic() >= self._next:
                self.sample()
                self._next = time.monotonic() + 0.1
            return self.is_late() or talk.sent * LONG >= self._amount

        return is_over

    def sample(self) -> None:
        """Look now."""
        self.most = max(self.most, self._gauge.memory())


def _after(seconds: float) -> Callable[[], bool]:
    """Whether `seconds` have passed since now."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until
