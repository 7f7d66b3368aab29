"""The benchmark: the command line, and which contender is measured when.

`python -m bench.fanout` measures everything and writes docs/BENCHMARKS.md with its plot and raw numbers;
with `--quick` it measures a little and prints a table.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import contenders, gauge, machine, measures, page, plot
from bench.contenders import Contender, Running
from bench.database import Database
from bench.goals import LARGE, NEWCOMERS, ROOM, SMALL
from bench.load import Crowd, Failed
from bench.results import Key, Measure, Results
from bench.wire import Dialect
from tests.site import TOP

JSON, PAGE, PLOT = (TOP / "docs" / name for name in ("benchmarks.json", "BENCHMARKS.md", "benchmarks.png"))
Stage = Callable[[Running], None]


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    repetitions: int
    #: The rooms of a contender, from small to large, by its key; no others take part.
    rooms: dict[str, tuple[int, ...]]
    #: Who is measured in all of them again in each repetition; the others are in the one of 200.
    rooms_again: tuple[str, ...] = ()
    in_flight: dict[str, tuple[int, ...]] = field(default_factory=dict)
    warm_up: float = 0.5
    seconds: float = 3.0
    #: Seconds of latency, at 10 messages a second.
    latency: float = 6.0
    #: Who lets newcomers in, and who does so in the first repetition alone.
    newcomers: tuple[str, ...] = ()
    newcomers_once: tuple[str, ...] = ()
    storing: tuple[str, ...] = ()
    #: Who has a stalled reader, in the first repetition alone, and how many bytes are told past it.
    stalls: dict[str, int] = field(default_factory=dict)


_FOUR = (SMALL, ROOM, 400, LARGE)
FULL = Plan(
    repetitions=3,
    rooms={
        "ours-v1": _FOUR,
        "seed": _FOUR,
        "ours-v2": _FOUR,
        "ws": _FOUR,
        "daphne": (ROOM,),
        "uvicorn": (ROOM,),
        "socketio": (ROOM,),
        "stock": (ROOM,),
    },
    rooms_again=("ours-v1",),
    newcomers=("ours-v1", "seed"),
    newcomers_once=("ws", "socketio"),
    storing=("ours-v2",),
    stalls={"ours-v2": 200 * measures.MIB, "seed": 50 * measures.MIB},
)
QUICK = Plan(
    repetitions=1,
    rooms={"ours-v1": (ROOM,), "seed": (ROOM,), "ours-v2": (ROOM,)},
    in_flight={"ours-v2": (32,)},
    warm_up=0.3,
    seconds=1.5,
    latency=0,
)


class Bench:
    """A run of the benchmark by a plan."""

    def __init__(self, plan: Plan, taking_part: list[Contender]) -> None:
        self.plan = plan
        self.taking_part = taking_part
        self.results = Results(titles={one.key: one.title for one in taking_part})
        self._core, _own = gauge.cores()
        self._repetition = 0

    def run(self) -> Results:
        """Measure everything: the contenders in turn, and that as often as the plan says."""
        plan = self.plan
        for self._repetition in range(plan.repetitions):
            self._each("rooms", self._rooms, plan.rooms)
            self._each("newcomers", self._newcomers, plan.newcomers)
            self._each("storing", self._storing, plan.storing)
            if self._repetition == 0:
                self._each("newcomers", self._newcomers, plan.newcomers_once)
                self._each("stalled reader", self._stall, plan.stalls)
        return self.results

    def _each(self, what: str, stage: Stage, keys: Iterable[str]) -> None:
        for key in keys:
            for contender in self.taking_part:
                if contender.key == key:
                    self._take(what, stage, contender)

    def _take(self, what: str, stage: Stage, contender: Contender) -> None:
        """Start a contender for one stage. What fails is told, and the others go on."""
        _tell(f"{self._repetition + 1}/{self.plan.repetitions}  {contender.title}: {what}")
        try:
            with (
                tempfile.TemporaryDirectory() as home,
                contenders.running(contender, Path(home), self._core) as running,
            ):
                stage(running)
        except (Failed, RuntimeError, OSError) as error:
            self._fail(contender, what, error)

    def _fail(self, contender: Contender, what: str, error: Exception) -> None:
        sentence = f"{contender.title}, {what}, repetition {self._repetition + 1}: {error}"
        _tell(f"FAILED  {sentence}")
        self.results.failures.append(sentence)
        self._keep(Key(contender.key, Measure.REACH), 0.0)

    def _keep(self, key: Key, value: float) -> None:
        self.results.add(key, self._repetition, value)

    # The stages

    def _rooms(self, running: Running) -> None:
        """A room that grows, and messages to it."""
        contender = running.contender
        is_once = self._repetition > 0 and contender.key not in self.plan.rooms_again
        crowd = Crowd(running.port, contender.dialect)
        try:
            for size in (ROOM,) if is_once else self.plan.rooms[contender.key]:
                crowd.grow(size)
                measures.settle(crowd, running.gauge, 5)
                for in_flight in self.plan.in_flight.get(contender.key, (4, 32)):
                    self._fan_out(running, crowd, in_flight)
                if size == ROOM and self.plan.latency:
                    self._latency(contender.key, crowd)
        finally:
            crowd.close()

    def _fan_out(self, running: Running, crowd: Crowd, in_flight: int) -> None:
        found = measures.fan_out(crowd, running.gauge, in_flight, self.plan.warm_up, self.plan.seconds)
        for measure, value in (
            (Measure.CPU, found.cpu),
            (Measure.OWN_CPU, found.own_cpu),
            (Measure.RATE, found.rate),
            (Measure.REACH, found.reach),
        ):
            self._keep(Key(running.contender.key, measure, len(crowd), in_flight), value)
        if found.reach != 1:
            raise Failed(f"reach {found.reach:.6f} with {len(crowd)} listeners, {in_flight} in flight")

    def _latency(self, contender: str, crowd: Crowd) -> None:
        found = measures.latency(crowd, 10, self.plan.latency)
        self._keep(Key(contender, Measure.LATENCY, ROOM), found.median)
        self._keep(Key(contender, Measure.LATENCY_P99, ROOM), found.p99)
        self._keep(Key(contender, Measure.REACH, ROOM), found.reach)
        if found.reach != 1:
            raise Failed(f"reach {found.reach:.6f} at 10 messages a second")

    def _newcomers(self, running: Running) -> None:
        crowd = Crowd(running.port, running.contender.dialect)
        try:
            found = measures.newcomers(crowd, running.gauge, NEWCOMERS, warm_up=100)
        finally:
            crowd.close()
        for measure, value in (
            (Measure.NEWCOMERS_CPU, found.cpu),
            (Measure.NEWCOMERS_WALL, found.wall),
            (Measure.NEWCOMER_MEMORY, found.memory),
        ):
            self._keep(Key(running.contender.key, measure, NEWCOMERS), value)

    def _storing(self, running: Running) -> None:
        crowd = Crowd(running.port, running.contender.dialect)
        try:
            crowd.grow(50)
            found = measures.storing(crowd, 20, self.plan.warm_up, self.plan.seconds)
        finally:
            crowd.close()
        database = Database(running.home / "db.sqlite3")
        mark = found.marker.bytes.decode()
        stored = sum(mark in (row.text or "") for row in database.messages())
        database.close()
        self._keep(Key(running.contender.key, Measure.STORED_RATE, 50, 20), found.rate)
        self._keep(Key(running.contender.key, Measure.STORED_SHARE, 50, 20), stored / found.acked)

    def _stall(self, running: Running) -> None:
        key = running.contender.key
        crowd = Crowd(running.port, running.contender.dialect)
        try:
            crowd.grow(4)
            found = measures.stall(crowd, Dialect(), running.gauge, self.plan.stalls[key], seconds=240)
        finally:
            crowd.close()
        self._keep(Key(key, Measure.STALL_TOLD), found.told)
        self._keep(Key(key, Measure.STALL_GROWTH), found.growth)
        self._keep(Key(key, Measure.STALL_STOOD), float(found.stood_still))
        if running.contender.is_ours:
            self._keep(Key(key, Measure.REACH), found.reach)
            if found.stood_still:
                raise Failed(f"the room stood still after {found.told / measures.MIB:.0f} MiB")


def main() -> int:
    """Measure, or take what was measured, and tell it; 1 where a run has failed."""
    options = _options()
    results = Results.load(options.kept) if options.kept else _measure(options)
    if options.quick:
        sys.stdout.write(page.quick(results))
    else:
        if not options.kept:
            results.save(JSON)
        plot.draw(results, PLOT)
        PAGE.write_text(page.full(results, PLOT.name, JSON.name))
        sys.stdout.write(page.goals_table(results))
    return 1 if results.failures else 0


def _measure(options: argparse.Namespace) -> Results:
    gauge.open_many_files()
    plan = QUICK if options.quick else FULL
    known = contenders.contenders(options.server)
    taking_part = [
        one
        for one in known
        if (not one.needs_node or contenders.has_node()) and (not options.only or one.key in options.only)
    ]
    if options.repetitions:
        plan = Plan(**{**vars(plan), "repetitions": options.repetitions})
    bench = Bench(plan, taking_part)
    facts = {
        "Measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Our server": options.server,
        "Repetitions": str(plan.repetitions),
        "Steady seconds": f"{plan.seconds:g}",
        **machine.facts(),
    }
    if not contenders.has_node():
        facts["Left out"] = "Node ws and socket.io: there is no node or npm on this machine"
    start = time.monotonic()
    with gauge.on_core(gauge.cores()[1]):
        results = bench.run()
    facts["Took"] = f"{(time.monotonic() - start) / 60:.1f} minutes"
    results.facts, results.versions = facts, contenders.versions()
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look; writes nothing")
    parser.add_argument(
        "--server", choices=["serve", "daphne", "uvicorn"], default="serve", help="what serves our chat"
    )
    parser.add_argument("--repetitions", type=int, help="how often each is measured")
    parser.add_argument("--only", type=lambda text: text.split(","), help="keys of contenders, with commas")
    parser.add_argument(
        "--from", dest="kept", type=Path, metavar="JSON", help="make the page from kept numbers"
    )
    return parser.parse_args()


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
