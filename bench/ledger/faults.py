"""The faults of one run: a script that comes from the seed, and what carries it out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from bench.ledger.proxy import Direction, Proxy
from bench.ledger.run import Run
from bench.ledger.servers import Server

Place = Literal["proxy", "server", "database"]
#: What can befall a proxy; black holes twice as often.
ON_PROXIES = ("cut", "half-close", "black hole", "black hole", "delay", "throttle")


@dataclass(frozen=True)
class Fault:
    """What goes wrong, from when on and how long, in seconds since the beginning."""

    at: float
    seconds: float
    kind: str
    place: Place
    #: Which proxy, or which server.
    number: int = 0
    #: Which directions of a proxy.
    directions: tuple[str, ...] = ()
    #: Whether a black hole ends by a reset, so that what it held is lost.
    ends_in_cut: bool = False


def script(
    random: Random, seconds: float, proxies: int, servers: int, rate: float, kills: int
) -> list[Fault]:
    """About `rate` faults of proxies a second, `kills` kills, and as many freezes or locks."""
    faults = [_of_a_proxy(random, random.uniform(1, seconds), proxies) for _ in range(int(rate * seconds))]
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


def _of_a_proxy(random: Random, at: float, proxies: int) -> Fault:
    kind = random.choice(ON_PROXIES)
    longest = 5 if random.random() < 0.9 else 15
    return Fault(
        at=at,
        seconds=0 if kind in ("cut", "half-close") else random.uniform(0.2, longest),
        kind=kind,
        place="proxy",
        number=random.randrange(proxies),
        directions=random.choice((("up",), ("down",), ("up", "down"))),
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


class Injector:
    """Carries out a script on the proxies, the servers and the database of a run."""

    def __init__(self, run: Run, script: Sequence[Fault]) -> None:
        self._run, self._script = run, script
        #: What was done.
        self.injected: list[Fault] = []

    async def __call__(self) -> None:
        """Carry it out, and return when the last fault is over."""
        start = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as injecting:
            for fault in self._script:
                injecting.create_task(self._act(fault, start + fault.at))

    async def _act(self, fault: Fault, at: float) -> None:
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        self.injected.append(fault)
        self._run.journal.note("ledger", f"{fault} begins")
        match fault.place:
            case "proxy":
                await _spoil(self._run.proxies[fault.number], fault)
            case "server":
                await _halt(self._run.stack.servers[fault.number], fault)
            case "database":
                # Beyond five seconds the servers give up, and the writers do not.
                async with self._run.stack.locked():
                    await asyncio.sleep(fault.seconds)
        self._run.journal.note("ledger", f"{fault} is over")
        self._run.healing.begin(fault.kind)


async def _halt(server: Server, fault: Fault) -> None:
    if fault.kind == "kill":
        server.kill()
        await asyncio.sleep(fault.seconds)
        await server.start()
    else:
        server.freeze()
        await asyncio.sleep(fault.seconds)
        server.thaw()


async def _spoil(proxy: Proxy, fault: Fault) -> None:
    directions: list[Direction] = [getattr(proxy, name) for name in fault.directions]
    proxy.is_faulty = True
    try:
        match fault.kind:
            case "cut":
                proxy.cut()
            case "half-close":
                proxy.half_close(directions[0])
            case "black hole":
                await _hold(proxy, directions, fault)
            case "delay":
                await _slow(directions, fault.seconds, delay=0.3)
            case "throttle":
                await _slow(directions, fault.seconds, rate=16_384)
    finally:
        proxy.is_faulty = False


async def _hold(proxy: Proxy, directions: Sequence[Direction], fault: Fault) -> None:
    proxy.hold(*directions)
    try:
        await asyncio.sleep(fault.seconds)
        if fault.ends_in_cut:
            proxy.cut()
    finally:
        proxy.heal()


async def _slow(
    directions: Sequence[Direction], seconds: float, *, delay: float = 0, rate: float = 0
) -> None:
    for direction in directions:
        direction.delay, direction.rate = delay, rate
    try:
        await asyncio.sleep(seconds)
    finally:
        for direction in directions:
            direction.delay = direction.rate = 0
