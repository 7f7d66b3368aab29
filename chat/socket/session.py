"""Sessions: what the cookie of the site's own pages says of who they are, and whether that still holds.

Django makes an account of somebody and takes it away, in a page or a program that knows nothing of sockets.
So those who are signed in here are looked at again every few seconds, all at once.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
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


class _Watch:
    """The connections of this process that have a session. Belongs to one event loop."""

    def __init__(self) -> None:
        self._open: dict[Connection, tuple[str, SiteUser]] = {}
        self._is_well = True
        process.current().supervisor.keep_running(self._run)

    def add(self, connection: "Connection", key: str, user: SiteUser) -> None:
        self._open[connection] = key, user

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
        of_key: dict[str, list[tuple[Connection, SiteUser]]] = {}
        for connection, (key, user) in self._open.items():
            of_key.setdefault(key, []).append((connection, user))
        keys = list(of_key)
        for some in (keys[at : at + AT_A_TIME] for at in range(0, len(keys), AT_A_TIME)):
            for key, standing in (await _now(some)).items():
                for connection, user in of_key[key]:
                    if not user.standing.is_still(standing):
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
