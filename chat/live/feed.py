"""The feed: one room as this process hears it, what was told last, and who listens."""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from chat import conf
from chat import frames as frames_of_rows
from chat.core.protocol import Position, encode
from chat.live.event import History
from chat.live.send_queue import Batch
from chat.live.subscription import WATCHING, EncodedFrame, Reach, Subscription, texts_for
from chat.models import Message, Room

logger = logging.getLogger(__name__)

#: How many changes that have come too early are kept until it is their turn.
EARLY = 1000


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
        #: What everybody knows the room to be called and to be about, and all that.
        self.description = frames_of_rows.description(room)
        #: Whether something was missed that is still to be read from the database, and being read.
        self.is_behind = self.is_resyncing = False
        #: Whether what is missing may still come by itself.
        self.is_waiting = False
        #: What has come before what precedes it, by its version.
        self._early: dict[int, EncodedFrame] = {}
        #: When it may be flushed again, by the clock of whoever flushes it.
        self.rests_until = 0.0
        self._wake = wake
        #: What the next flush will send.
        self._waiting: list[EncodedFrame] = []
        #: Those who hear what everybody hears, for each kind.
        self._level: dict[int, dict[Subscription, Callable[[Batch], None]]] = {1: {}, 2: {}, WATCHING: {}}
        #: The others, and how much of what waits was told before they came.
        self._newcomers: dict[Subscription, int] = {}

    def __contains__(self, subscription: Subscription) -> bool:
        return subscription in self._newcomers or subscription in self._level[subscription.kind]

    @property
    def history(self) -> History:
        """What it tells, and its listeners know of."""
        return History(self.room, self.epoch)

    @property
    def is_empty(self) -> bool:
        """Whether nobody listens."""
        return not (self._newcomers or any(self._level.values()))

    def has_dialect(self, dialect: int) -> bool:
        """Whether anybody listens who is spoken to like this."""
        return bool(self._level[dialect]) or any(
            subscription.listener.dialect == dialect for subscription in self._newcomers
        )

    @property
    def has_many(self) -> bool:
        """Whether more are there, in dialect v2, than see who is writing."""
        there = len(self._level[2]) + sum(one.kind == 2 for one in self._newcomers)
        return 0 < conf.current().typing_up_to < there

    def add(self, subscription: Subscription) -> None:
        """From now on `subscription` hears what is told."""
        self._newcomers[subscription] = len(self._waiting)

    def hold(self, subscription: Subscription) -> None:
        """Have a subscription that is here hold back what it hears, until it is released."""
        subscription.hold()
        if self._level[subscription.kind].pop(subscription, None):
            self._newcomers[subscription] = 0

    def remove(self, subscription: Subscription) -> None:
        """`subscription` hears nothing more, not even what waits."""
        self._newcomers.pop(subscription, None)
        self._level[subscription.kind].pop(subscription, None)

    def offer(self, frames: Iterable[EncodedFrame]) -> bool:
        """Tell what is next in line, keep what is early for its turn, drop what was told before.

        False where a change is missing in between. Events of two processes cross each other all the time:
        what is missing is mostly on its way.
        """
        for frame in frames:
            if not frame.version or frame.version == self.version + 1:
                self._publish(frame)
            elif frame.version > self.version and len(self._early) < EARLY:
                self._early[frame.version] = frame
        if self._early:
            self._tell_early()
        return not self._early

    @property
    def misses_something(self) -> bool:
        """Whether anything waits for what precedes it."""
        return bool(self._early)

    def _tell_early(self) -> None:
        while frame := self._early.pop(self.version + 1, None):
            self._publish(frame)
        self._early = {version: frame for version, frame in self._early.items() if version > self.version}

    def catch_up(self, frames: Sequence[EncodedFrame], reached: int = 0) -> None:
        """Tell what the database has, which had reached a version before that was read.

        A version that it does not have was overtaken by a later one, or its message is too old and gone.
        Dialect v1 knows no changes: it hears each new message in the place where it was said.
        """
        self._tell_v1(frames)
        for frame in frames:
            if frame.version > self.version:
                self._publish(frame._replace(v1=None))
        self.version = max(self.version, reached)
        self._tell_early()

    def start_anew(self, epoch: str, version: int, frames: Sequence[EncodedFrame] = ()) -> None:
        """The history is another one now, and has come so far; `frames` is what it has told beyond the old.

        Dialect v1 knows no histories, and hears what was said; v2 comes again for the latest page.
        """
        self._tell_v1([frame for frame in frames if frame.first <= version])
        self.flush()
        self.epoch, self.version, self.is_behind = epoch, version, False
        self._early.clear()
        for subscription in self._newcomers:
            subscription.forget()
        self.tell_position()

    def tell_position(self) -> None:
        """Tell v2 how far the room has come: who knows less, or another epoch, asks for what is missing."""
        self.broadcast(EncodedFrame(0, encode(Position(self.slug, self.epoch, self.version)), None))

    def is_described_by(self, room: Room) -> bool:
        """Whether everybody knows what the room is called and about, who speaks there, and all that."""
        return frames_of_rows.description(room) == self.description

    def describe(self, room: Room, pinned: Message | None = None) -> None:
        """Tell how the room is now, and what is pinned there, if that is not known."""
        if not self.is_described_by(room):
            text = encode(frames_of_rows.described(room, self.description, pinned))
            self.description = frames_of_rows.description(room)
            self.broadcast(EncodedFrame(0, text, text))

    def close(self) -> None:
        """The room is gone: everybody hears what was told before, and listens no longer."""
        self.flush()
        for subscription in [*self._newcomers, *chain.from_iterable(self._level.values())]:
            self.remove(subscription)
            try:
                if subscription.closed is not None:
                    subscription.closed()
            except Exception as error:  # one listener's, who must not keep the others in
                self._drop(subscription, error)

    def broadcast(self, frame: EncodedFrame) -> None:
        """Tell something that is no part of the log."""
        if frame.reach is Reach.FEW and self.has_many:
            return
        self._waiting.append(frame)
        if len(self._waiting) == 1:
            self._wake(self)

    def flush(self) -> None:
        """Send what waits: to nearly everybody the same, made once."""
        frames, self._waiting = self._waiting, []
        if not frames:
            return
        failed: list[tuple[Subscription, Exception]] = []
        for kind, listeners in self._level.items():
            if listeners and (texts := texts_for(kind, frames)):
                batch = Batch(texts)
                for subscription, send_batch in listeners.items():
                    try:
                        send_batch(batch)
                    except Exception as error:  # one listener's; the others have to hear it all the same
                        failed.append((subscription, error))
        for subscription, told_before in list(self._newcomers.items()):
            try:
                subscription.push(frames[told_before:])
            except Exception as error:  # as above
                failed.append((subscription, error))
                continue
            self._newcomers[subscription] = 0
            if subscription.is_level_with(self.version):
                del self._newcomers[subscription]
                self._level[subscription.kind][subscription] = subscription.listener.send_batch
        for subscription, reason in failed:
            self._drop(subscription, reason)

    def _drop(self, subscription: Subscription, error: Exception) -> None:
        """Who could not be told comes again, and finds then what was missed."""
        logger.error("A listener of %s could not be told.", self.slug, exc_info=error)
        self.remove(subscription)
        try:
            subscription.listener.drop()
        except Exception:  # it is broken, and hears nothing more in any case
            logger.exception("A listener of %s could not be dropped.", self.slug)

    def _tell_v1(self, frames: Iterable[EncodedFrame]) -> None:
        """Tell v1, in their turn, the messages that were said beyond what is told."""
        posts = {
            frame.first: frame.v1 for frame in frames if frame.v1 is not None and frame.first > self.version
        }
        for first in sorted(posts):
            self.broadcast(EncodedFrame(first, None, posts[first]))

    def _publish(self, frame: EncodedFrame) -> None:
        self.version = max(self.version, frame.version)
        self.broadcast(frame)
