"""The faults of one run: a script that comes from the seed, and what plays it."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from bench.ledger.line import Line, Way
from bench.ledger.servers import Server

Place = Literal["line", "server", "database"]
#: What can befall a line; black holes twice as often.
ON_LINES = ("cut", "half-close", "black hole", "black hole", "delay", "throttle")


@dataclass(frozen=True)
class Fault:
    """What goes wrong, from when on and how long, in seconds since the beginning."""

    at: float
    seconds: float
    kind: str
    place: Place
    #: Which line, or which server.
    number: int = 0
    #: Which ways of a line.
    ways: tuple[str, ...] = ()
    #: Whether a black hole ends by a reset, so that what it held is lost.
    ends_in_cut: bool = False


def script(
    random: Random, seconds: float, lines: int, servers: int, rate: float, kills: int
) -> list[Fault]:
    """About `rate` faults of lines a second, `kills` kills, and as many freezes or locks."""
    faults = [_of_a_line(random, random.uniform(1, seconds), lines) for _ in range(int(rate * seconds))]
    share = (seconds - 1) / max(1, kills)
    for number in range(kills):
        faults += _of_servers(random, 1 + share * number, share, servers)
    # One at a time in each place, and all over in the end.
    free_at: dict[tuple[Place, int], float] = {}
    kept: list[Fault] = []
    for fault in sorted(faults, key=lambda fault: fault.at):
        where, end = (fault.place, fault.number), fault.at + fault.seconds
        if free_at.get(where, 0) <= fault.at and end <= seconds:
            free_at[where] = end
            kept.append(fault)
    return kept


def _of_a_line(random: Random, at: float, lines: int) -> Fault:
    kind = random.choice(ON_LINES)
    longest = 5 if random.random() < 0.9 else 15
    return Fault(
        at=at,
        seconds=0 if kind in ("cut", "half-close") else random.uniform(0.2, longest),
        kind=kind,
        place="line",
        number=random.randrange(lines),
        ways=random.choice((("up",), ("down",), ("up", "down"))),
        ends_in_cut=random.random() < 0.5,
    )


def _of_servers(random: Random, at: float, share: float, servers: int) -> list[Fault]:
    """A kill in the first half of a share of the time, and something milder in the second."""
    down = random.uniform(0, min(2, share / 4))
    kill = Fault(at + random.uniform(0, share / 4), down, "kill", "server", random.randrange(servers))
    at += share / 2 + random.uniform(0, share / 8)
    if random.random() < 0.5:
        freeze = random.uniform(0.2, min(4, share / 4))
        return [kill, Fault(at, freeze, "freeze", "server", random.randrange(servers))]
    return [kill, Fault(at, random.uniform(0.2, min(7, share / 3)), "lock", "database")]


class Play:
    """Plays a script to the lines, the servers and the database of a run."""

    def __init__(self, lines: Sequence[Line], servers: Sequence[Server], database: Path) -> None:
        self._lines, self._servers, self._database = lines, servers, database
        #: What is told that a fault begins, and that it is over.
        self.began: Callable[[Fault], None] = lambda fault: None
        self.ended: Callable[[Fault], None] = lambda fault: None

    async def play(self, script: Sequence[Fault]) -> None:
        """Play it, and return when the last fault is over."""
        start = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as playing:
            for fault in script:
                playing.create_task(self._act(fault, start + fault.at))

    async def _act(self, fault: Fault, at: float) -> None:
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        self.began(fault)
        match fault.place:
            case "line":
                await _spoil(self._lines[fault.number], fault)
            case "server":
                await _halt(self._servers[fault.number], fault)
            case "database":
                await _lock(self._database, fault)
        self.ended(fault)


async def _halt(server: Server, fault: Fault) -> None:
    if fault.kind == "kill":
        server.kill()
        await asyncio.sleep(fault.seconds)
        await server.start()
    else:
        server.freeze()
        await asyncio.sleep(fault.seconds)
        server.thaw()


async def _lock(path: Path, fault: Fault) -> None:
    """Nobody else can write. Beyond five seconds the servers give up, and the writers do not."""
    database = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        database.execute("begin immediate")
        await asyncio.sleep(fault.seconds)
        database.execute("rollback")
    finally:
        database.close()


async def _spoil(line: Line, fault: Fault) -> None:
    ways: list[Way] = [getattr(line, name) for name in fault.ways]
    line.is_faulty = True
    try:
        match fault.kind:
            case "cut":
                line.cut()
            case "half-close":
                line.half_close(ways[0])
            case "black hole":
                await _hold(line, ways, fault)
            case "delay":
                await _slow(ways, fault.seconds, delay=0.3)
            case "throttle":
                await _slow(ways, fault.seconds, rate=16_384)
    finally:
        line.is_faulty = False


async def _hold(line: Line, ways: Sequence[Way], fault: Fault) -> None:
    for way in ways:
        way.is_open.clear()
    try:
        await asyncio.sleep(fault.seconds)
        if fault.ends_in_cut:
            line.cut()
    finally:
        for way in ways:
            way.is_open.set()


async def _slow(ways: Sequence[Way], seconds: float, *, delay: float = 0, rate: float = 0) -> None:
    for way in ways:
        way.delay, way.rate = delay, rate
    try:
        await asyncio.sleep(seconds)
    finally:
        for way in ways:
            way.delay = way.rate = 0
