"""The file of a SQLite database, which somebody may delete or replace while it is open.

The system keeps a deleted file for whoever has it open: the chat would go on, acknowledge every message,
and with its end all of them would be gone.
"""

import os
import threading
from typing import Any

from django.db import OperationalError, connection

#: What this thread's connection has open: the connection, and the file.
_opened = threading.local()


_connection: Any = connection  # only SQLite's knows whether it is in memory


def is_there() -> bool:
    """Whether the database is no file, or its file is where it should be."""
    if connection.vendor != "sqlite" or _connection.is_in_memory_db():
        return True
    return os.path.exists(connection.settings_dict["NAME"])


def check() -> None:
    """Return if this thread's connection has the file open that is there now; open it where none is.

    It stays open for as long as the thread lives. Raises OperationalError where no file is there, and where
    it is another one; then the next call opens that. A database that is no file, or not SQLite's, is left
    alone. Not for within a transaction.
    """
    if connection.vendor != "sqlite" or _connection.is_in_memory_db():
        return
    path = connection.settings_dict["NAME"]
    try:
        status = os.stat(path)
    except OSError:
        connection.close()
        # SQLite would make a new one, empty.
        raise OperationalError(f"{path} is gone. Put it back, or stop the server and migrate.") from None
    found = status.st_dev, status.st_ino
    if connection.connection is None or _opened.__dict__.get("connection") is not connection.connection:
        connection.ensure_connection()
        _connection.close_at = None  # to open the file anew for each query costs more than the query
        _opened.connection, _opened.file = connection.connection, found
    elif _opened.file != found:
        connection.close()
        raise OperationalError(f"{path} was replaced while it was in use.")
