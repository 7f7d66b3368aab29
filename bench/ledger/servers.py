"""The servers: several processes of one site on one database, which can be killed and come back."""

import asyncio
import signal
import subprocess

from harness.site import Process, Site

#: How long a server may take to end, in seconds.
END = 10


class Server:
    """One process that serves the site, and its successors on the same port."""

    def __init__(self, site: Site, kind: str, *options: str) -> None:
        self.site = site
        self._kind, self._options = kind, options
        self._process: Process | None = None
        #: Whether it runs, and whether it stands still nevertheless.
        self.is_up = self.is_frozen = False
        #: How often it had to be killed, because it did not end when it was told to.
        self.overdue = 0

    @property
    def port(self) -> int:
        """Where it serves."""
        return self.site.port

    @property
    def pid(self) -> int:
        """Of the process that runs now, or ran last."""
        assert self._process
        return self._process.pid

    async def start(self) -> None:
        """Start it, and return when it answers."""
        self._process = self.site.start(self._kind, *self._options)
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
                await asyncio.to_thread(self._process.wait, END)
            except subprocess.TimeoutExpired:
                self.overdue += 1
                self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
