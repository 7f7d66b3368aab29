"""The turnstile: however many come at once, a few are let in at a time, and others go on in between."""

import asyncio
from collections import deque
from collections.abc import Callable

#: How many WebSockets are opened in one turn of the loop: some milliseconds' work, with what follows.
A_TURN = 5


class Turnstile:
    """Begins a few things in each turn of the loop, in the order they came. Belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        #: How many were begun in this turn.
        self._begun = 0

    def pass_through(self, begin: Callable[[], None]) -> None:
        """Call `begin`: now, or in a turn soon."""
        if self._begun == A_TURN:
            self._waiting.append(begin)
            return
        if not self._begun:
            asyncio.get_running_loop().call_soon(self._turn)
        self._begun += 1
        begin()

    def _turn(self) -> None:
        """The loop has turned."""
        self._begun = 0
        for _ in range(min(A_TURN, len(self._waiting))):
            self.pass_through(self._waiting.popleft())
