"""Closing: why a connection ends, and how its client hears of it."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from chat.core.codes import CloseCode
from chat.core.errors import (
    ChatError,
    ClosingError,
    RateLimited,
    RateLimitedTooOften,
    Restarting,
    TooManyBadFrames,
    TooSlow,
)
from chat.core.limits import Strikes
from chat.core.protocol import Command, encode
from chat.live.send_queue import GONE

if TYPE_CHECKING:
    from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

#: So many refusals a minute are answered at once. After each further one nothing is taken for a while, in
#: seconds.
FREE_REFUSALS, REFUSAL_PAUSE = 20, 0.25
#: How long who keeps on is held, and not heard, before the connection is closed, in seconds: it would come
#: again at once, and a new connection costs more.
CLOSING_PAUSE = 2
#: The codes of a close after which a client comes again: none at all, or that of a server which asks it to.
_TO_COME_AGAIN = frozenset({1006, 1011, *(code for code in CloseCode if not code.is_final)})


class Closer:
    """Refuses and closes, for one connection."""

    #: Nothing more is taken from the client.
    is_closing = False
    #: The client has said goodbye: what it said before is heard, and not waited with.
    is_leaving = False
    #: Whether nobody expects the client back: it has said goodbye, or has to wait for its person. Who was
    #: cut off, or is asked to come again, has a moment to come back unnoticed. None before either.
    is_goodbye: bool | None = None
    #: When the patience with a newcomer ends, by the loop's clock.
    deadline: float | None = None

    def __init__(self, connection: "Connection", close: Callable[..., Awaitable[None]]) -> None:
        self._connection = connection
        self._close = close
        limits = connection.limits
        self._bad_frames = Strikes(most=limits.bad_frames_per_minute, seconds=60)
        self._refusals = Strikes(most=limits.refusals_per_minute, seconds=60)
        if limits.name_timeout:
            self.deadline = connection.loop.time() + limits.name_timeout

    def refuse(self, error: ChatError, command: Command | None = None) -> None:
        """Say what is wrong, to this client alone; who cannot stop is closed."""
        connection, now = self._connection, self._connection.loop.time()
        connection.send(connection.refusal(error, command))
        if error.is_bad_frame and self._bad_frames.add(now):
            self.close_soon(TooManyBadFrames(), after=CLOSING_PAUSE)
        if isinstance(error, RateLimited) and self._refusals.add(now):
            self.close_soon(RateLimitedTooOften(), after=CLOSING_PAUSE)

    async def refuse_patiently(self, error: ChatError, command: Command | None = None) -> None:
        """Refuse; and take nothing for a while from who was refused often for asking too much."""
        self.refuse(error, command)
        if isinstance(error, RateLimited) and self._refusals.count > FREE_REFUSALS:
            await self._connection.admission.hold(REFUSAL_PAUSE)

    def close_soon(self, error: ClosingError, *, after: float = 0) -> None:
        """Have the connection closed, without waiting for it: at once, or after so many seconds."""
        if not self.is_closing:
            self.is_closing, self.is_goodbye = True, error.close_code.is_final
            # Kept, because the loop itself keeps no task alive.
            self._closing = asyncio.create_task(self.close(error, after=after))

    async def close(self, error: ClosingError, *, after: float = 0) -> None:
        """Say why, close with the code of `error`, and be gone."""
        connection = self._connection
        self.is_closing, self.is_goodbye = True, error.close_code.is_final
        self.deadline = None
        connection.admission.wake()
        if after:
            await asyncio.sleep(after)
        try:
            await connection.queue.finish(encode(connection.farewell(error)))
        except Exception:  # a queue that is broken is closed all the same, so that the client comes again
            logger.exception("A client could not be told why its connection is closed.")
        with contextlib.suppress(*GONE):
            await self._close(int(error.close_code), reason=error.code)
        await connection.depart()

    # What the server tells

    def client_dropped(self) -> None:
        """The client is gone, or does not read what it is sent."""
        self.close_soon(TooSlow())

    def client_gone(self, code: int | None) -> None:
        """The client is gone, and this is the code of the close, or 1006 where the line broke."""
        if self.is_goodbye is None:
            self.is_goodbye = code not in _TO_COME_AGAIN

    def client_left(self, has_said_goodbye: bool) -> None:
        """The client has left. What it asked for and nobody has begun is not done any more.

        Save the words of v1, which has no other way to know that they were heard.
        """
        if has_said_goodbye and self._connection.dialect == 1:
            self.is_leaving = True
        else:
            self.is_closing = True
        self._connection.admission.wake()

    def server_goes_down(self, retry_after: float) -> None:
        """The server is about to end."""
        self._connection.process.presence.will_end(retry_after)
        self.close_soon(Restarting(retry_after))
