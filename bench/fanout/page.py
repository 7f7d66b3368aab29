"""The page: docs/BENCHMARKS.md from the results, and a short table."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from bench.fanout.goals import (
    GOALS,
    IN_FLIGHT,
    KIB,
    LARGE,
    MIB,
    NEWCOMERS,
    ROOM,
    TINY,
    WINDOW,
    WRITERS,
    Goal,
    cpu,
)
from bench.fanout.results import Figure, Key, Measure, Results

_TEMPLATE = Path(__file__).with_name("page.md")
_MICRO, _MILLI = 1e-6, 1e-3
_NONE = "–"


def full(results: Results, plot_name: str, json_name: str) -> str:
    """The whole page."""
    return Template(_TEMPLATE.read_text()).substitute(
        plot_name=plot_name,
        json_name=json_name,
        room=ROOM,
        large=LARGE,
        tiny=TINY,
        newcomers=NEWCOMERS,
        goals=goals_table(results),
        failures=_failures(results),
        deliveries=_deliveries(results),
        busy=_busy(results),
        rooms=_rooms(results),
        latency=_latency(results),
        messages=_latency_messages(results),
        newcomers_table=_newcomers(results),
        storing=_storing(results),
        stalling=_stalling(results),
        stolen=_stolen(results),
        stages=_table(
            ["measured", "of", "times"], [[*names, str(times)] for *names, times in results.stages]
        ),
        machine=_table(["machine", ""], results.facts.items()),
        versions=_table(["version", ""], results.versions.items()),
    )


def short(results: Results) -> str:
    """What a quick run found out, or a part of a whole one."""
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
    told = (
        "**Runs that failed.** Nothing of them is in any table but the reach that fell short of 1 or went"
        " beyond it, or a reach of 0 where nothing could be counted. What the same server had done before"
        " in other rooms stays."
    )
    return "\n".join(["", told, "", *lines, ""])


def _deliveries(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        for in_flight in IN_FLIGHT:
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
        for in_flight in IN_FLIGHT:
            cells = [_show(results.figure(cpu(contender, in_flight, room)), _MICRO) for room in rooms]
            if sum(cell != _NONE for cell in cells) > 1:
                rows.append([title, str(in_flight), *cells])
    return _table(["listeners", "in flight", *map(str, rooms)], rows)


def _latency(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        median, late, spent = (
            results.figure(Key(contender, measure, ROOM))
            for measure in (Measure.LATENCY, Measure.LATENCY_P99, Measure.LATENCY_CPU)
        )
        if median:
            against = results.ratio(
                Key(contender, Measure.LATENCY_CPU, ROOM), Key("seed", Measure.LATENCY_CPU, ROOM)
            )
            times = [_show(median, _MILLI), _show(late, _MILLI)]
            rows.append([title, *times, _show(spent, _MICRO), _show(against)])
    return _table(["", "p50, ms", "p99, ms", "CPU of a delivery, µs", "/ seed"], rows)


def _latency_messages(results: Results) -> str:
    """Over how many messages a repetition has taken latencies, at least."""
    counts = [sample.value for sample in results.samples if sample.measure is Measure.LATENCY_MESSAGES]
    return f"{min(counts, default=0):.0f}"


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
    rate = results.figure(Key("ours-v2", Measure.STORED_RATE, WRITERS, WINDOW))
    share = results.figure(Key("ours-v2", Measure.STORED_SHARE, WRITERS, WINDOW))
    if rate is None or share is None:
        return "How many messages a second are stored was not measured.\n"
    return (
        f"{WRITERS} writers in v2, each with {WINDOW} messages that are not acknowledged yet:"
        f" {_show(rate, digits=0)} messages a second, each told to all {WRITERS}."
        f" Stored divided by acknowledged: {_worst(share)}.\n"
    )


def _stalling(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        told, control, growth, stood = (
            results.figure(Key(contender, measure))
            for measure in (
                Measure.STALL_TOLD,
                Measure.STALL_CONTROL,
                Measure.STALL_GROWTH,
                Measure.STALL_STOOD,
            )
        )
        if told and stood:
            sizes = [_show(size, MIB) for size in (control, told, growth)]
            rows.append([title, *sizes, "no" if stood.high else "yes"])
    head = [
        "",
        "grown while all read, MiB",
        "told past the stalled, MiB",
        "grown, MiB",
        "the others went on",
    ]
    return _table(head, rows)


def _stolen(results: Results) -> str:
    """How much of the time was not this machine's."""
    shares = Figure.of(sample.value for sample in results.samples if sample.measure is Measure.STOLEN)
    if shares is None:
        return "Not measured."
    return f"{shares.median:.1%} in the median run, {shares.high:.1%} in the worst."


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
