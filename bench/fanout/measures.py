"""The measures: what is done to a server that runs, and what comes out in numbers."""

import contextlib
import math
import time
from collections.abc import Callable
from typing import NamedTuple

from bench.fanout.crowd import Crowd, Failed, Silent
from bench.fanout.gauge import Gauge, own_cpu
from bench.fanout.handlers import LatencyTimer
from bench.fanout.marker import Marker
from bench.fanout.talk import LENGTH, Talk, Writers
from bench.fanout.wire import Dialect

#: How long a message is that is to fill memory, in characters.
LONG = 4000


class FanOut(NamedTuple):
    """Messages to a room, as many in flight as was asked for."""

    #: Seconds of processor time for each delivery: of the server, and of the generator.
    cpu: float
    own_cpu: float
    #: Deliveries a second.
    rate: float
    #: Received divided by expected, of the listener for whom that is farthest from 1.
    reach: float


class Latency(NamedTuple):
    """A few messages a second: seconds from sending to each arrival."""

    median: float
    p99: float
    #: Seconds of the server's processor for each delivery, with what it does beside.
    cpu: float
    messages: int
    reach: float


class Newcomers(NamedTuple):
    """Many who come into one room: seconds of the server's processor, seconds on the clock, bytes each."""

    cpu: float
    wall: float
    memory: float


class Door(NamedTuple):
    """Those who come one after the other: seconds of the server's processor, and on the clock, for each."""

    cpu: float
    wall: float


class Stored(NamedTuple):
    """Messages that were acknowledged: how many a second, how many, and the mark that they carry."""

    rate: float
    acked: int
    marker: Marker


class Stall(NamedTuple):
    """A reader that stopped reading: bytes that were told meanwhile, and by how much the server grew."""

    told: int
    growth: int
    #: By how much it had grown when as much was told before, while everybody read.
    control: int
    #: Of those who went on reading; and whether they heard nothing any more, or it took too long.
    reach: float
    stood_still: bool


def fan_out(crowd: Crowd, gauge: Gauge, in_flight: int, warm_up: float, seconds: float) -> FanOut:
    """Talk for `seconds`, after `warm_up` seconds that do not count."""
    talk = Talk(crowd, in_flight)

    def read() -> tuple[float, float, float, int]:
        return gauge.cpu(), own_cpu(), time.monotonic(), talk.counter.count

    with crowd.handled_by(talk.counter):
        talk.go_on(_after(warm_up))
        before = read()
        talk.go_on(_after(seconds))
        after = read()
        reach = talk.finish()
    cpu, own, wall, count = (late - early for late, early in zip(after, before, strict=True))
    if not count:
        raise Failed("nothing was delivered")
    return FanOut(cpu / count, own / count, count / wall, reach)


