"""The page: docs/GROWTH.md from the results."""

from pathlib import Path
from string import Template

from bench.fanout.results import Figure
from bench.fanout.tables import NONE, show, table
from bench.growth.comeback import MISSED
from bench.growth.results import Results
from bench.growth.rooms import FIVES

_TEMPLATE = Path(__file__).with_name("page.md")
_MICRO, _MILLI, _PERCENT, _KIB = 1e-6, 1e-3, 1e-2, 1024
#: What a message may cost by what it costs the smallest site, and the seconds of CPU until all are back.
GROWTH, COMEBACK = 1.2, 1.0


def full(results: Results) -> str:
    """The whole page."""
    return Template(_TEMPLATE.read_text()).substitute(
        people=results.people,
        missed=MISSED,
        fives=FIVES,
        connections=FIVES * 5,
        goals=_goals(results),
        failures="".join(f"- {failure}\n" for failure in results.failures),
        costs=_costs(results),
        comeback=_comeback(results),
        machine=table(["machine", ""], results.facts.items()),
    )


def _goals(results: Results) -> str:
    rows = [
        [
            f"CPU of a message, {case.title}: / the smallest",
            f"≤ {GROWTH}",
            show(grown),
            _verdict(grown, GROWTH),
        ]
        for case in results.cases()
        if (grown := results.growth(case)) and case != case.smallest
    ]
    spent = results.comeback("cpu")
    rows.append(
        [
            f"CPU until {results.people} are back",
            f"≤ {COMEBACK:g} s",
            f"{show(spent)} s" if spent else "not measured",
            _verdict(spent, COMEBACK),
        ]
    )
    return table(["measure", "goal", "measured", "met"], rows)


def _verdict(figure: Figure | None, limit: float) -> str:
    if figure is None:
        return NONE
    return "yes" if figure.median <= limit else "**not met**"


def _costs(results: Results) -> str:
    rows = [
        [
            case.stack,
            str(case.processes),
            f"{case.rooms:,}",
            f"{case.messages:,}",
            show(results.figure(case, "message"), _MICRO),
            show(results.growth(case)),
            show(results.figure(case, "rate"), digits=0),
            show(results.figure(case, "room"), _KIB),
            show(results.figure(case, "idle"), _PERCENT),
        ]
        for case in results.cases()
    ]
    head = [
        *("", "processes", "rooms", "messages", "CPU of a message, µs", "/ the smallest", "a second"),
        *("memory of a room, KiB", "of a core while nobody speaks, %"),
    ]
    return table(head, rows)


def _comeback(results: Results) -> str:
    cpu, wall = results.comeback("cpu"), results.comeback("wall")
    delays = [show(results.comeback(name), _MILLI) for name in ("before", "first", "during", "slowest")]
    head = [
        *("CPU until all are level, s", "clock, s", "a word before, ms", "the first word, ms"),
        *("the median one, ms", "the slowest, ms"),
    ]
    return table(head, [[show(cpu), show(wall), *delays]])
