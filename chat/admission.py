"""Admission: who may come in, and how much each may ask for. One for each process."""

from collections.abc import Sequence
from typing import Literal

from chat import conf
from chat.core.limits import Bucket, Places, Throttle

#: What is counted: messages and edits, deletions and reactions, the bytes of what everybody is told because
#: of it, and the bytes of what is read.
Kind = Literal["message", "change", "told", "read"]
#: What something costs, of each kind.
Charges = Sequence[tuple[Kind, float]]
#: How long a WebSocket may wait for its turn to open, in seconds. Browsers wait longer.
PATIENCE = 5


class Admission:
    """What this process has let in, and what each person and each address has asked for lately.

    An address is a network of core.limits, of which "" may do all.
    """

    def __init__(self, limits: conf.Conf) -> None:
        self.limits = limits
        self.connections = Places()
        self.handshakes = Throttle(limits.handshakes)
        self.guests = Throttle(limits.guests)
        self.requests = Throttle(limits.requests)
        self.frames = Throttle(limits.address_frames)
        self._arrivals = Bucket()
        self.of_person: dict[Kind, Throttle] = {
            "message": Throttle(limits.messages),
            "change": Throttle(limits.changes),
            "told": Throttle(limits.message_bytes),
            "read": Throttle(limits.reads),
        }
        messages = Throttle(limits.address_messages)
        self.of_address: dict[Kind, Throttle] = {
            "message": messages,
            "change": messages,
            "told": Throttle(limits.address_message_bytes),
            "read": Throttle(limits.address_reads),
        }

    def turn(self, now: float) -> float | None:
        """The seconds until it is the turn of somebody who opens a WebSocket, wherever they are.

        None where too many wait already.
        """
        wait = self._arrivals.wait(self.limits.arrivals, 1, now)
        if wait > PATIENCE:
            return None
        self._arrivals.take(self.limits.arrivals, 1, now)
        return wait


class Allowance:
    """What one connection may ask for, beside its person's other connections and those of its address."""

    __slots__ = ("_address", "_admission", "person")

    def __init__(self, address: str) -> None:
        self._admission = current()
        self._address = address
        #: The id of the person, once it is known.
        self.person = ""

    def wait(self, charges: Charges, now: float, *, of_person: bool = True) -> float:
        """The seconds until all of this may be asked for; 0 where it may be now.

        Without `of_person` it is only asked whether the address may.
        """
        wait = 0.0
        for kind, amount in charges:
            wait = max(wait, self._admission.of_address[kind].wait(self._address, amount, now))
            if of_person:
                wait = max(wait, self._admission.of_person[kind].wait(self.person, amount, now))
        return wait

    def take(self, charges: Charges, now: float) -> None:
        """Count what was asked for, or what it turned out to be."""
        for kind, amount in charges:
            self._admission.of_person[kind].take(self.person, amount, now)
            self._admission.of_address[kind].take(self._address, amount, now)


_admission: Admission | None = None


def current() -> Admission:
    """The admission of this process, by the settings that hold now."""
    global _admission
    limits = conf.current()
    if _admission is None or _admission.limits is not limits:
        _admission = Admission(limits)
    return _admission
