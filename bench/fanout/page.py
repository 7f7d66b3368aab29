"""The page: docs/BENCHMARKS.md from the results, and a short table."""

from pathlib import Path
from string import Template

from bench.fanout import twenty
from bench.fanout.goals import (
    FEW_IN_FLIGHT,
    FIVE,
    GOALS,
    IN_FLIGHT,
    KIB,
    LARGE,
    MIB,
    NEWCOMERS,
    ROOM,
    SAID_BEFORE,
    TWENTY,
    WINDOW,
    WRITERS,
    Goal,
    cpu,
    door,
    latency,
)
from bench.fanout.results import Figure, Key, Measure, Results
from bench.fanout.tables import NONE, show, table, worst

_TEMPLATE = Path(__file__).with_name("page.md")
_MICRO, _MILLI = 1e-6, 1e-3


def full(results: Results, plot_name: str, json_name: str) -> str:
    """The whole page."""
    return Template(_TEMPLATE.read_text()).substitute(
        plot_name=plot_name,
        json_name=json_name,
        room=ROOM,
        large=LARGE,
        five=FIVE,
        twenty=TWENTY,
        said_before=SAID_BEFORE,
        twenty_people=twenty.summary(results),
        deliveries_to_five=_deliveries(results, FIVE),
        deliveries_to_twenty=_deliveries(results, TWENTY),
        latency_of_twenty=_latency(results, TWENTY),
        door=_door(results),
        newcomers=NEWCOMERS,
        goals=goals_table(results),
        failures=_failures(results),
        deliveries=_deliveries(results, ROOM),
        busy=_busy(results),
        rooms=_rooms(results),
        latency=_latency(results, ROOM),
        messages=_latency_messages(results, ROOM),
        messages_of_twenty=_latency_messages(results, TWENTY),
        newcomers_table=_newcomers(results),
        storing=_storing(results),
        stalling=_stalling(results),
        stolen=_stolen(results),
        stages=table(
            ["measured", "of", "times"], [[*names, str(times)] for *names, times in results.stages]
        ),
        machine=table(["machine", ""], results.facts.items()),
        versions=table(["version", ""], results.versions.items()),
    )


def short(results: Results) -> str:
    """What a quick run found out, or a part of a whole one."""
    told = [_deliveries(results, room) for room in (FIVE, TWENTY, ROOM) if room in results.rooms()]
    told += [_busy(results), goals_table(results, only_measured=True)]
    return "\n".join(told) + _failures(results)


def goals_table(results: Results, *, only_measured: bool = False) -> str:
    """Each goal, what was measured, and whether it is met."""
    rows = [
        [goal.what, _limit(goal), _measured(goal, results), _verdict(goal, results)]
        for goal in GOALS
        if not only_measured or goal.measured(results)
    ]
    return table(["measure", "goal", "measured", "met"], rows)


def _limit(goal: Goal) -> str:
    return f"{goal.sign} {goal.limit:g} {goal.unit}".strip()


def _measured(goal: Goal, results: Results) -> str:
    figure = goal.measured(results)
    if figure is None:
        return "not measured"
    if goal.sign == "=":
        # The worst run counts here, however many were right.
        return f"{max(figure, key=lambda value: abs(value - goal.limit)):.9g}"
    return f"{show(figure)} {goal.unit}".strip()


def _verdict(goal: Goal, results: Results) -> str:
    return {True: "yes", False: "**not met**", None: NONE}[goal.is_met(results)]


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


def _peer(room: int) -> str:
    """With whom everybody is compared: in small rooms storing is most of what a message costs."""
    return "seed" if room == ROOM else "seed-storing"


