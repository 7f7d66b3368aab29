"""The inbox: what a client has said, and what became of it, until its application takes it."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Inbox:
    """The events of one WebSocket, in the order they came, which its application awaits. Of one loop.

    In place of an `asyncio.Queue`, of which each connection would have ten objects.
    """

    def __init__(self, taken: Callable[[], None]) -> None:
        #: Called with each message of the client's that is taken.
        self._taken = taken
        self._events: deque[dict[str, Any]] = deque()
        self._waiting: list[asyncio.Future[None]] = []

    def put_nowait(self, event: dict[str, Any]) -> None:
        """Have an event wait for the application."""
        self._events.append(event)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def get(self) -> dict[str, Any]:
        """The next event, once there is one."""
        while not self._events:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)
                raise
        event = self._events.popleft()
        if event["type"] == "websocket.receive":
            self._taken()
        return event
