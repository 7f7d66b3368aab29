"""The roster: who is here now, in which rooms, and under which name, through all processes of the site."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import msgspec

from chat.core.name_keys import key as name_key
from chat.core.person_ids import is_of_user
from chat.core.protocol import MEMBERS_LIMIT, Member, Role

#: What the process that has the roster is called in it.
OWN = ""


class Attendance(NamedTuple):
    """Somebody who is here through one process."""

    name: str
    #: Since when they are here under this name, in seconds of the wall clock.
    since: float
    #: How many connections they have; none while they may still come back unnoticed.
    connections: int
    #: The keys of the rooms they are in, each with their role there.
    rooms: Mapping[int, Role]


@dataclass(slots=True)
class Change:
    """What another attendance of one person means to those who see all of them as one."""

    person: str
    #: What they are called now, or were last.
    name: str
    #: The rooms they were in through no process before, and those they are in through none any more.
    came: list[int] = field(default_factory=list)
    went: list[int] = field(default_factory=list)
    #: What they were called, where that is another name now.
    name_was: str | None = None
    #: Who is called so nearly like somebody whose name it is that nobody can tell them apart.
    clash: str | None = None


class _Person:
    """All attendances of one person."""

    __slots__ = ("by_process", "key", "name", "since")

    def __init__(self) -> None:
        self.by_process: dict[str, Attendance] = {}
        self.name, self.since, self.key = "", 0.0, ""

    def settle(self) -> None:
        """The name is the latest that was given, in use since the first who gave it."""
        if len(self.by_process) == 1:
            [(self.name, self.since, _connections, _rooms)] = self.by_process.values()
            return
        self.name = max(self.by_process.values(), key=lambda one: (one.since, one.name)).name
        self.since = min(one.since for one in self.by_process.values() if one.name == self.name)


class _Room:
    """Who is in one room: through how many processes, and in which role."""

    __slots__ = ("_ids", "people", "told")

    def __init__(self) -> None:
        self.people: dict[str, tuple[int, Role]] = {}
        #: The first MEMBERS_LIMIT of them as frames have them; None where nobody has asked since one of
        #: these left or became something else.
        self.told: dict[str, bytes] | None = None
        #: Their ids in order, from the first time that somebody asks for them.
        self._ids: list[str] | None = None

    def add(self, person: str, role: Role) -> bool:
        """Through one process more. Is it the first?"""
        processes, before = self.people.get(person, (0, role))
        self.people[person] = processes + 1, role
        if role != before:
            self.untell(person)
        if not processes and self._ids is not None:
            insort(self._ids, person)
        return not processes

    def remove(self, person: str) -> bool:
        """Through one process less. Was it the last?"""
        processes, role = self.people.get(person, (0, "guest"))
        if processes > 1:
            self.people[person] = processes - 1, role
            return False
        if processes and self._ids is not None:
            del self._ids[bisect_left(self._ids, person)]
        self.untell(person)
        return self.people.pop(person, None) is not None

    def untell(self, person: str) -> None:
        """What frames have of somebody is so no longer."""
        if self.told is not None and person in self.told:
            self.told = None

    def ids(self) -> list[str]:
        """Their ids in order. To keep that costs microseconds for each who comes, to sort milliseconds."""
        if self._ids is None:
            self._ids = sorted(self.people)
        return self._ids


class Roster:
    """Puts together what each process says of who is here: one entry a person, wherever they are."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}
        self._rooms: dict[int, _Room] = {}
        #: Those who are here under a name with this key: more than one for a moment.
        self._by_key: dict[str, set[str]] = {}

    def put(self, process: str, id: str, attendance: Attendance | None) -> Change | None:
        """How somebody is here through a process from now on, or that they are not; what that changes."""
        person = self._people.get(id)
        before = person.by_process.get(process) if person is not None else None
        if before == attendance:
            return None
        if person is None:
            person = self._people[id] = _Person()
        change = Change(id, person.name)
        if attendance is None:
            del person.by_process[process]
        else:
            person.by_process[process] = attendance
        self._settle_name(id, person, change)
        self._settle_rooms(
            id, before.rooms if before else {}, attendance.rooms if attendance else {}, change
        )
        is_seen = change.came or change.went or change.name_was is not None or change.clash
        return change if is_seen else None

    def forget(self, room: int) -> list[str]:
        """A room is gone, and nobody is in it any more; who was."""
        gone = self._rooms.pop(room, None)
        if gone is None:
            return []
        for id in gone.people:
            attendances = self._people[id].by_process
            for process, one in attendances.items():
                if room in one.rooms:
                    rooms = {key: role for key, role in one.rooms.items() if key != room}
                    attendances[process] = one._replace(rooms=rooms)
        return list(gone.people)

    def attendance(self, process: str, id: str) -> Attendance | None:
        """How somebody is here through one process."""
        person = self._people.get(id)
        return None if person is None else person.by_process.get(process)

    # Who is here

    def __contains__(self, id: str) -> bool:
        """Whether somebody has a connection, in any process."""
        person = self._people.get(id)
        return person is not None and any(one.connections for one in person.by_process.values())

    def __iter__(self) -> Iterator[str]:
        """Everybody who is here, or may still come back unnoticed."""
        return iter(self._people)

    def connections(self, id: str) -> int:
        """How many connections somebody has, in all processes."""
        person = self._people.get(id)
        return sum(one.connections for one in person.by_process.values()) if person is not None else 0

    def name(self, id: str) -> str | None:
        """What somebody who is here is called."""
        person = self._people.get(id)
        return None if person is None else person.name

    def since(self, id: str) -> float | None:
        """Since when somebody is here under their name."""
        person = self._people.get(id)
        return None if person is None else person.since

    def holder(self, key: str) -> str | None:
        """Whose a name with this key is (chat.core.name_keys) of those who are here under one.

        Of several who came at one moment, each through another process, it is the first's; but a guest
        may have sat down under it before its user came.
        """
        return min(self._by_key.get(key, ()), key=self._precedence, default=None)

    def called(self, key: str, room: int) -> str | None:
        """Whose a name with this key is of those who are in a room. For any thread."""
        found = self._rooms.get(room)
        if found is None:
            return None
        # A copy is made in one step, whoever comes or goes meanwhile.
        here = sorted(id for id in tuple(self._by_key.get(key, ())) if id in found.people)
        return next(filter(is_of_user, here), next(iter(here), None))

    def _precedence(self, id: str) -> tuple[bool, float, str]:
        return not is_of_user(id), self._people[id].since, id

    # Who is in a room

    def online(self, room: int) -> int:
        """How many people are in a room."""
        found = self._rooms.get(room)
        return len(found.people) if found is not None else 0

    def role(self, room: int, id: str) -> Role | None:
        """What somebody is in a room; None where they are not there."""
        found = self._rooms.get(room)
        return found.people[id][1] if found is not None and id in found.people else None

    def rooms(self, id: str) -> list[int]:
        """The rooms that somebody is in."""
        person = self._people.get(id)
        attendances = person.by_process.values() if person is not None else ()
        return list(dict.fromkeys(room for one in attendances for room in one.rooms))

    def people(self, room: int, most: int) -> list[tuple[str, str, Role]]:
        """Id, name and role of those in a room, in the order they came, at most `most`."""
        found = self._rooms.get(room)
        if found is None:
            return []
        people = self._people
        return [(id, people[id].name, role) for id, (_, role) in islice(found.people.items(), most)]

    def members(self, room: int) -> msgspec.Raw:
        """The first MEMBERS_LIMIT of `people` as JSON; for each who comes only they are encoded."""
        found = self._rooms.get(room)
        if found is None:
            return msgspec.Raw(b"[]")
        if found.told is None:
            found.told = {one[0]: _member(*one) for one in self.people(room, MEMBERS_LIMIT)}
        return msgspec.Raw(b"[%b]" % b",".join(found.told.values()))

    def page(self, room: int, after: str, most: int) -> tuple[list[tuple[str, str, Role]], bool]:
        """As `people`, in the order of their ids and from behind `after`; and whether there are more."""
        found = self._rooms.get(room)
        if found is None:
            return [], False
        ids = found.ids()
        start = bisect_right(ids, after)
        page = [(id, self._people[id].name, found.people[id][1]) for id in ids[start : start + most]]
        return page, start + most < len(ids)

    # How it is put together

    def _settle_name(self, id: str, person: _Person, change: Change) -> None:
        if not person.by_process:
            del self._people[id]
            self._give_back(person.key, id)
            return
        was, key_was = person.name, person.key
        person.settle()
        change.name = person.name
        if was == person.name:
            return
        change.name_was = was or None
        for room in self.rooms(id) if was else ():
            if room in self._rooms:
                self._rooms[room].untell(id)
        person.key = name_key(person.name)
        if person.key != key_was:
            if was:
                self._give_back(key_was, id)
            change.clash = self._claim(person.key, id)

    def _claim(self, key: str, id: str) -> str | None:
        """Somebody is called so; who of them and the holder has to yield, where there was one."""
        holder = self.holder(key)
        self._by_key.setdefault(key, set()).add(id)
        if holder is None:
            return None
        return id if self.holder(key) == holder else holder

    def _give_back(self, key: str, id: str) -> None:
        others = self._by_key[key]
        others.discard(id)
        if not others:
            del self._by_key[key]

    def _settle_rooms(
        self, id: str, before: Mapping[int, Role], now: Mapping[int, Role], change: Change
    ) -> None:
        for room, role in now.items():
            if room not in before:
                found = self._rooms.setdefault(room, _Room())
                if found.add(id, role):
                    change.came.append(room)
                    if found.told is not None and len(found.told) < MEMBERS_LIMIT:
                        found.told[id] = _member(id, self._people[id].name, role)
            elif role != before[room] and room in self._rooms:
                processes, _role = self._rooms[room].people[id]
                self._rooms[room].people[id] = processes, role
                self._rooms[room].untell(id)
        for room in before:
            if room not in now and room in self._rooms:
                found = self._rooms[room]
                if found.remove(id):
                    change.went.append(room)
                if not found.people:
                    del self._rooms[room]


def _member(id: str, name: str, role: Role) -> bytes:
    return msgspec.json.encode(Member(id, name, role))
