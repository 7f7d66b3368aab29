"""The feed: one room as this process hears it, what was told last, and who listens."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from chat.core.protocol import encode, pack
from chat.live.line import Batch
from chat.models import Room

logger = logging.getLogger(__name__)


class Told(NamedTuple):
    """One frame for the listeners of a room, encoded once for all of them."""

    #: The version of the change that it tells of; 0 where nothing durable has changed.
    version: int
    #: The frame for clients of dialect v2; None where it is not for them.
    text: str | None
    #: The frame for clients of dialect v1; None where it is not for them.
    v1: str | None
    #: The version at which the message was said, where it may have changed since.
    first: int = 0


class Listener(Protocol):
    """What a seat passes on to: a live.Line."""

    dialect: int

    def pass_on(self, batch: Batch) -> None:
        """Take frames that others are told as well. Never waits."""

    def let_go(self) -> None:
        """Take nothing more, and have the client come again: it has missed something."""


class Seat:
    """One listener's place in one room. While what was missed is being read, it holds back the rest."""

    __slots__ = ("_held", "_known", "closed", "line")

    def __init__(self, line: Listener, closed: Callable[[], None] | None = None) -> None:
        self.line = line
        #: Called once where the room is gone, and the seat with it.
        self.closed = closed
        self._held: list[Told] | None = []
        #: What the listener knows already; the feed may still be behind it.
        self._known = 0

    def hear(self, frames: Sequence[Told]) -> None:
        """Take what the room is told."""
        if self._held is None:
            self._pass_on(frames)
        else:
            self._held += frames

    def hold(self) -> None:
        """From now on keep what is heard, until `release`."""
        self._held = self._held or []

    def release(self, version: int) -> None:
        """Pass on what was held back, and what comes, save what is known: everything up to `version`."""
        held, self._held, self._known = self._held or [], None, version
        self._pass_on(held)

    def is_level_with(self, version: int) -> bool:
        """Whether the listener knows no more than everybody else, and may hear what they hear."""
        return self._held is None and self._known <= version

    def forget(self) -> None:
        """The versions begin anew, and nothing is known."""
        self._known = 0

    def _pass_on(self, frames: Sequence[Told]) -> None:
        news = [told for told in frames if not 0 < told.version <= self._known]
        if texts := _texts(news, self.line.dialect):
            self.line.pass_on(Batch(texts))


