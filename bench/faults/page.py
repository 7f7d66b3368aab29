"""The page: docs/RELIABILITY.md from what came of the recipes, and its table alone."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from bench.fanout import machine
from bench.faults.recipe import Promise
from bench.faults.results import Result

_TEMPLATE = Path(__file__).with_name("page.md")
_NONE = "–"


def full(results: Sequence[Result], seconds: float) -> str:
    """The whole page."""
    return Template(_TEMPLATE.read_text()).substitute(
        table=table(results),
        recipes=_lines(["fault", "recipe"], [[f"`{one.recipe.name}`", one.recipe.what] for one in results]),
        count=len(results),
        kept=sum(result.is_kept for result in results),
        minutes=f"{seconds / 60:.0f}",
        acknowledged=sum(result.outcome.acknowledged for result in results if result.outcome),
        machine=_lines(["machine", ""], _machine().items()),
    )


def table(results: Iterable[Result]) -> str:
    """Each recipe, its promise, what was measured, and whether it was kept."""
    head = [
        "fault",
        "promised",
        "acknowledged",
        "lost, doubled, out of order, wrong",
        "refused",
        "longest without an ack",
        "healed p50 / p99",
        "told late",
        "log lines / tracebacks",
        "kept",
    ]
    return _lines(head, [_row(result) for result in results])


def verdict(result: Result) -> str:
    """In a few words."""
    if result.missing:
        return f"not run here: {result.missing}"
    return "**no**: " + ", ".join(result.broken) if result.broken else "yes"


def _machine() -> dict[str, str]:
    # Nothing is pinned to a core here.
    return {**machine.facts(), "Cores": str(len(os.sched_getaffinity(0)))}


def _row(result: Result) -> list[str]:
    outcome = result.outcome
    name, promise = f"`{result.recipe.name}`", _promise(result.recipe.promise)
    if outcome is None:
        return [name, promise, *[_NONE] * 7, verdict(result)]
    undone = f" and {outcome.undone} undone" if outcome.undone else ""
    return [
        name,
        promise,
        f"{outcome.acknowledged}{undone}",
        ", ".join(map(str, outcome.wrong.values())),
        f"{outcome.refused} after {_time(outcome.refused_in)}" if outcome.refused else "0",
        _time(outcome.silence),
        f"{_time(outcome.healed_p50)} / {_time(outcome.healed_p99)}",
        _time(outcome.lag),
        f"{outcome.log_lines} / {outcome.tracebacks}",
        verdict(result),
    ]


def _promise(promise: Promise) -> str:
    parts = [
        f"healed in {promise.heals_in:g} s" if promise.heals_in else "",
        f"an ack every {promise.silence:g} s" if promise.silence else "",
        f"told within {promise.lag:g} s" if promise.lag else "",
    ]
    return ", ".join(part for part in parts if part)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return _NONE
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
