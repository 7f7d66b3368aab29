"""The hub: the feed of each room that somebody in this process listens to.

What is told reaches the listeners here at once, and the other processes by the channel layer. What the
layer loses is put right from the database, where a room's versions have no holes.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from django.db import DatabaseError, InterfaceError
from msgspec import UNSET

from chat import frames as frames_of_rows
from chat.core.protocol import encode
from chat.live import poll, turn
from chat.live.event import History
from chat.live.feed import Feed
from chat.live.layer import Layer
from chat.live.poll import Poll
from chat.live.subscription import EncodedFrame, Subscription
from chat.live.supervisor import Supervisor
from chat.models import Directory, Message, Room
from chat.storage import epochs, room_rows
from chat.storage.readers import polling

logger = logging.getLogger(__name__)

#: How long what a busy room is told gathers, in seconds, and for how many times as long as to tell the last
#: took: a large room leaves the loop some time for others, a small one needs no rest. In a quiet room it
#: leaves at once.
GATHER, RESTS = 0.005, 3
#: How many polls until the process enters its rooms' groups again: layers forget a member after a day.
RENEWAL = 3600
#: How long an event of another process may be behind a later one of this, in seconds.
LATE = 0.1
#: How many rooms are resynced at a time: whoever is read for has to wait no longer than a reader may take.
RESYNCS = 4
#: How many changes are read at a time where some were missed.
PAGE = 1000


class Hub:
    """The feeds of this process, room by room.

    Lives as long as the event loop it was made in. Every method but `post` belongs to that loop.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        closed: Callable[[int], None],
        settled: Callable[[], Awaitable[bool]] | None = None,
        has_others: Callable[[], bool] = lambda: True,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._turn = turn.current()
        self._thread = threading.get_ident()
        self._supervisor = supervisor
        #: Called with the key of a room that is gone.
        self._closed = closed
        self._feeds: dict[int, Feed] = {}
        self._layer = Layer(
            supervisor,
            self._heard,
            self._histories,
            self._has_listeners,
            entered=self._entered,
            heard_of_site=self._heard_of_site,
            has_others=has_others,
        )
        #: What the site is called among those that share a layer; "" while that is not known.
        self.site = ""
        #: Who hears what the site is told, by its kind.
        self._site_handlers: dict[str, Callable[[Any], None]] = {}
        self._poll = Poll(
            self._feeds,
            beat=self._beat,
            behind=self._resync,
            closed=self._close_feed,
            begun_anew=self._begin_anew,
            supervisor=supervisor,
            settled=settled,
        )
        self._polls = 0
        self._joining = asyncio.Lock()
        self._resyncing = asyncio.Semaphore(RESYNCS)
        self._is_started = False

    async def join(self, room: int, subscription: Subscription) -> None:
        """From now on `subscription` hears what the room with this key is told.

        Raises KeyError where there is no such room, or no longer. A layer that does not answer is waited
        for during one poll's time at most.
        """
        self._start()
        tried = None
        async with self._joining:
            if room not in self._feeds:
                self._feeds[room] = Feed(await _room(room), self._wake)
                self._poll.heard(room)
                tried = self._layer.follow(self._feeds[room].history)
            feed = self._feeds[room]
            feed.add(subscription)
        if tried is not None:
            try:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(tried.wait(), poll.POLL)
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
        feed = self._feeds.pop(room)
        self._poll.forget(room)
        self._layer.follow(feed.history)

    def post(self, history: History, frames: list[EncodedFrame]) -> None:
        """Tell a room, here and in every other process. From any thread; never waits.

        What is not kept goes to the history that is listened to here, whichever that is. Without frames,
        have every process look at the row of the room.
        """
        if threading.get_ident() == self._thread:
            self._post(history, frames)
        else:
            self._loop.call_soon_threadsafe(self._post, history, frames)

    def _post(self, history: History, frames: list[EncodedFrame]) -> None:
        self._start()  # nobody may have listened here yet, but others do elsewhere
        feed = self._feeds.get(history.room)
        if feed is not None and feed.epoch != history.epoch:
            if any(frame.version for frame in frames):
                self._poll.hurry(history.room)  # it has another since; the poll tells what happened there
            else:
                history = feed.history
        self._heard(history, frames)
        self._layer.post(history, frames)

    def slug(self, room: int) -> str | None:
        """The address of a room; None where nobody listens to it here."""
        feed = self._feeds.get(room)
        return feed.slug if feed is not None else None

    def position(self, room: int) -> tuple[str, int] | None:
        """How far a room was told here, and in which history; None where that is not known to be all."""
        feed = self._feeds.get(room)
        if feed is None or feed.misses_something or feed.is_behind or feed.is_resyncing:
            return None
        return feed.epoch, feed.version

    def tell_here(self, room: int, frame: EncodedFrame) -> None:
        """Tell those who listen to a room here something that is no part of its log."""
        if feed := self._feeds.get(room):
            feed.broadcast(frame)

    def on_site_event(self, kind: str, handler: Callable[[Any], None]) -> None:
        """Have `handler` called with the data of what the site is told of this kind, here or elsewhere."""
        self._site_handlers[kind] = handler

    def post_to_site(self, kind: str, data: Any) -> None:
        """Tell every process of the site, this one as well. From any thread; it may be lost."""
        if threading.get_ident() == self._thread:
            self._post_to_site(kind, data)
        else:
            self._loop.call_soon_threadsafe(self._post_to_site, kind, data)

    def _post_to_site(self, kind: str, data: Any) -> None:
        self._start()
        self._heard_of_site(kind, data)
        self._layer.post_to_site(kind, data)

    def _heard_of_site(self, kind: str, data: Any) -> None:
        if handler := self._site_handlers.get(kind):
            try:
                handler(data)
            except (
                Exception
            ):  # here; the other processes are told all the same, and those who told it go on
                logger.exception("What the site was told (%s) could not be taken.", kind)

    async def _find_site(self) -> None:
        """Find out what the site is called, however long the database takes for that."""
        while True:
            try:
                return self.join_site(await _site())
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database cannot be read: %s", str(error).strip())
                await asyncio.sleep(poll.POLL)

    def join_site(self, site: str) -> None:
        """This is what the site is called from now on: another name where its database was a copy."""
        if site != self.site:
            self.site = site
            self._layer.join_site(site)

    async def settle(self) -> None:
        """Return when the layer has all that there was to tell, or takes nothing just now."""
        await self._layer.settle()

    async def close(self) -> None:
        """Leave the layer for good. Takes two seconds at most."""
        await self._layer.close()

    def _heard(self, history: History, frames: Sequence[EncodedFrame]) -> None:
        """Tell those who listen here, or find out from the database what is missing in between."""
        feed = self._feeds.get(history.room)
        if feed is None or feed.epoch != history.epoch:
            return  # of another history, or of another database
        if not frames:
            self._poll.hurry(history.room)
            return
        self._poll.heard(history.room)
        if not feed.offer(frames):
            self._wait_for_the_rest(feed)

    def _wait_for_the_rest(self, feed: Feed) -> None:
        """What is missing comes by the layer within LATE seconds, or is read from the database."""
        if not (feed.is_waiting or feed.is_resyncing):
            feed.is_waiting = True
            self._loop.call_later(LATE, self._stop_waiting, feed, feed.version)

    def _stop_waiting(self, feed: Feed, version: int) -> None:
        feed.is_waiting = False
        if feed.misses_something and self._feeds.get(feed.room) is feed:
            if feed.version == version:
                self._resync(feed)
            else:  # that has come, and something else is missing now
                self._wait_for_the_rest(feed)

    def _wake(self, feed: Feed) -> None:
        """Something waits in a feed: pass it on when the loop turns, or what comes soon with it."""
        if feed.rests_until <= self._loop.time():
            self._turn.tell_room(partial(self._flush, feed))
        else:
            self._loop.call_at(feed.rests_until, self._flush, feed)

    def _flush(self, feed: Feed) -> None:
        began = self._loop.time()
        feed.flush()
        epochs.note(feed.epoch, feed.version)
        ended = self._loop.time()
        feed.rests_until = ended + min(GATHER, RESTS * (ended - began))

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
                async with self._resyncing:
                    reached = await _reached(feed.room)
                    while len(page := await _changes(feed.room, version)) == PAGE:
                        frames += page
                        version = page[-1].version
                feed.catch_up(frames + page, reached)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Room %s cannot be read just now: %s", feed.slug, str(error).strip())
        finally:
            feed.is_resyncing = False
            if feed.misses_something:
                self._wait_for_the_rest(feed)

    def _beat(self) -> None:
        self._polls += 1
        self._layer.try_again(self._histories() if self._polls % RENEWAL == 0 else ())

    def _close_feed(self, feed: Feed) -> None:
        """The room was deleted: nobody is in it any more. Another one may get its key, or its address."""
        self._forget(feed.room)
        self._closed(feed.room)
        feed.close()

    async def _begin_anew(self, feed: Feed, row: Room) -> None:
        """The room has another history now: go over to it, and have the other processes do so, too."""
        told = await _changes(feed.room, feed.version) if feed.has_dialect(1) else []
        if self._feeds.get(feed.room) is feed:
            before = feed.history
            feed.start_anew(row.epoch, row.version, told)
            for history in (before, feed.history):
                self._layer.follow(history)
            self._layer.post(before, [])
            self._poll.heard(feed.room)

    def _histories(self) -> list[History]:
        return [feed.history for feed in self._feeds.values()]

    def _has_listeners(self, history: History) -> bool:
        feed = self._feeds.get(history.room)
        return feed is not None and feed.epoch == history.epoch

    def _entered(self, history: History) -> None:
        """This process is in the group of a history: what was told before that has not reached it."""
        self._poll.hurry(history.room)

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._layer.start()
            self._supervisor.run(self._find_site())
            self._supervisor.keep_running(self._poll.run)


