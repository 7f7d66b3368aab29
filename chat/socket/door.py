"""The door: what was read for those who came in, and is told to all who come right after them."""

from typing import TYPE_CHECKING

from chat import access
from chat.live import process

if TYPE_CHECKING:
    from chat.actors import Actor
    from chat.models import Room
    from chat.services.rooms import CatchUp, Wanted

#: For how many seconds at most, whatever says that nothing has changed; and how many answers are kept of
#: which each may be 256 KiB.
FOR, MOST = 1.0, 64


class Door:
    """Remembers rooms, and what was missed in them, as of a version of the directory. For one event loop.

    Whoever comes in goes by what the process goes by for those who are there: the directory as it was
    looked at last, and the room as far as its feed has told it. What that does not know yet holds for them
    a second later at most, as it does for all others; what the process has only been told of, at once.
    """

    def __init__(self) -> None:
        running = process.current()
        self._loop, self._directory, self._hub = running.loop, running.directory, running.hub
        self._version = -1
        self._rooms: dict[str, tuple[Room, float]] = {}
        self._catch_ups: dict[Wanted, tuple[CatchUp, float]] = {}

    @property
    def version(self) -> int:
        """The version of the directory that all here is of; -1 where nothing can be."""
        version = self._directory.fresh_version
        if version != self._version:
            self._version = version
            self._rooms.clear()
            self._catch_ups.clear()
        return version

    def room(self, actor: "Actor", slug: str) -> "Room | None":
        """The room at an address, if it was read just now and the actor may see it."""
        if self.version < 0 or slug not in self._rooms:
            return None
        room, until = self._rooms[slug]
        return room if self._loop.time() < until and access.sees(actor, room) else None

    def catch_up(self, wanted: "Wanted") -> "CatchUp | None":
        """What somebody has to be told, if it was read just now and is still all."""
        if self.version < 0 or wanted not in self._catch_ups:
            return None
        catch_up, until = self._catch_ups[wanted]
        room = catch_up.room
        is_all = self._hub.position(room.pk) == (room.epoch, catch_up.version)
        return catch_up if is_all and self._loop.time() < until and access.sees(wanted[0], room) else None

    def keep_room(self, room: "Room", since: int) -> None:
        """This room was read after the directory had come to that version."""
        if self._is_current(since, len(self._rooms)):
            self._rooms[room.slug] = room, self._loop.time() + FOR

    def keep_catch_up(self, wanted: "Wanted", catch_up: "CatchUp", since: int) -> None:
        """So was what somebody has to be told."""
        if self._is_current(since, len(self._catch_ups)):
            self._catch_ups[wanted] = catch_up, self._loop.time() + FOR

    def _is_current(self, since: int, count: int) -> bool:
        """Whether what was read can be kept; there is place for it then."""
        is_current = 0 <= since == self.version
        if is_current and count >= MOST:
            self._rooms.clear()
            self._catch_ups.clear()
        return is_current
