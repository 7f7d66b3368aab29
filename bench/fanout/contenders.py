"""The contenders: the servers that are compared, and how each is started, in a process of its own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench import production
from bench.fanout import gauge
from bench.fanout.gauge import Gauge
from bench.fanout.wire import V2, Dialect, SocketIO
from harness.ports import free_port
from harness.site import TOP, Process, Site

PEERS = Path(__file__).resolve().parent / "peers"
#: How many seconds a server has to answer, and to end.
_START, _STOP = 30.0, 15.0
#: The packages whose versions matter.
_PACKAGES = (
    *("Django", "channels", "daphne", "autobahn", "Twisted", "msgspec"),
    *("fastapi", "starlette", "uvicorn", "uvloop", "websockets"),
)


#: A process that was told to serve, and its port.
Started = tuple[Process, int]


@dataclass(frozen=True)
class Contender:
    """A server, and the dialect that its listeners speak."""

    key: str
    title: str
    dialect: Dialect
    #: Starts it with what it needs in a folder, which gets its log, too. It does not answer at once.
    start: Callable[[Path], Started]
    needs_node: bool = False


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    contender: Contender
    port: int
    gauge: Gauge
    home: Path


def contenders(server: str) -> list[Contender]:
    """All of them; ours first, under `server`."""
    others = [kind for kind in ("daphne", "uvicorn") if kind != server]
    every_notice = _our_site(server, CHAT_NOTICES_UP_TO="0")
    return [
        Contender("ours-v1", "Ours, v1", Dialect(), _our_site(server)),
        Contender("ours-v2", "Ours, v2", V2(), _our_site(server)),
        Contender("ours-told", "Ours, v1, every notice told", Dialect(), every_notice),
        *(Contender(kind, f"Ours, v1, on {kind}", Dialect(), _our_site(kind)) for kind in others),
        Contender("seed", "The seed: FastAPI", Dialect(), _seed),
        Contender("stock", "Stock Channels, in-memory layer", Dialect(), _stock),
        Contender("ws", "Node ws", Dialect(), _node("ws.js"), needs_node=True),
        Contender("socketio", "socket.io", SocketIO(), _node("socketio.js"), needs_node=True),
    ]


def _our_site(server: str, **settings: str) -> Callable[[Path], Started]:
    """Our chat as in production, on a new database; every message is stored."""
    quiet = ["--log-level", "warning"] if server == "uvicorn" else []

    def start(home: Path) -> Started:
        site = Site(home, **production.environment(), **settings)
        site.manage("migrate", "--verbosity", "0")
        return site.start(server, *quiet), site.port

    return start


def _seed(home: Path) -> Started:
    port = free_port()
    options = ["--port", str(port), "--loop", "uvloop", "--log-level", "warning"]
    return _peer(home, [sys.executable, "-m", "uvicorn", "bench.fanout.peers.seed:app", *options]), port


def _stock(home: Path) -> Started:
    port = free_port()
    options = ["-v", "0", "-p", str(port), "bench.fanout.peers.stock.asgi:application"]
    settings = {
        "DJANGO_SETTINGS_MODULE": "bench.fanout.peers.stock.settings",
        "STOCK_DATABASE": str(home / "stock.sqlite3"),
    }
    return _peer(home, [sys.executable, "-m", "daphne", *options], **settings), port


def _node(program: str) -> Callable[[Path], Started]:
    def start(home: Path) -> Started:
        port = free_port()
        return _peer(home, ["node", str(PEERS / program), str(port)], NODE_ENV="production"), port

    return start


def _peer(home: Path, words: list[str], **environment: str) -> subprocess.Popen[bytes]:
    with _log(home).open("wb") as log:
        return subprocess.Popen(words, cwd=TOP, env={**os.environ, **environment}, stdout=log, stderr=log)


def _log(home: Path) -> Path:
    """Where a site writes its log; the peers do so, too."""
    return home / "server.log"


def has_node() -> bool:
    """Whether the peers in JavaScript can run."""
    return shutil.which("node") is not None and (PEERS / "node_modules").is_dir()


@contextlib.contextmanager
def running(contender: Contender, home: Path, core: int) -> Iterator[Running]:
    """`contender` while it serves, on `core` alone, with what it needs in the folder `home`."""
    with gauge.on_core(core):
        process, port = contender.start(home)
    try:
        _wait_for(process, port, _log(home))
        yield Running(contender, port, Gauge(process.pid), home)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def versions() -> dict[str, str]:
    """What is installed of all that matters, by its name."""
    found = {name: metadata.version(name) for name in _PACKAGES}
    if has_node():
        node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)
        found["node"] = node.stdout.strip().removeprefix("v")
        for name in ("ws", "socket.io"):
            found[name] = json.loads((PEERS / "node_modules" / name / "package.json").read_text())[
                "version"
            ]
    return found


def _wait_for(process: Process, port: int, log: Path) -> None:
    """As a site does, but for servers that have no page, too."""
    is_over = time.monotonic() + _START
    while process.poll() is None and time.monotonic() < is_over:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not answer:\n{log.read_text()[-2000:]}")
