"""The presence writer: writes who is here through this process, for the others to read, and its lease.

What has changed gathers for a moment, and is written with whatever the writer has to write then: each row
once, however many they are and however often they did.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable
from math import inf
from typing import Any

from chat.core.roster import Attendance
from chat.live import lease
from chat.models.presence import new_process_id
from chat.storage.presence_rows import PresenceUpdate, ProcessRow

logger = logging.getLogger(__name__)

#: How long what changes gathers before it is written, in seconds: who comes enters their rooms by then.
WAIT = 0.1
#: For how long it can be read that somebody has left, in seconds. Whoever did not look for so long finds
#: out by the number of people that something was missed.
TOMBSTONE = 30.0
#: How many rows may be told to the other processes; of more they hear that there is something to read.
TOLD = 1000
#: How long the end of a process waits for its last rows to be written, in seconds.
PATIENCE = 2.0

Put = Callable[[PresenceUpdate], "asyncio.Future[Any]"]


class PresenceWriter:
    """Keeps the rows of this process as they should be. Belongs to one event loop.

    `here` has those who are here through it, `attendance` says how one of them is. `begin` gives it what
    writes, and then it writes.
    """

    #: What the others are told, so that they need not read it.
    KIND = "presence"

    def __init__(
        self,
        here: Collection[str],
        attendance: Callable[[str], Attendance | None],
        tell_site: Callable[[str, Any], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._here, self._attendance, self._tell_site = here, attendance, tell_site
        self._put: Put | None = None
        #: What this process is called; another after others have taken it for dead.
        self.id = new_process_id()
        self._os_process = lease.this_process()
        self._has_row = False
        self._version = 0
        #: The version that is known to be kept; 0 where there is none.
        self.written_version = 0
        #: Whose rows are not as they should be, in the order in which that came about; and who has a row
        #: that says they are here.
        self._changed: dict[str, None] = {}
        self._in_rows: set[str] = set()
        #: What is being written.
        self._writing: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._expired: dict[str, ProcessRow] = {}
        self._shortened: dict[str, ProcessRow] = {}
        #: When rows of those who left were written, and in which version.
        self._tombstones: deque[tuple[float, int]] = deque()
        #: When this process had its row renewed last.
        self._renewed_at = -inf
        #: How long its people are here after its end; None before that.
        self._lease_left: float | None = None
        self._is_over = False

    def begin(self, put: Put) -> None:
        """From now on write, by `put`."""
        self._put = put

    @property
    def has_begun(self) -> bool:
        """Whether it writes."""
        return self._put is not None

    def is_renewing(self) -> bool:
        """Whether its own lease was renewed lately, so that others can have renewed theirs."""
        return self._loop.time() < self._renewed_at + 2 * lease.RENEWAL

    def renew(self) -> None:
        """Renew the lease, if it is time. To be called once a second or so."""
        if self._loop.time() >= self._renewed_at + lease.RENEWAL:
            self.write()

    def reap(self, seen: ProcessRow) -> None:
        """A process is dead: have its rows deleted, unless it is not."""
        if seen.id not in self._expired:
            self._expired[seen.id] = seen
            self._write_soon()

    def shorten_lease(self, seen: ProcessRow) -> None:
        """A process is found dead at the start of this one: its people have so long to come back."""
        self._shortened[seen.id] = seen

    def compare(self, seen: ProcessRow | None, version: int) -> None:
        """The own row was read, or is not there, when this version was known to be kept."""
        if not version or self._writing is not None:
            return
        if seen is None:
            self.write()  # which finds out whether that is so
        elif seen.version < version:
            self._begin_anew("The database is older than what this process has written.")
            self.reap(seen)

    def note(self, person: str, *, is_urgent: bool = True) -> None:
        """The row of somebody has to be written: soon, or with the next."""
        self._changed[person] = None
        if is_urgent:
            self._write_soon()

    def _write_soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(WAIT, self._write_in_time)

    def _write_in_time(self) -> None:
        self._timer = None
        self.write()

    def write(self) -> None:
        """Write what has changed, and renew the lease; after what is being written."""
        if self._put is None or self._writing is not None or self._is_over:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        changed, self._changed = self._changed, {}
        update = self._update(changed)
        self._writing = self._put(update)
        self._writing.add_done_callback(lambda done: self._written(update, done))

    def _update(self, people: Iterable[str]) -> PresenceUpdate:
        self._version += 1
        changed = {
            person: self._attendance(person)
            for person in people
            if person in self._here or person in self._in_rows
        }
        here = sum(one is not None and person not in self._in_rows for person, one in changed.items())
        gone = sum(one is None for one in changed.values())
        old = self._loop.time() - TOMBSTONE
        return PresenceUpdate(
            self.id,
            self._os_process if self._lease_left is None else self._os_process._replace(pid=0),
            self._version,
            self._own_lease(),
            len(self._in_rows) + here - gone,
            self.written_version,
            changed,
            is_new=not self._has_row,
            forgotten=max((version for at, version in self._tombstones if at < old), default=0),
            expired=list(self._expired.values()),
            shortened=list(self._shortened.values()),
        )

    def _own_lease(self) -> float:
        if self._lease_left is None:
            return lease.LEASE
        return self._lease_left if self._here else 0.0

    def _written(self, update: PresenceUpdate, done: "asyncio.Future[Any]") -> None:
        self._writing = None
        if done.cancelled():
            return
        if done.result() is True:
            self._keep(update)
        elif done.result() is False:
            self._begin_anew("Others have taken this process for dead, or the database is an older one.")
        else:  # nobody knows whether it was kept
            self._in_rows |= update.changed.keys()
            self._changed |= dict.fromkeys(update.changed)
            return  # the next renewal tries again
        if self._changed:
            self._write_soon()

    def _keep(self, update: PresenceUpdate) -> None:
        now = self._loop.time()
        before, self.written_version = self.written_version, update.version
        self._has_row, self._renewed_at = True, now
        gone = [person for person, attendance in update.changed.items() if attendance is None]
        self._in_rows |= update.changed.keys()
        self._in_rows.difference_update(gone)
        if gone:
            self._tombstones.append((now, update.version))
        while self._tombstones and self._tombstones[0][1] <= update.forgotten:
            self._tombstones.popleft()
        for handled, kept in ((update.expired, self._expired), (update.shortened, self._shortened)):
            for seen in handled:
                if kept.get(seen.id) is seen:
                    del kept[seen.id]
        if update.changed:
            self._tell_site(self.KIND, _told(update, after=before))

    def _begin_anew(self, why: str) -> None:
        """Be another process from now on, with all who are here."""
        if self._is_over:
            return
        logger.warning("%s It begins again, with %d people.", why, len(self._here))
        self.id, self._has_row = new_process_id(), False
        self._version = self.written_version = 0
        self._tombstones.clear()
        self._in_rows.clear()
        self._changed = dict.fromkeys(self._here)
        self._write_soon()

    # The end

    @property
    def is_ending(self) -> bool:
        """Whether the process is about to end."""
        return self._lease_left is not None

    def will_end(self, seconds: float) -> None:
        """The process is about to end, and its people are here for at least so many seconds after that."""
        self._lease_left = max(self._lease_left or 0.0, seconds)

    async def end(self) -> None:
        """Write for the last time: for how long its people may still come back.

        Nothing is left of a process that has none.
        """
        if self._put is None or self._is_over:
            return
        self._lease_left = self._lease_left or lease.GRACE
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=PATIENCE / 2)
        self.write()
        self._is_over = True
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=PATIENCE / 2)


def _told(update: PresenceUpdate, after: int) -> dict[str, Any]:
    """What the other processes are told of an update that is committed: JSON's own types."""
    rows = None
    if len(update.changed) <= TOLD:
        rows = [
            [person, one and [*one[:3], [[room, role] for room, role in one.rooms.items()]]]
            for person, one in update.changed.items()
        ]
    return {"process": update.process, "after": after, "version": update.version, "rows": rows}


def attendance(told: list[Any] | None) -> Attendance | None:
    """How somebody is here, as another process has told it."""
    if told is None:
        return None
    name, since, connections, rooms = told
    return Attendance(name, since, connections, dict(rooms))
