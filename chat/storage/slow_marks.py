"""Slow marks: when the people of a batch spoke last in rooms that are slow, behind the locks of those."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chat.models import Room, SlowMark
from chat.storage.accepted_command import AcceptedCommand


class SlowMarks:
    """Of those who speak in one transaction, read at one time, and only where a room is slow."""

    def __init__(self, rooms: Mapping[int, Room], commands: Iterable[AcceptedCommand[Any]]) -> None:
        slow = {key for key, room in rooms.items() if room.slow}
        #: Whether anybody may have to wait.
        self.is_needed = bool(slow)
        self._marks: dict[tuple[int, str], SlowMark] = {}
        self._changed: dict[tuple[int, str], SlowMark] = {}
        if slow:
            people = {one.actor.person.pk for one in commands if one.room in slow and one.actor.person}
            found = SlowMark.objects.filter(room__in=slow, person__in=people)
            self._marks = {(mark.room_id, mark.person_id): mark for mark in found}

    def last(self, room: Room, person: str) -> datetime | None:
        """When a person spoke last in a room that is slow, as far as was noted."""
        mark = self._marks.get((room.pk, person))
        return mark.at if mark else None

    def note(self, room: Room, person: str, at: datetime) -> None:
        """A person speaks in a room; where it is not slow that is nothing to keep."""
        if room.slow:
            key = room.pk, person
            self._marks[key] = self._changed[key] = SlowMark(room=room, person_id=person, at=at)

    @property
    def changed(self) -> list[SlowMark]:
        """What has to be kept."""
        return list(self._changed.values())
