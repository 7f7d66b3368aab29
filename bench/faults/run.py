"""A run of one recipe: what came of it, and which promises it broke."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import uvloop

from bench.faults.recipe import Promise, Recipe, Scene
from bench.ledger import report
from bench.ledger.healing import percentile
from bench.ledger.run import Run
from bench.ledger.stack import Stack
from harness import services
from harness.services import Redis

#: What no recipe may bring about: the word of the ledger for it.
WRONG = ("lost", "doubled", "out of order", "wrong")

#: How much of a traceback is shown.
_TRACE = 1500


@dataclass(frozen=True)
class Outcome:
    """What came of a recipe. Times are in seconds; None is what there was nothing to measure of."""

    acknowledged: int
    #: How much of it is gone because the database was put back to before, as it must be.
    undone: int
    #: How often anything was wrong, by its word.
    wrong: Mapping[str, int]
    #: How many changes were refused for now (`internal`), and the p99 of how long they waited for that.
    refused: int
    refused_in: float | None
    silence: float
    healed_p50: float | None
    healed_p99: float | None
    lag: float | None
    log_lines: int
    tracebacks: int
    #: How many processes had to be killed, because they did not end.
    overdue: int
    #: What was wrong first, and where the whole history is.
    examples: Sequence[str]

    def broken(self, promise: Promise) -> list[str]:
        """What was promised and is not so."""
        limits = [
            ("healed p99", self.healed_p99, promise.heals_in),
            ("longest without an ack", self.silence, promise.silence),
            ("refused p99", self.refused_in, promise.refused_in),
            ("told late p90", self.lag, promise.lag),
        ]
        return [
            *(f"{count} {word}" for word, count in self.wrong.items() if count),
            *(f"{name} {value:.2f} s" for name, value, most in limits if (value or 0) > (most or 1e9)),
            *([f"{self.tracebacks} tracebacks"] if self.tracebacks else []),
            *([f"{self.overdue} processes did not end"] if self.overdue else []),
            *(["nothing was acknowledged"] if not self.acknowledged else []),
        ]


def carry_out(recipe: Recipe, seed: int, environment: Mapping[str, str], **plan: Any) -> Outcome:
    """Carry out a recipe, with what `plan` has otherwise. Raises what keeps it from coming to its end."""
    shape = replace(recipe.shape, environment=environment)
    plan_of_all = replace(recipe.plan, seed=seed, **plan)
    with contextlib.ExitStack() as cleaning:
        folders = [Path(cleaning.enter_context(services.home())) for _ in range(recipe.sites)]
        shared = cleaning.enter_context(_shared_redis()) if recipe.sites > 1 else None
        runs = [
            Run(
                replace(plan_of_all, prefix=f"{number}-" if shared else ""),
                Stack(folder, shape, seed, shared),
            )
            for number, folder in enumerate(folders)
        ]
        _run(_through(recipe, runs))
        return _outcome(runs)


@contextlib.contextmanager
def _shared_redis() -> Iterator[Redis]:
    with services.home() as home, Redis(home) as redis:
        assert isinstance(redis, Redis)
        yield redis


def _run(going: Coroutine[Any, Any, None]) -> None:
    """Run it on the loop of libuv: the clients have to cost less than what they are clients of."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(going)


async def _through(recipe: Recipe, runs: Sequence[Run]) -> None:
    scene, start = Scene(*runs), asyncio.Barrier(len(runs))
    async with asyncio.TaskGroup() as going:
        for run in runs:
            trouble = (lambda: recipe.strike(scene)) if run is scene.run else None
            going.create_task(run.through(trouble, start))


def _outcome(runs: Sequence[Run]) -> Outcome:
    journals = [run.journal for run in runs]
    logs = [run.stack.log for run in runs]
    times = [seconds for run in runs for seconds in run.healing.times]
    refused = [seconds for journal in journals for seconds in journal.refused_after]
    lags = [lag for run in runs for lag in run.lags]
    wrong = {word: sum(journal.counts[word] for journal in journals) for word in WRONG}
    examples = [f"{word}: {what[:300]}" for journal in journals for word, what in journal.violations[:5]]
    tracebacks = [f"log: Traceback{trace[:_TRACE]}" for log in logs for trace in log.split("Traceback")[1:]]
    if examples or tracebacks:
        examples += [*tracebacks[:3], *(f"the history is in {report.save(run)}" for run in runs)]
    return Outcome(
        acknowledged=sum(len(journal.acked) for journal in journals),
        undone=sum(journal.undone for journal in journals),
        wrong=wrong,
        refused=sum(journal.counts["refused"] for journal in journals),
        refused_in=percentile(refused, 0.99) if refused else None,
        silence=max(_silence(run) for run in runs),
        healed_p50=percentile(times, 0.5) if times else None,
        healed_p99=percentile(times, 0.99) if times else None,
        lag=percentile(lags, 0.9) if lags else None,
        log_lines=sum(log.count("\n") for log in logs),
        tracebacks=len(tracebacks),
        overdue=sum(server.overdue for run in runs for server in run.stack.servers),
        examples=examples,
    )


def _silence(run: Run) -> float:
    """The longest time of the talk in which nothing was acknowledged."""
    acks = [at for at in run.journal.acked_at if run.began < at < run.ended]
    return max(after - before for before, after in pairwise([run.began, *acks, run.ended]))
