"""Presence: who is here through this process, in which rooms; and the moment that who was cut off has.

Who comes and who goes is in the roster at once. How the others come to know it: presence_writer.py.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET

from chat.core.protocol import NameWas, Role
from chat.core.roster import OWN, Attendance, Change, Roster
from chat.live import lease
from chat.live.presence_writer import PresenceWriter

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Local:
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
    """Who is here through this process. Belongs to one event loop."""

    #: What the site is told where somebody is called otherwise.
    RENAMED = "rename"

    def __init__(
        self,
        roster: Roster,
        tell_site: Callable[[str, Any], None],
        rename_connections: Callable[[str, str, NameWas], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._roster = roster
        self._rename_connections = rename_connections
        self._here: dict[str, _Local] = {}
        #: Whose connections were cut off, with the rooms that they are still in, and until when.
        self._lingering: deque[tuple[float, str, list[int]]] = deque()
        #: How the others come to know of them.
        self.rows = PresenceWriter(self._here.keys(), self._attendance, tell_site)
        # Called with what those see who are here, and with who has to be called otherwise.
        self.on_change: Callable[[Change], None] = lambda change: None
        self.on_clash: Callable[[str], object] = lambda person: None

    # Who is here

    def arrive(self, person: str, name: str) -> None:
        """A connection of somebody is open, and they are called `name`."""
        local = self._here.get(person)
        if local is None:
            since = self._roster.since(person) if self._roster.name(person) == name else None
            local = self._here[person] = _Local(name, since or self.next_since(person))
        local.connections += 1
        local.stays += 1
        self._see(person)
        if local.name != name:
            self.rename(person, name, self.next_since(person))

    def depart(self, person: str, rooms: Iterable[int] = (), *, at_once: bool = True) -> None:
        """A connection of somebody is gone, and with it they are gone from these rooms.

        At once, or unless they come back within lease.GRACE seconds.
        """
        local = self._here[person]
        local.connections -= 1
        if at_once:
            self._leave(person, rooms)
        else:
            if not self._lingering:
                self._loop.call_later(lease.GRACE, self._let_go)
            self._lingering.append((self._loop.time() + lease.GRACE, person, list(rooms)))
        self._see(person)

    def enter(self, room: int, person: str, role: Role) -> None:
        """A connection of somebody is in a room."""
        local = self._here[person]
        times, _role = local.rooms.get(room, (0, role))
        local.rooms[room] = times + 1, role
        self._see(person)

    def leave(self, room: int, person: str) -> None:
        """A connection of somebody is in a room no longer."""
        self._leave_room(self._here[person], room)
        self._see(person)

    def set_role(self, room: int, person: str, role: Role) -> None:
        """Somebody is something else in a room now, if they are there."""
        local = self._here.get(person)
        if local is not None and room in local.rooms:
            local.rooms[room] = local.rooms[room][0], role
            self._see(person)

    def forget(self, room: int) -> None:
        """A room is gone, and nobody is in it any more. Nobody hears of that here."""
        for person in self._roster.forget(room):
            local = self._here.get(person)
            if local is not None and room in local.rooms:
                del local.rooms[room]
                self.rows.note(person)

    def rename(self, person: str, name: str, since: float, name_was: NameWas = UNSET) -> None:
        """Somebody who may be here is called otherwise since then, if they have no later name.

        They hear why (`name_was` of `welcome`), where they have not asked for it.
        """
        local = self._here.get(person)
        if local is None or local.name == name or (since, name) < (local.since, local.name):
            return
        local.name, local.since = name, since
        self._rename_connections(person, name, name_was)
        self._see(person)

    def heard_of_name(self, data: Any) -> None:
        """What some process tells of the name of somebody."""
        self.rename(data["person"], data["name"], data["since"], data["name_was"] or UNSET)

    def next_since(self, person: str) -> float:
        """A moment for another name, later than that of the one they have, whatever our clock says."""
        return max(moment(), round((self._roster.since(person) or 0.0) + 0.001, 3))

    def seen(self, change: Change | None) -> None:
        """The roster has changed: have those told who are here."""
        if change is None:
            return
        if change.name_was is not None and (since := self._roster.since(change.person)):
            self.rename(change.person, change.name, since)  # through another process
        try:
            self.on_change(change)
        except Exception:  # who is here is so, whether or not that could be told
            logger.exception("It could not be told who has come or gone.")
        if change.clash is not None and change.clash in self._here:
            self.on_clash(change.clash)

    def _see(self, person: str) -> None:
        """What is known of somebody here has changed."""
        local = self._here.get(person)
        if local is not None and not local.stays:
            del self._here[person]
        before = self._roster.attendance(OWN, person)
        now = self._attendance(person)
        if now != before:
            change = self._roster.put(OWN, person, now)
            is_urgent = before is None or now is None or _is_urgent(before, now)
            self.rows.note(person, is_urgent=is_urgent)
            self.seen(change)

    def _attendance(self, person: str) -> Attendance | None:
        """How somebody is here; None where they are not, or no longer."""
        local = self._here.get(person)
        return None if local is None else local.attendance()

    def will_end(self, retry_after: float) -> None:
        """The process is about to end, and has asked somebody to come again after so many seconds.

        Who is cut off from now on has that time, and lease.GRACE, to come back unnoticed.
        """
        self.rows.will_end(retry_after + lease.GRACE)

    def _leave(self, person: str, rooms: Iterable[int]) -> None:
        local = self._here[person]
        for room in rooms:
            self._leave_room(local, room)
        local.stays -= 1

    @staticmethod
    def _leave_room(local: _Local, room: int) -> None:
        times, role = local.rooms.get(room, (0, "guest"))
        if times > 1:
            local.rooms[room] = times - 1, role
        else:
            local.rooms.pop(room, None)  # it may be deleted

    def _let_go(self) -> None:
        """Who has not come back is gone."""
        now = self._loop.time()
        try:
            while self._lingering and self._lingering[0][0] <= now and not self.rows.is_ending:
                _due, person, rooms = self._lingering.popleft()
                self._leave(person, rooms)
                self._see(person)
        finally:  # whatever is wrong with one, the others go in their turn
            if self._lingering and not self.rows.is_ending:
                self._loop.call_at(self._lingering[0][0], self._let_go)


def _is_urgent(before: Attendance, now: Attendance) -> bool:
    """Whether others should know soon. How many connections somebody has may wait, if they have any."""
    return (bool(now.connections), now.name, now.since, now.rooms) != (
        *(bool(before.connections), before.name, before.since),
        before.rooms,
    )


def moment() -> float:
    """Now, as it is kept."""
    return round(time.time(), 3)
