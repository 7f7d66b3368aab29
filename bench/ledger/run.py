"""A run of the ledger, from an empty database to the audit."""

import argparse
import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from bench.database import Database
from bench.ledger import faults, layer, servers
from bench.ledger.audit import Audit
from bench.ledger.guest import Guest
from bench.ledger.healing import Healing, percentile
from bench.ledger.journal import Journal
from bench.ledger.proxy import Proxy
from bench.ledger.reader import Reader
from bench.ledger.writer import Writer


class Run:
    """The servers, their clients, and the faults that befall them; what came of it is told by `report`."""

    def __init__(self, wanted: argparse.Namespace, home: Path) -> None:
        self.journal = Journal()
        self._wanted, self._home = wanted, home
        self._servers = servers.make(home, wanted.server, wanted.processes, wanted.seed)
        self._database = Database(home / "db.sqlite3")
        self._proxies: list[Proxy] = []
        self._writers = [self._writer(number) for number in range(wanted.writers)]
        self._guests = [self._guest(number) for number in range(wanted.v1)]
        readers = [Reader(*self._place(f"reader-{number}")) for number in range(wanted.readers)]
        self._readers: list[Reader] = [*self._writers, *readers]
        self._clients: list[Reader | Guest] = [*self._readers, *self._guests]
        self._healing = Healing(self._database, self._readers)
        self._script = self._faults()
        self._injector = faults.Injector(self._proxies, self._servers, home / "db.sqlite3")
        self._injector.began, self._injector.ended = self._began, self._ended
        self._played: list[faults.Fault] = []
        self._audit: Audit | None = None
        self._talked = 0.0

    async def through(self) -> None:
        """From the start of the servers to the audit. Whatever happens, they are ended."""
        if self._wanted.calm:
            self._calm_down()
        try:
            async with asyncio.timeout(self._wanted.seconds + self._wanted.patience + 120):
                await asyncio.gather(*(server.start() for server in self._servers))
                await asyncio.gather(*(proxy.open() for proxy in self._proxies))
                watching = asyncio.create_task(self._healing.watch())
                await self._talk()
                await self._come_to_rest()
                watching.cancel()
                await asyncio.gather(*(client.stop() for client in self._clients))
                self._audit = Audit(self.journal, self._database)
                self._read_the_log()
                self._audit.check(self._clients)
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
            asyncio.sleep(self._wanted.seconds),
            self._injector.run(self._script),
        )
        self._talked = time.monotonic() - began
        for writer in self._writers:
            writer.is_talking = False
        for guest in self._guests:
            guest.is_talking = False
        self._calm_down()

    async def _come_to_rest(self) -> None:
        """Until everybody has everything, and has heard a last word."""
        try:
            async with asyncio.timeout(self._wanted.patience):
                await _until(self._is_at_rest)
                while not await self._have_heard_a_last_word():
                    self.journal.note("ledger", "not everybody was there to hear it")
                await _until(lambda: not self._healing.open)
        except TimeoutError:
            self._flag_the_restless()

    def _is_at_rest(self) -> bool:
        version = self._database.version()
        return all(reader.position == version and reader.is_in for reader in self._readers) and not any(
            writer.outbox for writer in self._writers
        )

    async def _have_heard_a_last_word(self) -> bool:
        """Guests of v1 are never told what they have missed: only a new message shows that they listen."""
        word = self._writers[0].message()
        await self._writers[0].write(word)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await _until(lambda: word.ref in self.journal.acked and self._is_at_rest())
                id = self.journal.acked[word.ref].id
                await _until(
                    lambda: all(guest.heard and guest.heard[-1][-1:] == [id] for guest in self._guests)
                )
                return True
        return False

    def _flag_the_restless(self) -> None:
        version = self._database.version()
        late = [
            f"{reader.name} at {reader.position}" for reader in self._readers if reader.position != version
        ]
        waiting = [f"{writer.name} for {list(writer.outbox)}" for writer in self._writers if writer.outbox]
        last = {guest.name: guest.heard[-1][-1:] for guest in self._guests if guest.heard}
        patience = self._wanted.patience
        what = (
            f"no rest at {version} after {patience} s: late {late}, waiting {waiting}, guests heard {last}"
        )
        self.journal.flag("wrong", what)

    def _began(self, fault: faults.Fault) -> None:
        self._played.append(fault)
        self.journal.note("ledger", f"{fault} begins")

    def _ended(self, fault: faults.Fault) -> None:
        self.journal.note("ledger", f"{fault} is over")
        self._healing.begin(fault.kind)

    def _calm_down(self) -> None:
        (self._home / layer.CALM).touch()

    def _read_the_log(self) -> None:
        log = (self._home / "server.log").read_text(errors="replace")
        self.journal.counts["given up"] = log.count("orders were given up")
        for trace in log.split("Traceback")[1:]:
            self.journal.flag("wrong", f"the server's log has: Traceback{trace[:1500]}")

    def _faults(self) -> list[faults.Fault]:
        wanted = self._wanted
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
        wanted = self._wanted
        place = self._place(f"writer-{number}")
        return Writer(*place, wanted.pace, wanted.window, edits=not wanted.calm and number % 3 == 0)

    def _guest(self, number: int) -> Guest:
        talks = number % 2 == 0 and not self._wanted.calm
        return Guest(*self._place(f"guest-{number}"), pace=2.0 if talks else 0.0)

    def _place(self, name: str) -> tuple[str, Proxy, Journal, Random]:
        self._proxies.append(Proxy(self._servers, self._random(f"proxy of {name}")))
        return name, self._proxies[-1], self.journal, self._random(name)

    def _random(self, purpose: str) -> Random:
        return Random(f"{self._wanted.seed}:{purpose}")  # noqa: S311  # to be repeated, not to be secret

    # What came of it

    def table(self) -> str:
        """The figures, one a line."""
        assert self._audit
        counts, events = self.journal.counts, layer.faults(self._home)
        times = [seconds for _kind, seconds in self._healing.healed]
        rows: list[tuple[str, object]] = [
            ("seed, server", f"{self._wanted.seed}, {self._wanted.processes} x {self._wanted.server}"),
            ("seconds", f"{self._talked:.1f}"),
            (
                "clients",
                f"{len(self._readers)} of v2 ({len(self._writers)} write), {len(self._guests)} of v1",
            ),
            ("written", len(self.journal.written)),
            (
                "acknowledged",
                f"{len(self.journal.acked)} ({len(self.journal.acked) / self._talked:.0f} a second)",
            ),
            ("stored", f"{self._audit.stored} messages, {self._audit.changes} changes"),
            ("lost", counts["lost"]),
            ("doubled", counts["doubled"]),
            ("out of order", counts["out of order"]),
            ("otherwise wrong", counts["wrong"]),
            ("reconnects", counts["reconnects"]),
            ("kills", sum(fault.kind == "kill" for fault in self._played)),
            ("other faults", sum(fault.kind != "kill" for fault in self._played)),
            ("acks repeated", counts["repeated acks"]),
            ("refused for now", f"{counts['refused']} changes, {counts['refused at the door']} newcomers"),
            ("holes, pages", f"{counts['holes']}, {counts['pages']}"),
            (
                "layer events",
                f"{events[layer.DROPPED]} dropped, {events[layer.DOUBLED]} doubled,"
                f" {events[layer.SWAPPED]} reordered, {events[layer.DELAYED]} delayed",
            ),
            ("healed", _healed(times)),
        ]
        kinds = sorted({kind for kind, _seconds in self._healing.healed})
        rows += [
            (f"  {kind}", _healed([s for other, s in self._healing.healed if other == kind]))
            for kind in kinds
        ]
        return "".join(f"{name:<18}{figure}\n" for name, figure in rows)

    def verdict(self) -> str:
        """The first facts that are wrong, and where the rest of the history is."""
        path = self._save()
        first = "".join(f"  {wrong}: {what}\n" for wrong, what in self.journal.violations[:10])
        return f"WRONG with seed {self._wanted.seed}; the history is in {path}\n{first}"

    def _save(self) -> Path:
        path = Path(tempfile.gettempdir()) / f"ledger-{self._wanted.seed}-{int(time.time())}.jsonl"
        with path.open("w") as file:
            for line in (vars(self._wanted), *self.journal.violations, *self.journal.history):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.write((self._home / "server.log").read_text(errors="replace"))
        return path


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110  # what many clients know is no event
        await asyncio.sleep(0.05)


def _healed(times: Sequence[float]) -> str:
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, max {max(times, default=0):.2f} s of {len(times)}"