def _deliveries(results: Results, room: int) -> str:
    rows = []
    for contender, title in results.titles.items():
        for in_flight in IN_FLIGHT if room == ROOM else FEW_IN_FLIGHT:
            found = [
                results.figure(Key(contender, measure, room, in_flight))
                for measure in (Measure.CPU, Measure.OWN_CPU, Measure.RATE, Measure.REACH)
            ]
            if found[0] is not None:
                spent, load, rate, reach = found
                against = results.ratio(cpu(contender, in_flight, room), cpu(_peer(room), in_flight, room))
                costs = [show(spent, _MICRO), show(against), show(rate, digits=0)]
                rows.append([title, str(in_flight), *costs, worst(reach), show(load, _MICRO)])
    head = [
        f"{room} listeners",
        "in flight",
        "CPU, µs",
        f"/ {_peer(room)}",
        "deliveries a second",
        "reach",
        "load, µs",
    ]
    return table(head, rows)


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
            cells = [show(results.figure(cpu(contender, in_flight, room)), _MICRO) for room in rooms]
            if sum(cell != NONE for cell in cells) > 1:
                rows.append([title, str(in_flight), *cells])
    return table(["listeners", "in flight", *map(str, rooms)], rows)


def _latency(results: Results, room: int) -> str:
    rows = []
    for contender, title in results.titles.items():
        median, late, spent = (
            results.figure(Key(contender, measure, room))
            for measure in (Measure.LATENCY, Measure.LATENCY_P99, Measure.LATENCY_CPU)
        )
        if median:
            against = results.ratio(latency(contender, room), latency(_peer(room), room))
            times = [show(median, _MILLI), show(against), show(late, _MILLI)]
            rows.append([title, *times, show(spent, _MICRO)])
    return table(["", "p50, ms", f"/ {_peer(room)}", "p99, ms", "CPU of a delivery, µs"], rows)


def _latency_messages(results: Results, room: int) -> str:
    """Over how many messages a repetition has taken latencies, at least."""
    wanted = (Measure.LATENCY_MESSAGES, room)
    counts = [sample.value for sample in results.samples if (sample.measure, sample.listeners) == wanted]
    return f"{min(counts, default=0):.0f}"


def _door(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        wall = results.figure(Key(contender, Measure.DOOR_WALL, NEWCOMERS))
        if spent := results.figure(door(contender)):
            against = results.ratio(door(contender), door("door-seed"))
            rows.append([title, show(spent, _MILLI), show(against), show(wall, _MILLI)])
    return table(["", "CPU of each, ms", "/ seed", "clock, ms"], rows)


def _newcomers(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        spent, wall, memory = (
            results.figure(Key(contender, measure, NEWCOMERS))
            for measure in (Measure.NEWCOMERS_CPU, Measure.NEWCOMERS_WALL, Measure.NEWCOMER_MEMORY)
        )
        if spent:
            rows.append(
                [title, show(spent), show(wall), show(spent, NEWCOMERS * _MILLI), show(memory, KIB)]
            )
    return table(["", "CPU, s", "clock, s", "CPU of each, ms", "memory of each, KiB"], rows)


def _storing(results: Results) -> str:
    rows = []
    for contender, title in results.titles.items():
        rate, share = (
            results.figure(Key(contender, measure, WRITERS, WINDOW))
            for measure in (Measure.STORED_RATE, Measure.STORED_SHARE)
        )
        if rate:
            rows.append([title, show(rate, digits=0), worst(share)])
    told = (
        f"{WRITERS} writers in v2, each with {WINDOW} messages that are not acknowledged yet; each message"
        f" is told to all {WRITERS}.\n\n"
    )
    return told + table(["", "stored a second", "stored / acknowledged"], rows)


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
            sizes = [show(size, MIB) for size in (control, told, growth)]
            rows.append([title, *sizes, "no" if stood.high else "yes"])
    head = [
        "",
        "grown while all read, MiB",
        "told past the stalled, MiB",
        "grown, MiB",
        "the others went on",
    ]
    return table(head, rows)


def _stolen(results: Results) -> str:
    """How much of the time was not this machine's."""
    shares = Figure.of(sample.value for sample in results.samples if sample.measure is Measure.STOLEN)
    if shares is None:
        return "Not measured."
    return f"{shares.median:.1%} in the median run, {shares.high:.1%} in the worst."
