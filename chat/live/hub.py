"""The hub: one channel of this process in the group of each room that somebody here listens to.

The channel layer is only a doorbell. What it brings in time is told at once; what it loses, repeats or
brings in disorder is put right from the database, where a room's versions have no holes. So nothing
depends on the layer but speed.
"""

import asyncio
import contextlib
import logging
import threading
import uuid
from collections.abc import Coroutine, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError

from chat.core.protocol import MessagePosted, MessageUpdated, Notified, Position, encode
from chat.core.roster import Roster
from chat.live.crowd import Crowd
from chat.live.feed import Feed, Seat, Told
from chat.live.supervisor import supervise
from chat.live.threads import reading
from chat.models import Message, Room

logger = logging.getLogger(__name__)

#: How long what a busy room is told gathers, in seconds. In a quiet room it leaves at once.
GATHER = 0.005
#: How often all rooms listened to are compared with the database's, in seconds.
BEAT = 1.0
#: After how many seconds of silence a room's position is told.
QUIET = 15.0
#: How many beats until the process enters its rooms' groups again: layers forget a member after a day.
RENEWAL = 3600
#: How many changes are read at a time where some were missed.
PAGE = 1000
#: How many events may wait for a layer that does not answer. For the rest the beat makes up.
OUTBOX = 10_000


