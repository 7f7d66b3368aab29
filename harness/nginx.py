"""nginx as the documentation has it, in front of processes that serve a site."""

import re
import socket
from collections.abc import Sequence
from pathlib import Path

from harness.services import Service, program
from harness.site import TOP

#: The file that owners start from.
CONFIGURATION = TOP / "deploy" / "nginx.conf"
#: Where nginx puts what is too large for its memory: it has its own places, which belong to root.
_PLACES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx(Service):
    """nginx with deploy/nginx.conf, save TLS, in front of processes on these ports of the loopback."""

    programs = ("nginx",)

    def __init__(self, home: Path, ports: Sequence[int]) -> None:
        super().__init__(home)
        self._ports = ports

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}/"

    def websocket(self, client_id: str) -> str:
        """The address of somebody's socket."""
        return f"ws://127.0.0.1:{self.port}/ws/{client_id}"

    def start(self) -> None:
        (self.home / "nginx.conf").write_text(self.configuration())
        super().start()

    def configuration(self) -> str:
        """The file, for these ports. Raises ValueError where it has no place for them."""
        text = CONFIGURATION.read_text()
        servers = "".join(f"        server 127.0.0.1:{port} max_fails=0;\n" for port in self._ports)
        places = "".join(f"    {place}_temp_path {self.home / place};\n" for place in _PLACES)
        for pattern, replacement in (
            (r"( +server 127\.0\.0\.1:\d+ max_fails=0;\n)+", servers),
            (r" +listen 80;\n", f"        listen 127.0.0.1:{self.port};\n"),
            (r" +listen 443 ssl;\n", ""),
            (r"( +ssl_\w+ .*;\n)+", ""),
            (r"^http \{\n", f"http {{\n    access_log off;\n{places}"),
        ):
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            if count != 1:
                raise ValueError(f"{CONFIGURATION} has {count} places for {replacement!r}.")
        return text

    def _command(self) -> list[str]:
        directives = f"daemon off; pid {self.home / 'nginx.pid'};"
        return [
            program("nginx"),
            "-p",
            str(self.home),
            "-c",
            str(self.home / "nginx.conf"),
            "-g",
            directives,
        ]

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
