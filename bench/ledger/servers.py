"""The servers: several processes of one site on one database, which can be killed and come back."""

import asyncio
import secrets
import signal
import subprocess
from pathlib import Path

from harness.site import Site


class Server:
    """One process that serves the site, and its successors on the same port."""

    def __init__(self, site: Site, kind: str) -> None:
        self.site = site
        self._kind = kind
        self._process: subprocess.Popen[bytes] | None = None
        #: Whether it runs, and whether it stands still nevertheless.
        self.is_up = self.is_frozen = False

    async def start(self) -> None:
        """Start it, and return when it answers."""
        self._process = self.site.start(self._kind)
        await asyncio.to_thread(self.site.wait_for, self._process)
        self.is_up = True

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.is_up = False
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Have it do nothing at all, and close nothing, until `thaw`."""
        self.is_frozen = True
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on where it was."""
        self.is_frozen = False
        self._signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it as its owner would."""
        self.is_up = False
        if self._process is not None:
            self.thaw()
            self._signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self._process.wait, 10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def make(home: Path, kind: str, count: int, seed: int) -> list[Server]:
    """The servers of a new site in the folder `home`, with its database; none is started yet."""
    secret = secrets.token_urlsafe(50)
    sites = [
        Site(
            home,
            DJANGO_SETTINGS_MODULE="bench.ledger.settings",
            SECRET_KEY=secret,
            CHAT_LIMITS="0",
            BENCH_SOCKETS=str(home),
            BENCH_SEED=f"{seed}:{number}",
        )
        for number in range(count)
    ]
    sites[0].manage("migrate")
    return [Server(site, kind) for site in sites]
