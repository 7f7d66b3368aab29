"""The roster: who is here now, in which rooms, and under which name."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from chat.core import name_keys


@dataclass
class Roster:
    """Counts the connections of each id, in all and in each room, so that nobody comes or goes twice."""

    _connections: Counter[str] = field(default_factory=Counter)
    _names: dict[str, str] = field(default_factory=dict)
    #: Who is here under a name with each key.
    _holders: dict[str, dict[str, None]] = field(default_factory=dict)
    #: How often each id is in each room.
    _rooms: dict[int, Counter[str]] = field(default_factory=dict)

    def __contains__(self, id: str) -> bool:
        return id in self._connections

    def name(self, id: str) -> str | None:
        """What somebody who is here is called."""
        return self._names.get(id)

    def holder(self, key: str) -> str | None:
        """Who is here under a name with this key (core/name_keys.py): the first who was."""
        return next(iter(self._holders.get(key, ())), None)

    def arrive(self, id: str, name: str) -> None:
        """One more connection of `id`, which is called `name` from now on."""
        self._connections[id] += 1
        self.rename(id, name)

    def rename(self, id: str, name: str) -> None:
        """Somebody who is here is called otherwise from now on."""
        if self._names.get(id) != name:
            self._give_back_name(id)
            self._names[id] = name
            self._holders.setdefault(name_keys.key(name), {})[id] = None

    def depart(self, id: str) -> None:
        """One connection of `id` less."""
        if _less(self._connections, id):
            self._give_back_name(id)

    def _give_back_name(self, id: str) -> None:
        if (name := self._names.pop(id, None)) is not None:
            holders = self._holders[name_keys.key(name)]
            del holders[id]
            if not holders:
                del self._holders[name_keys.key(name)]

    def enter(self, room: int, id: str) -> bool:
        """A connection of `id` is in a room. Is it the first?"""
        here = self._rooms.setdefault(room, Counter())
        here[id] += 1
        return here[id] == 1

    def leave(self, room: int, id: str) -> bool:
        """A connection of `id` is in a room no longer. Was it the last? Not where the room is gone."""
        if room not in self._rooms:
            return False
        was_last = _less(self._rooms[room], id)
        if not self._rooms[room]:
            del self._rooms[room]
        return was_last

    def forget(self, room: int) -> None:
        """A room is gone, and nobody is in it any more."""
        self._rooms.pop(room, None)

    def online(self, room: int) -> int:
        """How many people are in a room."""
        return len(self._rooms.get(room, ()))

    def members(self, room: int, most: int) -> list[tuple[str, str]]:
        """Id and name of those in a room, in the order they came, at most `most`."""
        ids = islice(self._rooms.get(room, ()), most)
        return [(id, self._names[id]) for id in ids]


def _less(counter: Counter[str], id: str) -> bool:
    """Count one less of `id`; was that the last?"""
    counter[id] -= 1
    if counter[id] > 0:
        return False
    del counter[id]
    return True
