"""The directory as this process knows it: has anything changed, and who belongs to any room at all."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol

from django.db import OperationalError

from chat.live.supervisor import Supervisor
from chat.models import Directory, Membership
from chat.storage import vendor
from chat.storage.readers import polling

logger = logging.getLogger(__name__)

#: How often the directory is looked at where nobody says that it has moved, in seconds.
POLL = 1.0
#: How long nothing follows after something has, in seconds: so long at least, and so many times as long as
#: that took. So whoever makes rooms all the time slows down nobody but themselves.
REST, SHARE = 0.05, 3
#: How long a database is left alone that does not answer, in seconds.
PAUSE = 0.2
#: How old a look may be that is as good as a new one, in seconds.
FRESH = 2 * POLL
#: Of how many guests it is known that they are members of something; where there are more, all may be.
MANY = 10_000
#: How long somebody waits until what has changed holds here, in seconds.
PATIENCE = 5.0


class Memory(Protocol):
    """Rows that a process remembers, each change of which moves the directory."""

    def read(self, after: int) -> Any:
        """What is new beyond this version of the directory, and maybe more; all after -1. In any thread."""

    def take(self, news: Any) -> None:
        """Remember what was read."""


class DirectoryWatch:
    """Finds out that the directory has moved, and has done what follows. Belongs to one event loop."""

    #: What the site is told where it has moved.
    KIND = "directory"

    def __init__(self, supervisor: Supervisor, memories: Sequence[Memory] = ()) -> None:
        self._supervisor = supervisor
        self._memories = memories
        #: The version up to which they remember everything; -1 before they have read anything, and where
        #: the database was away: it may be another one since.
        self._remembered = -1
        self._loop = asyncio.get_running_loop()
        #: What this process goes by; -1 before it has looked.
        self.version = -1
        #: When it was looked at last.
        self._looked_at = -FRESH
        self._members: frozenset[str] | None = frozenset()
        self._follow: Callable[[], Awaitable[None]] | None = None
        self._heed: Callable[[], None] = lambda: None
        self._join_site: Callable[[str], None] = lambda site: None
        #: How often somebody has come too late for what follows; and for which version, and how many of
        #: those, it was done last.
        self._late = 0
        self._followed = (-1, 0)
        #: Until when nothing follows again.
        self._rests_until = 0.0
        self._is_hurried = asyncio.Event()
        #: Whether somebody has said that it moved, since it was last begun to look.
        self._is_told = False
        self._waiting: list[asyncio.Future[None]] = []
        self._is_started, self._is_well = False, True

    def on_move(self, follow: Callable[[], Awaitable[None]]) -> None:
        """Have `follow` called whenever the directory has moved; `version` says so before."""
        self._follow = follow

    def on_news(self, heed: Callable[[], None]) -> None:
        """Have `heed` called whenever the memories have read something, ahead of all that follows."""
        self._heed = heed

    def on_site(self, join_site: Callable[[str], None]) -> None:
        """Have `join_site` called with what the site is called, whenever that was looked at."""
        self._join_site = join_site

    def may_be_member(self, person: str) -> bool:
        """Whether a person, other than as a user of the site, may be a member of any room."""
        return self._members is None or person in self._members

    @property
    def fresh_version(self) -> int:
        """What this process goes by, where it has looked just now and nobody has said since that it moved.

        Else -1: what has moved may not hold here yet, and what was read before is no answer any more.
        """
        return self.version if self._loop.time() - self._looked_at < FRESH else -1

    def is_behind(self, version: int) -> bool:
        """Whether this process goes by another version than this one, which somebody has just read.

        Then it looks at once.
        """
        if version == self.version:
            return False
        self.moved()
        return True

    def hurry(self) -> None:
        """Look at once, for somebody who would know. What is known meanwhile stands."""
        self._start()
        self._is_hurried.set()

    def moved(self, _data: object = None) -> None:
        """It is said to have moved: nothing is known of it until it was looked at."""
        self._looked_at, self._is_told = -FRESH, True
        self.hurry()

    def again(self) -> None:
        """Do once more what follows, for somebody who has come too late for it."""
        self._late += 1
        self.moved()

    async def known(self) -> None:
        """Return once it was looked at. Raises OperationalError where the database cannot be read."""
        if self.version < 0 and not await self.settled():
            raise OperationalError("The directory of rooms cannot be read.")

    async def settled(self) -> bool:
        """Wait until all holds here that was committed before; False where that takes too long."""
        waiting = self._loop.create_future()
        self._waiting.append(waiting)
        self.moved()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await waiting
                return True
        return False

    def _start(self) -> None:
        if not self._is_started:
            self._is_started = True
            self._supervisor.keep_running(self._run)

    async def _run(self) -> None:
        while True:
            self._is_hurried.clear()
            self._is_told = False
            await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._is_hurried.wait()

    async def _look(self) -> None:
        """Look once, and do what follows if it has moved."""
        waiting, self._waiting = self._waiting, []
        try:
            await self._compare()
        except vendor.UNAVAILABLE as error:
            if self._is_well:
                logger.warning("The directory of rooms cannot be read: %s", str(error).strip())
            self._is_well, self._remembered = False, -1
            self._waiting += waiting
            await asyncio.sleep(PAUSE)
            return
        self._is_well = True
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def _compare(self) -> None:
        look = await self._read()
        self._note(look)
        self._join_site(look.site)
        if (look.version, self._late) == self._followed:
            return
        if (rest := self._rests_until - self._loop.time()) > 0:
            await asyncio.sleep(rest)  # what moves meanwhile is followed at one time
            look = await self._read()
        began = self._loop.time()
        if look.version != self.version:
            self._members = look.members
        # Before what follows: who comes in meanwhile reads the rows of this version, or of a later one.
        self.version, late = look.version, self._late
        self._note(look)
        if self._follow is not None:
            await self._follow()
        self._followed = look.version, late
        took = self._loop.time() - began
        self._rests_until = self._loop.time() + max(REST, SHARE * took)

    def _note(self, look: "_Look") -> None:
        """What was read may be what this process goes by, and all that it has heard of."""
        is_all = look.version == self.version and not self._is_told
        self._looked_at = self._loop.time() if is_all else -FRESH

    async def _read(self) -> "_Look":
        """Look, and remember at once what is to be remembered: that waits for nothing."""
        look = await _read(self.version, self._remembered, self._memories)
        if look.version != self._remembered:
            for memory, news in zip(self._memories, look.news, strict=True):
                memory.take(news)
            self._remembered = look.version
            self._heed()
        return look


class _Look(NamedTuple):
    """What the database says of the directory."""

    version: int
    #: What the site is called.
    site: str
    #: The guests who are members of any room: None where they are many, or the version is the known one.
    members: frozenset[str] | None
    #: What each memory has to read; nothing where all is remembered.
    news: list[Any]


@polling
def _read(known: int, remembered: int, memories: Sequence[Memory]) -> _Look:
    current = Directory.current()
    version, site = current.version, current.site
    after = -1 if version < remembered else remembered  # where it went back, the rows are others, too
    news = [] if version == remembered else [memory.read(after) for memory in memories]
    if version == known:
        return _Look(version, site, None, news)
    guests = Membership.objects.filter(person__isnull=False).order_by().values_list("person", flat=True)
    found = list(guests.distinct()[: MANY + 1])
    return _Look(version, site, None if len(found) > MANY else frozenset(found), news)
