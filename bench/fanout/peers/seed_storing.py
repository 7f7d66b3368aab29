"""The seed with what anybody adds first: a message is in SQLite, safe on the disk, before it is told."""

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from bench.fanout.peers import seed

app = seed.app
database = sqlite3.connect(os.environ["SEED_DATABASE"], isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute(
    "CREATE TABLE message"
    " (id INTEGER PRIMARY KEY, sender_id TEXT, sender TEXT, message TEXT, timestamp TEXT)"
)
#: The loop goes on while the disk is waited for; one thread, so that messages are told as they are stored.
writer = ThreadPoolExecutor(max_workers=1)


async def store(frame: dict[str, object]) -> None:
    """Return when the message is stored."""
    await asyncio.get_running_loop().run_in_executor(writer, insert, frame)


def insert(frame: dict[str, object]) -> None:
    """Commit one message."""
    database.execute(
        "INSERT INTO message (sender_id, sender, message, timestamp)"
        " VALUES (:sender_id, :sender, :message, :timestamp)",
        frame,
    )


seed.before_telling = store
