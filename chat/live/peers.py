"""Peers: the other processes of the site, who is here through them, and whether they still live.

What they have written is read once a second: of each what lies beyond the version known. What they tell by
the channel layer only makes that quicker. A process that renews its lease no more is dead, and its people
are gone.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError

from chat.core.roster import Attendance, Roster
from chat.live import lease
from chat.live.lease import Lease
from chat.live.presence import Presence
from chat.live.presence_writer import attendance
from chat.live.supervisor import Supervisor
from chat.storage import presence_rows
from chat.storage.presence_rows import PersonRow, ProcessRow
from chat.storage.readers import polling

logger = logging.getLogger(__name__)

#: How often all processes are read, in seconds; and how soon again where there is said to be something.
BEAT, HURRIED = 1.0, 0.1
#: After how many people others have their turn.
TURN = 100


class Peer:
    """Another process: its lease, and how far its rows are known."""

    def __init__(self, seen: ProcessRow, quiet: float) -> None:
        self.lease = Lease(seen, quiet)
        #: 0 where nothing is known of its rows, or what is known is wrong.
        self.version = 0
        self.people: set[str] = set()
        #: Whether what was read of it is on its way into the roster.
        self.is_taking = False
        #: For how long its row has not been there.
        self.missing = 0.0


class Peers:
    """Keeps the people of other processes in the roster. Belongs to one event loop."""

    def __init__(self, roster: Roster, presence: Presence, supervisor: Supervisor) -> None:
        self._loop = asyncio.get_running_loop()
        self._roster, self._presence, self._supervisor = roster, presence, supervisor
        self._peers: dict[str, Peer] = {}
        #: Those taken for dead, as they were read last.
        self._expired: dict[str, ProcessRow] = {}
        #: Whether everybody who is here is in the roster.
        self.is_known = False
        self._reading = asyncio.Lock()
        self._is_hurried = asyncio.Event()
        #: When all processes were read last; None where that has failed since.
        self._read_at: float | None = None
        self._is_well = True

    @property
    def processes(self) -> int:
        """How many processes the site has just now, this one among them."""
        return len(self._peers) + 1

    @property
    def may_be_there(self) -> bool:
        """Whether there may be other processes: False only where they are read, and there are none.

        One that has just begun is found within a second; until then it was heard (live/layer.py).
        """
        return bool(self._peers or self._expired) or not self.is_known or self._read_at is None

    def begin(self) -> None:
        """Read the rows from now on, once a second."""
        self._supervisor.keep_running(self._run)

    async def known(self) -> None:
        """Return once it is known who is here through other processes. Raises what the database raises."""
        if not self.is_known:
            async with self._reading:
                if not self.is_known:
                    await self._read()

    def heard(self, data: Any) -> None:
        """What a process tells of its people. Only what is next in line is taken; the rest is read."""
        if data["process"] == self._presence.rows.id:
            return
        peer = self._peers.get(data["process"])
        if peer is not None and data["version"] <= peer.version:
            return
        if peer is None or peer.is_taking or data["after"] != peer.version or data["rows"] is None:
            self._is_hurried.set()
            return
        for person, here in [(person, attendance(told)) for person, told in data["rows"]]:
            self._take(data["process"], peer, person, here)
        peer.version = data["version"]  # now that all of it is known: else it is read

    # The beat

    async def _run(self) -> None:
        while True:
            begun = self._loop.time()
            try:
                await self._beat()
            finally:  # whatever is wrong with others, this process lives
                self._presence.rows.renew()
            await asyncio.sleep(HURRIED)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(begun + BEAT):
                    await self._is_hurried.wait()
            self._is_hurried.clear()

    async def _beat(self) -> None:
        try:
            async with self._reading:
                await self._read()
            self._is_well = True
        except (DatabaseError, InterfaceError) as error:
            self._read_at = None
            if self._is_well:
                logger.warning("It cannot be read who is here: %s", str(error).strip())
            self._is_well = False

    async def _read(self) -> None:
        rows = self._presence.rows
        own, own_version = rows.id, rows.written_version
        known = {id: peer.version for id, peer in self._peers.items()}
        counted = self._time_that_counts()
        processes, read = await _beyond(known, own)
        found = {seen.id: seen for seen in processes}
        if rows.id == own:
            rows.compare(found.pop(own, None), own_version)
        if not self.is_known:
            await self._judge_at_start(found)
        await self._look(found, counted)
        for id, seen in found.items():
            if id in self._peers and id in read:
                await self._take_all(id, seen, read[id])
        if not self.is_known:
            self.is_known = True
            rows.write()

    def _time_that_counts(self) -> float:
        """How much of the time since the last reading says something about the others.

        None of it where nothing could be read, or not even this process could renew its lease.
        """
        now, before = self._loop.time(), self._read_at
        self._read_at = now
        if before is None or not self._presence.rows.is_renewing():
            return 0.0
        return min(now - before, lease.BLINK)

    async def _judge_at_start(self, found: dict[str, ProcessRow]) -> None:
        """What was here before: by the database's clock, and by whether those of this machine live."""
        ended = {id for id, seen in found.items() if lease.is_gone(seen.os_process)}
        is_alone = all(
            id in ended or not seen.os_process.pid or seen.age >= seen.lease for id, seen in found.items()
        )
        for id in ended:
            if is_alone:  # the whole site was killed: it begins with nobody
                await self._reap(found[id])
            else:
                found[id] = found[id]._replace(lease=min(lease.GRACE, found[id].lease), age=0.0)
                self._presence.rows.shorten_lease(found[id])

    async def _look(self, found: Mapping[str, ProcessRow], counted: float) -> None:
        """Whose lease is over, and who has come back to life, or into the world."""
        for id, seen in found.items():
            if id in self._expired and self._expired[id].renewed_at != seen.renewed_at:
                del self._expired[id]
            if id in self._expired:
                self._presence.rows.reap(seen)
                continue
            if id not in self._peers:
                # Who has just begun has watched nobody yet: the database's clock has to do.
                self._peers[id] = Peer(seen, 0.0 if self.is_known else max(0.0, seen.age))
            else:
                self._peers[id].lease.look(seen, counted)
                self._peers[id].missing = 0.0
            if self._peers[id].lease.is_over:
                await self._reap(seen)
        for id in self._expired.keys() - found.keys():
            del self._expired[id]
        for id in self._peers.keys() - found.keys():
            # Its people may come back at once: the database may be an older state, or empty.
            self._peers[id].missing += counted
            if self._peers[id].missing >= lease.GRACE or not self._peers[id].people:
                await self._drop(id)

    async def _reap(self, seen: ProcessRow) -> None:
        await self._drop(seen.id)
        self._expired[seen.id] = seen
        self._presence.rows.reap(seen)

    async def _drop(self, id: str) -> None:
        """A process is gone, and everybody who was here through it alone.

        It is known until the last of them is gone, so that whoever is interrupted goes on with the rest.
        """
        peer = self._peers.get(id)
        if peer is None:
            return
        peer.is_taking = True  # should it tell anything, that is read afterwards
        try:
            for number, person in enumerate(sorted(peer.people), 1):
                self._take(id, peer, person, None)
                if number % TURN == 0:
                    await asyncio.sleep(0)
            del self._peers[id]
        finally:
            peer.is_taking = False

    async def _take_all(self, id: str, seen: ProcessRow, read: "Read") -> None:
        """Take what was read: what has changed, or all there is."""
        peer, (known, rows) = self._peers[id], read
        peer.is_taking = True
        try:
            for number, row in enumerate(rows, 1):
                if row.version > peer.version or not known:
                    self._take(id, peer, row.person, row.attendance)
                if number % TURN == 0:
                    await asyncio.sleep(0)
            if not known:
                for person in peer.people.difference(row.person for row in rows):
                    self._take(id, peer, person, None)
        finally:
            peer.is_taking = False
        latest = max((row.version for row in rows), default=0)
        peer.version = max(seen.version, latest, peer.version if known else 0)
        if peer.version == seen.version and len(peer.people) != seen.people and known:
            peer.version = 0  # something was missed: the next reading is of all
            self._is_hurried.set()

    def _take(self, id: str, peer: Peer, person: str, here: Attendance | None) -> None:
        if here is None:
            peer.people.discard(person)
        else:
            peer.people.add(person)
        self._presence.seen(self._roster.put(id, person, here))


class Read(NamedTuple):
    """What was read of a process: the rows beyond a version, or all where that is 0."""

    known: int
    rows: list[PersonRow]


@polling
def _beyond(known: Mapping[str, int], own: str) -> tuple[list[ProcessRow], dict[str, Read]]:
    """All processes, and the rows of those that have written more than is known; all where none is known.

    Where a process has written less than is known the database is an older state: then all as well.
    """
    processes = presence_rows.processes()
    wanted = {
        seen.id: version if (version := known.get(seen.id, 0)) <= seen.version else 0
        for seen in processes
        if seen.id != own and known.get(seen.id, 0) != seen.version
    }
    rows = presence_rows.changes(wanted)
    return processes, {id: Read(version, rows[id]) for id, version in wanted.items()}
