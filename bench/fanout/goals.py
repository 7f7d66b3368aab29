"""The goals: what the numbers of our server have to be, most of them next to those of the peers."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.fanout.results import Figure, Key, Measure, Results

KIB, MIB = 1024, 1024 * 1024
#: The room that everything is compared in, the small and the large one that the goals speak of, and one in
#: which storing costs more than telling.
ROOM, SMALL, LARGE, TINY = 200, 100, 1600, 20
#: How many messages are not yet heard by everybody, where deliveries are counted.
IN_FLIGHT = (4, 32)
#: How many come into one room.
NEWCOMERS = 1000
#: How many write as fast as they can, and how many messages of each are not acknowledged yet.
WRITERS, WINDOW = 50, 20
#: The contenders that are our server, or our chat under another one.
OURS = ("ours-v1", "ours-v2", "ours-told", "daphne", "uvicorn")


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


def _latency(contender: str) -> Key:
    return Key(contender, Measure.LATENCY, ROOM)


def _newcomers(contender: str) -> Key:
    return Key(contender, Measure.NEWCOMERS_CPU, NEWCOMERS)


_COST = "CPU of a delivery"

GOALS = (
    Goal(
        f"{_COST}, v1, 4 in flight: ours / seed", "≤", 0.70, "", _ratio(cpu("ours-v1", 4), cpu("seed", 4))
    ),
    Goal(
        f"{_COST}, v1, 32 in flight: ours / seed",
        "≤",
        0.45,
        "",
        _ratio(cpu("ours-v1", 32), cpu("seed", 32)),
    ),
    Goal(
        f"{_COST}, v1, 32 in flight: ours / Node ws",
        "≤",
        1.0,
        "",
        _ratio(cpu("ours-v1", 32), cpu("ws", 32)),
    ),
    Goal(
        f"{_COST}, v2, 32 in flight: ours / seed",
        "≤",
        0.20,
        "",
        _ratio(cpu("ours-v2", 32), cpu("seed", 32)),
    ),
    Goal(
        f"{_COST}, v1, 4 in flight: ours / stock", "≤", 0.08, "", _ratio(cpu("ours-v1", 4), cpu("stock", 4))
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
    Goal("Median latency: ours / seed", "≤", 2.0, "", _ratio(_latency("ours-v1"), _latency("seed"))),
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
    Goal(
        f"Messages stored, {WRITERS} writers", "≥", 2000, "a second", _plain("ours-v2", Measure.STORED_RATE)
    ),
    Goal("Growth for a stalled reader", "≤", 4, "MiB", _plain("ours-v2", Measure.STALL_GROWTH, MIB)),
    Goal("Reach of every run with our chat", "=", 1.0, "", _our_reach),
)
