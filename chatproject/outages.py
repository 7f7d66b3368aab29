"""Outages: what the site leans on does not answer. No fault of the program: there is nothing to trace."""

import sqlite3

import redis.exceptions
from django.db import Error, InterfaceError, OperationalError

#: How the log says it: who, and why.
SENTENCE = "%s does not answer: %s"


def who_is_out(error: BaseException | None) -> str | None:
    """What does not answer, in a word for the log, where that is what `error` says; else None."""
    if isinstance(error, (OperationalError, InterfaceError)) and not _is_a_mistake(error):
        return "The database"
    if isinstance(error, (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)):
        return "Redis"
    return None


def _is_a_mistake(error: Error) -> bool:
    """Whether SQLite finds fault with the statement, for which it has no class: no such table, say."""
    return getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