@polling
def _site() -> str:
    """What the site of this database is called."""
    return Directory.current().site


@polling
def _room(key: int) -> Room:
    """The room with this key. Raises KeyError where there is none, or none any more."""
    room = room_rows.read([key])[key]
    if room is None or room.is_deleted:
        raise KeyError(key)
    return room


@polling
def _reached(room: int) -> int:
    """How far a room has come; 0 where it is gone."""
    return Room.objects.filter(pk=room).values_list("version", flat=True).first() or 0


@polling
def _changes(room: int, version: int) -> list[EncodedFrame]:
    """What changed in a room after `version`, at most PAGE messages, each as it now stands."""
    frames = []
    for message in Message.objects.of(room).changed_after(version).walk(PAGE):
        frames.append(_as_it_stands(message, version))
        version = message.version
    return frames


def _as_it_stands(message: Message, version: int) -> EncodedFrame:
    """The frames for those who know the room as it was at this version, after which this change is next."""
    frame = frames_of_rows.since(message, version)
    if message.version > version + 1:
        frame.follows = version
    text = encode(frame)
    if message.deleted_at is not None:
        return EncodedFrame(message.version, text, None)
    is_untouched = message.version == message.first_version
    v1 = text if is_untouched and frame.follows is UNSET else encode(frames_of_rows.posted(message))
    return EncodedFrame(message.version, text, v1, message.first_version)
