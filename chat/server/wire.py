"""The wire: the way out to one client, for bytes that are frames already."""

import asyncio
from collections.abc import Callable
from typing import Any

from daphne.ws_protocol import WebSocketProtocol as DaphneProtocol
from twisted.internet.interfaces import IPullProducer, IPushProducer
from twisted.internet.tcp import Connection
from zope.interface import implementer

#: The state of a connection whose client hears what it is sent.
OPEN = DaphneProtocol.STATE_OPEN


@implementer(IPushProducer, IPullProducer)
class Wire:
    """The way out to one client, for bytes that are frames already."""

    def __init__(self, protocol: Any, *, is_first: bool) -> None:
        self.drained: Callable[[], None] | None = None
        self.going_down: Callable[[float], None] | None = None
        self.left: Callable[[bool], None] | None = None
        self.heard: Callable[[str], bool] | None = None
        self.is_full = False
        #: What goes out with whatever comes next, or very soon.
        self._first = b""
        self._protocol = protocol
        transport = protocol.transport
        # Twisted would ask for a turn of the reactor, and the kernel for two changes of what it watches,
        # before the first byte goes. Whatever is no plain socket (TLS) goes that way all the same.
        is_plain = isinstance(transport, Connection)
        self._send = transport.getHandle().send if is_plain else None
        transport.unregisterProducer()  # the HTTP request that this connection began as
        # To a pull producer a plain socket says when nothing is left over; TLS asks one all the time.
        transport.registerProducer(self, not is_plain)
        # Answers to earlier requests may not be out yet. The answer to this one goes behind them, and when
        # that is out everything is.
        self.is_full = is_plain and not is_first

    def put_first(self, data: bytes) -> None:
        """Send the answer to the request, and with it what the application says when it has let them in.

        That gathers for two turns of the loop; where nothing is said the answer goes in the one after them.
        """
        self._first = data
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, loop.call_soon, self._put_first)

    def _put_first(self) -> None:
        if self._first:
            self.put(b"")

    def put(self, data: bytes) -> None:
        """Send bytes, in whatever state the connection is."""
        self.write(data, are_frames=False)

    def write(self, data: bytes, *, are_frames: bool = True) -> None:
        """Send whole frames. Where the network does not take all of them, it is full until `drained`."""
        if are_frames and self._protocol.state != OPEN:
            return  # nobody is there to hear it
        if self._first:
            data, self._first = self._first + data, b""
        if self._send is not None and not self.is_full:
            try:
                sent = self._send(data)
            except OSError:  # not now; or never again, which Twisted finds out
                sent = 0
            if sent == len(data):
                return
            data, self.is_full = data[sent:], True
        self._protocol.transport.write(data)

    def pauseProducing(self) -> None:  # noqa: N802  # Twisted's name
        """TLS has enough for now."""
        self.is_full = True

    def resumeProducing(self) -> None:  # noqa: N802
        """There is room again."""
        self.is_full = False
        if self.drained is not None:
            self.drained()

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is lost; the application hears of it otherwise."""
