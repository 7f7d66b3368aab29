"""Ports of the loopback."""

import socket

#: What keeps each port that was given away, while this process runs.
_kept: list[socket.socket] = []


def free_port() -> int:
    """A port of the loopback that nobody else gets while this process runs, even while its server is down.

    A socket that is bound and does not listen keeps others from being given the port, for listening or for
    connecting from, and is in the way of no server that sets SO_REUSEADDR: all do. Without it, a client of
    a server that is started again may meet another test's server there; the test of what is lost did.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    _kept.append(keeper)
    port: int = keeper.getsockname()[1]
    return port
