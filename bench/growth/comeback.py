"""Many who come back after a restart, all at once, while somebody talks who is back already."""

import multiprocessing
import re
import statistics
import tempfile
import time
from contextlib import closing
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, NamedTuple

from bench import production
from bench.fanout.connection import Connection
from bench.fanout.crowd import Crowd, Failed
from bench.fanout.gauge import Gauge
from bench.fanout.handlers import DeliveryCounter
from bench.fanout.marker import Marker
from bench.fanout.talk import LENGTH, Talk
from bench.fanout.wire import V2, Step
from bench.growth.serving import served
from harness.site import Site

#: How many messages each of them has missed.
MISSED = 5
#: How long whoever talks waits before the next word, and for how long before the others come, in seconds.
_PAUSE, _BEFORE = 0.03, 2.0


class Comeback(NamedTuple):
    """What it took until all were level."""

    #: Seconds of the server's processor, and on the clock.
    cpu: float
    wall: float
    #: Seconds until somebody heard what they had said: the median before the others came; then of the
    #: first word, of the median one and of the slowest, while they came.
    before: float
    first: float
    during: float
    slowest: float


class _Known(V2):
    """v2 of those who were there before: with their tokens, and what they have heard already."""

    def __init__(self, tokens: dict[str, str], cursor: dict[str, object], last: bytes) -> None:
        super().__init__()
        self._tokens, self._cursor, self._last = tokens, cursor, last

    def way_in(self, name: str) -> list[Step]:
        handshake, asked, _let_in = super().way_in(name)
        hello = {"name": name, "v": 2, "token": self._tokens[name], "rooms": {"lobby": self._cursor}}
        return [handshake, asked._replace(answer=self.frame(hello)), Step(self._last, b"")]


class Regulars(Crowd):
    """People who know afterwards what they were told when they came, and may come again as themselves."""

    def __init__(self, port: int, dialect: V2, run: str = "") -> None:
        super().__init__(port, dialect)
        self.told: dict[str, bytes] = {}
        self._run = run or self._run

    @property
    def run(self) -> str:
        """What their names begin with."""
        return self._run

    def _join(self, connection: Connection, chunk: bytes) -> None:
        self.told[connection.name] = self.told.get(connection.name, b"") + chunk
        super()._join(connection, chunk)


def measure(core: int, people: int) -> Comeback:
    """Have so many come, miss something, and come back after the server, on `core`, was started again."""
    with tempfile.TemporaryDirectory() as home:
        site = Site(Path(home), **production.environment())
        production.migrate(site)
        with served(core, site):
            known, run = _first_visit(site.port, people)
        with served(core, site) as [gauge]:
            return _second_visit(site.port, gauge, known, run, people)


def _first_visit(port: int, people: int) -> tuple[_Known, str]:
    """Have them come, and something be said: how they come again, and what their names begin with."""
    with closing(Regulars(port, V2())) as crowd:
        crowd.grow(people)
        talk = Talk(crowd, in_flight=1)
        with crowd.handled_by(talk.counter):
            talk.go_on(lambda: talk.sent >= MISSED)
            talk.finish()
        with closing(Regulars(port, V2())) as late:
            late.grow(1)
            [told] = late.told.values()
        tokens = {name: _find(rb'"token":"([^"]+)"', told) for name, told in crowd.told.items()}
    cursor = {"epoch": _find(rb'"epoch":"([^"]+)"', told), "after": _version(told) - MISSED}
    last = talk.counter.marker.text(MISSED - 1, 0).strip().encode()
    return _Known(tokens, cursor, last), crowd.run


def _version(told: bytes) -> int:
    return int(_find(rb'"version":(\d+)', told))


def _find(pattern: bytes, told: bytes) -> str:
    found = re.search(pattern, told)
    if found is None:
        raise Failed(f"a newcomer was not told of {pattern.decode()}")
    return found[1].decode()


def _second_visit(port: int, gauge: Gauge, known: _Known, run: str, people: int) -> Comeback:
    """Have them come back, while somebody talks in a process of their own, that waits for nobody."""
    fork = multiprocessing.get_context("fork")
    is_over, ours = fork.Event(), fork.SimpleQueue()
    talking = fork.Process(target=_talk, args=(port, is_over, ours))
    talking.start()
    ours.get()
    time.sleep(_BEFORE)
    with closing(Regulars(port, known, run)) as crowd:
        cpu, start = gauge.cpu(), time.monotonic()
        crowd.let_in(people, at_a_time=people)
        end = time.monotonic()
        crowd.rest(0.3)  # for what is put off and has to be done for them still
        cpu = gauge.cpu() - cpu
        is_over.set()
        said: list[tuple[float, float]] = ours.get()
        talking.join()
    before = [delay for at, delay in said if at + delay < start]
    during = [delay for at, delay in said if start <= at < end]
    if not before or not during:
        raise Failed("nobody talked")
    return Comeback(
        cpu, end - start, statistics.median(before), during[0], statistics.median(during), max(during)
    )


def _talk(port: int, is_over: Event, theirs: "SimpleQueue[Any]") -> None:
    """Talk until it is over, each word once the one before was heard; then tell when each was said.

    And how long it took, in seconds. Tell also when one has begun.
    """
    with closing(Crowd(port, V2())) as crowd:
        crowd.grow(1)
        theirs.put(None)
        counter, said = DeliveryCounter(Marker()), list[tuple[float, float]]()
        with crowd.handled_by(counter):
            while not is_over.is_set():
                at = time.monotonic()
                number = len(said)
                text = counter.marker.text(number, LENGTH)
                crowd.say(crowd.listeners[0], text, f"{counter.marker.run}.{number}")
                while counter.count <= number:
                    crowd.turn()
                said.append((at, time.monotonic() - at))
                crowd.rest(_PAUSE)
        theirs.put(said)
