"""The rows of processes and of who is here through them: how one process writes its own, and reads all.

Only the owner writes, in one transaction with its version; so whoever has read up to a version has all.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from chat.core.protocol import Role
from chat.core.roster import Attendance
from chat.models import Presence
from chat.storage import shapes, vendor

logger = logging.getLogger(__name__)

#: The columns of a row of somebody, the first two of which are its key.
_COLUMNS = ("process", "person", "name", "since", "connections", "rooms", "version", "is_here")


class OSProcess(NamedTuple):
    """A process as the system of its machine has it; see live/lease.py."""

    host: str
    pid: int
    started: int


@dataclass(frozen=True)
class PresenceUpdate:
    """What a process writes of itself: all that has changed since it wrote last."""

    process: str
    os_process: OSProcess
    version: int
    lease: float
    #: How many people are here through it.
    people: int
    #: The version that is known to be kept: a row of an older one is of another state of the database.
    kept: int = 0
    #: The people who have changed; None for who is here no more.
    changed: Mapping[str, Attendance | None] = field(default_factory=dict)
    #: Whether it has no row of its own yet.
    is_new: bool = False
    #: The rows of those who left in this version or before are not needed any more.
    forgotten: int = 0
    #: Processes that are dead, each as old as it was seen to be; and those whose leases end after the
    #: seconds that they say here.
    expired: Sequence["ProcessRow"] = ()
    shortened: Sequence["ProcessRow"] = ()

    @property
    def is_end(self) -> bool:
        """Whether nothing is to be left of the process."""
        return not self.lease


class ProcessRow(NamedTuple):
    """A process as it was read: what it said when it renewed its lease last."""

    id: str
    os_process: OSProcess
    #: In the database's own words, to be compared with what it says later.
    renewed_at: Any
    #: How many seconds ago that was, by the database's clock.
    age: float
    lease: float
    version: int
    people: int


class PersonRow(NamedTuple):
    """Somebody through another process; `attendance` is None once they have left."""

    person: str
    attendance: Attendance | None
    version: int


def write(update: PresenceUpdate) -> bool:
    """Write what has changed; False where the row of the process is gone, or an older state of it.

    Then nothing of the process is left, which has to be another one from now on. Has to be called within a
    transaction. Whoever else wants these rows waits for the process's own.
    """
    with vendor.cursor() as cursor:
        if update.is_end:
            _forget(cursor, update.process)
            return True
        if not _renew(cursor, update):
            _forget(cursor, update.process)
            return False
        if update.is_new:  # what nobody is left of, after rows were deleted by hand
            cursor.execute(
                "DELETE FROM chat_presence WHERE NOT EXISTS "
                "(SELECT 1 FROM chat_process WHERE chat_process.id = chat_presence.process)"
            )
        if update.changed:
            shape = shapes.shape_of(Presence, _COLUMNS)
            rows = [_values(update, person, one) for person, one in update.changed.items()]
            cursor.execute(f"{shape.insertion} {_on_conflict()}", [vendor.records(shape.fields, rows)])
        if update.forgotten:
            cursor.execute(
                "DELETE FROM chat_presence WHERE process = %s AND version <= %s AND NOT is_here",
                [update.process, update.forgotten],
            )
        for seen in sorted(update.shortened):
            cursor.execute(_SHORTEN + _unless_renewed(), [seen.lease, seen.id, seen.renewed_at])
        for seen in sorted(update.expired):
            cursor.execute(_DELETE + _unless_renewed(), [seen.id, seen.renewed_at])
            if cursor.rowcount:
                cursor.execute("DELETE FROM chat_presence WHERE process = %s", [seen.id])
    return True


def processes() -> list[ProcessRow]:
    """All processes of the site."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, host, pid, started, {vendor.exactly('renewed_at')}, {vendor.age('renewed_at')}, "  # noqa: S608
            "lease, version, people FROM chat_process"
        )
        return [
            ProcessRow(id, OSProcess(host, pid, started), *said)
            for id, host, pid, started, *said in cursor.fetchall()
        ]


def changes(known: Mapping[str, int]) -> dict[str, list[PersonRow]]:
    """The rows of these processes that are beyond the version known of each, as they were written."""
    if not known:
        return {}
    shape = shapes.shape_of(Presence, ("process", "version"))
    given = vendor.recordset(shape.fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT here.process, here.person, here.name, {vendor.seconds('here.since')}, "  # noqa: S608
            f"here.connections, here.rooms, here.version, here.is_here FROM {given} "
            "CROSS JOIN chat_presence here "
            "WHERE here.process = given.process AND here.version > given.version "
            "ORDER BY here.version, here.id",
            [vendor.records(shape.fields, known.items())],
        )
        found: dict[str, list[PersonRow]] = {process: [] for process in known}
        for process, person, name, since, connections, rooms, version, is_here in cursor.fetchall():
            attendance = (
                Attendance(name, round(since, 3), connections, _rooms(rooms, process)) if is_here else None
            )
            found[process].append(PersonRow(person, attendance, version))
        return found


def _renew(cursor: Any, update: PresenceUpdate) -> bool:
    said = [update.os_process.pid, update.lease, update.version, update.people]
    if update.is_new:
        cursor.execute(
            "INSERT INTO chat_process (id, host, started, pid, lease, version, people, renewed_at) "  # noqa: S608
            f"VALUES (%s, %s, %s, %s, %s, %s, %s, {vendor.now()}) ON CONFLICT (id) DO UPDATE SET "
            "version = excluded.version, people = excluded.people, renewed_at = excluded.renewed_at",
            [update.process, update.os_process.host, update.os_process.started, *said],
        )
    else:
        cursor.execute(
            "UPDATE chat_process SET pid = %s, lease = %s, version = %s, people = %s, "  # noqa: S608
            f"renewed_at = {vendor.now()} WHERE id = %s AND version >= %s",
            [*said, update.process, update.kept],
        )
    return bool(cursor.rowcount)


def _forget(cursor: Any, process: str) -> None:
    cursor.execute("DELETE FROM chat_process WHERE id = %s", [process])
    cursor.execute("DELETE FROM chat_presence WHERE process = %s", [process])


_SHORTEN, _DELETE = "UPDATE chat_process SET lease = %s", "DELETE FROM chat_process"


def _unless_renewed() -> str:
    """Where a process has not renewed its lease since; nobody waits for one that does so just now."""
    return (
        " WHERE id = (SELECT id FROM chat_process WHERE id = %s AND renewed_at = %s"  # noqa: S608
        f"{vendor.skip_locked()})"
    )


def _values(update: PresenceUpdate, person: str, one: Attendance | None) -> tuple[Any, ...]:
    is_here = one is not None
    name, since, connections, rooms = one or ("", 0, 0, {})
    at = datetime.fromtimestamp(since, UTC)
    return update.process, person, name, at, connections, _words(rooms), update.version, is_here


def _words(rooms: Mapping[int, Role]) -> dict[str, Role]:
    return {str(room): role for room, role in rooms.items()}


def _rooms(stored: Any, process: str) -> dict[int, Role]:
    """The rooms of somebody; none where a row is broken, which is theirs alone to suffer."""
    try:
        return msgspec.json.decode(stored, type=dict[int, Role])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        logger.error("Where somebody is through process %s cannot be read: %s", process, error)
        return {}


@cache
def _on_conflict() -> str:
    changes = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[2:])
    return f"ON CONFLICT (process, person) DO UPDATE SET {changes}"
