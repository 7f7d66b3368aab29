"""A run of the ledger, from an empty database to the audit."""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from bench.database import Database
from bench.ledger import faults, layer, servers
from bench.ledger.audit import Audit
from bench.ledger.guest import Guest
from bench.ledger.healing import Healing
from bench.ledger.journal import Journal
from bench.ledger.proxy import Proxy
from bench.ledger.reader import Reader
from bench.ledger.writer import Writer

#: What the servers log where the database did not take what was asked for in time.
GIVEN_UP = "commands were given up"


class Run:
    """The servers, their clients, and the faults that befall them; what came of it is told by `report`."""

    def __init__(self, wanted: argparse.Namespace, home: Path) -> None:
        self.journal = Journal()
        self.wanted, self.home = wanted, home
        self._servers = servers.make(home, wanted.server, wanted.processes, wanted.seed)
        self._database = Database(home / "db.sqlite3")
        self._proxies: list[Proxy] = []
        self.writers = [self._writer(number) for number in range(wanted.writers)]
        self.guests = [self._guest(number) for number in range(wanted.v1)]
        readers = [Reader(*self._place(f"reader-{number}")) for number in range(wanted.readers)]
        self.readers: list[Reader] = [*self.writers, *readers]
        self._clients: list[Reader | Guest] = [*self.readers, *self.guests]
        self.healing = Healing(self._database, self.readers)
        self._script = self._faults()
        self._injector = faults.Injector(self._proxies, self._servers, home / "db.sqlite3")
        self._injector.began, self._injector.ended = self._began, self._ended
        self.injected: list[faults.Fault] = []
        self.audit: Audit | None = None
        self.talked = 0.0

    async def through(self) -> None:
        """From the start of the servers to the audit. Whatever happens, they are ended."""
        if self.wanted.calm:
            self._calm_down()
        try:
            async with asyncio.timeout(self.wanted.seconds + self.wanted.patience + 120):
                await asyncio.gather(*(server.start() for server in self._servers))
                await asyncio.gather(*(proxy.open() for proxy in self._proxies))
                watching = asyncio.create_task(self.healing.watch())
                await self._talk()
                await self._come_to_rest()
                watching.cancel()
                await asyncio.gather(*(client.stop() for client in self._clients))
                self.audit = Audit(self.journal, self._database)
                self._read_the_log()
                self.audit.check(self._clients)
        finally:
            for proxy in self._proxies:
                proxy.close()
            await asyncio.gather(*(server.stop() for server in self._servers))
            self._database.close()

    async def _talk(self) -> None:
        """Everybody talks while the script is carried out."""
        began = time.monotonic()
        for client in self._clients:
            client.start()
        await asyncio.gather(
            asyncio.sleep(self.wanted.seconds),
            self._injector.run(self._script),
        )
        self.talked = time.monotonic() - began
        for writer in self.writers:
            writer.is_talking = False
        for guest in self.guests:
            guest.is_talking = False
        self._calm_down()

    async def _come_to_rest(self) -> None:
        """Until everybody has everything, and has heard a last word."""
        try:
            async with asyncio.timeout(self.wanted.patience):
                await _until(self._is_at_rest)
                while not await self._have_heard_a_last_word():
                    self.journal.note("ledger", "not everybody was there to hear it")
                await _until(lambda: not self.healing.open)
        except TimeoutError:
            self._flag_the_restless()

    def _is_at_rest(self) -> bool:
        version = self._database.version()
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

    def _flag_the_restless(self) -> None:
        version = self._database.version()
        late = [
            f"{reader.name} at {reader.position}" for reader in self.readers if reader.position != version
        ]
        waiting = [f"{writer.name} for {list(writer.outbox)}" for writer in self.writers if writer.outbox]
        last = {guest.name: guest.heard[-1][-1:] for guest in self.guests if guest.heard}
        patience = self.wanted.patience
        what = (
            f"no rest at {version} after {patience} s: late {late}, waiting {waiting}, guests heard {last}"
        )
        self.journal.flag("wrong", what)

    def _began(self, fault: faults.Fault) -> None:
        self.injected.append(fault)
        self.journal.note("ledger", f"{fault} begins")

    def _ended(self, fault: faults.Fault) -> None:
        self.journal.note("ledger", f"{fault} is over")
        self.healing.begin(fault.kind)

    def _calm_down(self) -> None:
        (self.home / layer.CALM).touch()

    def _read_the_log(self) -> None:
        log = (self.home / "server.log").read_text(errors="replace")
        self.journal.counts["given up"] = log.count(GIVEN_UP)
        for trace in log.split("Traceback")[1:]:
            self.journal.flag("wrong", f"the server's log has: Traceback{trace[:1500]}")

    def _faults(self) -> list[faults.Fault]:
        wanted = self.wanted
        if wanted.calm:
            return []
        kills = int(wanted.seconds // 15) if wanted.kills is None else wanted.kills
        return faults.script(
            self._random("script"),
            wanted.seconds,
            len(self._proxies),
            len(self._servers),
            wanted.faults,
            kills,
        )

    def _writer(self, number: int) -> Writer:
        wanted = self.wanted
        place = self._place(f"writer-{number}")
        return Writer(*place, wanted.pace, wanted.window, edits=not wanted.calm and number % 3 == 0)

    def _guest(self, number: int) -> Guest:
        talks = number % 2 == 0 and not self.wanted.calm
        return Guest(*self._place(f"guest-{number}"), pace=2.0 if talks else 0.0)

    def _place(self, name: str) -> tuple[str, Proxy, Journal, Random]:
        self._proxies.append(Proxy(self._servers, self._random(f"proxy of {name}")))
        return name, self._proxies[-1], self.journal, self._random(name)

    def _random(self, purpose: str) -> Random:
        return Random(f"{self.wanted.seed}:{purpose}")  # noqa: S311  # to be repeated, not to be secret


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110  # what many clients know is no event
        await asyncio.sleep(0.05)
