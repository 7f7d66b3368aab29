"""The database of a run, as it stands, by a connection of its own that can only read."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

#: The room that everybody is in.
LOBBY = "lobby"
#: What PostgreSQL is told of who looks on, whom no recipe of faults may hit.
ONLOOKER = "bench"
#: How long a database is asked again that has just come back, in seconds.
_PATIENCE = 10.0


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
    """What is stored in the lobby of the site whose DATABASE_URL is `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    def version(self) -> int:
        """The lobby's latest change."""
        [[version]] = self._ask("select version from chat_room where slug = ?", LOBBY)
        return int(version)

    def epoch(self) -> str:
        """The name of the lobby's history."""
        [[epoch]] = self._ask("select epoch from chat_room where slug = ?", LOBBY)
        return str(epoch)

    def messages(self) -> list[Row]:
        """All of them, in the order of their ids; a deleted one without its text."""
        found = self._ask(
            "select m.id, m.version, m.first_version, author_id, ref,"
            " case when deleted_at is null then text end from chat_message m"
            " join chat_room r on r.id = m.room_id where slug = ? order by m.id",
            LOBBY,
        )
        return [Row(*row) for row in found]

    def processed(self) -> list[Processed]:
        """All of them."""
        found = self._ask(
            "select author_id, ref, message_id, version from chat_processedcommand"
            " union all select author_id, ref, id, first_version from chat_message where ref is not null"
        )
        return [Processed(*row) for row in found]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, query: str, *values: str) -> Sequence[tuple[Any, ...]]:
        """What it answers; one that went away meanwhile is asked again."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                if self._connection is None:
                    self._connection = _connect(self._url)
                found: Sequence[tuple[Any, ...]] = self._connection.execute(
                    query if self._url.startswith("sqlite") else query.replace("?", "%s"), values
                ).fetchall()
                return found
            except psycopg.OperationalError:
                self.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)


def _connect(url: str) -> Any:
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
    return psycopg.connect(
        url,
        autocommit=True,
        application_name=ONLOOKER,
        connect_timeout=5,
        options="-c default_transaction_read_only=on -c statement_timeout=5000",
    )
