"""What a site with twenty people gets: the first table of the page."""

from typing import NamedTuple

from bench.fanout.goals import TWENTY, door
from bench.fanout.results import Key, Measure, Results
from bench.fanout.tables import show, table

_MILLI, _PERCENT, _A_SECOND = 1e-3, 1e-2, 10


class Column(NamedTuple):
    """A server: its title, its key, and its key where newcomers were counted."""

    title: str
    key: str
    door: str


COLUMNS = (
    Column("Ours, SQLite", "limits-v2", "door-limits"),
    Column("Ours, PostgreSQL and Redis", "limits-postgresql", "door-postgresql"),
    Column("The seed, storing", "seed-storing", ""),
    Column("The seed", "seed", "door-seed"),
    Column("Node ws", "ws", "door-ws"),
)


def summary(results: Results) -> str:
    """The table. Where something was not measured it says so."""
    spent = Measure.LATENCY_CPU
    rows = [
        ("from being sent until it is heard, ms: median", Measure.LATENCY, 0, _MILLI),
        ("the same, 99 of 100 within", Measure.LATENCY_P99, 0, _MILLI),
        ("of one core, at ten messages a second, %", spent, 0, _PERCENT / (_A_SECOND * TWENTY)),
        ("messages a second at most, four under way", Measure.RATE, 4, TWENTY),
    ]
    lines = [
        [what, *(show(results.figure(Key(one.key, measure, TWENTY, in_flight)), unit) for one in COLUMNS)]
        for what, measure, in_flight, unit in rows
    ]
    coming = [show(results.figure(door(one.door)), _MILLI) for one in COLUMNS]
    return table(["", *(one.title for one in COLUMNS)], [*lines, ["CPU for one who comes in, ms", *coming]])
