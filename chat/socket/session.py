"""Sessions: what the cookie of the site's own pages says of who they are, and whether that still holds.

Django makes an account of somebody and takes it away, in a page or a program that knows nothing of sockets.
So those who are signed in here are looked at again every few seconds, all at once.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import parse_cookie

from chat.core.errors import SessionEnded
from chat.live import process
from chat.services import sessions
from chat.services.users import SiteUser, Standing
from chat.socket.origin import is_own_page
from chat.storage.readers import BatchLoader, reading

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

#: How long between two looks, in seconds: whoever has signed out is gone within 5.
EVERY = 3.0
#: How often in a row it may not be said whether somebody still is a moderator: then they come again.
FAILURES = 5
#: How many sessions are read at a time, so that nobody else who reads waits long.
AT_A_TIME = 200
#: No cookie of a browser is longer.
LONGEST_KEY = 4096


def key_of(scope: Any) -> str | None:
    """The key of the session that a socket of the site's own pages brings, if it brings one."""
    cookies = [value for name, value in scope["headers"] if name == b"cookie"]
    if not cookies or not is_own_page(scope):
        return None
    key = parse_cookie(b"; ".join(cookies).decode("latin1")).get(settings.SESSION_COOKIE_NAME, "")
    # PostgreSQL keeps no NUL, and no session has any but these characters.
    return key if len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and key else None


async def user_of(key: str) -> SiteUser | None:
    """Who is signed in by this key."""
    loader: BatchLoader[str, SiteUser | None] = process.current().once(_signed_in)
    return await loader(key)


def watch(connection: "Connection", key: str, user: SiteUser) -> None:
    """Have a connection closed once it is no longer true who is signed in by this key."""
    process.current().once(_Watch).add(connection, key, user)


def forget(connection: "Connection") -> None:
    """A connection is gone."""
    process.current().once(_Watch).remove(connection)


def _signed_in() -> BatchLoader[str, SiteUser | None]:
    return BatchLoader(sessions.signed_in, most=AT_A_TIME)


_standings = reading(sessions.standings)


@dataclass(slots=True)
class _SignedIn:
    """Who has opened a connection, and by which session."""

    key: str
    user: SiteUser
    #: How often in a row the site could not say what they are.
    failures: int = 0

    def is_still(self, now: Standing | None) -> bool:
        """Whether they are who they were. A role is not kept for good where nobody can say it."""
        is_unsaid = now is not None and now.role is None and self.user.standing.role == "moderator"
        self.failures = self.failures + 1 if is_unsaid else 0
        return self.user.standing.is_still(now) and self.failures < FAILURES


class _Watch:
    """The connections of this process that have a session. Belongs to one event loop."""

    def __init__(self) -> None:
        self._open: dict[Connection, _SignedIn] = {}
        self._is_well = True
        process.current().supervisor.keep_running(self._run)

    def add(self, connection: "Connection", key: str, user: SiteUser) -> None:
        self._open[connection] = _SignedIn(key, user)

    def remove(self, connection: "Connection") -> None:
        self._open.pop(connection, None)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self._look()
                self._is_well = True
            except (DatabaseError, InterfaceError) as error:  # which says nothing of anybody
                if self._is_well:
                    logger.warning("Sessions cannot be read: %s", str(error).strip())
                self._is_well = False

    async def _look(self) -> None:
        of_key: dict[str, list[tuple[Connection, _SignedIn]]] = {}
        for connection, who in self._open.items():
            of_key.setdefault(who.key, []).append((connection, who))
        keys = list(of_key)
        for some in (keys[at : at + AT_A_TIME] for at in range(0, len(keys), AT_A_TIME)):
            for key, standing in (await _now(some)).items():
                for connection, who in of_key[key]:
                    if not who.is_still(standing):
                        self.remove(connection)
                        connection.closing.close_soon(SessionEnded())


async def _now(keys: Sequence[str]) -> Mapping[str, Standing | None]:
    """What those are now of whom it can be said. Raises what the database raises."""
    try:
        return await _standings(keys)
    except (DatabaseError, InterfaceError):
        raise
    except Exception:  # of something of the site's own; the others are looked at all the same
        logger.exception("Who is signed in could not be looked at.")
        return {}
