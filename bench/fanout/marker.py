"""The marker: a few bytes that every message of one run carries and nothing else does."""

import secrets


class Marker:
    """Finds the messages of a run in raw bytes, whichever way those were cut into chunks.

    No part of it looks like its own beginning, and no JSON ends with one of its bytes. A chunk that
    does has perhaps cut a marker in two; its end is kept, and put before the connection's next chunk.
    """

    #: How many digits follow the marker in each message.
    DIGITS = 6

    def __init__(self, run: str | None = None) -> None:
        self.run = run or secrets.token_hex(5)
        self.bytes = f"#{self.run}".encode()
        self._most = len(self.bytes) - 1

    def text(self, number: int, length: int) -> str:
        """What a message of the run says, in `length` characters."""
        words = "the quick brown fox jumps over the lazy dog "
        start = f"{self.bytes.decode()}{number:0{self.DIGITS}} "
        return (start + words * (length // len(words) + 1))[:length].rstrip() if length else start

    def count(self, buffer: bytearray, end: int) -> int:
        """How many messages begin in the first `end` bytes."""
        return buffer.count(self.bytes, 0, end)

    def tail(self, buffer: bytearray, end: int) -> bytes:
        """What of the first `end` bytes has to come before the next chunk."""
        if buffer[end - 1] in self.bytes:
            return bytes(buffer[max(0, end - self._most) : end])
        return b""

    def numbers(self, buffer: bytearray, end: int) -> tuple[list[int], bytes]:
        """The messages' numbers in the first `end` bytes, and what has to come before the next chunk."""
        found: list[int] = []
        at = buffer.find(self.bytes, 0, end)
        while at >= 0:
            start = at + len(self.bytes)
            stop = start + self.DIGITS
            if stop > end:
                return found, bytes(buffer[at:end])
            found.append(int(buffer[start:stop]))
            at = buffer.find(self.bytes, stop, end)
        return found, self.tail(buffer, end)
