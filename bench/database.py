"""The database of a run, as it stands, by a connection of its own that can only read."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

#: The room that everybody is in.
LOBBY = "lobby"


class Row(NamedTuple):
    """A message as it is stored."""

    id: int
    version: int
    first_version: int
    author: str
    ref: str | None
    text: str | None


class Processed(NamedTuple):
    """A change with a ref as it is stored."""

    author: str
    ref: str
    id: int
    version: int


class Database:
    """What is stored in the lobby."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)

    def version(self) -> int:
        """The lobby's latest change."""
        [version] = self._connection.execute(
            "select version from chat_room where slug = ?", [LOBBY]
        ).fetchone()
        return int(version)

    def messages(self) -> list[Row]:
        """All of them, in the order of their ids; a deleted one without its text."""
        found = self._connection.execute(
            "select m.id, m.version, m.first_version, author_id, ref,"
            " case when deleted_at is null then text end from chat_message m"
            " join chat_room r on r.id = m.room_id where slug = ? order by m.id",
            [LOBBY],
        )
        return [Row(*row) for row in found]

    def processed(self) -> list[Processed]:
        """All of them."""
        found = self._connection.execute(
            "select author_id, ref, message_id, version from chat_processedcommand"
            " union all select author_id, ref, id, first_version from chat_message where ref is not null"
        )
        return [Processed(*row) for row in found]

    def close(self) -> None:
        self._connection.close()
