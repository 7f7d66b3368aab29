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

from bench import gauge
from bench.gauge import Gauge
from bench.wire import V2, Dialect, SocketIO
from tests.site import TOP, Site

PEERS = Path(__file__).resolve().parent / "peers"
#: How many seconds a server has to answer, and to end.
_START, _STOP = 30.0, 15.0
#: The packages whose versions matter.
_PACKAGES = (
    *("Django", "channels", "daphne", "autobahn", "Twisted", "msgspec"),
    *("fastapi", "starlette", "uvicorn", "uvloop", "websockets"),
)


@dataclass(frozen=True)
class Command:
    """What starts a server: the words, and what the environment has besides."""

    words: list[str]
    environment: dict[str, str]
    port: int


@dataclass(frozen=True)
class Contender:
    """A server, and the dialect that its listeners speak."""

    key: str
    title: str
    dialect: Dialect
    #: Makes ready what the server needs in a folder, and says how to start it.
    prepare: Callable[[Path], Command]
    is_ours: bool = False
    needs_node: bool = False


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    contender: Contender
    port: int
    gauge: Gauge
    home: Path


def ours(kind: str, port: int) -> list[str]:
    """The words that start our chat under `kind`: "serve", "daphne" or "uvicorn"."""
    application = "chatproject.asgi:application"
    words = {
        "serve": ["manage.py", "serve", f"127.0.0.1:{port}"],
        "daphne": ["-m", "daphne", "-p", str(port), application],
        "uvicorn": ["-m", "uvicorn", application, "--port", str(port), "--log-level", "warning"],
    }
    return [sys.executable, *words[kind]]


def _our_site(kind: str) -> Callable[[Path], Command]:
    """Our chat as in production, on a new database; every message is stored."""

    def prepare(home: Path) -> Command:
        site = Site(
            home,
            DEBUG="0",
            HTTPS="0",
            CHAT_LIMITS="0",
            REDIS_URL="",
            STATIC_ROOT=str(home / "static"),
            PYTHONWARNINGS="",
        )
        site.manage("migrate", "--verbosity", "0")
        site.manage("collectstatic", "--noinput", "--verbosity", "0")
        return Command(ours(kind, site.port), site.environment, site.port)

    return prepare


def _seed(home: Path) -> Command:
    port = _free_port()
    options = ["--port", str(port), "--loop", "uvloop", "--log-level", "warning"]
    return Command([sys.executable, "-m", "uvicorn", "bench.peers.seed:app", *options], {}, port)


def _stock(home: Path) -> Command:
    port = _free_port()
    words = [
        sys.executable,
        "-m",
        "daphne",
        "-v",
        "0",
        "-p",
        str(port),
        "bench.peers.stock.asgi:application",
    ]
    environment = {
        "DJANGO_SETTINGS_MODULE": "bench.peers.stock.settings",
        "STOCK_DATABASE": str(home / "stock.sqlite3"),
    }
    return Command(words, environment, port)


def _node(program: str) -> Callable[[Path], Command]:
    def prepare(home: Path) -> Command:
        port = _free_port()
        return Command(["node", str(PEERS / program), str(port)], {"NODE_ENV": "production"}, port)

    return prepare


def contenders(server: str) -> list[Contender]:
    """All of them; ours first, under `server`."""
    others = [kind for kind in ("daphne", "uvicorn") if kind != server]
    return [
        Contender("ours-v1", "Ours, v1", Dialect(), _our_site(server), is_ours=True),
        Contender("ours-v2", "Ours, v2", V2(), _our_site(server), is_ours=True),
        *(
            Contender(kind, f"Ours, v1, on {kind}", Dialect(), _our_site(kind), is_ours=True)
            for kind in others
        ),
        Contender("seed", "The seed: FastAPI", Dialect(), _seed),
        Contender("stock", "Stock Channels", Dialect(), _stock),
        Contender("ws", "Node ws", Dialect(), _node("ws.js"), needs_node=True),
        Contender("socketio", "socket.io", SocketIO(), _node("socketio.js"), needs_node=True),
    ]


def has_node() -> bool:
    """Whether the peers in JavaScript can run."""
    return shutil.which("node") is not None and (PEERS / "node_modules").is_dir()


@contextlib.contextmanager
def running(contender: Contender, home: Path, core: int) -> Iterator[Running]:
    """`contender` while it serves, on `core` alone, with what it needs in the folder `home`."""
    command = contender.prepare(home)
    log = home / "server.log"
    environment = {**os.environ, **command.environment}
    with log.open("wb") as written, gauge.on_core(core):
        process = subprocess.Popen(
            command.words,
            cwd=TOP,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
    try:
        _wait_for(process, command.port, log)
        yield Running(contender, command.port, Gauge(process.pid), home)
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


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    is_over = time.monotonic() + _START
    while process.poll() is None and time.monotonic() < is_over:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{' '.join(process.args)} does not answer:\n{log.read_text()[-2000:]}")  # type: ignore[arg-type]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
