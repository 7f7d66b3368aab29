"""The process: what the chat knows while it serves, in one object. It belongs to its event loop."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

from chat import conf
from chat.core.roster import Roster
from chat.live.admission import Admission, Throttles, of_process
from chat.live.announcements import Announcements
from chat.live.connections import Connections
from chat.live.crowd import Crowd
from chat.live.directory import DirectoryWatch
from chat.live.hub import Hub
from chat.live.notices import Notices
from chat.live.peers import Peers
from chat.live.presence import Presence
from chat.live.presence_writer import PresenceWriter
from chat.live.sanctions import Sanctions
from chat.live.site_limits import SiteLimits
from chat.live.supervisor import Supervisor

T = TypeVar("T")


class Process:
    """What this process knows while it serves: who is here, who listens, how much each has asked for."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.supervisor = Supervisor()
        self.roster = Roster()
        self.crowd = Crowd(self.loop)
        self.sanctions, self.notices = Sanctions(), Notices()
        announcements = Announcements()
        self.directory = DirectoryWatch(self.supervisor, (self.sanctions, self.notices, announcements))
        self.hub = Hub(
            self.supervisor,
            closed=self._room_closed,
            settled=self.directory.settled,
            has_others=lambda: self.peers.may_be_there,
        )
        announcements.on_news(self.hub.tell_here)
        self.hub.on_site_event(DirectoryWatch.KIND, self.directory.moved)
        self.directory.on_site(self.hub.join_site)
        self.connections = Connections(self.hub.post_to_site)
        self.hub.on_site_event(Connections.KIND, self.connections.heard)
        self.presence = Presence(self.roster, self.hub.post_to_site, self.connections.rename)
        self.hub.on_site_event(Presence.RENAMED, self.presence.heard_of_name)
        self.peers = Peers(self.roster, self.presence, self.supervisor)
        self.hub.on_site_event(PresenceWriter.KIND, self.peers.heard)
        self._admission: Admission | None = None
        self._site_limits: SiteLimits | None = None
        self._parts: dict[Callable[[], Any], Any] = {}

    @property
    def admission(self) -> Admission:
        """The counters of what was let in, by the settings that hold now."""
        limits = conf.current()
        if self._admission is None or self._admission.limits is not limits:
            self._admission = Admission(limits, self._throttles(limits))
        return self._admission

    def _throttles(self, limits: conf.Conf) -> Throttles:
        """Where Redis can count for all processes, it does."""
        if not limits.redis_url:
            return of_process
        self._site_limits = SiteLimits(
            limits.redis_url,
            limits.redis_prefix,
            self.supervisor,
            site=lambda: self.hub.site,
            processes=lambda: self.peers.processes,
        )
        return self._site_limits.throttle

    def once(self, make: Callable[[], T]) -> T:
        """What `make`, a function with a name, makes once for this process: a writer, say. Any thread."""
        if make not in self._parts:
            return cast(T, self._parts.setdefault(make, make()))
        return cast(T, self._parts[make])

    async def settle(self) -> None:
        """Return when the other processes can hear all that was told here so far, or cannot be reached."""
        await self.hub.settle()

    async def close(self) -> None:
        """Say who may still come back, and let go of layer and Redis: nobody is served here any more."""
        if self.presence.rows.has_begun:
            await self.presence.rows.end()
            await self.hub.settle()
        await self.let_go()

    async def let_go(self) -> None:
        """Leave the layer, and close what is open to Redis."""
        await self.hub.close()
        if self._site_limits is not None:
            await self._site_limits.close()

    def _room_closed(self, room: int) -> None:
        self.presence.forget(room)
        self.crowd.forget(room)


_process: Process | None = None


def current() -> Process:
    """The process of the running event loop. Raises RuntimeError where none runs in this thread."""
    global _process
    if _process is None or _process.loop is not asyncio.get_running_loop():
        _process = Process()
    return _process


def running() -> Process | None:
    """The process whose event loop turns in whatever thread; None in a command of manage.py."""
    return None if _process is None or _process.loop.is_closed() else _process
