"""The channel layer: one channel of this process in the group of each room that somebody here listens to.

The layer is only a doorbell. What it brings in time is told at once; what it loses, repeats or brings in
disorder is put right from the database (see hub). So nothing depends on it but speed. A line that is dead
in one direction says nothing of it: so the process rings at its own door, and opens the layer anew where
it does not hear that.
"""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chat.live import backend
from chat.live.backend import PATIENCE
from chat.live.event import History, event, site_event, site_group, told
from chat.live.subscription import EncodedFrame
from chat.live.supervisor import Supervisor, supervise

logger = logging.getLogger(__name__)

#: How many events may wait for a layer that does not answer. For the rest the next poll makes up.
OUTBOX = 10_000
#: How often a process rings at its own door, in seconds, and how often in a row it may not hear that.
RING, DEAF = 1.0, 2
#: How many events have to wait for a layer that takes some before it is called busy instead.
MANY = 1000
#: What a process tells the site when it comes in, and what those answer that are there.
COME, THERE = "process.come", "process.there"
#: For how many seconds there are others once one was heard: by then the database says it (live/peers.py).
HEARD = 5.0


class Layer:
    """This process in the channel layer. Belongs to one event loop.

    `heard` gets what other processes have told a room, `heard_of_site` the kind and the data of what they
    have told the site. `listened` has the histories whose groups have to be entered, `has_listeners` says
    whether one is among them; `entered` is called with one whose group was. `has_others` says whether other
    processes are known: where there are none, and none was just heard, rooms are told nothing here.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        heard: Callable[[History, Sequence[EncodedFrame]], None],
        listened: Callable[[], Iterable[History]],
        has_listeners: Callable[[History], bool],
        entered: Callable[[History], None],
        heard_of_site: Callable[[str, Any], None],
        has_others: Callable[[], bool],
    ) -> None:
        self._supervisor = supervisor
        self._heard, self._entered, self._heard_of_site = heard, entered, heard_of_site
        self._listened, self._has_listeners, self._has_others = listened, has_listeners, has_others
        self._id = uuid.uuid4().hex
        self._door = f"process.{self._id}"
        #: What the site is called, once that is known; and the one in whose group this process is.
        self._site, self._entered_site = "", ""
        self._layer: Any = None
        self._channel, self._is_open = "", False
        self._opening = asyncio.Lock()
        #: What is to be sent, and to which group.
        self._outbox: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(OUTBOX)
        #: Whether anything of this process's own has come back since that was looked at last.
        self._has_heard_itself = False
        #: How much it was given since then.
        self._sent = 0
        #: Until when there are other processes, whether anybody knows of them or not.
        self._others_until = 0.0
        #: Those whose groups are to be entered or left, and for each what is set once that was tried.
        self._unsettled: dict[History, asyncio.Event] = {}
        self._has_unsettled = asyncio.Event()
        #: Those where it failed.
        self._failed: set[History] = set()
        #: Whether nothing was found wrong since it was heard last.
        self._is_well = True
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send, to receive, and to enter groups. Raises ImproperlyConfigured without a layer."""
        self._layer = backend.opened()
        self._serving = self._supervisor.keep_running(self._serve)

    async def close(self) -> None:
        """Leave the layer and close its connections, for good. Takes twice PATIENCE at most."""
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving], timeout=2 * PATIENCE)

    def post(self, history: History, frames: Sequence[EncodedFrame]) -> None:
        """Tell the other processes. Never waits; what there is no room for, they read from the database."""
        has_others = self._has_others() or asyncio.get_running_loop().time() < self._others_until
        if has_others and not backend.is_alone(self._layer, history.group, self._channel):
            self._put(history.group, event(history, frames, self._id))

    def post_to_site(self, kind: str, data: Any) -> None:
        """Tell the other processes something that concerns no one room. It may be lost."""
        if self._site and not backend.is_alone(self._layer, site_group(self._site), self._channel):
            self._put(site_group(self._site), site_event(self._site, kind, data, self._id))

    def join_site(self, site: str) -> None:
        """Hear what the processes of this site are told from now on, and of no other."""
        self._site = site
        self._has_unsettled.set()

    async def settle(self) -> None:
        """Return when the layer has all that was posted, or takes nothing just now."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outbox.join(), PATIENCE)

    def follow(self, history: History) -> asyncio.Event:
        """Have its group entered or left; what is set once that was tried."""
        self._has_unsettled.set()
        return self._unsettled.setdefault(history, asyncio.Event())

    def try_again(self, histories: Iterable[History] = ()) -> None:
        """Enter or leave those groups again where it failed, and those of `histories`."""
        if self._site != self._entered_site:
            self._has_unsettled.set()
        again = self._failed.union(histories)
        self._failed.clear()
        for history in again:
            self.follow(history)

    async def _serve(self) -> None:
        """Be in the layer, and come in anew where it is deaf, for as long as it takes."""
        while True:
            works = [
                asyncio.create_task(supervise(work)) for work in (self._send, self._receive, self._follow)
            ]
            try:
                await self._ring()
            finally:
                await self._leave(works)
            self._complain(
                "The channel layer brings nothing, not even what it is given: it is opened anew."
            )
            for history in self._listened():
                self.follow(history)

    async def _ring(self) -> None:
        """Ring at the own door; return where that was not heard DEAF times in a row.

        A layer within this process has no line that may be dead: it is enough to be in the group, and each
        event would have it walk through all groups.
        """
        unheard = 0
        while unheard < DEAF:
            is_there = backend.is_only_one(self._layer, self._door, self._channel)
            if not is_there:
                self._put(self._door, {"type": "process.bell", "origin": self._id})
            self._has_heard_itself, self._sent = is_there, 0
            await asyncio.sleep(RING)
            is_busy = self._sent and self._outbox.qsize() > MANY  # and the bell waits behind the rest
            unheard = 0 if self._has_heard_itself or is_busy else unheard + 1
            if self._has_heard_itself and not self._is_well:
                self._is_well = True
                logger.warning("The channel layer brings events again.")

    async def _leave(self, works: Sequence[asyncio.Task[None]]) -> None:
        """Close what there is of the layer, with all that waits in it or for it."""
        reopening = asyncio.ensure_future(backend.reopened(self._layer))
        await asyncio.sleep(0)  # who is cancelled from now on asks no dead line to forget the channel
        for work in works:
            work.cancel()
        await asyncio.wait(works, timeout=PATIENCE)
        self._layer, self._is_open = await reopening, False
        self._entered_site = ""
        if not backend.is_inside(self._layer):
            self._channel = ""
        with contextlib.suppress(asyncio.QueueEmpty):  # the poll has told it, or tells it before this would
            while True:
                self._outbox.get_nowait()
                self._outbox.task_done()

    def _put(self, group: str, event: dict[str, Any]) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait((group, event))

    async def _send(self) -> None:
        """Carry what was posted to the layer, one after the other, so the order stays."""
        while True:
            group, event = await self._outbox.get()
            try:
                await self._layer.group_send(group, event)
                self._sent += 1
            except Exception as error:  # whatever a layer's driver may raise: the poll makes up for it
                self._complain("The channel layer takes no events: %r", error)
            finally:
                self._outbox.task_done()

    async def _receive(self) -> None:
        while True:
            try:
                await self._open_channel()
                event = await self._layer.receive(self._channel)
            except Exception as error:  # as above; a layer that is gone comes back
                self._complain("The channel layer gives no events: %r", error)
                await asyncio.sleep(PATIENCE)
                continue
            try:
                self._take(event)
            except Exception:  # one event's, which keeps no other from being heard
                logger.exception("An event of the channel layer could not be taken.")

    def _take(self, event: dict[str, Any]) -> None:
        if event["origin"] == self._id:
            self._has_heard_itself = True
            return
        self._others_until = asyncio.get_running_loop().time() + HEARD
        if event["type"] != "site.event":
            self._heard(*told(event))
        elif event["site"] == self._site and event["kind"] == COME:
            self.post_to_site(THERE, None)
        elif event["site"] == self._site and event["kind"] != THERE:
            self._heard_of_site(event["kind"], event["data"])

    async def _follow(self) -> None:
        """Be in the groups of exactly those histories that somebody here listens to."""
        while True:
            await self._enter_site()
            if not self._unsettled:
                self._has_unsettled.clear()
                await self._has_unsettled.wait()
                continue
            history = next(iter(self._unsettled))
            tried = self._unsettled.pop(history)
            try:
                await self._enter_or_leave(history)
            except Exception as error:  # a layer that is gone: the poll tells the room meanwhile
                self._complain("The channel layer does not take this process in: %r", error)
                self._failed.add(history)
            except asyncio.CancelledError:  # see supervisor
                self._failed.add(history)
                raise
            finally:
                tried.set()

    async def _enter_site(self) -> None:
        if (site := self._site) != (left := self._entered_site):
            try:
                await self._open_channel()
                await self._layer.group_add(site_group(site), self._channel)
                self._entered_site = site
                if not backend.is_alone(self._layer, site_group(site), self._channel):
                    await self._layer.group_send(site_group(site), site_event(site, COME, None, self._id))
                if left:
                    await self._layer.group_discard(site_group(left), self._channel)
            except Exception as error:  # as below; it is tried again with the next that is to be entered
                self._complain("The channel layer does not take this process in: %r", error)

    async def _enter_or_leave(self, history: History) -> None:
        if self._has_listeners(history):
            await self._open_channel()
            await self._layer.group_add(history.group, self._channel)
            self._entered(history)
        elif self._is_open:
            await self._layer.group_discard(history.group, self._channel)

    async def _open_channel(self) -> None:
        """The one channel of this process, behind its own door as well."""
        async with self._opening:
            if not self._is_open:  # two may want it at once; what is read must be what is in the groups
                if not self._channel:
                    self._channel = await self._layer.new_channel("hub.")
                await self._layer.group_add(self._door, self._channel)
                self._is_open = True

    def _complain(self, words: str, *details: object) -> None:
        """Say what is wrong with the layer, once until it is well: the rest follows from the first."""
        if self._is_well:
            self._is_well = False
            logger.warning(words, *details)
