"""The crowd: many connections to one server, on bare sockets, that must cost less than the server."""

import math
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.fanout.connection import Connection
from bench.fanout.handlers import DeliveryCounter, Handler
from bench.fanout.marker import Marker
from bench.fanout.wire import Dialect, farewell

#: After how many seconds in which nothing at all is heard a run has failed.
PATIENCE = 15.0
#: How many newcomers are on their way in at the same time.
JOINING = 32
#: How many of the listeners speak.
SPEAKERS = 8
#: No more than this is taken from one connection at a time.
_CHUNK = 1 << 18


class Failed(Exception):
    """A run is worth nothing; the sentence says why."""


class Silent(Failed):
    """Nothing was heard for as long as the crowd is patient."""


class Crowd:
    """Listeners of one server's room, served by one thread."""

    def __init__(self, port: int, dialect: Dialect) -> None:
        self.port, self.dialect, self.patience = port, dialect, PATIENCE
        self.handler = Handler()
        self.listeners: list[Connection] = []
        self._by_number: dict[int, Connection] = {}
        self._poll = select.epoll()
        #: Every chunk is read into the same place.
        self._buffer = bytearray(_CHUNK + 4096)
        self._view = memoryview(self._buffer)
        self._made = 0
        self._joining = 0
        self._run = Marker().run

    def __len__(self) -> int:
        return len(self.listeners)

    @contextmanager
    def handled_by(self, handler: Handler) -> Iterator[None]:
        """Give what is received to `handler`, for a while."""
        self.handler = handler
        for connection in self.listeners:
            connection.count = 0
        try:
            yield
        finally:
            self.handler = Handler()
            for connection in self.listeners:
                connection.tail = b""

    def grow(self, size: int) -> None:
        """Have newcomers come in until there are `size` listeners, each of whom hears everything."""
        self.let_in(size, JOINING)
        self.probe()

    def let_in(self, size: int, at_a_time: int) -> None:
        """Have newcomers come in, so many on their way at a time, until there are `size` listeners."""
        while len(self) < size:
            while self._joining < at_a_time and len(self) + self._joining < size:
                self._connect()
            self.turn()

    def probe(self) -> None:
        """Return when a message has reached everybody: all that was told before it has, too."""
        marker = Marker()
        counter = DeliveryCounter(marker)
        with self.handled_by(counter):
            self.say(self.listeners[0], marker.text(0, 0), marker.run)
            while counter.count < len(self):
                self.turn()

    def reach(self, sent: int) -> float:
        """Heard of `sent` messages, by the listener for whom that is farthest from 1.

        A sum over all would take one who heard something twice for another who did not hear it.
        """
        shares = (connection.count / sent for connection in self.listeners)
        return max(shares, key=lambda share: abs(share - 1))

    def hear_out(self, sent: int) -> float:
        """Wait until everybody has heard `sent` messages, or none come any more; the reach."""
        heard, until = -1, math.inf
        while min(counts := [one.count for one in self.listeners]) < sent and time.monotonic() < until:
            if sum(counts) != heard:
                heard, until = sum(counts), time.monotonic() + self.patience
            self.rest(0.02)
        self.rest(0.1)  # for what comes too often
        return self.reach(sent)

    def shrink(self, size: int) -> None:
        """Have the latest leave until `size` are left."""
        while len(self) > size:
            connection = self.listeners.pop()
            self._send(connection, farewell())
            self._forget(connection)

    def rest(self, seconds: float) -> None:
        """Hear what comes for some seconds, which may be nothing."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._take_all(left)

    def turn(self, pause: float = 0) -> None:
        """Take what has come, or comes next. Raises Silent where nothing does.

        To wake for each frame costs more than to take it: after a pause there are some to take at once.
        """
        if pause:
            time.sleep(pause)
        if not self._take_all(self.patience):
            raise Silent(f"nothing was heard for {self.patience:.0f} s")

    def speakers(self) -> list[Connection]:
        """Those who speak, spread over the room."""
        step = max(1, len(self) // SPEAKERS)
        chosen = self.listeners[::step][:SPEAKERS]
        for connection in self.listeners:
            connection.is_speaker = connection in chosen
        return chosen

    def say(self, connection: Connection, text: str, ref: str) -> None:
        """Have somebody say something."""
        self._send(connection, self.dialect.message(text, ref))

    def close(self) -> None:
        """Everybody goes, without a word."""
        for connection in list(self._by_number.values()):
            self._forget(connection)
        self.listeners.clear()
        self._poll.close()

    # Joining

    def _connect(self) -> None:
        self._made += 1
        self._joining += 1
        name = f"{self._run}-{self._made}"
        # The loopback answers at once.
        line = socket.create_connection(("127.0.0.1", self.port), timeout=self.patience)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setblocking(False)
        connection = Connection(name, line, self.dialect.way_in(name))
        self._by_number[line.fileno()] = connection
        self._poll.register(line.fileno(), select.EPOLLIN)
        self._send(connection, self.dialect.upgrade(name, self._made, self.port))

    def _join(self, connection: Connection, chunk: bytes) -> None:
        """Take the steps that `chunk` allows."""
        connection.heard += chunk
        if any(complaint in connection.heard for complaint in self.dialect.complaints):
            raise Failed(f"a newcomer was not let in: {connection.heard[-200:]!r}")
        while connection.way_in:
            step = connection.way_in[0]
            _before, found, after = connection.heard.partition(step.heard)
            if not found:
                return
            if step.heard == b"\r\n\r\n" and not connection.heard.startswith(b"HTTP/1.1 101 "):
                raise Failed(f"a newcomer was not let in: {connection.heard[:80]!r}")
            connection.heard = after
            del connection.way_in[0]
            if step.answer:
                self._send(connection, step.answer)
        connection.heard = b""
        self._joining -= 1
        self.listeners.append(connection)

    # Bytes in, bytes out

    def _take_all(self, seconds: float) -> bool:
        """Take what has come; wait for it, but no longer than `seconds`. Whether something had."""
        ready = self._poll.poll(seconds, 1024)
        find, take = self._by_number.__getitem__, self._take
        for number, events in ready:
            if events == select.EPOLLIN:
                take(find(number))
                continue
            if events & select.EPOLLOUT:
                self._flush(find(number))
            if events & ~select.EPOLLOUT:
                take(find(number))
        return bool(ready)

    def _take(self, connection: Connection) -> None:
        # Done for each chunk that is heard: what can be is done here, as calls cost more than it does.
        buffer, tail, held = self._buffer, connection.tail, 0
        try:
            if tail:
                held = len(tail)
                buffer[:held] = tail
                end = held + connection.receive(self._view[held : held + _CHUNK])
            else:
                end = connection.receive(buffer, _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            raise Failed(f"a connection broke: {error.strerror}") from error
        if end == held:
            raise Failed("the server closed a connection")
        if connection.way_in:
            self._join(connection, bytes(buffer[held:end]))
            return
        connection.tail = self.handler.handle(connection, buffer, end)
        if buffer.find(self.dialect.ping, held, end) >= 0:
            self._send(connection, self.dialect.pongs(bytes(buffer[held:end])))
        if connection.is_speaker:
            self._look_for_complaints(end)

    def _look_for_complaints(self, end: int) -> None:
        for complaint in self.dialect.complaints:
            at = self._buffer.find(complaint, 0, end)
            if at >= 0:
                said = bytes(self._buffer[max(0, at - 200) : min(at + 200, end)])
                raise Failed(f"the server complained: {said.decode(errors='replace')}")

    def _send(self, connection: Connection, data: bytes) -> None:
        if not data:
            return
        if connection.unsent:
            connection.unsent += data
            return
        connection.unsent = data
        self._flush(connection)

    def _flush(self, connection: Connection) -> None:
        try:
            sent = connection.socket.send(connection.unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise Failed(f"a connection broke: {error.strerror}") from error
        connection.unsent = connection.unsent[sent:]
        if bool(connection.unsent) != connection.is_blocked:
            connection.is_blocked = not connection.is_blocked
            events = select.EPOLLIN | (select.EPOLLOUT if connection.is_blocked else 0)
            self._poll.modify(connection.socket.fileno(), events)

    def _forget(self, connection: Connection) -> None:
        number = connection.socket.fileno()
        self._poll.unregister(number)
        del self._by_number[number]
        connection.socket.close()