class Feed:
    """One room in this process. Tells each durable change once, in the order of the versions.

    What is told waits for `flush`, so that what comes at one time leaves at one time. `wake` is called
    when something begins to wait.
    """

    def __init__(self, room: Room, wake: Callable[["Feed"], None]) -> None:
        self.room = room.pk
        self.slug = room.slug
        self.epoch = room.epoch
        #: The last version told.
        self.version = room.version
        #: What everybody knows the room to be called, and to be about.
        self.title, self.topic = room.title, room.topic
        #: Whether something was missed that is still to be read from the database, and being read.
        self.is_behind = self.is_being_mended = False
        #: When it may be flushed again, by the clock of whoever flushes it.
        self.rests_until = 0.0
        self._wake = wake
        #: Told, and not passed on yet.
        self._waiting: list[Told] = []
        #: Those who hear what everybody hears, for each dialect.
        self._lines: dict[int, dict[Seat, Callable[[Batch], None]]] = {1: {}, 2: {}}
        #: The others, and how much of what waits was told before they came.
        self._newcomers: dict[Seat, int] = {}

    def __contains__(self, seat: Seat) -> bool:
        return seat in self._newcomers or seat in self._lines[seat.line.dialect]

    @property
    def is_empty(self) -> bool:
        """Whether nobody listens."""
        return not (self._newcomers or self._lines[1] or self._lines[2])

    def add(self, seat: Seat) -> None:
        """From now on `seat` hears what is told."""
        self._newcomers[seat] = len(self._waiting)

    def hold(self, seat: Seat) -> None:
        """Have a seat that is here hold back what it hears, until it is released."""
        seat.hold()
        if self._lines[seat.line.dialect].pop(seat, None):
            self._newcomers[seat] = 0

    def remove(self, seat: Seat) -> None:
        """`seat` hears nothing more, not even what waits."""
        self._newcomers.pop(seat, None)
        self._lines[seat.line.dialect].pop(seat, None)

    def offer(self, frames: Iterable[Told]) -> bool:
        """Tell what is next in line and drop what was told before.

        False where a change is missing in between: then nothing from there on was told, and the
        feed is behind.
        """
        for told in frames:
            if told.version and told.version <= self.version:
                continue
            if told.version > self.version + 1:
                self.is_behind = True
                return False
            self._tell(told)
        return True

    def catch_up(self, frames: Sequence[Told]) -> None:
        """Tell what the database has. A version that it does not have was overtaken by a later one.

        Dialect v1 knows no changes: it hears each new message in the place where it was said.
        """
        posts = {
            told.first: told.v1 for told in frames if told.v1 is not None and told.first > self.version
        }
        for first in sorted(posts):
            self.whisper(Told(first, None, posts[first]))
        for told in frames:
            if told.version > self.version:
                self._tell(told._replace(v1=None))

    def start_anew(self, epoch: str, version: int) -> None:
        """The history is another one now."""
        self.flush()
        self.epoch, self.version, self.is_behind = epoch, version, False
        for seat in self._newcomers:
            seat.forget()

    def describe(self, room: Room) -> None:
        """Tell what the room is called now, and what it is about, if everybody knows it otherwise."""
        if (room.title, room.topic) != (self.title, self.topic):
            text = encode(room.described_anew(self.title, self.topic))
            self.title, self.topic = room.title, room.topic
            self.whisper(Told(0, text, text))

    def close(self) -> None:
        """The room is gone: everybody hears what was told before, and listens no longer."""
        self.flush()
        for seat in [*self._newcomers, *self._lines[1], *self._lines[2]]:
            self.remove(seat)
            try:
                if seat.closed is not None:
                    seat.closed()
            except Exception as error:  # one listener's, who must not keep the others in
                self._let_go(seat, error)

    def whisper(self, told: Told) -> None:
        """Tell something that is no part of the log."""
        self._waiting.append(told)
        if len(self._waiting) == 1:
            self._wake(self)

    def flush(self) -> None:
        """Pass on what waits: to nearly everybody the same, made once."""
        frames, self._waiting = self._waiting, []
        if not frames:
            return
        failed: list[tuple[Seat, Exception]] = []
        for dialect, lines in self._lines.items():
            if lines and (texts := _texts(frames, dialect)):
                batch = Batch(texts)
                for seat, pass_on in lines.items():
                    try:
                        pass_on(batch)
                    except Exception as error:  # one listener's; the others have to hear it all the same
                        failed.append((seat, error))
        for seat, told_before in list(self._newcomers.items()):
            try:
                seat.hear(frames[told_before:])
            except Exception as error:  # as above
                failed.append((seat, error))
                continue
            self._newcomers[seat] = 0
            if seat.is_level_with(self.version):
                del self._newcomers[seat]
                self._lines[seat.line.dialect][seat] = seat.line.pass_on
        for seat, reason in failed:
            self._let_go(seat, reason)

    def _let_go(self, seat: Seat, error: Exception) -> None:
        """Who could not be told comes again, and finds then what was missed."""
        logger.error("A listener of %s could not be told.", self.slug, exc_info=error)
        self.remove(seat)
        try:
            seat.line.let_go()
        except Exception:  # it is broken, and hears nothing more in any case
            logger.exception("A listener of %s could not be let go.", self.slug)

    def _tell(self, told: Told) -> None:
        self.version = max(self.version, told.version)
        self.whisper(told)


def _texts(frames: Sequence[Told], dialect: int) -> list[str]:
    """The frames for clients of a dialect; v2 gets several as one."""
    if dialect == 1:
        return [told.v1 for told in frames if told.v1 is not None]
    return list(pack([told.text for told in frames if told.text is not None]))