class Hub:
    """The feeds of this process, room by room, and the roster and the crowds of those who are here.

    Lives as long as the event loop it was made in. Every method but `post` belongs to that loop.
    """

    def __init__(self) -> None:
        self.roster = Roster()
        self.crowd = Crowd(asyncio.get_running_loop())
        self._id = uuid.uuid4().hex
        self._loop = asyncio.get_running_loop()
        self._layer = _layer()
        self._channel = ""
        self._feeds: dict[int, Feed] = {}
        self._quiet_since: dict[int, float] = {}
        self._thread = threading.get_ident()
        self._outbox: asyncio.Queue[tuple[int, list[Told]]] = asyncio.Queue(OUTBOX)
        self._joining = asyncio.Lock()
        self._opening = asyncio.Lock()
        #: The rooms whose groups are to be entered or left, and for each what is set once that was tried.
        self._unsettled: dict[int, asyncio.Event] = {}
        self._has_unsettled = asyncio.Event()
        #: Set where the rooms are to be compared at once.
        self._is_hurried = asyncio.Event()
        #: Those where it failed. The next beat has it tried again.
        self._failed: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_alive(self) -> bool:
        """Whether the loop of this hub still turns."""
        return not self._loop.is_closed()

    def belongs_to(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether this is the hub of `loop`."""
        return self._loop is loop

    async def join(self, room: int, seat: Seat) -> None:
        """From now on `seat` hears what the room with this key is told.

        Raises KeyError where there is no such room, or no longer. A layer that does not answer is waited
        for during one beat at most.
        """
        self._start()
        tried = None
        async with self._joining:
            if room not in self._feeds:
                row = (await _rooms([room]))[room]
                self._feeds[room] = Feed(row, self._wake)
                self._quiet_since[room] = self._loop.time()
                tried = self._unsettle(room)
            feed = self._feeds[room]
            feed.add(seat)
        if tried is not None:
            try:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(tried.wait(), BEAT)
            except asyncio.CancelledError:
                self.leave(room, seat)
                raise
        if seat not in feed:  # it was deleted meanwhile
            raise KeyError(room)

    def hold(self, room: int, seat: Seat) -> None:
        """Have a seat that has joined hold back what it hears, until it is released."""
        self._feeds[room].hold(seat)

    def leave(self, room: int, seat: Seat) -> None:
        """`seat` hears nothing more of the room. Leaving twice is leaving once."""
        feed = self._feeds.get(room)
        if feed is not None:
            feed.remove(seat)
            if feed.is_empty:
                self._forget(room)

    def _forget(self, room: int) -> None:
        """Nobody here listens to a room any more."""
        del self._feeds[room], self._quiet_since[room]
        self._unsettle(room)

    async def settle(self) -> None:
        """Return when the layer has all that there was to tell, or takes nothing just now."""
        self.crowd.settle()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outbox.join(), BEAT)

    def post(self, room: int, frames: list[Told]) -> None:
        """Tell a room, here and in every other process. From any thread; never waits.

        Without frames, have every process look at the row of the room.
        """
        if threading.get_ident() == self._thread:
            self._post(room, frames)
        else:
            self._loop.call_soon_threadsafe(self._post, room, frames)

    def _post(self, room: int, frames: list[Told]) -> None:
        self._offer(room, frames)
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait((room, frames))

    def _offer(self, room: int, frames: Sequence[Told]) -> None:
        """Tell those who listen here, or find out from the database what is missing in between."""
        if feed := self._feeds.get(room):
            if not frames:
                self._is_hurried.set()
                return
            self._quiet_since[room] = self._loop.time()
            if not feed.offer(frames):
                self._mend(feed)

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

    def _mend(self, feed: Feed) -> None:
        """Have what is missing read from the database, by one reader for each room."""
        feed.is_behind = True
        if not feed.is_being_mended:
            feed.is_being_mended = True
            self._go(self._catch_up(feed))

    async def _catch_up(self, feed: Feed) -> None:
        try:
            while feed.is_behind:
                feed.is_behind = False
                # All of it before any of it is told: a late page may hold what was said first.
                frames: list[Told] = []
                version = feed.version
                while len(page := await _changes(feed.room, version)) == PAGE:
                    frames += page
                    version = page[-1].version
                feed.catch_up(frames + page)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Room %s cannot be read just now: %s", feed.slug, str(error).strip())
        finally:
            feed.is_being_mended = False

    async def _beat(self) -> None:
        """Once a second, and where one is said to have changed, compare the rooms with their rows."""
        beats, is_well = 0, True
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_hurried.wait(), BEAT)
            self._is_hurried.clear()
            beats += 1
            again = self._failed.union(self._feeds if beats % RENEWAL == 0 else ())
            self._failed.clear()
            for room in again:
                self._unsettle(room)
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
        self.roster.forget(feed.room)
        self.crowd.forget(feed.room)
        feed.close()

    def _compare_versions(self, feed: Feed, row: Room) -> None:
        now = self._loop.time()
        if row.epoch != feed.epoch:
            feed.start_anew(row.epoch, row.version)
        elif row.version > feed.version:
            self._mend(feed)
            return
        elif now - self._quiet_since[feed.room] < QUIET:
            return
        self._quiet_since[feed.room] = now
        feed.whisper(Told(0, encode(Position(feed.slug, feed.epoch, feed.version)), None))

    async def _send(self) -> None:
        """Carry what was posted to the layer, one after the other, so the order stays."""
        is_well = True
        while True:
            room, frames = await self._outbox.get()
            try:
                await self._layer.group_send(_group(room), _ring(room, frames, self._id))
                is_well = True
            except Exception as error:  # whatever a layer's driver may raise: the beat makes up for it
                if is_well:
                    logger.warning("The channel layer takes no events: %r", error)
                is_well = False
            finally:
                self._outbox.task_done()

    async def _receive(self) -> None:
        is_well = True
        while True:
            try:
                await self._open_channel()
                event = await self._layer.receive(self._channel)
                if event["origin"] != self._id:
                    self._offer(event["room"], _frames(event))
                is_well = True
            except Exception as error:  # as above; a layer that is gone comes back, rubbish is skipped
                if is_well:
                    logger.warning("The channel layer gives no events of ours: %r", error)
                is_well = False
                await asyncio.sleep(BEAT)

    def _start(self) -> None:
        if not self._tasks:
            for work in (self._send, self._receive, self._follow, self._beat):
                self._go(supervise(work))

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._gone)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s has ended by an error.", task.get_coro(), exc_info=error)

    def _unsettle(self, room: int) -> asyncio.Event:
        """Have the room's group entered or left; what is set once that was tried."""
        self._has_unsettled.set()
        return self._unsettled.setdefault(room, asyncio.Event())

    async def _follow(self) -> None:
        """Be in the groups of exactly those rooms that somebody here listens to."""
        is_well = True
        while True:
            if not self._unsettled:
                self._has_unsettled.clear()
                await self._has_unsettled.wait()
            room = next(iter(self._unsettled))
            tried = self._unsettled.pop(room)
            try:
                await self._enter_or_leave(room)
                is_well = True
            except Exception as error:  # a layer that is gone: the beat tells the room meanwhile
                if is_well:
                    logger.warning("The channel layer does not take this process in: %r", error)
                is_well = False
                self._failed.add(room)
            except asyncio.CancelledError:  # see supervise
                self._failed.add(room)
                raise
            finally:
                tried.set()

    async def _enter_or_leave(self, room: int) -> None:
        if feed := self._feeds.get(room):
            await self._open_channel()
            await self._layer.group_add(_group(room), self._channel)
            # What was told before the group had us in it has not reached us.
            self._mend(feed)
        elif self._channel:
            await self._layer.group_discard(_group(room), self._channel)

    async def _open_channel(self) -> None:
        """The one channel of this process."""
        async with self._opening:
            if not self._channel:  # two may want it at once; what is read must be what is in the groups
                self._channel = await self._layer.new_channel("hub.")


_hub: Hub | None = None


def get_hub() -> Hub:
    """The hub of the running event loop."""
    global _hub
    if _hub is None or not _hub.belongs_to(asyncio.get_running_loop()):
        _hub = Hub()
    return _hub


async def settle() -> None:
    """Return when the other processes can hear all that was told here so far, or cannot be reached."""
    if _hub is not None and _hub.is_alive:
        await _hub.settle()


def publish(room: int, changes: Sequence[MessagePosted | MessageUpdated]) -> None:
    """Tell the room with this key of changes that are committed, in the order of their versions.

    In every process and from any thread; encodes each once. Where no server runs in this process (a
    command of manage.py), hands them to the layer and waits. Never fails: what the layer does not take is
    read from the database.
    """
    _tell(room, [_told(change) for change in changes])


def whisper(room: int, event: Notified, *, for_v1: bool = True) -> None:
    """Tell a room something that is not kept, in every process and from any thread."""
    text = encode(event)
    _tell(room, [Told(0, text, text if for_v1 else None)])


def look(room: int) -> None:
    """The row of this room has changed, and that is committed: have every process tell its listeners.

    From any thread. Whoever does not hear of it looks a second later.
    """
    _tell(room, [])


def _tell(room: int, frames: list[Told]) -> None:
    if _hub is not None and _hub.is_alive:
        _hub.post(room, frames)
        return
    try:
        async_to_sync(_ring_once)(room, frames)
    except Exception as error:  # it is committed: whoever listens hears of it by the beat
        logger.warning("The channel layer takes no events: %r", error)


async def _ring_once(room: int, frames: list[Told]) -> None:
    async with asyncio.timeout(BEAT):
        await _layer().group_send(_group(room), _ring(room, frames, ""))


def _told(change: MessagePosted | MessageUpdated) -> Told:
    text = encode(change)
    return Told(change.version, text, text if isinstance(change, MessagePosted) else None)


@reading
def _rooms(keys: list[int]) -> dict[int, Room]:
    """Those of the rooms with these keys that are there, in one query."""
    rows = Room.objects.only("slug", "title", "topic", "epoch", "version").in_bulk(keys)
    return {key: room for key, room in rows.items() if not room.is_deleted}


@reading
def _changes(room: int, version: int) -> list[Told]:
    """What changed in a room after `version`, at most PAGE messages, each as it now stands."""
    changed = Message.objects.of(room).changed_after(version).walk(PAGE)
    return [_as_it_stands(message, version) for message in changed]


def _as_it_stands(message: Message, version: int) -> Told:
    text = encode(message.told_after(version))
    if message.deleted_at is not None:
        return Told(message.version, text, None)
    is_untouched = message.version == message.first_version
    v1 = text if is_untouched else encode(message.posted())
    return Told(message.version, text, v1, message.first_version)


def _layer() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured('CHANNEL_LAYERS has no "default"; the chat needs one to tell anybody.')
    return layer


def _group(room: int) -> str:
    return f"room.{room}"


def _ring(room: int, frames: list[Told], origin: str) -> dict[str, Any]:
    """The frames as they cross the layer."""
    rows = [[told.version, told.text, told.v1 is not None] for told in frames]
    return {"type": "room.event", "room": room, "origin": origin, "frames": rows}


def _frames(event: dict[str, Any]) -> list[Told]:
    return [Told(version, text, text if for_v1 else None) for version, text, for_v1 in event["frames"]]
