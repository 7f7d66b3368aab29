"""A run of the ledger, from an empty database to the audit."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from random import Random

from bench.ledger import layer
from bench.ledger.audit import Audit
from bench.ledger.guest import Guest
from bench.ledger.healing import Healing
from bench.ledger.journal import Journal
from bench.ledger.plan import Plan
from bench.ledger.proxy import Proxy
from bench.ledger.reader import Reader
from bench.ledger.stack import Stack
from bench.ledger.writer import Writer

#: What the servers log where the database did not take what was asked for in time.
GIVEN_UP = "commands were given up"


class Run:
    """A site, its clients, and the trouble that befalls them; what came of it is told by `report`."""

    def __init__(self, plan: Plan, stack: Stack) -> None:
        self.plan, self.stack = plan, stack
        self.journal = Journal()
        self.proxies: list[Proxy] = []
        self.writers = [self._writer(number) for number in range(plan.writers)]
        self.guests = [self._guest(number) for number in range(plan.v1)]
        readers = [Reader(*self._place(f"reader-{number}")) for number in range(plan.readers)]
        self.readers: list[Reader] = [*self.writers, *readers]
        self.clients: list[Reader | Guest] = [*self.readers, *self.guests]
        self.healing = Healing(stack.database, self.readers)
        self.audit: Audit | None = None
        #: When the talk began, and when it ended.
        self.began = self.ended = 0.0
        #: How late each word was told to each, in seconds after whom it was told first, when all was quiet.
        self.lags: list[float] = []

    @property
    def talked(self) -> float:
        """For how many seconds there was talk."""
        return self.ended - self.began

    async def through(
        self, trouble: Callable[[], Awaitable[None]] | None = None, start: asyncio.Barrier | None = None
    ) -> None:
        """From the start of the stack to the audit, with `trouble` meanwhile. In any case all is ended.

        Those who have a `start` in common begin to talk at the same time.
        """
        try:
            async with asyncio.timeout(self.plan.seconds + self.plan.patience + 180):
                await self.stack.start()
                await asyncio.gather(*(proxy.open() for proxy in self.proxies))
                watching = asyncio.create_task(self.healing.watch())
                if start is not None:
                    await start.wait()
                await self._talk(trouble)
                await self._come_to_rest()
                watching.cancel()
                self.healing.give_up()
                await asyncio.gather(*(client.stop() for client in self.clients))
                self.audit = Audit(self.journal, self.stack.database)
                self.journal.counts["given up"] = self.stack.log.count(GIVEN_UP)
                self.audit.check(self.clients)
        finally:
            for proxy in self.proxies:
                proxy.close()
            await self.stack.stop()

    async def _talk(self, trouble: Callable[[], Awaitable[None]] | None) -> None:
        """Everybody talks while there is trouble."""
        self.began = time.monotonic()
        for client in self.clients:
            client.start()
        async with asyncio.TaskGroup() as talking:
            talking.create_task(asyncio.sleep(self.plan.seconds))
            if trouble is not None:
                talking.create_task(_carry_out(trouble))
        self.ended = time.monotonic()
        for writer in self.writers:
            writer.is_talking = False
        for guest in self.guests:
            guest.is_talking = False
        self.calm_down()

    async def _come_to_rest(self) -> None:
        """Until everybody has everything, and has heard a last word."""
        try:
            async with asyncio.timeout(self.plan.patience):
                await _until(self._is_at_rest)
                while not await self._have_heard_a_last_word():
                    self.journal.note("ledger", "not everybody was there to hear it")
                await _until(lambda: not self.healing.open)
        except TimeoutError:
            self._flag_the_restless()
        else:
            await self._say_quiet_words()

    def _is_at_rest(self) -> bool:
        version = self.stack.database.version()
        return all(reader.position == version and reader.is_in for reader in self.readers) and not any(
            writer.outbox for writer in self.writers
        )

    async def _have_heard_a_last_word(self) -> bool:
        """Guests of v1 are never told what they have missed: only a new message shows that they listen."""
        word = self.writers[0].message()
        await self.writers[0].write(word)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await _until(lambda: word.ref in self.journal.acked and self._is_at_rest())
                id = self.journal.acked[word.ref].id
                await _until(
                    lambda: all(guest.heard and guest.heard[-1][-1:] == [id] for guest in self.guests)
                )
                return True
        return False

    async def _say_quiet_words(self) -> None:
        """Nobody else speaks, so that a word which a process has missed is told late, by its poll."""
        self.journal.is_quiet = True
        for _ in range(self.plan.quiet_words):
            await self._have_heard_a_last_word()
        for times in self.journal.told_at.values():
            self.lags += [at - min(times) for at in times]

    def _flag_the_restless(self) -> None:
        version = self.stack.database.version()
        late = [
            f"{reader.name} at {reader.position}{'' if reader.is_in else ', outside'}"
            for reader in self.readers
            if reader.position != version or not reader.is_in
        ]
        waiting = [f"{writer.name} for {list(writer.outbox)}" for writer in self.writers if writer.outbox]
        last = {guest.name: guest.heard[-1][-1:] for guest in self.guests if guest.heard}
        patience = self.plan.patience
        what = (
            f"no rest at {version} after {patience} s: late {late}, waiting {waiting}, guests heard {last}"
        )
        self.journal.flag("wrong", what)

    def calm_down(self) -> None:
        """From now on the layer loses nothing."""
        (self.stack.home / layer.CALM).touch()

    def _writer(self, number: int) -> Writer:
        place = self._place(f"writer-{number}")
        edits = not self.plan.is_plain and number % 3 == 0
        return Writer(*place, self.plan.pace, self.plan.window, edits=edits)

    def _guest(self, number: int) -> Guest:
        talks = number % 2 == 0 and not self.plan.is_plain
        return Guest(*self._place(f"guest-{number}"), pace=2.0 if talks else 0.0)

    def _place(self, name: str) -> tuple[str, Proxy, Journal, Random]:
        name = f"{self.plan.prefix}{name}"
        is_balanced = self.stack.shape.is_balanced
        random = self.random(f"proxy of {name}")
        self.proxies.append(Proxy(self.stack.targets, random, is_balanced=is_balanced))
        return name, self.proxies[-1], self.journal, self.random(name)

    def random(self, purpose: str) -> Random:
        """Of the seed, for one purpose."""
        return Random(f"{self.plan.seed}:{purpose}")  # noqa: S311  # to be repeated, not to be secret


async def _carry_out(trouble: Callable[[], Awaitable[None]]) -> None:
    await trouble()


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110  # what many clients know is no event
        await asyncio.sleep(0.05)
