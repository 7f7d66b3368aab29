"""The file of a SQLite database, which somebody may delete or replace while it is open.

The system keeps a deleted file for whoever has it open: the chat would go on, acknowledge every message,
and with its end all of them would be gone.
"""

import os

from django.db import OperationalError

from chat.storage import vendor

#: Which file this process began with, by its path: its device and inode.
_files: dict[str, tuple[int, int]] = {}


def is_there() -> bool:
    """Whether the database is no file, or its file is where it should be."""
    try:
        check()
    except OperationalError:
        return False
    return True


def check() -> None:
    """Return if the file that this process began with is there, or the database is none.

    Raises OperationalError where no file is there, or another one: how far the rooms have come and who is
    there, as the process knows it, is of the first.
    """
    path = vendor.file()
    if path is None:
        return
    try:
        status = os.stat(path)
    except OSError:
        # SQLite would make a new one, empty. What is open stays open: so long a deleted file can be saved.
        raise OperationalError(f"{path} is gone. Put it back, or stop the server and migrate.") from None
    found = status.st_dev, status.st_ino
    if _files.setdefault(path, found) != found:
        raise OperationalError(
            f"{path} is another file than at the start. Nothing is read or stored before a restart."
        )
