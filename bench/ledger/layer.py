"""A channel layer between processes of one machine, which loses, doubles, swaps and delays by a seed."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from channels.layers import InMemoryChannelLayer

#: While this file stands in the folder, nothing goes wrong.
CALM = "calm"
#: What went wrong is noted in files with this ending, one letter a fault, so that kill -9 loses none.
NOTES = ".notes"
DROPPED, DOUBLED, SWAPPED, DELAYED = b"-", b"2", b"~", b"."

#: How likely each fault is for an event, and how long a delayed one takes at most, in seconds.
CHANCE = 0.04
DELAY = 1.5
#: Larger events are lost, as a layer may lose them: a datagram holds no more.
_LARGEST = 150_000


class FlakyLayer(InMemoryChannelLayer):
    """One datagram socket for each process, in a folder: what one sends goes to all of them."""

    def __init__(self, folder: Path, seed: str, **config: Any) -> None:
        super().__init__(**config)
        self._folder = folder
        self._random = Random(seed)  # noqa: S311  # to be repeated, not to be secret
        self._socket: socket.socket | None = None
        self._notes = os.open(folder / f"{os.getpid()}{NOTES}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._kept_back: list[bytes] = []

    async def group_add(self, group: str, channel: str) -> None:
        self._listen()
        await super().group_add(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._listen()
        data = msgspec.msgpack.encode([group, message])
        for event in [data] if (self._folder / CALM).exists() else self._spoilt(data):
            self._send(event)

    def _spoilt(self, data: bytes) -> Iterable[bytes]:
        """What becomes of an event: itself at once, or anything else."""
        events, fate = [data], self._random.random()
        if fate < CHANCE:
            self._note(DROPPED)
            events = []
        elif fate < 2 * CHANCE:
            self._note(DOUBLED)
            events = [data, data]
        elif fate < 3 * CHANCE:
            self._note(SWAPPED)
            self._kept_back.append(data)
            return []
        elif fate < 4 * CHANCE:
            self._note(DELAYED)
            seconds = self._random.uniform(0, DELAY)
            asyncio.get_running_loop().call_later(seconds, self._send, data)
            events = []
        # What was kept back goes behind its successor.
        events, self._kept_back = events + self._kept_back, []
        return events

    def _note(self, fault: bytes) -> None:
        os.write(self._notes, fault)

    def _listen(self) -> None:
        """Have a socket in the folder, and read it, from the first use in a running loop on."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * _LARGEST)
            self._socket.bind(str(self._folder / f"{os.getpid()}.sock"))
            asyncio.get_running_loop().add_reader(self._socket, self._hear)

    def _send(self, data: bytes) -> None:
        assert self._socket
        for path in self._folder.glob("*.sock"):
            try:
                self._socket.sendto(data, str(path))
            except ConnectionRefusedError:  # of a process that was killed
                path.unlink(missing_ok=True)
            except OSError:  # full, too large or gone: a layer may lose events
                self._note(DROPPED)

    def _hear(self) -> None:
        assert self._socket
        group, message = msgspec.msgpack.decode(self._socket.recv(1 << 20))
        for channel in self.groups.get(group, ()):
            queue = self.channels.setdefault(channel, asyncio.Queue())
            queue.put_nowait((float("inf"), message))


def faults(folder: Path) -> Counter[bytes]:
    """How often each fault has happened in the processes of this folder."""
    return Counter(bytes([letter]) for notes in folder.glob(f"*{NOTES}") for letter in notes.read_bytes())
