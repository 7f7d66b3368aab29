"""The connection: one listener, and what has come for them."""

import socket

from bench.fanout.wire import Step


class Connection:
    """One listener."""

    __slots__ = (
        "count",
        "heard",
        "is_blocked",
        "is_speaker",
        "name",
        "receive",
        "socket",
        "tail",
        "unsent",
        "way_in",
    )

    def __init__(self, name: str, socket: socket.socket, way_in: list[Step]) -> None:
        self.name, self.socket = name, socket
        self.receive = socket.recv_into
        #: The steps still to take, and what was heard on the way.
        self.way_in, self.heard = way_in, b""
        #: What has to come before the next chunk.
        self.tail = b""
        #: What the server did not take yet, and whether the system will say when it may.
        self.unsent, self.is_blocked = b"", False
        self.is_speaker = False
        #: How many messages of the run it has heard.
        self.count = 0
