"""The feed: one room as this process hears it, what was told last, and who listens."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

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


class Seat:
    """One listener's place in one room. While what was missed is being read, it holds back the rest."""

    def __init__(self, tell: Callable[[str], None], dialect: int) -> None:
        self._tell = tell
        self._speaks_v2 = dialect == 2
        self._held: list[Told] | None = []
        #: What the listener knows already; the feed may still be behind it.
        self._known = 0

    def hear(self, told: Told) -> None:
        """Take what the room is told."""
        if self._held is None:
            self._pass_on(told)
        else:
            self._held.append(told)

    def hold(self) -> None:
        """From now on keep what is heard, until `release`."""
        self._held = self._held or []

    def release(self, version: int) -> None:
        """Pass on what was held back, and what comes, save what is known: everything up to `version`."""
        held, self._held, self._known = self._held or [], None, version
        for told in held:
            self._pass_on(told)

    def forget(self) -> None:
        """The versions begin anew, and nothing is known."""
        self._known = 0

    def _pass_on(self, told: Told) -> None:
        if 0 < told.version <= self._known:
            return
        text = told.text if self._speaks_v2 else told.v1
        if text is not None:
            self._tell(text)


class Feed:
    """One room in this process. Tells each durable change once, in the order of the versions."""

    def __init__(self, room: int, slug: str, epoch: str, version: int) -> None:
        self.room = room
        self.slug = slug
        self.epoch = epoch
        #: The last version told.
        self.version = version
        self.seats: dict[Seat, None] = {}
        #: Whether something was missed that is still to be read from the database, and being read.
        self.is_behind = self.is_being_mended = False

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
        self.epoch, self.version, self.is_behind = epoch, version, False
        for seat in self.seats:
            seat.forget()

    def whisper(self, told: Told) -> None:
        """Tell something that is no part of the log."""
        for seat in list(self.seats):
            seat.hear(told)

    def _tell(self, told: Told) -> None:
        self.version = max(self.version, told.version)
        self.whisper(told)
