"""The stages: what is measured of one server after the other, and which of it is kept."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bench.database import Database
from bench.fanout import measures
from bench.fanout.contenders import Running
from bench.fanout.crowd import Crowd, Failed
from bench.fanout.goals import (
    FEW_IN_FLIGHT,
    IN_FLIGHT,
    MIB,
    NEWCOMERS,
    OURS,
    ROOM,
    SAID_BEFORE,
    SMALL_ROOMS,
    WINDOW,
    WRITERS,
)
from bench.fanout.results import Measure
from bench.fanout.talk import Talk
from bench.fanout.wire import V2, Dialect, Reader


class Keep(Protocol):
    """Keeps a number."""

    def __call__(self, measure: Measure, value: float, listeners: int = 0, in_flight: int = 0) -> None: ...


@dataclass(frozen=True)
class Stage:
    """One thing that is measured of some contenders, each started anew for it."""

    what: str
    #: Their keys, from first to last; every other repetition begins with the last.
    who: tuple[str, ...]
    measure: Callable[[Running, Keep], None]
    #: In how many repetitions.
    times: int = 1


class Uneven(Failed):
    """Something was lost, or came twice. By how much is kept already, and nothing else is."""


def deliveries(*rooms: int, warm_up: float, seconds: float) -> Callable[[Running, Keep], None]:
    """A room that grows, and messages to it."""

    def measure(running: Running, keep: Keep) -> None:
        with closing(_crowd(running)) as crowd:
            for size in rooms:
                _deliver(running, crowd, keep, size, IN_FLIGHT, warm_up, seconds)

    return measure


def latency(seconds: float) -> Callable[[Running, Keep], None]:
    """How long messages are on their way, when there are ten a second."""

    def measure(running: Running, keep: Keep) -> None:
        with closing(_crowd(running)) as crowd:
            crowd.grow(ROOM)
            measures.settle(crowd, running.gauge, 5)
            _time(running, crowd, keep, seconds)

    return measure


def small_rooms(warm_up: float, seconds: float, timed: float) -> Callable[[Running, Keep], None]:
    """The rooms that most sites have: messages to them, and in the larger one their latency."""

    def measure(running: Running, keep: Keep) -> None:
        with closing(_crowd(running)) as crowd:
            for size in SMALL_ROOMS:
                _deliver(running, crowd, keep, size, FEW_IN_FLIGHT, warm_up, seconds)
            _time(running, crowd, keep, timed)

    return measure


def _deliver(
    running: Running,
    crowd: Crowd,
    keep: Keep,
    size: int,
    in_flights: Sequence[int],
    warm_up: float,
    seconds: float,
) -> None:
    """Messages to a room that grows to this size."""
    crowd.grow(size)
    measures.settle(crowd, running.gauge, 5)
    for in_flight in in_flights:
        here = partial(keep, listeners=size, in_flight=in_flight)
        found = measures.fan_out(crowd, running.gauge, in_flight, warm_up, seconds)
        _keep_share(partial(here, Measure.REACH), found.reach)
        here(Measure.CPU, found.cpu)
        here(Measure.OWN_CPU, found.own_cpu)
        here(Measure.RATE, found.rate)


def _time(running: Running, crowd: Crowd, keep: Keep, seconds: float) -> None:
    """Ten messages a second to a room as large as it is."""
    here = partial(keep, listeners=len(crowd))
    found = measures.latency(crowd, running.gauge, 10, seconds)
    _keep_share(partial(here, Measure.REACH), found.reach)
    here(Measure.LATENCY, found.median)
    here(Measure.LATENCY_P99, found.p99)
    here(Measure.LATENCY_CPU, found.cpu)
    here(Measure.LATENCY_MESSAGES, found.messages)


def newcomers(running: Running, keep: Keep) -> None:
    """Many who come into one room."""
    here = partial(keep, listeners=NEWCOMERS)
    with closing(_crowd(running)) as crowd:
        found = measures.newcomers(crowd, running.gauge, NEWCOMERS, warm_up=100)
    here(Measure.NEWCOMERS_CPU, found.cpu)
    here(Measure.NEWCOMERS_WALL, found.wall)
    here(Measure.NEWCOMER_MEMORY, found.memory)


def door(count: int) -> Callable[[Running, Keep], None]:
    """Many who come one after the other into a room where something was said, and that tells nobody."""

    def measure(running: Running, keep: Keep) -> None:
        here = partial(keep, listeners=NEWCOMERS)
        with closing(Crowd(running.port, _speaking(running.contender.dialect))) as before:
            before.grow(1)
            talk = Talk(before, in_flight=1)
            with before.handled_by(talk.counter):
                talk.go_on(lambda: talk.sent >= SAID_BEFORE)
                talk.finish()
        with closing(_crowd(running)) as crowd:
            found = measures.door(crowd, running.gauge, count, warm_up=20)
        here(Measure.DOOR_CPU, found.cpu)
        here(Measure.DOOR_WALL, found.wall)

    return measure


def storing(running: Running, keep: Keep) -> None:
    """Many who write as fast as they are acknowledged."""
    here = partial(keep, listeners=WRITERS, in_flight=WINDOW)
    with closing(_crowd(running)) as crowd:
        crowd.grow(WRITERS)
        found = measures.storing(crowd, WINDOW, warm_up=0.5, seconds=3)
    mark = found.marker.bytes.decode()
    with closing(Database(running.database)) as database:
        stored = sum(mark in (row.text or "") for row in database.messages())
    _keep_share(partial(here, Measure.STORED_SHARE), stored / found.acked)
    here(Measure.STORED_RATE, found.rate)


def stall(amount: int) -> Callable[[Running, Keep], None]:
    """Somebody who stops reading, while the others talk about so many bytes."""

    def measure(running: Running, keep: Keep) -> None:
        is_ours = running.contender.key in OURS
        with closing(_crowd(running)) as crowd:
            crowd.grow(4)
            found = measures.stall(crowd, Dialect(), running.gauge, amount, seconds=120)
        if is_ours:
            _keep_share(partial(keep, Measure.REACH), found.reach)
            if found.stood_still:
                raise Failed(f"the room stood still after {found.told / MIB:.0f} MiB")
        keep(Measure.STALL_TOLD, found.told)
        keep(Measure.STALL_GROWTH, found.growth)
        keep(Measure.STALL_CONTROL, found.control)
        keep(Measure.STALL_STOOD, float(found.stood_still))

    return measure


def _speaking(dialect: Dialect) -> Dialect:
    """The dialect, or one for a reader in which one may speak."""
    return V2() if isinstance(dialect, Reader) else dialect


def _crowd(running: Running) -> Crowd:
    return Crowd(running.port, running.contender.dialect)


def _keep_share(keep: Callable[[float], None], share: float) -> None:
    """Before anything else: where it is not 1, nothing else is kept."""
    keep(share)
    if share != 1:
        raise Uneven(f"{share:.6f} of what should have come")
