"""The hub: the feed of each room that somebody in this process listens to.

What is told reaches the listeners here at once, and the other processes by the channel layer. What the
layer loses is put right from the database, where a room's versions have no holes.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Sequence

from django.db import DatabaseError, InterfaceError

from chat import frames as frames_of_rows
from chat.core.protocol import Position, encode
from chat.live.feed import Feed
from chat.live.layer import Layer
from chat.live.subscription import EncodedFrame, Subscription
from chat.live.supervisor import Supervisor
from chat.models import Message, Room
from chat.storage.readers import polling

logger = logging.getLogger(__name__)

#: How long what a busy room is told gathers, in seconds. In a quiet room it leaves at once.
GATHER = 0.005
#: How often all rooms listened to are compared with the database's, in seconds.
POLL = 1.0
#: After how many seconds of silence a room's position is told.
QUIET = 15.0
#: How many polls until the process enters its rooms' groups again: layers forget a member after a day.
RENEWAL = 3600
#: How many changes are read at a time where some were missed.
PAGE = 1000


class Hub:
    """The feeds of this process, room by room.

    Lives as long as the event loop it was made in. Every method but `post` belongs to that loop.
    """

    def __init__(self, supervisor: Supervisor, closed: Callable[[int], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._supervisor = supervisor
        #: Called with the key of a room that is gone.
        self._closed = closed
        self._layer = Layer(supervisor, self._offer, self._has_listeners, self._entered)
        self._feeds: dict[int, Feed] = {}
        self._quiet_since: dict[int, float] = {}
        self._joining = asyncio.Lock()
        #: Set where the rooms are to be compared at once.
        self._is_hurried = asyncio.Event()
        self._is_started = False

    async def join(self, room: int, subscription: Subscription) -> None:
        """From now on `subscription` hears what the room with this key is told.

        Raises KeyError where there is no such room, or no longer. A layer that does not answer is waited
        for during one POLL at most.
        """
        self._start()
        tried = None
        async with self._joining:
            if room not in self._feeds:
                row = (await _rooms([room]))[room]
                self._feeds[room] = Feed(row, self._wake)
                self._quiet_since[room] = self._loop.time()
                tried = self._layer.follow(room)
            feed = self._feeds[room]
            feed.add(subscription)
        if tried is not None:
            try:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(tried.wait(), POLL)
            except asyncio.CancelledError:
                self.leave(room, subscription)
                raise
        if subscription not in feed:  # it was deleted meanwhile
            raise KeyError(room)

    def hold(self, room: int, subscription: Subscription) -> None:
        """Have a subscription that has joined hold back what it hears, until it is released."""
        self._feeds[room].hold(subscription)

    def leave(self, room: int, subscription: Subscription) -> None:
        """`subscription` hears nothing more of the room. Leaving twice is leaving once."""
        feed = self._feeds.get(room)
        if feed is not None:
            feed.remove(subscription)
            if feed.is_empty:
                self._forget(room)

    def _forget(self, room: int) -> None:
        """Nobody here listens to a room any more."""
        del self._feeds[room], self._quiet_since[room]
        self._layer.follow(room)

    def post(self, room: int, frames: list[EncodedFrame]) -> None:
        """Tell a room, here and in every other process. From any thread; never waits.

        Without frames, have every process look at the row of the room.
        """
        if threading.get_ident() == self._thread:
            self._post(room, frames)
        else:
            self._loop.call_soon_threadsafe(self._post, room, frames)

    def _post(self, room: int, frames: list[EncodedFrame]) -> None:
        self._start()  # nobody may have listened here yet, but others do elsewhere
        self._offer(room, frames)
        self._layer.post(room, frames)

    async def settle(self) -> None:
        """Return when the layer has all that there was to tell, or takes nothing just now."""
        await self._layer.settle()

    def _offer(self, room: int, frames: Sequence[EncodedFrame]) -> None:
        """Tell those who listen here, or find out from the database what is missing in between."""
        if feed := self._feeds.get(room):
            if not frames:
                self._is_hurried.set()
                return
            self._quiet_since[room] = self._loop.time()
            if not feed.offer(frames):
                self._resync(feed)

    def _wake(self, feed: Feed) -> None:
        """Something waits in a feed: pass it on when the loop turns, or what comes soon with it."""
        if feed.rests_until <= self._loop.time():
            self._loop.call_soon(self._flush, feed)
        else:
            self._loop.call_at(feed.rests_until, self._flush, feed)

    def _flush(self, feed: Feed) -> None:
        feed.flush()
        # From the end of it, so that a large room leaves the loop some time for others.
        feed.rests_until = self._loop.time() + GATHER

    def _resync(self, feed: Feed) -> None:
        """Have what is missing read from the database, by one reader for each room."""
        feed.is_behind = True
        if not feed.is_resyncing:
            feed.is_resyncing = True
            self._supervisor.run(self._catch_up(feed))

    async def _catch_up(self, feed: Feed) -> None:
        try:
            while feed.is_behind:
                feed.is_behind = False
                # All of it before any of it is told: a late page may hold what was said first.
                frames: list[EncodedFrame] = []
                version = feed.version
                while len(page := await _changes(feed.room, version)) == PAGE:
                    frames += page
                    version = page[-1].version
                feed.catch_up(frames + page)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Room %s cannot be read just now: %s", feed.slug, str(error).strip())
        finally:
            feed.is_resyncing = False

    async def _poll(self) -> None:
        """Once a second, and where one is said to have changed, compare the rooms with their rows."""
        polls, is_well = 0, True
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_hurried.wait(), POLL)
            self._is_hurried.clear()
            polls += 1
            self._layer.try_again(self._feeds if polls % RENEWAL == 0 else ())
            feeds = list(self._feeds.values())
            if not feeds:
                continue
            try:
                rows = await _rooms([feed.room for feed in feeds])
                is_well = True
            except (DatabaseError, InterfaceError) as error:
                if is_well:
                    logger.warning("The database cannot be read: %s", str(error).strip())
                is_well = False
                continue
            for feed in feeds:
                if self._feeds.get(feed.room) is feed:  # not left, nor begun anew, while it was read
                    self._compare(feed, rows.get(feed.room))

    def _compare(self, feed: Feed, row: Room | None) -> None:
        try:
            if row is None or row.slug != feed.slug:
                self._close(feed)
            else:
                feed.describe(row)
                self._compare_versions(feed, row)
        except Exception:  # of one room; the others have to be compared all the same
            logger.exception("Room %s could not be compared with its row.", feed.slug)

    def _close(self, feed: Feed) -> None:
        """The room was deleted: nobody is in it any more. Another one may get its key, or its address."""
        self._forget(feed.room)
        self._closed(feed.room)
        feed.close()

    def _compare_versions(self, feed: Feed, row: Room) -> None:
        now = self._loop.time()
        if row.epoch != feed.epoch:
            feed.start_anew(row.epoch, row.version)
        elif row.version > feed.version:
            self._resync(feed)
            return
        elif now - self._quiet_since[feed.room] < QUIET:
            return
        self._quiet_since[feed.room] = now
        feed.broadcast(EncodedFrame(0, encode(Position(feed.slug, feed.epoch, feed.version)), None))

    def _has_listeners(self, room: int) -> bool:
        return room in self._feeds

    def _entered(self, room: int) -> None:
        """This process is in the group of a room: what was told before that has not reached it."""
        if feed := self._feeds.get(room):
            self._resync(feed)

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._layer.start()
            self._supervisor.keep_running(self._poll)


@polling
def _rooms(keys: list[int]) -> dict[int, Room]:
    """Those of the rooms with these keys that are there, in one query."""
    rows = Room.objects.only("slug", "title", "topic", "epoch", "version").in_bulk(keys)
    return {key: room for key, room in rows.items() if not room.is_deleted}


@polling
def _changes(room: int, version: int) -> list[EncodedFrame]:
    """What changed in a room after `version`, at most PAGE messages, each as it now stands."""
    changed = Message.objects.of(room).changed_after(version).walk(PAGE)
    return [_as_it_stands(message, version) for message in changed]


def _as_it_stands(message: Message, version: int) -> EncodedFrame:
    text = encode(frames_of_rows.since(message, version))
    if message.deleted_at is not None:
        return EncodedFrame(message.version, text, None)
    is_untouched = message.version == message.first_version
    v1 = text if is_untouched else encode(frames_of_rows.posted(message))
    return EncodedFrame(message.version, text, v1, message.first_version)
