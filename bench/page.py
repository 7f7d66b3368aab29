"""The page: docs/BENCHMARKS.md from the results, and the short table of a quick run."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from bench.goals import GOALS, KIB, MIB, NEWCOMERS, ROOM, Goal, cpu
from bench.results import Figure, Key, Measure, Results

_TEMPLATE = Path(__file__).with_name("page.md")
_MICRO, _MILLI = 1e-6, 1e-3
_NONE = "–"


def full(results: Results, plot_name: str, json_name: str) -> str:
    """The whole page."""
    return Template(_TEMPLATE.read_text()).substitute(
        plot_name=plot_name,
        json_name=json_name,
        room=ROOM,
        newcomers=NEWCOMERS,
        goals=goals_table(results),
        failures=_failures(results),
        deliveries=_deliveries(results),
        busy=_busy(results),
        rooms=_rooms(results),
        latency=_latency(results),
        newcomers_table=_newcomers(results),
        storing=_storing(results),
        stalling=_stalling(results),
        machine=_table(["machine", ""], results.facts.items()),
        versions=_table(["version", ""], results.versions.items()),
    )


def quick(results: Results) -> str:
    """What a quick run found out."""
    told = _deliveries(results) + _busy(results) + "\n" + goals_table(results, only_measured=True)
    return told + _failures(results)


def goals_table(results: Results, *, only_measured: bool = False) -> str:
    """Each goal, what was measured, and whether it is met."""
    rows = [
        [goal.what, _limit(goal), _measured(goal, results), _verdict(goal, results)]
        for goal in GOALS
        if not only_measured or goal.measured(results)
    ]
    return _table(["measure", "goal", "measured", "met"], rows)


def _limit(goal: Goal) -> str:
    return f"{goal.sign} {goal.limit:g} {goal.unit}".strip()


def _measured(goal: Goal, results: Results) -> str:
    figure = goal.measured(results)
    if figure is None:
        return "not measured"
    if goal.sign == "=":
        # The worst run counts here, however many were right.
        return f"{max(figure, key=lambda value: abs(value - goal.limit)):.9g}"
    return f"{_show(figure)} {goal.unit}".strip()


def _verdict(goal: Goal, results: Results) -> str:
    return {True: "yes", False: "**not met**", None: _NONE}[goal.is_met(results)]


def _failures(results: Results) -> str:
    if not results.failures:
        return ""
    lines = [f"- {' '.join(failure.split())}" for failure in results.failures]
    return "\n" + "\n".join(
        ["**Runs that failed**, and are in no table but as a reach of 0:", "", *lines, ""]
    )


def _deliveries(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        for in_flight in (4, 32):
            found = [
                results.figure(Key(contender, measure, ROOM, in_flight))
                for measure in (Measure.CPU, Measure.OWN_CPU, Measure.RATE, Measure.REACH)
            ]
            if found[0] is not None:
                spent, load, rate, reach = found
                against = results.ratio(cpu(contender, in_flight), cpu("seed", in_flight))
                costs = [_show(spent, _MICRO), _show(against), _show(rate, digits=0)]
                rows.append([title, str(in_flight), *costs, _worst(reach), _show(load, _MICRO)])
    head = [
        f"{ROOM} listeners",
        "in flight",
        "CPU, µs",
        "/ seed",
        "deliveries a second",
        "reach",
        "load, µs",
    ]
    return _table(head, rows)


def _busy(results: Results) -> str:
    """Where the load cost more than the server, which must not go unsaid."""
    busy = [
        f"{results.titles[sample.contender]} ({sample.listeners} listeners, {sample.in_flight} in flight)"
        for sample in results.samples
        if sample.measure is Measure.OWN_CPU
        and sample.value
        > results.values(sample.key._replace(measure=Measure.CPU)).get(sample.repetition, 0.0)
    ]
    if not busy:
        return "\nThe load cost less than the server in every run.\n"
    runs = ", ".join(dict.fromkeys(busy))
    return f"\nThe load cost more than the server, so that rates are too low: {runs}.\n"


def _rooms(results: Results) -> str:
    rooms = results.rooms()
    rows = []
    for contender, title in results.titles.items():
        for in_flight in (4, 32):
            cells = [_show(results.figure(cpu(contender, in_flight, room)), _MICRO) for room in rooms]
            if sum(cell != _NONE for cell in cells) > 1:
                rows.append([title, str(in_flight), *cells])
    return _table(["listeners", "in flight", *map(str, rooms)], rows)


def _latency(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        median = results.figure(Key(contender, Measure.LATENCY, ROOM))
        late = results.figure(Key(contender, Measure.LATENCY_P99, ROOM))
        if median:
            rows.append([title, _show(median, _MILLI), _show(late, _MILLI)])
    return _table(["", "p50, ms", "p99, ms"], rows)


def _newcomers(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        spent, wall, memory = (
            results.figure(Key(contender, measure, NEWCOMERS))
            for measure in (Measure.NEWCOMERS_CPU, Measure.NEWCOMERS_WALL, Measure.NEWCOMER_MEMORY)
        )
        if spent:
            rows.append(
                [title, _show(spent), _show(wall), _show(spent, NEWCOMERS * _MILLI), _show(memory, KIB)]
            )
    return _table(["", "CPU, s", "clock, s", "CPU of each, ms", "memory of each, KiB"], rows)


def _storing(results: Results) -> str:
    rate = results.figure(Key("ours-v2", Measure.STORED_RATE, 50, 20))
    share = results.figure(Key("ours-v2", Measure.STORED_SHARE, 50, 20))
    if rate is None or share is None:
        return "How many messages a second are stored was not measured.\n"
    return (
        f"50 writers in v2, each with 20 messages that are not acknowledged yet: {_show(rate, digits=0)}"
        f" messages a second, each told to all 50. Stored divided by acknowledged: {_worst(share)}.\n"
    )


def _stalling(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        told, growth, stood = (
            results.figure(Key(contender, measure))
            for measure in (Measure.STALL_TOLD, Measure.STALL_GROWTH, Measure.STALL_STOOD)
        )
        if told and stood:
            went_on = "no" if stood.high else "yes"
            rows.append([title, _show(told, MIB), _show(growth, MIB), went_on])
    return _table(["one reader stalled", "told, MiB", "grown, MiB", "the others went on"], rows)


def _show(figure: Figure | None, unit: float = 1, digits: int | None = None) -> str:
    """A figure in `unit`s: the median, and the range where there is one."""
    if figure is None:
        return _NONE
    median, low, high = (_number(value / unit, digits) for value in figure)
    return median if low == high else f"{median} ({low} – {high})"


def _number(value: float, digits: int | None) -> str:
    if digits is None:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


def _worst(figure: Figure | None) -> str:
    """A share that should be 1, at its farthest from that; nothing is rounded up to it."""
    if figure is None:
        return _NONE
    worst = max(figure, key=lambda share: abs(share - 1))
    return "1" if worst == 1 else f"**{worst:.9g}**"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
