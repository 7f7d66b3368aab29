"""A subscription: one listener of one room. While what was missed is being read, it holds back the rest."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from chat.core.protocol import pack
from chat.live.send_queue import Batch


class Reach(IntEnum):
    """Who hears a frame of those who listen to its room in its dialect."""

    ALL = 0
    #: Those who are there, and do not only watch.
    THERE = 1
    #: Those as well, in a process where they are few.
    FEW = 2


#: What those are spoken to in who only watch: dialect 2, without what is of no concern to them.
WATCHING = 0


class EncodedFrame(NamedTuple):
    """One frame for the listeners of a room, encoded once for all of them."""

    #: The version of the change that it tells of; 0 where nothing durable has changed.
    version: int
    #: The frame for clients of dialect v2; None where it is not for them.
    v2: str | None
    #: The frame for clients of dialect v1; None where it is not for them.
    v1: str | None
    #: The version at which the message was said, where it may have changed since.
    first: int = 0
    reach: Reach = Reach.ALL


class Listener(Protocol):
    """Where a subscription leads to: a SendQueue."""

    dialect: int

    def send_batch(self, batch: Batch) -> None:
        """Take frames that others are sent as well. Never waits."""

    def drop(self) -> None:
        """Take nothing more, and have the client come again: it has missed something."""


class Subscription:
    """One listener of one room."""

    __slots__ = ("_held", "_known", "closed", "listener", "only_watches")

    def __init__(self, listener: Listener, closed: Callable[[], None] | None = None) -> None:
        self.listener = listener
        #: Whether the listener is not there. It may change while what the room is told is held back.
        self.only_watches = False
        #: Called once where the room is gone, and the subscription with it.
        self.closed = closed
        self._held: list[EncodedFrame] | None = []
        #: What the listener knows already; the feed may still be behind it.
        self._known = 0

    @property
    def kind(self) -> int:
        """What it hears: the dialect of the listener, or WATCHING."""
        return WATCHING if self.only_watches else self.listener.dialect

    def push(self, frames: Sequence[EncodedFrame]) -> None:
        """Take what the room is told."""
        if self._held is None:
            self._send(frames)
        else:
            self._held += frames

    def hold(self) -> None:
        """From now on keep what comes, until `release`."""
        self._held = self._held or []

    def release(self, version: int) -> None:
        """Send what was held back, and what comes, save what is known: everything up to `version`."""
        held, self._held, self._known = self._held or [], None, version
        self._send(held)

    def is_level_with(self, version: int) -> bool:
        """Whether the listener knows no more than everybody else, and may be sent what they are sent."""
        return self._held is None and self._known <= version

    def forget(self) -> None:
        """The versions begin anew, and nothing is known."""
        self._known = 0

    def _send(self, frames: Sequence[EncodedFrame]) -> None:
        news = [frame for frame in frames if not 0 < frame.version <= self._known]
        if texts := texts_for(self.kind, news):
            self.listener.send_batch(Batch(texts))


def texts_for(kind: int, frames: Iterable[EncodedFrame]) -> list[str]:
    """The frames for subscriptions of a kind; v2 gets several as one."""
    if kind == 1:
        return [frame.v1 for frame in frames if frame.v1 is not None]
    if kind == WATCHING:
        frames = [frame for frame in frames if frame.reach is Reach.ALL]
    return pack([frame.v2 for frame in frames if frame.v2 is not None])
