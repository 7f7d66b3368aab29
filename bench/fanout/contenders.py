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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bench import production
from bench.fanout import gauge
from bench.fanout.gauge import Gauge
from bench.fanout.wire import V2, Dialect, Reader, SocketIO
from harness.ports import free_port
from harness.site import TOP, Process, Site

PEERS = Path(__file__).resolve().parent / "peers"
#: How many seconds a server has to answer, and to end.
_START, _STOP_WITHIN = 30.0, 15.0
#: The packages whose versions matter.
_PACKAGES = (
    *("Django", "channels", "daphne", "autobahn", "Twisted", "msgspec"),
    *("fastapi", "starlette", "uvicorn", "uvloop", "websockets"),
)


#: A process that was told to serve, and its port.
Started = tuple[Process, int]
#: Starts a server with what it needs in a folder, which gets its log, too, and with more variables. It does
#: not answer at once.
Start = Callable[[Path, Mapping[str, str]], Started]
#: A database and what else runs beside a server while it serves: its variables.
Beside = Callable[[], contextlib.AbstractContextManager[Mapping[str, str]]]


def _nothing() -> contextlib.AbstractContextManager[Mapping[str, str]]:
    return contextlib.nullcontext({})


@dataclass(frozen=True)
class Contender:
    """A server, and the dialect that its listeners speak."""

    key: str
    title: str
    dialect: Dialect
    start: Start
    #: What runs beside it, not on its core.
    beside: Beside = _nothing
    #: Whether all is there that it needs.
    can_run: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    contender: Contender
    port: int
    gauge: Gauge
    #: The URL of its database, if it is ours.
    database: str


def contenders(server: str) -> list[Contender]:
    """All of them; ours first, under `server`. What begins with "door" tells nobody of who comes."""
    return [
        *_ours(server),
        Contender("seed", "The seed: FastAPI", Dialect(), _seed("seed")),
        Contender("seed-storing", "The seed, storing", Dialect(), _seed("seed_storing")),
        Contender("stock", "Stock Channels, in-memory layer", Dialect(), _stock),
        Contender("ws", "Node ws", Dialect(), _node("ws.js"), can_run=has_node),
        Contender("socketio", "socket.io", SocketIO(), _node("socketio.js"), can_run=has_node),
        Contender("door-seed", "The seed", Dialect(), _seed("seed", NOTICES="0")),
        Contender("door-ws", "Node ws", Dialect(), _node("ws.js", NOTICES="0"), can_run=has_node),
    ]


def _ours(server: str) -> list[Contender]:
    others = [kind for kind in ("daphne", "uvicorn") if kind != server]
    plain, door = _our_site(server), _our_site(server, CHAT_NOTICES_UP_TO="1")
    found = [
        Contender("ours-v1", "Ours, v1", Dialect(), plain),
        Contender("ours-v2", "Ours, v2", V2(), plain),
        Contender(
            "ours-told", "Ours, v1, every notice told", Dialect(), _our_site(server, CHAT_NOTICES_UP_TO="0")
        ),
        *(Contender(kind, f"Ours, v1, on {kind}", Dialect(), _our_site(kind)) for kind in others),
        _on_postgresql("postgresql-v1", "Ours, v1, PostgreSQL", Dialect(), plain),
        _on_postgresql("postgresql-v2", "Ours, v2, PostgreSQL", V2(), plain),
        Contender("door-v1", "Ours, v1", Dialect(), door),
        Contender("door-v2", "Ours, v2", V2(), door),
        Contender("door-reader", "Ours, v2, a reader", Reader(), door),
    ]
    if server == "serve":  # the others take no addresses from a proxy as it does
        v1, v2, limits = Dialect(is_proxied=True), V2(is_proxied=True), production.WITH_LIMITS
        limited = _our_site(server, "--proxy-headers", **limits)
        limited_door = _our_site(server, "--proxy-headers", **limits, CHAT_NOTICES_UP_TO="1")
        found += [
            Contender("limits-v1", "Ours, v1, limits on", v1, limited),
            Contender("limits-v2", "Ours, v2, limits on", v2, limited),
            _on_postgresql("limits-postgresql", "Ours, v2, PostgreSQL, limits on", v2, limited),
            Contender("door-limits", "Ours, v2, limits on", v2, limited_door),
            _on_postgresql("door-postgresql", "Ours, v2, PostgreSQL, limits on", v2, limited_door),
        ]
    return found


def _on_postgresql(key: str, title: str, dialect: Dialect, start: Start) -> Contender:
    return Contender(
        key, title, dialect, start, production.postgresql_and_redis, can_run=production.has_services
    )


def _our_site(server: str, *options: str, **settings: str) -> Start:
    """Our chat as in production, on a new database; every message is stored."""
    quiet = ["--log-level", "warning"] if server == "uvicorn" else []

    def start(home: Path, environment: Mapping[str, str]) -> Started:
        site = Site(home, **{**production.environment(), **settings, **environment})
        production.migrate(site)
        return site.start(server, *quiet, *options), site.port

    return start


def _seed(module: str, **settings: str) -> Start:
    def start(home: Path, environment: Mapping[str, str]) -> Started:
        port = free_port()
        options = ["--port", str(port), "--loop", "uvloop", "--log-level", "warning"]
        command = [sys.executable, "-m", "uvicorn", f"bench.fanout.peers.{module}:app", *options]
        return _peer(home, command, SEED_DATABASE=str(home / "seed.sqlite3"), **settings), port

    return start


def _stock(home: Path, environment: Mapping[str, str]) -> Started:
    port = free_port()
    options = ["-v", "0", "-p", str(port), "bench.fanout.peers.stock.asgi:application"]
    settings = {
        "DJANGO_SETTINGS_MODULE": "bench.fanout.peers.stock.settings",
        "STOCK_DATABASE": str(home / "stock.sqlite3"),
    }
    return _peer(home, [sys.executable, "-m", "daphne", *options], **settings), port


def _node(program: str, **settings: str) -> Start:
    def start(home: Path, environment: Mapping[str, str]) -> Started:
        port = free_port()
        command = ["node", str(PEERS / program), str(port)]
        return _peer(home, command, NODE_ENV="production", **settings), port

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
    with contender.beside() as environment:
        with gauge.on_core(core):
            process, port = contender.start(home, environment)
        try:
            _wait_for(process, port, _log(home))
            database = environment.get("DATABASE_URL", f"sqlite:///{home / 'db.sqlite3'}")
            yield Running(contender, port, Gauge(process.pid), database)
        finally:
            stop(process)


def stop(process: Process) -> None:
    """Have a server end as its owner would; or else at once."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_WITHIN)
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