def latency(crowd: Crowd, gauge: Gauge, rate: float, seconds: float) -> Latency:
    """Say `rate` messages a second, and look when each comes to each."""
    speakers, timer = crowd.speakers(), LatencyTimer(Marker())
    cpu, start, messages = gauge.cpu(), time.monotonic(), math.ceil(rate * seconds)
    with crowd.handled_by(timer):
        for number in range(messages):
            crowd.rest(start + number / rate - time.monotonic())
            text = timer.marker.text(number, LENGTH)
            timer.sent.append(time.monotonic())
            crowd.say(speakers[number % len(speakers)], text, f"{timer.marker.run}.{number}")
        reach = crowd.hear_out(messages)
    ordered = sorted(timer.delays)
    if not ordered:
        raise Failed("nothing was delivered")
    median, p99 = (ordered[len(ordered) * percent // 100] for percent in (50, 99))
    return Latency(median, p99, (gauge.cpu() - cpu) / len(ordered), messages, reach)


def newcomers(crowd: Crowd, gauge: Gauge, count: int, warm_up: int) -> Newcomers:
    """Have `count` come into a room of one; `warm_up` were in it before, and all but one have left.

    Memory is compared with that of the `warm_up`, whose places the first of the newcomers take.
    """
    crowd.grow(warm_up)
    settle(crowd, gauge)
    memory = gauge.memory()
    crowd.shrink(1)
    settle(crowd, gauge)
    cpu, start = gauge.cpu(), time.monotonic()
    crowd.grow(1 + count)
    cpu, wall = gauge.cpu() - cpu, time.monotonic() - start
    settle(crowd, gauge)
    return Newcomers(cpu, wall, (gauge.memory() - memory) / (1 + count - warm_up))


def door(crowd: Crowd, gauge: Gauge, count: int, warm_up: int) -> Door:
    """Have `count` come in one after the other, behind `warm_up` who are there already."""
    crowd.let_in(warm_up, at_a_time=1)
    settle(crowd, gauge)
    cpu, start = gauge.cpu(), time.monotonic()
    crowd.let_in(warm_up + count, at_a_time=1)
    wall = time.monotonic() - start
    crowd.rest(0.3)  # for what is put off and has to be done for them still
    return Door((gauge.cpu() - cpu) / count, wall / count)


def storing(crowd: Crowd, in_flight: int, warm_up: float, seconds: float) -> Stored:
    """Have everybody write, each with `in_flight` messages that are not acknowledged yet."""
    writers = Writers(crowd, in_flight)
    with crowd.handled_by(writers):
        writers.start()
        listen_until(crowd, _after(warm_up))
        count, start = writers.acked, time.monotonic()
        listen_until(crowd, _after(seconds))
        rate = (writers.acked - count) / (time.monotonic() - start)
        writers.is_over = True
        listen_until(crowd, lambda: writers.acked == writers.sent)
    return Stored(rate, writers.acked, writers.marker)


def stall(crowd: Crowd, silent: Dialect, gauge: Gauge, amount: int, seconds: float) -> Stall:
    """Tell the room `amount` bytes, and again while one more, who speaks `silent`, has stopped reading."""
    _talk, control, reach = _tell_at_length(crowd, gauge, amount, seconds)
    if reach != 1:
        raise Failed(f"reach {reach:.6f} while everybody read")
    with contextlib.closing(Crowd(crowd.port, silent)) as stalled:
        stalled.grow(1)
        talk, growth, reach = _tell_at_length(crowd, gauge, amount, seconds)
    told = talk.sent * LONG
    return Stall(told, growth, control, reach, stood_still=told < amount or reach < 1)


def _tell_at_length(crowd: Crowd, gauge: Gauge, amount: int, seconds: float) -> tuple[Talk, int, float]:
    """Talk about `amount` bytes, until it takes too long or nothing is heard: it, the growth, the reach."""
    settle(crowd, gauge)
    talk, watch, is_late = Talk(crowd, in_flight=32, length=LONG), _Watch(gauge), _after(seconds)

    def is_over() -> bool:
        watch.look_again()
        return is_late() or talk.sent * LONG >= amount

    with crowd.handled_by(talk.counter):
        try:
            talk.go_on(is_over)
        except Silent:
            reach = crowd.reach(talk.sent)
        else:
            reach = talk.finish()
    watch.look()
    return talk, watch.growth, reach


def settle(crowd: Crowd, gauge: Gauge, seconds: float = 30) -> None:
    """Return when the server has nothing left to do; after `seconds` at the latest."""
    is_late = _after(seconds)
    while not is_late():
        before = gauge.cpu()
        crowd.rest(0.5)
        if gauge.cpu() - before < 0.03:
            return


def listen_until(crowd: Crowd, is_over: Callable[[], bool]) -> None:
    """Hear what comes until it is over."""
    while not is_over():
        crowd.turn()


class _Watch:
    """Looks at the server's memory, ten times a second at most."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._before = self._most = gauge.memory()
        self._is_time = _after(0.1)

    @property
    def growth(self) -> int:
        """By how much it was larger at its largest."""
        return self._most - self._before

    def look_again(self) -> None:
        """Look, where it is time."""
        if self._is_time():
            self.look()

    def look(self) -> None:
        """Look now."""
        self._most = max(self._most, self._gauge.memory())
        self._is_time = _after(0.1)


def _after(seconds: float) -> Callable[[], bool]:
    """Whether `seconds` have passed since now."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until
