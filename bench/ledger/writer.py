"""The writer: a reader who keeps what it asks for until it is acknowledged."""

import asyncio
import contextlib
import time
from collections import deque
from random import Random

from bench.ledger.client import Frame
from bench.ledger.journal import Ack, Change, Journal
from bench.ledger.proxy import Proxy
from bench.ledger.reader import Reader

#: How long it waits for an ack before it asks again on the same connection, in seconds.
_RESEND = 2.0
#: What long messages are made of: a line end, and characters of two and of four bytes.
_WORD = "слово\n🙂 "


class Writer(Reader):
    """A reader who writes, too, and asks again until it is acknowledged."""

    def __init__(
        self,
        name: str,
        proxy: Proxy,
        journal: Journal,
        random: Random,
        pace: float,
        window: int,
        *,
        edits: bool,
    ) -> None:
        super().__init__(name, proxy, journal, random)
        #: What was asked for and not acknowledged yet, and when it was sent last.
        self.outbox: dict[str, tuple[Change, float]] = {}
        #: Since when it waits for an answer, on this connection.
        self._asked_at: dict[str, float] = {}
        #: Whether it has more to say.
        self.is_talking = True
        #: How long it thinks between two messages, on average; 0 is not at all.
        self._pace = pace
        #: How much it asks for at most without having an answer.
        self._window = window
        self._edits = edits
        #: Whether it had to ask again for something that was refused for the moment.
        self.was_refused = False
        self._number = 0
        #: Its own messages that may be edited: the newest ones that are acknowledged.
        self._own: deque[int] = deque(maxlen=50)
        self._acknowledges = asyncio.Event()
        self._talking: asyncio.Task[None] | None = None

    def start(self) -> None:
        super().start()
        self._talking = asyncio.create_task(self._talk())

    async def stop(self) -> None:
        if self._talking is not None:
            self._talking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._talking
        await super().stop()

    def waiting(self) -> frozenset[str]:
        return frozenset(self.outbox)

    async def _talk(self) -> None:
        while self.is_talking:
            if self._pace:
                await asyncio.sleep(self.random.uniform(0, 2 * self._pace))
            while len(self.outbox) >= self._window:
                self._acknowledges.clear()
                await self._acknowledges.wait()
            if self.is_talking:
                await self.write(self._think())

    async def write(self, change: Change) -> None:
        """Ask for a change, now and until it is acknowledged."""
        self.journal.write(change)
        self.outbox[change.ref] = change, 0.0
        if self.is_in:
            await self._send(change)

    def message(self) -> Change:
        """Something new."""
        return Change(self._ref(), "message", self._text())

    def _think(self) -> Change:
        fate = self.random.random() if self._edits and self._own else 1.0
        if fate < 0.02:
            id = self._own.popleft()
            return Change(self._ref(), "delete", id=id)
        if fate < 0.15:
            # Often the newest one, which others may not have heard of yet.
            id = self._own[-1] if self.random.random() < 0.5 else self.random.choice(self._own)
            return Change(self._ref(), "edit", self._text(), id)
        return self.message()

    def _ref(self) -> str:
        self._number += 1
        return f"{self.name}-{self._number}"

    def _text(self) -> str:
        """Unlike any other; now and then a long one."""
        length = self.random.choice((0, 0, 0, 0, 0, 0, 0, 20, 200, 2000)) if self._pace else 0
        return f"{self.name} {self._number} " + _WORD * (length // len(_WORD)) + "."

    async def _send(self, change: Change) -> None:
        self.outbox[change.ref] = change, time.monotonic()
        self._asked_at.setdefault(change.ref, time.monotonic())
        await self.say(change.frame())

    def _begin(self) -> None:
        super()._begin()
        self._asked_at.clear()

    async def _entered(self) -> None:
        """In the order in which it was written, so that it is said in this order."""
        for change, _sent_at in list(self.outbox.values()):
            if change.ref in self.outbox:
                await self._send(change)

    async def _look_after(self) -> None:
        long_ago = time.monotonic() - _RESEND
        for change, sent_at in list(self.outbox.values()):
            if self.is_in and sent_at < long_ago and change.ref in self.outbox:
                await self._send(change)

    async def _acknowledged(self, frame: Frame) -> None:
        ref, ack = frame["ref"], Ack(frame["id"], frame["version"])
        self.journal.acknowledge(self.name, self.id, ref, ack)
        self.journal.counts["repeated acks"] += frame["dup"]
        self._asked_at.pop(ref, None)
        if ref not in self.outbox:
            return
        change, _sent_at = self.outbox.pop(ref)
        self._acknowledges.set()
        if change.kind == "message":
            self._own.append(ack.id)

    async def _refused(self, frame: Frame) -> None:
        if frame["code"] == "not_found" and self.was_refused and self._is_edit(frame.get("ref")):
            del self.outbox[frame["ref"]]  # its message was deleted while it was put off
            return
        await super()._refused(frame)
        self.was_refused = True
        if (asked_at := self._asked_at.pop(frame.get("ref", ""), None)) is not None:
            self.journal.refused_after.append(time.monotonic() - asked_at)
        self.journal.counts["refused"] += 1
        self.journal.note(self.name, f"was refused: {frame}")

    def _is_edit(self, ref: str | None) -> bool:
        return ref in self.outbox and self.outbox[ref][0].kind == "edit"
