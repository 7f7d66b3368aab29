"""Admission: who was let into this process, and how much each has asked for."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Literal

from chat import conf
from chat.core.limits import Bucket, Rate, Slots, Throttle

#: What is counted: messages and edits, deletions and reactions, the bytes of what everybody is told because
#: of it, the bytes of what is read, names that are changed, reports, and searches.
Kind = Literal["message", "change", "told", "read", "rename", "report", "search"]
#: What something costs, of each kind.
Charges = Sequence[tuple[Kind, float]]


class Cost(Enum):
    """What the commands of a class are counted as."""

    NOTHING = auto()
    #: A message, and the bytes of its text.
    MESSAGE = auto()
    #: A change whose bytes everybody is told, which are known only afterwards.
    CHANGE = auto()
    #: Something small that is told, or noted, and no part of a log.
    NOTICE = auto()
    #: Another name that is free: every room is told of it that somebody is in.
    RENAMING = auto()
    #: A report to the moderators.
    REPORT = auto()
    #: Something read from the database, whose bytes are known only afterwards.
    READING = auto()
    #: As reading, and the database looks for it.
    SEARCH = auto()
    #: As reading, and everybody may be told that somebody has come.
    ENTERING = auto()


#: What any reading costs at least, in bytes of what may be read.
READING = 4096


def charges(cost: Cost, text: str = "") -> Charges:
    """What a command costs, as far as it is known before it is carried out; `text` is what it says."""
    match cost:
        case Cost.MESSAGE:
            return (("message", 1), ("told", len(text.encode(errors="replace"))))
        case Cost.CHANGE:
            return (("change", 1), ("told", 0))
        case Cost.NOTICE:
            return (("change", 1),)
        case Cost.RENAMING:
            return (("rename", 1),)
        case Cost.REPORT:
            return (("report", 1),)
        case Cost.READING:
            return (("read", READING),)
        case Cost.SEARCH:
            return (("search", 1), ("read", READING))
        case Cost.ENTERING:
            return (("change", 1), ("read", READING))
    return ()


#: How long a WebSocket may wait for its turn to open, in seconds. Browsers wait longer.
PATIENCE = 5


#: Makes a throttle for a rate, under a name of its own.
Throttles = Callable[[str, Rate], Throttle]


def of_process(_name: str, rate: Rate) -> Throttle:
    """A throttle that no other process knows of."""
    return Throttle(rate)


class Admission:
    """What this process has let in, and what each person and each address has asked for lately.

    An address is a network of core.limits, of which "" may do all. `throttle` makes what counts for the
    whole site where it can.
    """

    def __init__(self, limits: conf.Conf, throttle: Throttles = of_process) -> None:
        self.limits = limits
        self.connections = Slots()
        self.handshakes = throttle("handshakes", limits.handshakes)
        self.newcomers = throttle("newcomers", limits.newcomers)
        self.requests = throttle("requests", limits.requests)
        self.frames = Throttle(limits.address_frames)
        self._arrivals = Bucket()
        #: What limits a person, and an address: without the rates of 0, which limit nobody.
        self.of_person = _limiting(
            {
                "message": throttle("messages", limits.messages),
                "change": throttle("changes", limits.changes),
                "told": throttle("message_bytes", limits.message_bytes),
                "read": throttle("reads", limits.reads),
                "rename": throttle("renames", limits.renames),
                "report": throttle("reports", limits.reports),
                "search": throttle("searches", limits.searches),
            }
        )
        messages = throttle("address_messages", limits.address_messages)
        self.of_address = _limiting(
            {
                "message": messages,
                "change": messages,
                "rename": messages,
                "report": messages,
                "told": throttle("address_message_bytes", limits.address_message_bytes),
                "read": throttle("address_reads", limits.address_reads),
                "search": throttle("address_searches", limits.address_searches),
            }
        )

    def turn(self, now: float) -> float | None:
        """The seconds until it is the turn of somebody who opens a WebSocket, wherever they are.

        None where too many wait already.
        """
        wait = self._arrivals.wait(self.limits.arrivals, 1, now)
        if wait > PATIENCE:
            return None
        self._arrivals.take(self.limits.arrivals, 1, now)
        return wait


def _limiting(throttles: dict[Kind, Throttle]) -> dict[Kind, Throttle]:
    return {kind: throttle for kind, throttle in throttles.items() if throttle.rate.per_second > 0}
