"""How many messages a second are stored: SQLite and PostgreSQL, one process and two, one room and two.

    python -m bench.throughput --rounds 3 --seconds 3

Writers who each have some messages under way, and write again for each that is acknowledged. The stacks are
taken in turn, round by round, so that what the machine does meanwhile befalls all of them; what is printed
are medians, and their ratios to SQLite with one process.
"""

import argparse
import contextlib
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from bench import production
from bench.fanout.connection import Connection
from bench.fanout.crowd import Crowd
from bench.fanout.gauge import Gauge, open_many_files
from bench.fanout.talk import Writers
from bench.fanout.wire import V2, Step
from harness.site import Site


class Stack(NamedTuple):
    """What is measured."""

    name: str
    is_postgresql: bool
    processes: int
    #: Whether each process has a room of its own.
    apart: bool = False


STACKS = (
    Stack("SQLite, one process", False, 1),
    Stack("PostgreSQL, one process", True, 1),
    Stack("PostgreSQL, two processes, a room each", True, 2, apart=True),
    Stack("PostgreSQL, two processes, one room", True, 2),
)


class RoomDialect(V2):
    """v2 in one room that is not the lobby."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self.room = room

    def way_in(self, name: str) -> list[Step]:
        steps = super().way_in(name)
        steps[1] = steps[1]._replace(answer=self.frame({"name": name, "v": 2, "rooms": {self.room: {}}}))
        return steps

    def message(self, text: str, ref: str) -> bytes:
        return self.frame({"type": "message", "message": text, "ref": ref, "room": self.room})


class Writing(Crowd):
    """Writers who are spread over several servers, each server with its room."""

    def __init__(self, places: list[tuple[int, RoomDialect]]) -> None:
        super().__init__(places[0][0], places[0][1])
        self._places = places
        self._dialects: dict[str, RoomDialect] = {}

    def come(self, count: int) -> None:
        """Have so many come in, one after the other."""
        while len(self) < count:
            self.port, self.dialect = self._places[len(self) % len(self._places)]
            self._connect()
            here = len(self)
            while len(self) == here:
                self.turn()
            self._dialects[self.listeners[-1].name] = self.dialect
        self.rest(1.5)

    def say(self, connection: Connection, text: str, ref: str) -> None:
        self._send(connection, self._dialects[connection.name].message(text, ref))


@contextlib.contextmanager
def served(stack: Stack) -> Iterator[list[Site]]:
    """The servers of a stack, on an empty database."""
    with contextlib.ExitStack() as stop:
        environment = {**production.environment(), "SECRET_KEY": secrets.token_urlsafe(50)}
        if stack.is_postgresql:
            environment |= stop.enter_context(production.postgresql_and_redis())
        folders = [
            Path(stop.enter_context(tempfile.TemporaryDirectory())) for _process in range(stack.processes)
        ]
        sites = [Site(folder, **environment) for folder in folders]
        sites[0].manage("migrate")
        sites[0].manage(
            "shell",
            "-c",
            "from chat.models import Room\nfor n in 'ab': Room.objects.create(slug=n, title=n)",
        )
        for site in sites:
            stop.enter_context(site.served_by("serve"))
        yield sites


def measured(stack: Stack, wanted: argparse.Namespace) -> tuple[float, float]:
    """Messages stored a second, and seconds of CPU of the servers for each."""
    with served(stack) as sites:
        places = [
            (site.port, RoomDialect("ab"[number if stack.apart else 0]))
            for number, site in enumerate(sites)
        ]
        crowd = Writing(places)
        with contextlib.closing(crowd):
            crowd.come(wanted.writers)
            writers = Writers(crowd, wanted.in_flight)
            gauges = [Gauge(site.process.pid) for site in sites if site.process]
            with crowd.handled_by(writers):
                writers.start()
                crowd.rest(1)
                before, cpu, began = writers.acked, sum(gauge.cpu() for gauge in gauges), time.monotonic()
                crowd.rest(wanted.seconds)
                count = writers.acked - before
                rate = count / (time.monotonic() - began)
                cpu = sum(gauge.cpu() for gauge in gauges) - cpu
                writers.is_over = True
                crowd.rest(1)
    return rate, cpu / max(1, count)


def main() -> int:
    """Measure, and print."""
    wanted = _arguments()
    open_many_files()
    stacks = [stack for stack in STACKS if wanted.only in stack.name]
    rates: dict[str, list[float]] = {stack.name: [] for stack in stacks}
    costs: dict[str, list[float]] = {stack.name: [] for stack in stacks}
    for _round in range(wanted.rounds):
        for stack in stacks:
            rate, cost = measured(stack, wanted)
            rates[stack.name].append(rate)
            costs[stack.name].append(cost)
            sys.stderr.write(f"{stack.name}: {rate:.0f} a second, {cost * 1e6:.0f} µs\n")
    base = statistics.median(next(iter(rates.values())))
    for name, found in rates.items():
        rate, cost = statistics.median(found), statistics.median(costs[name])
        sys.stdout.write(f"{name:40} {rate:7.0f}/s {rate / base:5.2f}  {cost * 1e6:5.0f} µs CPU\n")
    return 0


def _arguments() -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m bench.throughput", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--in-flight", type=int, default=4, help="messages of each writer under way")
    parser.add_argument("--only", default="", help="stacks whose name has this in it")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
