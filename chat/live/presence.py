"""Presence: who is here through this process, and how that reaches the rows that the others read.

Who comes and who goes is in the roster at once. Their rows are written with whatever the writer writes
next, or a moment later: each that has changed once, however many they are and however often they did.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from chat.core.protocol import Role
from chat.core.roster import OWN, Attendance, Change, Roster
from chat.live import lease
from chat.models.presence import new_process_id
from chat.storage.presence_rows import PresenceUpdate, Seen

logger = logging.getLogger(__name__)

#: How long who was cut off has to come back before anybody hears of it, in seconds.
GRACE = 3.0
#: How long a change waits for another transaction that it may go along with, in seconds.
WAIT = 0.05
#: For how long it can be read that somebody has left, in seconds. Whoever did not look for so long finds
#: out by the number of people that something was missed.
TOMBSTONE = 30.0
#: How many rows may be told to the other processes; of more they hear that there is something to read.
TOLD = 1000
#: How long the end of a process waits for its last rows to be written, in seconds.
PATIENCE = 2.0

Put = Callable[[PresenceUpdate], "asyncio.Future[Any]"]


@dataclass(slots=True)
class _Guest:
    """Somebody who is here through this process."""

    name: str
    since: float
    #: How many connections are open; and how many are, or were cut off a moment ago.
    connections: int = 0
    stays: int = 0
    #: The rooms they are in: how often, and in which role.
    rooms: dict[int, tuple[int, Role]] = field(default_factory=dict)

    def attendance(self) -> Attendance:
        """As it is told to others."""
        rooms = {room: role for room, (_times, role) in self.rooms.items()}
        return Attendance(self.name, self.since, self.connections, rooms)


class Presence:
    """Who is here through this process. Belongs to one event loop.

    `begin` gives it what writes, and then it writes; before that it is known here alone who is here.
    """

    #: What the others are told, so that they need not read it.
    KIND = "presence"
    #: What the site is told where somebody is called otherwise.
    RENAMED = "rename"

    def __init__(
        self,
        roster: Roster,
        tell_site: Callable[[str, Any], None],
        rename_connections: Callable[[str, str, str], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._roster, self._tell_site = roster, tell_site
        self._rename_connections = rename_connections
        self._put: Put | None = None
        #: What this process is called in its rows; another after others have taken it for dead.
        self.id = new_process_id()
        self._guests: dict[str, _Guest] = {}
        #: Whose connections were cut off, with the rooms that they are still in, and until when.
        self._lingering: deque[tuple[float, str, list[int]]] = deque()
        #: How long its people are here after its end; None before that.
        self._lease_left: float | None = None
        self._is_over = False
        # Called with what those see who are here, and with who has to be called otherwise.
        self.on_change: Callable[[Change], None] = lambda change: None
        self.on_clash: Callable[[str], object] = lambda person: None
        # The rows
        self._origin = lease.origin()
        self._has_row = False
        self._version = self._written_version = 0
        #: Whose rows are not as they should be, and who has a row that says they are here.
        self._changed: set[str] = set()
        self._in_rows: set[str] = set()
        #: What is being written, and what was asked to be written beside that.
        self._writing: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._dead: dict[str, Seen] = {}
        self._doomed: dict[str, Seen] = {}
        #: When rows of those who left were written, and in which version.
        self._tombstones: deque[tuple[float, int]] = deque()
        #: When this process had a row renewed last.
        self._renewed_at = -inf

    # Who is here

    def arrive(self, person: str, name: str) -> None:
        """A connection of somebody is open, and they are called `name`."""
        guest = self._guests.get(person)
        if guest is None:
            since = self._roster.since(person) if self._roster.name(person) == name else None
            guest = self._guests[person] = _Guest(name, since or moment())
        guest.connections += 1
        guest.stays += 1
        self._see(person)
        if guest.name != name:
            self.rename(person, name, self.next_since(person))

    def depart(self, person: str, rooms: Iterable[int] = (), *, at_once: bool = True) -> None:
        """A connection of somebody is gone, and with it they are gone from these rooms.

        At once, or unless they come back within GRACE seconds.
        """
        guest = self._guests[person]
        guest.connections -= 1
        if at_once:
            self._leave(person, rooms)
        else:
            if not self._lingering:
                self._loop.call_later(GRACE, self._let_go)
            self._lingering.append((self._loop.time() + GRACE, person, list(rooms)))
        self._see(person)

    def enter(self, room: int, person: str, role: Role) -> None:
        """A connection of somebody is in a room."""
        guest = self._guests[person]
        times, _role = guest.rooms.get(room, (0, role))
        guest.rooms[room] = times + 1, role
        self._see(person)

    def leave(self, room: int, person: str) -> None:
        """A connection of somebody is in a room no longer."""
        self._leave_room(self._guests[person], room)
        self._see(person)

    def set_role(self, room: int, person: str, role: Role) -> None:
        """Somebody is something else in a room now, if they are there."""
        guest = self._guests.get(person)
        if guest is not None and room in guest.rooms:
            guest.rooms[room] = guest.rooms[room][0], role
            self._see(person)

    def forget(self, room: int) -> None:
        """A room is gone, and nobody is in it any more. Nobody hears of that here."""
        for person in self._roster.forget(room):
            guest = self._guests.get(person)
            if guest is not None and room in guest.rooms:
                del guest.rooms[room]
                self._note(person)

    def rename(self, person: str, name: str, since: float, name_was: str = "") -> None:
        """Somebody who may be here is called otherwise since then, if they have no later name.

        They hear why (`name_was` of `welcome`), where they have not asked for it.
        """
        guest = self._guests.get(person)
        if guest is None or guest.name == name or (since, name) < (guest.since, guest.name):
            return
        guest.name, guest.since = name, since
        self._rename_connections(person, name, name_was)
        self._see(person)

    def heard_of_name(self, data: Any) -> None:
        """What some process tells of the name of somebody."""
        self.rename(data["person"], data["name"], data["since"], data["name_was"])

    def next_since(self, person: str) -> float:
        """A moment for another name, later than that of the one they have, whatever our clock says."""
        return max(moment(), round((self._roster.since(person) or 0.0) + 0.001, 3))

    def seen(self, change: Change | None) -> None:
        """The roster has changed: have those told who are here."""
        if change is None:
            return
        if change.name_was is not None and (since := self._roster.since(change.person)):
            self.rename(change.person, change.name, since)  # through another process
        self.on_change(change)
        if change.clash is not None and change.clash in self._guests:
            self.on_clash(change.clash)

    def _see(self, person: str) -> None:
        """What is known of somebody here has changed."""
        guest = self._guests.get(person)
        if guest is not None and not guest.stays:
            del self._guests[person]
            guest = None
        before = self._roster.attendance(OWN, person)
        now = None if guest is None else guest.attendance()
        if now != before:
            change = self._roster.put(OWN, person, now)
            is_urgent = before is None or now is None or _is_urgent(before, now)
            self._note(person, is_urgent=is_urgent)
            self.seen(change)

    def _leave(self, person: str, rooms: Iterable[int]) -> None:
        guest = self._guests[person]
        for room in rooms:
            self._leave_room(guest, room)
        guest.stays -= 1

    @staticmethod
    def _leave_room(guest: _Guest, room: int) -> None:
        times, role = guest.rooms.get(room, (0, "guest"))
        if times > 1:
            guest.rooms[room] = times - 1, role
        else:
            guest.rooms.pop(room, None)  # it may be deleted

    def _let_go(self) -> None:
        """Who has not come back is gone."""
        now = self._loop.time()
        while self._lingering and self._lease_left is None:
            due, person, rooms = self._lingering[0]
            if due > now:
                self._loop.call_at(due, self._let_go)
                return
            self._lingering.popleft()
            self._leave(person, rooms)
            self._see(person)

    # The rows

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

    def bury(self, dead: Seen) -> None:
        """A process is dead: have its rows deleted, unless it is not."""
        if dead.id not in self._dead:
            self._dead[dead.id] = dead
            self._write_soon()

    def doom(self, seen: Seen) -> None:
        """A process is found dead at the start of this one: its people have seconds to come back."""
        self._doomed[seen.id] = seen

    @property
    def written_version(self) -> int:
        """The version of its rows that is known to be kept; 0 where it has none."""
        return self._written_version

    def compare(self, seen: Seen | None, version: int) -> None:
        """The own row was read, or is not there, when this version was known to be kept."""
        if not version or self._writing is not None:
            return
        if seen is None:
            self.write()  # which finds out whether that is so
        elif seen.version < version:
            self._begin_anew("The database is older than what this process has written.")
            self.bury(seen)

    def offer(self) -> None:
        """A transaction is about to be gathered: what has changed goes along, if anything has."""
        if self._timer is not None:
            later = {person for person in self._changed if self._is_on_the_way(person)}
            if len(later) < len(self._changed):
                self._write(later)

    def _is_on_the_way(self, person: str) -> bool:
        """Somebody has come and is in no room yet: their row is written with the rooms, a moment later."""
        guest = self._guests.get(person)
        return guest is not None and not guest.rooms and person not in self._in_rows

    def _note(self, person: str, *, is_urgent: bool = True) -> None:
        """The row of somebody has to be written: soon, or with the next."""
        self._changed.add(person)
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
        self._write(set())

    def _write(self, later: set[str]) -> None:
        if self._put is None or self._writing is not None or self._is_over:
            return
        self._changed, changed = later, self._changed - later
        if self._timer is not None and not later:
            self._timer.cancel()
            self._timer = None
        update = self._update(changed)
        self._writing = self._put(update)
        self._writing.add_done_callback(lambda done: self._written(update, done))

    def _update(self, people: set[str]) -> PresenceUpdate:
        self._version += 1
        changed = {
            person: guest.attendance() if (guest := self._guests.get(person)) else None
            for person in people
            if person in self._guests or person in self._in_rows
        }
        here = sum(one is not None and person not in self._in_rows for person, one in changed.items())
        gone = sum(one is None for one in changed.values())
        old = self._loop.time() - TOMBSTONE
        return PresenceUpdate(
            self.id,
            self._origin if self._lease_left is None else self._origin._replace(pid=0),
            self._version,
            self._own_lease(),
            len(self._in_rows) + here - gone,
            changed,
            is_new=not self._has_row,
            forgotten=max((version for at, version in self._tombstones if at < old), default=0),
            dead=list(self._dead.values()),
            doomed=list(self._doomed.values()),
        )

    def _own_lease(self) -> float:
        if self._lease_left is None:
            return lease.LEASE
        return self._lease_left if self._guests else 0.0

    def _written(self, update: PresenceUpdate, done: "asyncio.Future[Any]") -> None:
        self._writing = None
        if done.cancelled():
            return
        if done.result() is True:
            self._keep(update)
        elif done.result() is False:
            self._begin_anew("Others have taken this process for dead.")
        else:  # nobody knows whether it was kept
            self._in_rows |= update.changed.keys()
            self._changed |= update.changed.keys()
            return  # the next renewal tries again
        if self._changed:
            self._write_soon()

    def _keep(self, update: PresenceUpdate) -> None:
        now = self._loop.time()
        before, self._written_version = self._written_version, update.version
        self._has_row, self._renewed_at = True, now
        gone = [person for person, attendance in update.changed.items() if attendance is None]
        self._in_rows |= update.changed.keys()
        self._in_rows.difference_update(gone)
        if gone:
            self._tombstones.append((now, update.version))
        while self._tombstones and self._tombstones[0][1] <= update.forgotten:
            self._tombstones.popleft()
        for handled, kept in ((update.dead, self._dead), (update.doomed, self._doomed)):
            for seen in handled:
                if kept.get(seen.id) is seen:
                    del kept[seen.id]
        if update.changed:
            self._tell_site(self.KIND, _told(update, after=before))

    def _begin_anew(self, why: str) -> None:
        """Be another process from now on, with all who are here."""
        if self._is_over:
            return
        logger.warning("%s It begins again, with %d people.", why, len(self._guests))
        self.id, self._has_row = new_process_id(), False
        self._version = self._written_version = 0
        self._tombstones.clear()
        self._in_rows.clear()
        self._changed = set(self._guests)
        self._write_soon()

    # The end

    def will_end(self, retry_after: float) -> None:
        """The process is about to end, and has asked somebody to come again after so many seconds.

        Who is cut off from now on has that time, and GRACE, to come back unnoticed.
        """
        self._lease_left = max(self._lease_left or 0.0, retry_after + GRACE)

    async def end(self) -> None:
        """Write for the last time: for how long its people may still come back.

        Nothing is left of a process that has none.
        """
        if self._put is None or self._is_over:
            return
        self._lease_left = self._lease_left or GRACE
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=PATIENCE / 2)
        self.write()
        self._is_over = True
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=PATIENCE / 2)


def _is_urgent(before: Attendance, now: Attendance) -> bool:
    """Whether others should know soon. How many connections somebody has may wait, if they have any."""
    return now._replace(connections=bool(now.connections)) != before._replace(
        connections=bool(before.connections)
    )


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


def moment() -> float:
    """Now, as it is kept."""
    return round(time.time(), 3)
