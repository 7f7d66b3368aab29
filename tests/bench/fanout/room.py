"""A small room: a server that speaks v1, with a thread for each connection, and does wrong if told to."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

#: How often a message, by its number, is told to a listener, by its number.
Copies = Callable[[int, int], int]


class Room:
    """Everybody who has come in, and what they hear."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._listeners: list[ServerConnection] = []
        self._said = 0
        #: One at a time, so that messages have an order, and numbers.
        self._turn = threading.Lock()

    def serve(self, socket: ServerConnection) -> None:
        """Let somebody in, and tell everybody what they say."""
        with contextlib.suppress(ConnectionClosed):
            socket.send(json.dumps({"type": "request_name"}))
            socket.recv()
            with self._turn:
                self._listeners.append(socket)
                self._tell({"type": "notification"})
            for text in socket:
                with self._turn:
                    self._tell(json.loads(text), self._said)
                    self._said += 1

    def _tell(self, frame: dict[str, str], number: int | None = None) -> None:
        for place, listener in enumerate(self._listeners):
            for _ in range(1 if number is None else self._copies(number, place)):
                with contextlib.suppress(ConnectionClosed):
                    listener.send(json.dumps(frame))


def once(number: int, place: int) -> int:
    """As it should be."""
    return 1


@contextlib.contextmanager
def served(copies: Copies = once) -> Iterator[int]:
    """A room on a free port, which this yields."""
    room = Room(copies)
    with serve(
        room.serve, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=0.1
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()
