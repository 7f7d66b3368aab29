"""Many rooms of five: who listens to them, what is said in them, and what that costs the server."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

from bench.fanout import measures
from bench.fanout.connection import Connection
from bench.fanout.crowd import Crowd, Failed
from bench.fanout.gauge import Gauge
from bench.fanout.handlers import Handler
from bench.fanout.talk import LENGTH, Talk
from bench.fanout.wire import V2, Step
from bench.growth.fill import slug

#: How many listen to a room, and how many fives of people there are at most: a connection may listen to
#: fifty rooms, and a site has more rooms than people whose pages are open.
FIVE, FIVES = 5, 200
#: How many messages are under way.
IN_FLIGHT = 4
#: How many connections ask for their rooms at one time.
_ASKING = 20
#: For how many seconds it is looked at what the servers do while nobody speaks.
_IDLE = 5.0
_ANSWER = b'"type":"room"'


class Costs(NamedTuple):
    """What some rooms cost."""

    #: Seconds of the servers' processors for a message, stored and told to five, beyond what they spend
    #: anyway.
    message: float
    #: Messages a second.
    rate: float
    #: Bytes of the servers for each room more that everybody listens to; None where there is one for each.
    room: float | None
    #: Of a core, while nobody says anything.
    idle: float


class _Listening(V2):
    """v2 in one room, which whoever speaks is in, and the others watch."""

    def __init__(self, room: str, *, watches: bool) -> None:
        super().__init__()
        self.room, self.watches = room, watches

    def way_in(self, name: str) -> list[Step]:
        handshake, asked, _let_in = super().way_in(name)
        hello = {"name": name, "v": 2, "rooms": {self.room: {"watch": True} if self.watches else {}}}
        return [handshake, asked._replace(answer=self.frame(hello)), Step(_ANSWER, b"")]


class _Answers(Handler):
    """Counts the rooms that were entered."""

    count = 0

    def handle(self, connection: Connection, buffer: bytearray, end: int) -> bytes:
        self.count += buffer.count(_ANSWER, 0, end)
        return bytes(buffer[max(0, end - len(_ANSWER) + 1) : end])

    def hear(self, crowd: Crowd, count: int) -> None:
        """Return when so many were."""
        measures.listen_until(crowd, lambda: self.count >= count)


class Fives(Crowd):
    """People in fives, spread over some servers. Each five listens to the same rooms, where one speaks."""

    def __init__(self, ports: Sequence[int], rooms: int) -> None:
        super().__init__(ports[0], V2())
        self._ports = ports
        fives = min(rooms, FIVES)
        self._rooms = [[slug(room) for room in range(five, rooms, fives)] for five in range(fives)]
        #: In which room somebody speaks next.
        self._turns: dict[Connection, Iterator[str]] = {}

    def come(self) -> None:
        """Have all come, each into the first room of theirs."""
        for five, rooms in enumerate(self._rooms):
            for member in range(FIVE):
                self.port = self._ports[(five + member) % len(self._ports)]
                self.dialect = _Listening(rooms[0], watches=member > 0)
                self.let_in(len(self) + 1, at_a_time=1)

    def enter(self) -> int:
        """Have all listen to the others of their rooms, too: how many more rooms these are."""
        answers, asked = _Answers(), 0
        with self.handled_by(answers):
            for number, connection in enumerate(self.listeners):
                for room in self._rooms[number // FIVE][1:]:
                    wanted = {"type": "enter", "room": room, "watch": number % FIVE > 0}
                    self._send(connection, self.dialect.frame(wanted))
                    asked += 1
                if number % _ASKING == 0 or number + 1 == len(self):
                    answers.hear(self, asked)
        return asked // FIVE

    def speakers(self) -> list[Connection]:
        """One of each five."""
        chosen = self.listeners[::FIVE]
        for connection, rooms in zip(chosen, self._rooms, strict=True):
            connection.is_speaker = True
            self._turns[connection] = cycle(rooms)
        return chosen

    def say(self, connection: Connection, text: str, ref: str) -> None:
        """Have somebody say something in the next of their rooms."""
        said = {"type": "message", "message": text, "ref": ref, "room": next(self._turns[connection])}
        self._send(connection, self.dialect.frame(said))


class FivesTalk(Talk):
    """Messages of which each is heard by five."""

    def keep_up(self) -> None:
        while self.counter.count >= (self.sent - self.in_flight + 1) * FIVE:
            self.say()

    def finish(self) -> float:
        until = time.monotonic() + self.crowd.patience
        while self.counter.count < self.sent * FIVE and time.monotonic() < until:
            self.crowd.rest(0.02)
        self.crowd.rest(0.1)  # for what comes too often
        return self.counter.count / (self.sent * FIVE)


def measure(crowd: Fives, gauges: Sequence[Gauge], warm_up: float, seconds: float) -> Costs:
    """Have them come, listen, say nothing, and speak. Raises Failed where not all is heard once."""
    crowd.come()
    _settle(crowd, gauges)
    memory = _memory(gauges)
    more = crowd.enter()
    _settle(crowd, gauges)
    room = (_memory(gauges) - memory) / more if more else None
    idle = _spent(gauges, lambda: crowd.rest(_IDLE)) / _IDLE
    talk = FivesTalk(crowd, IN_FLIGHT, LENGTH)
    with crowd.handled_by(talk.counter):
        talk.go_on(_after(warm_up))
        count, start = talk.counter.count, time.monotonic()
        cpu = _spent(gauges, lambda: talk.go_on(_after(seconds)))
        messages, wall = (talk.counter.count - count) / FIVE, time.monotonic() - start
        if (reach := talk.finish()) != 1:
            raise Failed(f"{reach:.6f} of what should have come")
    return Costs((cpu - idle * wall) / messages, messages / wall, room, idle)


def _spent(gauges: Sequence[Gauge], act: Callable[[], None]) -> float:
    before = sum(gauge.cpu() for gauge in gauges)
    act()
    return sum(gauge.cpu() for gauge in gauges) - before


def _memory(gauges: Sequence[Gauge]) -> int:
    return sum(gauge.memory() for gauge in gauges)


def _settle(crowd: Crowd, gauges: Sequence[Gauge]) -> None:
    for gauge in gauges:
        measures.settle(crowd, gauge, seconds=10)


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until
