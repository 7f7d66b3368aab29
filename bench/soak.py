"""The soak: whether anything grows while many people come and go for a long time.

    python -m bench.soak --sockets 1500 --minutes 20

Two processes behind nginx on PostgreSQL and Redis, as in production, with every limit. The sockets are
spread over both; some of them leave all the time and as many strangers come. Memory, open files and
connections are noted every ten seconds, and how they grow once all have come and a while has gone by.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import redis

from bench import production
from bench.database import ONLOOKER
from bench.fanout.crowd import Crowd
from bench.fanout.gauge import Gauge, open_many_files
from bench.fanout.wire import V2
from bench.ledger.stack import Shape, Stack
from harness import services

SHAPE = Shape(database="postgresql", layer="redis", processes=2, has_front=True, is_balanced=True)
#: How often is noted, and how long the crowd only listens between two words, in seconds.
EVERY, PAUSE = 10.0, 0.25
#: What part of the time is warm-up.
WARM_UP = 0.25
#: How much more than in the first quarter after the warm-up there may be in the last: a share, and what
#: is nothing in any case.
GROWTH = 0.03
NOTHING = {"MiB": 4.0, "files": 8.0, "connections": 2.0}


class Figure(NamedTuple):
    """What is noted, and in what."""

    name: str
    unit: str
    read: Callable[[], float]


def main() -> int:
    """Soak it and print how each figure grew; 1 where one did not stay as it was."""
    wanted = _arguments()
    open_many_files()
    with services.home() as home, _running(home) as stack, ExitStack() as cleaning:
        crowds = [Crowd(target.port, V2()) for target in stack.targets]
        for crowd in crowds:
            cleaning.callback(crowd.close)
            crowd.grow(wanted.sockets // len(crowds))
        figures = _figures(stack)
        notes = _soak(crowds, figures, wanted.minutes * 60, wanted.churn)
        sys.stdout.write(_table(figures, notes))
        sys.stdout.write(f"lines in the log: {stack.log.count(chr(10))}\n")
        is_flat = all(_grown(figure, notes[figure.name])[1] for figure in figures)
        return 0 if is_flat and "Traceback" not in stack.log else 1


@contextmanager
def _running(home: Path) -> Iterator[Stack]:
    environment = {**production.environment(), "CHAT_LIMITS": "1"}
    stack = Stack(home, Shape(**{**vars(SHAPE), "environment": environment}), seed=1)
    try:
        asyncio.run(stack.start())
        yield stack
    finally:
        asyncio.run(stack.stop())


def _figures(stack: Stack) -> Sequence[Figure]:
    connection = stack.superuser()
    connection.autocommit = True
    assert stack.redis
    client: Any = redis.Redis.from_url(stack.redis.url)
    query = (
        "select count(*) from pg_stat_activity"
        " where backend_type = 'client backend' and application_name <> %s"
    )

    def of_postgresql() -> float:
        return float((connection.execute(query, [ONLOOKER]).fetchone() or [0])[0])

    def of_redis() -> float:
        return float(len(client.client_list()) - 1)

    figures: list[Figure] = []
    for number, server in enumerate(stack.servers):
        memory, files = partial(_memory, Gauge(server.pid)), partial(_open_files, server.pid)
        figures.append(Figure(f"memory of {number}", "MiB", memory))
        figures.append(Figure(f"open files of {number}", "files", files))
    return [
        *figures,
        Figure("PostgreSQL", "connections", of_postgresql),
        Figure("Redis", "connections", of_redis),
    ]


def _memory(gauge: Gauge) -> float:
    return gauge.memory() / (1 << 20)


def _open_files(pid: int) -> float:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _soak(
    crowds: Sequence[Crowd], figures: Sequence[Figure], seconds: float, churn: float
) -> Mapping[str, list[float]]:
    """Have people come, go and talk; what each figure was, every EVERY seconds."""
    notes: dict[str, list[float]] = {figure.name: [] for figure in figures}
    began, noted, words = time.monotonic(), 0, 0
    gone = [0.0 for _ in crowds]
    while (now := time.monotonic() - began) < seconds:
        if now >= noted * EVERY:
            noted += 1
            for figure in figures:
                notes[figure.name].append(figure.read())
            _tell(now, notes)
        for number, crowd in enumerate(crowds):
            leaving = int(now * churn / len(crowds) - gone[number])
            gone[number] += leaving
            _replace(crowd, min(leaving, len(crowd) // 4))
            words += 1
            crowd.say(crowd.speakers()[words % 8], f"word {words}", f"word-{words}")
            crowd.rest(PAUSE)
    return notes


def _replace(crowd: Crowd, count: int) -> None:
    """Have the oldest leave, and as many strangers come."""
    if count:
        size = len(crowd)
        crowd.listeners[:] = crowd.listeners[count:] + crowd.listeners[:count]
        crowd.shrink(size - count)
        crowd.grow(size)


def _tell(now: float, notes: Mapping[str, list[float]]) -> None:
    latest = ", ".join(f"{name} {values[-1]:.0f}" for name, values in notes.items())
    sys.stderr.write(f"{now:6.0f} s: {latest}\n")


def _grown(figure: Figure, values: Sequence[float]) -> tuple[float, bool]:
    """How much it grew a minute after the warm-up, and whether that is nothing."""
    warm = values[int(len(values) * WARM_UP) :]
    quarter = max(1, len(warm) // 4)
    before, after = statistics.mean(warm[:quarter]), statistics.mean(warm[-quarter:])
    is_flat = after - before <= max(NOTHING[figure.unit], GROWTH * before)
    return _slope(warm) * 60 / EVERY, is_flat


def _slope(values: Sequence[float]) -> float:
    """Of the line that lies nearest to them, from one to the next."""
    return statistics.linear_regression(range(len(values)), values).slope if len(values) > 1 else 0.0


def _table(figures: Sequence[Figure], notes: Mapping[str, list[float]]) -> str:
    lines = ["| | at first | after the warm-up | at last | a minute | flat |", "|---|---|---|---|---|---|"]
    for figure in figures:
        values = notes[figure.name]
        slope, is_flat = _grown(figure, values)
        warm = values[int(len(values) * WARM_UP)]
        cells = [f"{value:.1f}" for value in (values[0], warm, values[-1])]
        name = f"{figure.name}, {figure.unit}"
        lines.append(f"| {name} | {' | '.join(cells)} | {slope:+.2f} | {'yes' if is_flat else '**no**'} |")
    return "\n".join(lines) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--sockets", type=int, default=1500)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--churn", type=float, default=5, help="how many leave a second, and come")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
