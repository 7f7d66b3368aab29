"""Admission: the slot of one connection, and how much it may ask for beside all others."""

import asyncio

from chat.core import limits
from chat.core.errors import RateLimited
from chat.live import process
from chat.live.admission import READING, Charges


class ConnectionAdmission:
    """What one connection may ask for, beside its person's other connections and those of its address."""

    __slots__ = (
        "_admission",
        "_holds_slot",
        "_loop",
        "_of_address",
        "_of_person",
        "_process",
        "_waking",
        "network",
        "person",
    )

    def __init__(self, address: str) -> None:
        self._process = process.current()
        self._admission = self._process.admission
        self._loop = asyncio.get_running_loop()
        self.network = limits.network(address)
        #: What limits a person, and an address where that is anybody's.
        self._of_person = self._admission.of_person
        self._of_address = self._admission.of_address if self.network else {}
        self._holds_slot = False
        #: What wakes up whoever waits until this client may say more; None where nobody waits.
        self._waking: asyncio.Future[None] | None = None
        #: The id of the person, once it is known.
        self.person = ""

    # The slot

    def acquire(self) -> bool:
        """Take a slot among the open connections, if there is one."""
        most = self._admission.limits
        self._holds_slot = self._admission.connections.acquire(
            self.network, most.connections, most.connections_per_address
        )
        return self._holds_slot

    def release(self) -> None:
        """Give the slot back, if there is one."""
        if self._holds_slot:
            self._holds_slot = False
            self._admission.connections.release(self.network)

    def count_newcomer(self) -> bool:
        """Count somebody who was never here; False where that is one too many of this address."""
        return self._admission.newcomers.count(self.network, self._loop.time())

    def has_place_for(self, person: str) -> bool:
        """Whether somebody may have one connection more than they have."""
        most = self._admission.limits.connections_per_person
        return most == 0 or self._process.roster.connections(person) <= most

    # What is asked for

    def wait(self, charges: Charges, *, of_person: bool = True) -> float:
        """The seconds until all of this may be asked for; 0 where it may be now.

        Without `of_person` it is only asked whether the address may.
        """
        wait, now = 0.0, self._loop.time()
        for kind, amount in charges:
            if of_person and kind in self._of_person:
                wait = max(wait, self._of_person[kind].wait(self.person, amount, now))
            if kind in self._of_address:
                wait = max(wait, self._of_address[kind].wait(self.network, amount, now))
        return wait

    def charge(self, charges: Charges) -> None:
        """Count what is asked for. Raises RateLimited where it is too much, and then nothing is counted."""
        if wait := self.wait(charges):
            raise RateLimited(wait)
        self.add(charges)

    def add(self, charges: Charges) -> None:
        """Count what was asked for, or what it turned out to be."""
        now = self._loop.time()
        for kind, amount in charges:
            if kind in self._of_person:
                self._of_person[kind].take(self.person, amount, now)
            if kind in self._of_address:
                self._of_address[kind].take(self.network, amount, now)

    def add_read(self, size: int) -> None:
        """Count the bytes that were read for this client, beyond what any reading costs."""
        self.add([("read", max(0, size - READING))])

    async def hold(self, seconds: float) -> None:
        """Return after so long, or as soon as `wake` is called."""
        self._waking = self._loop.create_future()
        await asyncio.wait([self._waking], timeout=seconds)
        self._waking = None

    def wake(self) -> None:
        """Whoever is held is held no longer: the client has left, or is closed."""
        if self._waking is not None and not self._waking.done():
            self._waking.set_result(None)
