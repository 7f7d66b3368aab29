"""The poll: compares the rooms that somebody here listens to with their rows in the database.

Once a second all of them, by their versions alone, which the database does: it answers with what differs.
What else a row says is looked at for some rooms each time, in their turn, and at once for those that are
said to have changed.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from math import ceil

from django.db import DatabaseError, InterfaceError

from chat.live.feed import Feed
from chat.live.supervisor import Supervisor
from chat.models import Message, Room
from chat.storage import epochs, room_rows
from chat.storage.readers import polling

logger = logging.getLogger(__name__)

#: How often all rooms listened to are compared with the database's, in seconds.
POLL = 1.0
#: After how many seconds of silence a room's position is told.
QUIET = 15.0
#: Up to how many rooms a poll looks at all that their rows say; where there are more, at so many of them.
WHOLE, SOME = 1000, 500
#: After how many rooms others have their turn.
TURN = 100


class Poll:
    """Finds out what the feeds of a process have not been told. Belongs to one event loop.

    `behind` is called with a feed that has missed something, `closed` with one whose room is gone, and
    `begun_anew` with one whose room has another epoch, and its row. `beat` is called before each poll.
    `settled` says when nobody listens any more who may not, by what the rows say now. The rooms that are to
    be told how they are wait for that, and no other.
    """

    def __init__(
        self,
        feeds: Mapping[int, Feed],
        *,
        beat: Callable[[], None],
        behind: Callable[[Feed], None],
        closed: Callable[[Feed], None],
        begun_anew: Callable[[Feed, Room], Awaitable[None]],
        supervisor: Supervisor,
        settled: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._feeds = feeds
        self._beat, self._behind, self._closed, self._begun_anew = beat, behind, closed, begun_anew
        self._supervisor, self._settled = supervisor, settled
        #: The rooms that are not described by their rows, each with the version it was read after.
        self._changed: dict[int, tuple[Feed, Room, int]] = {}
        self._is_describing = False
        #: Since when nothing was told in which room, the longest silence first.
        self._quiet_since: OrderedDict[int, float] = OrderedDict()
        #: The rooms that are to be looked at at once.
        self._hurried: set[int] = set()
        self._is_hurried = asyncio.Event()
        #: Those whose rows are still to be looked at before it is the turn of the first again.
        self._to_look_at: list[int] = []
        self._is_well = True

    def hurry(self, room: int) -> None:
        """The row of this room is said to have changed: look at it at once."""
        self._hurried.add(room)
        self._is_hurried.set()

    def heard(self, room: int) -> None:
        """Something was told in this room just now, or somebody has begun to listen."""
        self._quiet_since[room] = self._loop.time()
        self._quiet_since.move_to_end(room)

    def forget(self, room: int) -> None:
        """Nobody listens there any more."""
        self._quiet_since.pop(room, None)

    async def run(self) -> None:
        """Compare, as long as the loop turns."""
        while True:
            due = self._loop.time() + POLL
            while await self._is_hurried_before(due):
                rooms, self._hurried = self._hurried, set()
                await self._compare(
                    {room: feed for room in rooms if (feed := self._feeds.get(room))}, rooms
                )
            self._beat()
            await self._compare(dict(self._feeds), self._next_rooms())
            await self._tell_positions()

    async def _is_hurried_before(self, due: float) -> bool:
        if self._loop.time() >= due:
            return False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._is_hurried.wait()
        is_hurried = self._is_hurried.is_set()
        self._is_hurried.clear()
        return is_hurried

    def _next_rooms(self) -> Collection[int]:
        """The rooms whose turn it is that all of their row is looked at."""
        if len(self._feeds) <= WHOLE:
            return self._feeds.keys()
        self._to_look_at = self._to_look_at or list(self._feeds)
        rooms, self._to_look_at = self._to_look_at[:SOME], self._to_look_at[SOME:]
        return rooms

    async def _compare(self, feeds: Mapping[int, Feed], whole: Collection[int]) -> None:
        """Compare feeds with their rows, those of `whole` with all that is in them."""
        versions = {room: feed.version for room, feed in feeds.items()}
        if not versions:
            return
        try:
            rows = await _rows(versions, [room for room in whole if room in feeds])
            for number, (room, row) in enumerate(rows.items(), 1):
                if number % TURN == 0:
                    await asyncio.sleep(0)
                feed = feeds[room]
                if self._feeds.get(room) is not feed:  # left, or begun anew, while it was read
                    continue
                if row is None or row.slug != feed.slug or feed.is_described_by(row):
                    await self._compare_one(feed, row, versions[room])
                else:
                    self._changed[room] = feed, row, versions[room]
            if self._changed and not self._is_describing:
                self._is_describing = True
                self._supervisor.run(self._describe())
            self._is_well = True
        except (DatabaseError, InterfaceError) as error:
            if self._is_well:
                logger.warning("The database cannot be read: %s", str(error).strip())
            self._is_well = False

    async def _compare_one(self, feed: Feed, row: Room | None, version: int) -> None:
        """Compare a feed with its row, which was read after this version was told."""
        try:
            if row is None or row.slug != feed.slug:
                self._closed(feed)
                return
            if row.epoch == feed.epoch and row.version < version:
                row = await _renewed(row, version)
            if row.epoch != feed.epoch:
                await self._begun_anew(feed, row)
            elif row.version > feed.version:
                self._behind(feed)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # of one room; the others have to be compared all the same
            logger.exception("Room %s could not be compared with its row.", feed.slug)

    async def _describe(self) -> None:
        """Tell how the changed rooms are now, those who may still hear it, and compare the rest of it.

        Those that are not settled in time are compared all the same, and are changed ones again next time.
        """
        try:
            while self._changed:
                changed, self._changed = self._changed, {}
                is_settled = self._settled is None or await self._settled()
                pinned = await _pinned([row for _feed, row, _version in changed.values()])
                for feed, row, version in changed.values():
                    if self._feeds.get(feed.room) is not feed:
                        continue
                    if is_settled:
                        feed.describe(row, pinned.get(row.pk))
                    await self._compare_one(feed, row, version)
        except (DatabaseError, InterfaceError):
            pass  # the next poll says so
        finally:
            self._is_describing = False

    async def _tell_positions(self) -> None:
        """Tell rooms that have been quiet for long how far they have come; not too many at a time."""
        quiet_before = self._loop.time() - QUIET
        for number in range(max(TURN, ceil(len(self._quiet_since) / QUIET))):
            room, since = next(iter(self._quiet_since.items()), (0, quiet_before))
            if since >= quiet_before:
                return
            self.heard(room)
            if self._feeds[room].has_dialect(2):
                self._feeds[room].tell_position()
            if number % TURN == TURN - 1:
                await asyncio.sleep(0)


@polling
def _rows(versions: Mapping[int, int], whole: Collection[int]) -> dict[int, Room | None]:
    """The rows that differ from these versions, and those of `whole`; None for a room that is gone."""
    rows = room_rows.read(whole)
    if len(whole) < len(versions):
        rows |= room_rows.differing(versions)
    return {key: None if row is None or row.is_deleted else row for key, row in rows.items()}


@polling
def _pinned(rooms: Iterable[Room]) -> dict[int, Message]:
    """What is pinned in these rooms."""
    return room_rows.pinned(rooms)


@polling
def _renewed(room: Room, version: int) -> Room:
    """The row again, which has another epoch if it is still older than this version of its own."""
    epochs.note(room.epoch, version)
    if not epochs.renew_older(room):
        room.refresh_from_db()
    return room
