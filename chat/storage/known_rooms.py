"""Known rooms: those that a connection to SQLite has locked, until anybody writes anything else.

To read a room takes the writer as long as to insert a message, and it nearly always stands as the message
before has left it. SQLite knows whether it does: `data_version` is another one once any other connection
has committed, and `total_changes` counts each row that this one has inserted, updated or deleted; those
of a statement with RETURNING once its rows have been fetched. What is rolled back to a savepoint that
Django does not know of stays counted: nobody may take back a part of what the log has written so.
"""

from collections.abc import Collection, Mapping
from functools import partial

from chat.models import Room
from chat.storage import vendor

#: How many rooms are known at most; beyond that all are forgotten.
MOST = 1000


class KnownRooms:
    """The rooms that a transaction knows as it begins with the log, and those that the next one will know.

    On PostgreSQL these are none: there each room has a lock of its own, which is had by reading it.
    """

    def __init__(self) -> None:
        self._mine = vendor.here()
        self._rooms: dict[int, Room] = {}
        if vendor.is_postgresql():
            return
        connection = self._mine.connection
        [others] = connection.execute("PRAGMA data_version").fetchone()
        self._as_of = connection, others, connection.total_changes
        as_of, rooms = getattr(self._mine, "chat_known_rooms", None) or (None, self._rooms)
        if as_of == self._as_of:
            self._rooms = rooms
        # Where the transaction fails, its rooms stand as nobody has written them.
        self._mine.chat_known_rooms = None

    def these(self, keys: Collection[int]) -> list[Room] | None:
        """The rooms with these keys, if all of them are known."""
        found = [self._rooms[key] for key in keys if key in self._rooms]
        return found if len(found) == len(keys) else None

    def keep(self, rooms: Mapping[int, Room], written: int) -> None:
        """Know these rooms once this is committed, if so many rows are all that it has changed."""
        if not vendor.is_postgresql():
            self._rooms |= rooms
            self._mine.on_commit(partial(self._keep, written))

    def _keep(self, written: int) -> None:
        connection, others, own = self._as_of
        if connection.total_changes == own + written and len(self._rooms) <= MOST:
            self._mine.chat_known_rooms = (connection, others, own + written), self._rooms
