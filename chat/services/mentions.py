"""Mentions: whom a text means by "@" and a name: who is in the room, belongs to it or spoke there lately.

Found behind the lock of the room, when something is said or put otherwise; the ids stay whatever those
people are called later. A text without "@" costs nothing. Who is here, the process knows; a program of the
site finds the others.
"""

from collections.abc import Sequence

from chat.core import mentions
from chat.core.name_keys import key
from chat.core.person_ids import ERASED
from chat.core.protocol import EditMessage, PostMessage
from chat.live import process
from chat.models import Room
from chat.storage import person_rows
from chat.storage.log import LogTransaction


def found(log: LogTransaction, room: Room, text: str) -> list[str] | None:
    """The ids of those whom a text mentions that is said in a room; None where it mentions nobody."""
    if "@" not in text:
        return None
    known = log.once(_Names)
    places = known.places(text)
    if not any(places):
        return None
    names, running = known.of(room), process.running()

    def who(key: str) -> str | None:
        is_here = None if running is None else running.roster.called(key, room.pk)
        return is_here or names.get(key)

    return mentions.whom(places, who) or None


class _Names:
    """What people are called, as far as the texts of one transaction ask; read once for each room."""

    def __init__(self, log: LogTransaction) -> None:
        self._log = log
        self._places: dict[str, list[Sequence[str]]] = {}
        self._keys = {
            key
            for command in log.commands
            if isinstance(command.change, PostMessage | EditMessage) and "@" in command.change.message
            for keys in self.places(command.change.message)
            for key in keys
        }
        self._of: dict[int, dict[str, str]] = {}

    def places(self, text: str) -> list[Sequence[str]]:
        """Where a text may name somebody, looked for once for each text."""
        if text not in self._places:
            self._places[text] = mentions.places(text)
        return self._places[text]

    def of(self, room: Room) -> dict[str, str]:
        """The ids of those who belong to a room, or spoke there lately, by the keys of their names."""
        if room.pk not in self._of:
            speakers, guests, users = person_rows.known_in(room.pk, self._keys)
            # Of two with one name it is whoever belongs to the room, and then whoever spoke last.
            named = {key(name): id for id, name in (*reversed(speakers), *guests) if id != ERASED}
            self._of[room.pk] = named | {key: id for id, key in users}
            self._log.answered()
        return self._of[room.pk]
