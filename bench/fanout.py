"""The benchmark: the command line, and which contender is measured when.

`python -m bench.fanout` measures everything and writes docs/BENCHMARKS.md with its plot and raw numbers;
with `--quick`, or where only a part is measured, it prints a table.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import contenders, gauge, machine, page, plot, stages
from bench.contenders import Contender
from bench.gauge import Theft
from bench.goals import LARGE, MIB, ROOM, SMALL, TINY
from bench.load import Failed
from bench.results import Key, Measure, Results
from bench.stages import Stage, Uneven
from harness.site import TOP

JSON, PAGE, PLOT = (TOP / "docs" / name for name in ("benchmarks.json", "BENCHMARKS.md", "benchmarks.png"))

#: Those whose costs are compared stand next to each other.
_ALL = ("stock", "daphne", "uvicorn", "ours-v2", "seed", "ours-v1", "ws", "socketio")
_small_to_large = stages.deliveries(TINY, SMALL, 400, LARGE, warm_up=0.5, seconds=1.5)
FULL: tuple[Stage, ...] = (
    Stage(
        f"deliveries in a room of {ROOM}, 3 s each",
        _ALL,
        stages.deliveries(ROOM, warm_up=0.5, seconds=3),
        times=3,
    ),
    Stage("latency, 20 s", ("ours-v2", "seed", "ours-v1", "ws"), stages.latency(seconds=20), times=2),
    Stage("deliveries in other rooms, 1.5 s each", ("ours-v1",), _small_to_large, times=2),
    Stage("deliveries in other rooms, 1.5 s each", ("ours-v2", "seed", "ws"), _small_to_large),
    Stage(
        f"deliveries in other rooms, 1.5 s each; not of {TINY}",
        ("daphne", "uvicorn", "socketio"),
        stages.deliveries(SMALL, 400, LARGE, warm_up=0.5, seconds=1.5),
    ),
    # 1600 who come in are told of each other 1.3 million times, for which stock needs ten minutes.
    Stage(
        f"deliveries in other rooms, 1.5 s each; not of {TINY} or {LARGE}",
        ("stock",),
        stages.deliveries(SMALL, 400, warm_up=0.5, seconds=1.5),
    ),
    Stage("newcomers", ("ours-v1", "ours-told", "seed"), stages.newcomers, times=2),
    Stage("newcomers", ("ws", "socketio"), stages.newcomers),
    Stage("storing", ("ours-v2",), stages.storing, times=2),
    Stage("a stalled reader", ("ours-v2",), stages.stall(200 * MIB)),
    Stage("a stalled reader", ("seed",), stages.stall(50 * MIB)),
)
QUICK: tuple[Stage, ...] = (
    Stage(
        f"deliveries in a room of {ROOM}",
        ("ours-v1", "seed", "ours-v2"),
        stages.deliveries(ROOM, warm_up=0.3, seconds=1.5),
    ),
)


class Bench:
    """A run of the benchmark: these stages, with those who take part."""

    def __init__(self, plan: Sequence[Stage], taking_part: Sequence[Contender]) -> None:
        self.plan = plan
        self.taking_part = {one.key: one for one in taking_part}
        self.results = Results(titles={one.key: one.title for one in taking_part})
        self._cores = gauge.cores()

    def run(self) -> Results:
        """Measure everything, stage by stage, and that as often as the stages say."""
        titles = self.results.titles
        for stage in self.plan:
            if who := " · ".join(titles[key] for key in stage.who if key in titles):
                self.results.stages.append((stage.what, who, stage.times))
        with gauge.on_core(self._cores[1]):
            for repetition in range(max(stage.times for stage in self.plan)):
                for stage in self.plan:
                    if repetition < stage.times:
                        self._go_through(stage, repetition)
        return self.results

    def _go_through(self, stage: Stage, repetition: int) -> None:
        """Forwards and backwards in turn, so that a machine that gets slower is fair to all."""
        for key in stage.who if repetition % 2 == 0 else reversed(stage.who):
            if key in self.taking_part:
                self._take(stage, self.taking_part[key], repetition)

    def _take(self, stage: Stage, contender: Contender, repetition: int) -> None:
        """Start a contender for one stage. What fails is told, and the others go on."""
        _tell(f"{repetition + 1}/{stage.times}  {contender.title}: {stage.what}")

        def keep(measure: Measure, value: float, listeners: int = 0, in_flight: int = 0) -> None:
            self.results.add(Key(contender.key, measure, listeners, in_flight), repetition, value)

        theft = Theft(self._cores)
        try:
            with (
                tempfile.TemporaryDirectory() as home,
                contenders.running(contender, Path(home), self._cores[0]) as running,
            ):
                stage.measure(running, keep)
        except (Failed, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sentence = f"{contender.title}, {stage.what}, repetition {repetition + 1}: {error}"
            _tell(f"FAILED  {sentence}")
            self.results.failures.append(sentence)
            if not isinstance(error, Uneven):
                keep(Measure.REACH, 0.0)
        keep(Measure.STOLEN, theft.share())


def main() -> int:
    """Measure, or take what was measured, and tell it; 1 where a run has failed."""
    options = _options()
    results = Results.load(options.kept) if options.kept else _measure(options)
    if results.is_whole:
        _publish(results)
        sys.stdout.write(page.goals_table(results))
    else:
        sys.stdout.write(page.short(results))
    return 1 if results.failures else 0


def _publish(results: Results) -> None:
    results.save(JSON)
    plot.draw(results, PLOT)
    PAGE.write_text(page.full(results, PLOT.name, JSON.name))


def _measure(options: argparse.Namespace) -> Results:
    gauge.open_many_files()
    plan, most = (QUICK if options.quick else FULL), options.repetitions
    if most:
        plan = tuple(replace(stage, times=min(stage.times, most)) for stage in plan)
    known = contenders.contenders(options.server)
    taking_part = [
        one
        for one in known
        if (not one.needs_node or contenders.has_node()) and (not options.only or one.key in options.only)
    ]
    facts = {
        "Measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Our server": options.server,
        **machine.facts(),
    }
    start = time.monotonic()
    results = Bench(plan, taking_part).run()
    facts["Took"] = f"{(time.monotonic() - start) / 60:.1f} minutes"
    results.facts, results.versions = facts, contenders.versions()
    is_all = plan == FULL and len(taking_part) == len(known) and options.server == "serve"
    results.is_whole = is_all and not results.failures
    if not options.quick and not results.is_whole:
        kept = Path(tempfile.mkdtemp(prefix="benchmarks-")) / JSON.name
        results.save(kept)
        _tell(f"Not all was measured, or something failed: docs/ stays as it is, the numbers are in {kept}")
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look")
    parser.add_argument(
        "--server", choices=["serve", "daphne", "uvicorn"], default="serve", help="what serves our chat"
    )
    parser.add_argument("--repetitions", type=int, help="how often each is measured at most")
    parser.add_argument("--only", type=lambda text: text.split(","), help="keys of contenders, with commas")
    parser.add_argument(
        "--from", dest="kept", type=Path, metavar="JSON", help="make the page from kept numbers"
    )
    return parser.parse_args()


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
