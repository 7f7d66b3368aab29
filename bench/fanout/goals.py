"""The goals: what the numbers of our server have to be, most of them next to those of the peers."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.fanout.results import Figure, Key, Measure, Results

KIB, MIB = 1024, 1024 * 1024
#: The rooms that most sites have.
SMALL_ROOMS = FIVE, TWENTY = 5, 20
#: The room that all servers are compared in, and the smaller and the large one that the goals speak of.
ROOM, SMALL, LARGE = 200, 100, 1600
#: How many messages are not yet heard by everybody, where deliveries are counted: in small rooms, and in
#: the others.
FEW_IN_FLIGHT, IN_FLIGHT = (1, 4), (4, 32)
#: How many come into one room, and what was said there before in the one that tells nobody of them.
NEWCOMERS, SAID_BEFORE = 1000, 30
#: How many write as fast as they can, and how many messages of each are not acknowledged yet.
WRITERS, WINDOW = 50, 20
#: The contenders that are our server, or our chat under another one.
OURS = (
    *("ours-v1", "ours-v2", "ours-told", "daphne", "uvicorn"),
    *("limits-v1", "limits-v2", "postgresql-v1", "postgresql-v2", "limits-postgresql"),
    *("door-v1", "door-v2", "door-reader", "door-limits", "door-postgresql"),
)


@dataclass(frozen=True)
class Goal:
    """One goal: `measured` has to be at most, at least or exactly `limit`, by the sign."""

    what: str
    sign: str
    limit: float
    unit: str
    measured: Callable[[Results], Figure | None]

    def is_met(self, results: Results) -> bool | None:
        """Whether it is; None where it was not measured."""
        figure = self.measured(results)
        if figure is None:
            return None
        if self.sign == "=":
            return figure.low == figure.high == self.limit
        return figure.median <= self.limit if self.sign == "≤" else figure.median >= self.limit


def cpu(contender: str, in_flight: int, listeners: int = ROOM) -> Key:
    """The processor time of a delivery."""
    return Key(contender, Measure.CPU, listeners, in_flight)


def _ratio(over: Key, under: Key) -> Callable[[Results], Figure | None]:
    return lambda results: results.ratio(over, under)


def _growth(contender: str, in_flight: int) -> Callable[[Results], Figure | None]:
    """How much more a delivery costs in the largest room than in the smallest."""
    return _ratio(cpu(contender, in_flight, LARGE), cpu(contender, in_flight, SMALL))


def _plain(contender: str, measure: Measure, unit: float = 1) -> Callable[[Results], Figure | None]:
    def measured(results: Results) -> Figure | None:
        found = [
            sample
            for sample in results.samples
            if (sample.contender, sample.measure) == (contender, measure)
        ]
        return Figure.of(sample.value / unit for sample in found)

    return measured


def _our_reach(results: Results) -> Figure | None:
    """Of every run with our chat; one in which nothing could be counted has a reach of 0."""
    shares = (Measure.REACH, Measure.STORED_SHARE)
    return Figure.of(
        sample.value for sample in results.samples if sample.contender in OURS and sample.measure in shares
    )


def latency(contender: str, listeners: int = ROOM) -> Key:
    """The median time of a message to each of its listeners, when there are ten a second."""
    return Key(contender, Measure.LATENCY, listeners)


def door(contender: str) -> Key:
    """The processor time of a newcomer, when they come one after the other and nobody is told."""
    return Key(contender, Measure.DOOR_CPU, NEWCOMERS)


def _newcomers(contender: str) -> Key:
    return Key(contender, Measure.NEWCOMERS_CPU, NEWCOMERS)


_COST, _STORING = "CPU of a delivery", "ours / the seed, storing"


def _of_small_rooms(dialect: str) -> tuple[Goal, ...]:
    """What most sites have, beside what anybody would write who stores."""
    ours, peer = f"ours-{dialect}", "seed-storing"
    return (
        *(
            Goal(
                f"{_COST}, {dialect}, a room of {room}, 4 in flight: {_STORING}",
                "≤",
                limit,
                "",
                _ratio(cpu(ours, 4, room), cpu(peer, 4, room)),
            )
            for room, limit in ((FIVE, 1.1), (TWENTY, 1.0))
        ),
        Goal(
            f"Median latency, {dialect}, a room of {TWENTY}: {_STORING}",
            "≤",
            1.2,
            "",
            _ratio(latency(ours, TWENTY), latency(peer, TWENTY)),
        ),
        Goal(
            f"CPU of a newcomer, {dialect}, one after the other, nobody told",
            "≤",
            1.0,
            "ms",
            _plain(f"door-{dialect}", Measure.DOOR_CPU, 1e-3),
        ),
    )


GOALS = (
    *_of_small_rooms("v1"),
    *_of_small_rooms("v2"),
    Goal(
        f"Messages stored, {WRITERS} writers", "≥", 5000, "a second", _plain("ours-v2", Measure.STORED_RATE)
    ),
    Goal(
        f"{_COST}, v1, a room of {ROOM}, 4 in flight: ours / seed",
        "≤",
        0.70,
        "",
        _ratio(cpu("ours-v1", 4), cpu("seed", 4)),
    ),
    Goal(
        f"{_COST}, v1, a room of {ROOM}, 32 in flight: ours / seed",
        "≤",
        0.45,
        "",
        _ratio(cpu("ours-v1", 32), cpu("seed", 32)),
    ),
    Goal(
        f"{_COST}, v1, a room of {ROOM}, 32 in flight: ours / Node ws",
        "≤",
        1.0,
        "",
        _ratio(cpu("ours-v1", 32), cpu("ws", 32)),
    ),
    Goal(
        f"{_COST}, v2, a room of {ROOM}, 32 in flight: ours / seed",
        "≤",
        0.20,
        "",
        _ratio(cpu("ours-v2", 32), cpu("seed", 32)),
    ),
    Goal(
        f"{_COST}, v1, a room of {ROOM}, 4 in flight: ours / stock",
        "≤",
        0.08,
        "",
        _ratio(cpu("ours-v1", 4), cpu("stock", 4)),
    ),
    Goal(
        f"{_COST}, v1, 4 in flight: room of {LARGE} / room of {SMALL}", "≤", 1.3, "", _growth("ours-v1", 4)
    ),
    Goal(
        f"{_COST}, v1, 32 in flight: room of {LARGE} / room of {SMALL}",
        "≤",
        1.3,
        "",
        _growth("ours-v1", 32),
    ),
    Goal(
        f"Median latency, v1, a room of {ROOM}: ours / seed",
        "≤",
        2.0,
        "",
        _ratio(latency("ours-v1"), latency("seed")),
    ),
    Goal(
        f"CPU of {NEWCOMERS} newcomers: ours / seed",
        "≤",
        1.0,
        "",
        _ratio(_newcomers("ours-v1"), _newcomers("seed")),
    ),
    Goal(
        "Memory of an idle v1 connection", "≤", 40, "KiB", _plain("ours-v1", Measure.NEWCOMER_MEMORY, KIB)
    ),
    Goal("Growth for a stalled reader", "≤", 4, "MiB", _plain("ours-v2", Measure.STALL_GROWTH, MIB)),
    Goal("Reach of every run with our chat", "=", 1.0, "", _our_reach),
)
