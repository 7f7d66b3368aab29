"""`manage.py serve` among people who behave badly, and under an owner who makes mistakes."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from tests.site import TOP, Site, free_port

Frame = dict[str, Any]

#: What a guest can make the server keep at most, in bytes, with what Python itself needs for that.
LITTLE = 12 << 20
#: A message as large as can be, in bytes.
LARGE = "\N{GRINNING FACE}" * 4000


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables in which nothing has happened."""
    site = Site(tmp_path_factory.mktemp("tables"))
    site.manage("migrate")
    return site.home / "db.sqlite3"


def site_in(home: Path, tables: Path, **environment: str) -> Site:
    """A site of its own, whose log keeps what Twisted and asyncio have to say as well."""
    base = environment.pop("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    (home / "loud.py").write_text(
        f"from {base} import *\n"
        "DEBUG = False  # or Django keeps the queries\n"
        'loud = {"class": "logging.StreamHandler", "stream": "ext://sys.__stderr__", "level": "WARNING"}\n'
        'LOGGING["handlers"]["loud"] = loud\n'
        'LOGGING["root"] = {"handlers": ["loud"]}\n'
    )
    shutil.copy(tables, home)
    return Site(home, DJANGO_SETTINGS_MODULE="loud", PYTHONPATH=f"{home}:{TOP}", **environment)


def assert_is_well(site: Site) -> None:
    """Nothing has gone wrong that the server itself would have to be blamed for."""
    log = site.log.read_text()
    for fault in ("Traceback", "Unhandled", "never retrieved"):
        assert fault not in log, log


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Iterator[Site]:
    """A site that is served in every way at once."""
    home = tmp_path_factory.mktemp("house")
    site = site_in(home, tables)
    certificate, key = home / "crt.pem", home / "key.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "ca.pem")
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(certificate)
    with socket.create_server(("127.0.0.1", 0)) as inherited:
        site.inherited, site.tls, site.endpoint = inherited.getsockname()[1], free_port(), free_port()  # type: ignore[attr-defined]
        options = ["-v", "2", "-u", str(home / "chat.sock"), "--fd", str(inherited.fileno())]
        options += ["-e", f"ssl:{site.tls}:privateKey={key}:certKey={certificate}:interface=127.0.0.1"]  # type: ignore[attr-defined]
        options += ["-e", f"tcp:{site.endpoint}:interface=127.0.0.1"]  # type: ignore[attr-defined]
        with site.served_by("serve", *options, pass_fds=[inherited.fileno()]):
            yield site
    assert site.process
    assert site.process.returncode == 0
    assert_is_well(site)


@pytest.fixture
def fresh(tmp_path: Path, tables: Path) -> Iterator[Site]:
    """A site of the test's own. The test may end its server, which has to end well."""
    site = site_in(tmp_path, tables)
    with site.served_by("serve", "-v", "2"):
        yield site
    assert site.process
    assert site.process.returncode == 0
    assert_is_well(site)


async def hear(client: ClientConnection) -> Frame:
    """The next frame, which is no array."""
    frames = await hear_all(client)
    assert len(frames) == 1
    return frames[0]


async def hear_all(client: ClientConnection) -> list[Frame]:
    """The next frame, or all in the next array."""
    async with asyncio.timeout(20):
        frames = json.loads(await client.recv())
    return frames if isinstance(frames, list) else [frames]


async def hear_of(client: ClientConnection, **wanted: object) -> Frame:
    """The next frame that looks like this, whatever comes before it."""
    while True:
        for frame in await hear_all(client):
            if frame.items() >= wanted.items():
                return frame


async def say(client: ClientConnection, **frame: object) -> None:
    await client.send(json.dumps(frame))


async def come_in(client: ClientConnection, name: str, **reply: object) -> None:
    """Give a name, and be in."""
    assert (await hear(client))["type"] == "request_name"
    await say(client, name=name, **reply)
    await hear_of(client, event="join", name=name)


async def last_words(client: ClientConnection) -> tuple[list[Frame], Close | None]:
    """All that is still heard, and how the server closes."""
    frames: list[Frame] = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            frames += await hear_all(client)
    return frames, client.protocol.close_rcvd


def narrow_socket(port: int) -> socket.socket:
    """A connection for which the kernel does not keep much."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    narrow.connect(("127.0.0.1", port))
    return narrow


def memory(site: Site) -> int:
    """What the server holds now, in bytes."""
    assert site.process
    pages = Path(f"/proc/{site.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def upgrade(path: str, *headers: str) -> bytes:
    """The request that opens a WebSocket."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin1")


def raw_frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + bytes(4) + payload


def ask(site: Site, request: bytes, *, until: bytes = b"") -> bytes:
    """What the server answers to these bytes, up to `until`, or to the end of the connection."""
    heard = b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as line:
        line.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while not until or until not in heard:
                data = line.recv(1 << 16)
                if not data:
                    break
                heard += data
    return heard


# Where it listens


@contextlib.asynccontextmanager
async def connected(site: Any, way: str) -> AsyncIterator[ClientConnection]:
    """A client over one of the ways into the house."""
    if way == "unix":
        async with unix_connect(str(site.home / "chat.sock"), uri="ws://localhost/ws/alice") as client:
            yield client
    elif way == "tls":
        trust = ssl.create_default_context(cafile=str(site.home / "ca.pem"))
        address = f"wss://localhost:{site.tls}/ws/alice"
        async with connect(address, ssl=trust, host="127.0.0.1") as client:
            yield client
    else:
        port = {"address": site.port, "fd": site.inherited, "endpoint": site.endpoint}[way]
        async with connect(f"ws://127.0.0.1:{port}/ws/alice") as client:
            yield client


@pytest.mark.parametrize("way", ["address", "unix", "fd", "tls", "endpoint"])
async def test_people_come_in_wherever_it_listens(house: Site, way: str) -> None:
    async with connected(house, way) as alice:
        await come_in(alice, "Alice")

        await say(alice, type="message", message=f"here by {way}")

        assert (await hear_of(alice, type="message"))["message"] == f"here by {way}"


@pytest.mark.parametrize("option", [["nonsense"], ["70000"], ["busy"], ["-u", "/nowhere/chat.sock"]])
def test_where_nothing_can_be_served_one_sentence_says_so(tmp_path: Path, option: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        option = [f"127.0.0.1:{busy.getsockname()[1]}" if word == "busy" else word for word in option]

        done = refused_start(tmp_path, *option)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("CommandError: ") == 1
    assert len(done.stderr.strip().splitlines()) <= 2


@pytest.mark.parametrize("refusal", ["ValueError", "OSError"])
def test_a_system_that_gives_no_more_files_is_served_all_the_same(
    tmp_path: Path, tables: Path, refusal: str
) -> None:
    """As macOS does where it names no limit. No system that tests run on refuses by itself."""
    (tmp_path / "stingy.py").write_text(
        "import resource\n"
        "from chatproject.settings import *\n"
        "def refuse(what, limits):\n"
        f"    raise {refusal}('no more files')\n"
        "resource.setrlimit = refuse\n"
    )
    site = site_in(tmp_path, tables, DJANGO_SETTINGS_MODULE="stingy")

    with site.served_by("serve"):
        assert httpx.get(site.address).status_code == 200


def refused_start(home: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """What comes of a start that comes to nothing."""
    line = [sys.executable, "manage.py", "serve", *options]
    environment = Site(home).environment
    return subprocess.run(
        line, cwd=TOP, env=environment, check=False, capture_output=True, text=True, timeout=30
    )


# Those who do not read, and those who do not stop


async def test_who_does_not_read_is_let_go_and_finds_all_on_coming_again(house: Any) -> None:
    """Carol stops for a while, Dave for ever and over TLS. Bob hears it all, the server keeps little."""
    trust = ssl.create_default_context(cafile=str(house.home / "ca.pem"))
    async with (
        connect(house.socket("alice")) as alice,
        connect(house.socket("bob")) as bob,
        connect(house.socket("carol"), sock=narrow_socket(house.port)) as carol,
        connect("wss://localhost/ws/dave", sock=narrow_socket(house.tls), ssl=trust) as dave,
    ):
        for client, name in ((bob, "Bob"), (dave, "Dave"), (alice, "Alice")):
            await come_in(client, name)
        await say(carol, name="Carol", v=2, lang="en")
        await hear_of(carol, type="history")
        await hear_of(alice, event="join", name="Carol")
        before, lines = memory(house), connections(house)
        for sleeper in (carol, dave):
            sleeper.transport.pause_reading()

        told = await _talk_until_left(alice, bob, {"Carol", "Dave"})
        kept = memory(house) - before
        carol.transport.resume_reading()
        frames, close = await last_words(carol)

        assert kept < LITTLE
        assert close == Close(4012, "too_slow")
        assert frames[-1].items() >= {"type": "closing", "code": 4012}.items()
        assert frames[-1]["reason"].startswith("Your line is too slow")
        heard = [frame["id"] for frame in frames if frame["type"] == "message"]
        async with connect(house.socket("carol")) as again:
            await say(again, name="Carol", v=2)
            await hear_of(again, type="history")
            while heard[-1] < told[-1]:
                await say(again, type="history", room="lobby", after=heard[-1])
                page = await hear_of(again, type="history")
                heard += [message["id"] for message in page["messages"] if message["id"] > heard[-1]]
        assert told == heard
        async with asyncio.timeout(30):
            while connections(house) > lines - 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        dave.transport.abort()


async def _talk_until_left(
    speaker: ClientConnection, listener: ClientConnection, names: set[str]
) -> list[int]:
    """Have somebody talk until these people have left: the ids that a listener heard."""
    told: list[int] = []
    while names:
        for _ in range(20):
            await say(speaker, type="message", message=LARGE)
        await asyncio.gather(_hear_messages(speaker, 20, set()), _hear_messages(listener, 20, names, told))
    return told


async def _hear_messages(
    client: ClientConnection, count: int, names: set[str], told: list[int] | None = None
) -> None:
    for _ in range(count):
        while (frame := await hear(client))["type"] != "message":
            if frame.get("event") == "leave":
                names.discard(frame["name"])
        if told is not None:
            told.append(frame["id"])


def connections(site: Site) -> int:
    """How many sockets the server has open."""
    assert site.process
    sockets = 0
    for file in Path(f"/proc/{site.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            sockets += str(file.readlink()).startswith("socket:")
    return sockets


async def test_who_floods_is_not_read_from_while_the_database_is_busy(fresh: Site) -> None:
    async with (
        connect(fresh.socket("alice"), sock=narrow_socket(fresh.port)) as alice,
        connect(fresh.socket("bob"), sock=narrow_socket(fresh.port)) as bob,
    ):
        await say(alice, name="Alice", v=2)
        await hear_of(alice, event="join", name="Alice")
        await come_in(bob, "Bob")
        before = memory(fresh)
        with locked(fresh):
            floods = [Flood(alice, 2000), Flood(bob, 2000)]
            for flood in floods:
                await flood.stands_still()

            stuck = [flood.sent for flood in floods]
            kept = memory(fresh) - before

        acknowledged, _echo = await asyncio.gather(
            _acknowledged(alice, 2000), hear_of(bob, message=floods[1].last)
        )

    assert max(stuck) < 1000
    assert kept < LITTLE
    everything = [str(number) for number in range(2000)]
    assert acknowledged == everything
    assert [text.split(" ")[0] for text in stored(fresh, "alice")] == everything
    assert [text.split(" ")[0] for text in stored(fresh, "bob")] == everything


async def _acknowledged(client: ClientConnection, count: int) -> list[str]:
    refs: list[str] = []
    while len(refs) < count:
        refs += [frame["ref"] for frame in await hear_all(client) if frame["type"] == "ack"]
    return refs


class Flood:
    """Somebody who says a lot and waits for nothing but the network."""

    def __init__(self, client: ClientConnection, count: int) -> None:
        self.sent = 0
        self.last = f"{count - 1} " + "x" * 3900
        self._task = asyncio.create_task(self._run(client, count))

    async def _run(self, client: ClientConnection, count: int) -> None:
        for number in range(count):
            await say(client, type="message", message=f"{number} " + "x" * 3900, ref=str(number))
            self.sent += 1

    async def done(self) -> None:
        await self._task

    async def stands_still(self) -> None:
        """Return when nothing more gets away."""
        before = -1
        while before < self.sent:
            before = self.sent
            await asyncio.sleep(0.4)


@contextlib.contextmanager
def locked(site: Site) -> Iterator[None]:
    """Keep everybody else from writing."""
    database = sqlite3.connect(site.home / "db.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    yield
    database.execute("ROLLBACK")
    database.close()


def stored(site: Site, author: str) -> list[str]:
    """What somebody has said, as the database has it."""
    database = sqlite3.connect(site.home / "db.sqlite3")
    rows = database.execute("SELECT text FROM chat_message WHERE author_id = ? ORDER BY version", [author])
    texts = [text for (text,) in rows]
    database.close()
    return texts


async def test_pings_cost_little_where_nobody_reads_the_pongs(fresh: Site) -> None:
    with narrow_socket(fresh.port) as line:
        line.sendall(upgrade("/ws/mallory"))
        line.setblocking(False)
        before = memory(fresh)
        flood, until = raw_frame(9, b"x" * 125) * 1000, time.monotonic() + 3
        left = flood

        while time.monotonic() < until and memory(fresh) - before < LITTLE:
            with contextlib.suppress(BlockingIOError):
                left = left[line.send(left) :] or flood
            await asyncio.sleep(0)

        assert memory(fresh) - before < LITTLE


async def test_frames_that_wait_cost_little_however_large_they_are(fresh: Site) -> None:
    async with connect(fresh.socket("mallory"), sock=narrow_socket(fresh.port)) as mallory:
        await come_in(mallory, "Mallory")
        before = memory(fresh)
        with locked(fresh):
            for _ in range(70):
                await say(mallory, type="message", message="hi")
            large = asyncio.create_task(_say_large_things(mallory))
            for _ in range(10):
                await asyncio.sleep(0.2)
                if memory(fresh) - before > LITTLE:
                    break
            kept = memory(fresh) - before
        large.cancel()
        mallory.transport.abort()

    assert kept < LITTLE


async def _say_large_things(client: ClientConnection) -> None:
    for _ in range(64):
        await client.send("\N{GRINNING FACE}" + "x" * 1_000_000)


# The odd things that may come over a line


async def test_a_close_says_why(house: Site) -> None:
    async with connect(house.socket("mallory")) as mallory:
        for _ in range(20):
            await mallory.send("rubbish")

        frames, close = await last_words(mallory)

    assert frames[-1]["code"] == "too_many_bad_frames"
    assert close == Close(4505, "too_many_bad_frames")


async def test_where_the_site_is_mounted_is_not_the_guest_s_to_say(house: Site) -> None:
    lie = {"Daphne-Root-Path": "/elsewhere"}

    page = await asyncio.to_thread(httpx.get, house.address + "admin/", headers=lie)
    async with connect(house.socket("alice"), additional_headers={"Daphne-Root-Path": "/ws"}) as alice:
        await come_in(alice, "Alice")

    assert page.headers["Location"] == "/admin/login/?next=/admin/"


def test_a_root_path_that_is_no_text_changes_nothing_either(fresh: Site) -> None:
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nDaphne-Root-Path: \xff\r\n\r\n"

    assert ask(fresh, request).startswith(b"HTTP/1.1 200 ")


def test_a_handshake_that_is_refused_leaves_no_traceback(fresh: Site) -> None:
    for header in (
        "Sec-WebSocket-Protocol: \xff",
        "Sec-WebSocket-Key: short",
        "Origin: null",
        "Host: localhost:x",
    ):
        assert ask(fresh, upgrade("/ws/alice", header)).startswith(b"HTTP/1.1 400 ")

    assert_is_well(fresh)


def test_a_socket_does_not_begin_with_a_body(fresh: Site) -> None:
    for header in ("Content-Length: 100000000", "Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", fresh.port), timeout=10) as line:
            line.sendall(upgrade("/ws/mallory").replace(b"\r\n\r\n", f"\r\n{header}\r\n\r\n".encode()))

            assert line.recv(1 << 16).startswith(b"HTTP/1.1 400 ")


def test_nobody_brings_more_than_a_page_can_take(fresh: Site) -> None:
    form = b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(("127.0.0.1", fresh.port), timeout=10) as line:
        line.sendall(form + b"Content-Length: 100000000\r\n\r\n")
        assert line.recv(1 << 16).startswith(b"HTTP/1.1 413 ")

    with socket.create_connection(("127.0.0.1", fresh.port), timeout=10) as line:
        line.sendall(form + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
        with contextlib.suppress(OSError):  # it may be closed before all is sent
            for _ in range(20):
                line.sendall(chunk)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1 << 16).startswith(b"HTTP/1.1 413 ")


def test_a_form_that_nobody_can_read_goes_to_django_as_it_is(fresh: Site) -> None:
    """Twisted would answer this one by itself: it knows no boundary to divide it by."""
    lines = ["POST /admin/login/ HTTP/1.1", "Host: localhost", "Connection: close", "Content-Length: 4"]
    form = "\r\n".join([*lines, "Content-Type: multipart/form-data", "", "form"])

    answer = ask(fresh, form.encode())

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"CSRF" in answer


def test_a_moderator_signs_in_and_out(fresh: Site) -> None:
    """In by a urlencoded form, out by one of several parts; and not by a form from elsewhere."""
    password = fresh.manage("welcome").partition("password ")[2].split(" ")[0]
    form = {"username": "admin", "password": password}
    with httpx.Client(base_url=fresh.address) as browser:
        browser.get("admin/login/")

        forged = browser.post("admin/login/", data=form)
        came = browser.post("admin/login/", data={**form, **_seal(browser)})
        page = browser.get("admin/")
        left = browser.post("admin/logout/", data=_seal(browser), files={"file": ("name", b"file")})
        gone = browser.get("admin/")

    answers = [answer.status_code for answer in (forged, came, page, left, gone)]
    assert answers == [403, 302, 200, 200, 302]


def _seal(browser: httpx.Client) -> dict[str, str]:
    """What a form of the site's own carries (CSRF)."""
    return {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}


def test_answers_come_in_the_order_of_the_requests(house: Site) -> None:
    page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    answer = ask(house, page + upgrade("/ws/alice"), until=b"request_name")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.index(b"</html>") < answer.index(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x81\x02{}",  # not masked
        b"\xf1\x80\0\0\0\0",  # reserved bits
        b"\x83\x80\0\0\0\0",  # an opcode that is none
        b"\x80\x80\0\0\0\0",  # a continuation of nothing
        b"\x09\x80\0\0\0\0",  # half a ping
        b"\x88\x81\0\0\0\0x",  # a close with half a code
        b"\x88\x82\0\0\0\0\0\1",  # a close with a code that is none
        b"\x81\x81\0\0\0\0\xff",  # no text
        b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0",  # a frame larger than the world
        b"\x88\x80\0\0\0\0" * 3,  # goodbye, three times
    ],
)
async def test_a_line_that_talks_rubbish_is_cut_and_costs_nobody_else(house: Site, rubbish: bytes) -> None:
    async with connect(house.socket("alice")) as alice:
        await come_in(alice, "Alice")
        reply = json.dumps({"name": "Mallory"}).encode()

        ask(house, upgrade("/ws/mallory"), until=b"request_name")
        with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
            line.sendall(upgrade("/ws/mallory"))
            while b"request_name" not in line.recv(1 << 16):
                pass
            line.sendall(raw_frame(1, reply) + rubbish)
            with contextlib.suppress(ConnectionResetError):
                while line.recv(1 << 16):
                    pass

        await hear_of(alice, event="leave", name="Mallory")


# The end


async def test_at_the_end_everybody_is_told_to_come_again(fresh: Site) -> None:
    """Dora never answers the close, Emil never reads, and Carol talks all the time."""
    async with (
        connect(fresh.socket("alice")) as alice,
        connect(fresh.socket("bob")) as bob,
        connect(fresh.socket("carol")) as carol,
    ):
        await come_in(alice, "Alice")
        for client, name in ((bob, "Bob"), (carol, "Carol")):
            await say(client, name=name, v=2, lang="en")
            await hear_of(client, event="join", name=name)
        dora, emil = (raw_guest(fresh, name) for name in ("dora", "emil"))
        talk = asyncio.create_task(Flood(carol, 3000).done())
        await hear_of(bob, type="message")

        assert fresh.process
        fresh.process.send_signal(signal.SIGTERM)
        words = await asyncio.gather(*map(last_words, (alice, bob, carol)))
        with pytest.raises(OSError, match="Connect call failed"):
            await connect(fresh.socket("late"))
        fresh.process.wait(10)

        talk.cancel()
        assert [close for _frames, close in words] == [Close(4010, "restart")] * 3
        [(to_alice, _), (to_bob, _), (to_carol, _)] = words
        assert to_alice[-1].items() >= {"color": "danger", "code": "restart"}.items()
        assert to_bob[-1]["reason"] == "The server restarts. Nothing is lost; connect again."
        assert {frames[-1]["type"] for frames in (to_bob, to_carol)} == {"closing"}
        assert to_bob[-1]["retry_after"] != to_carol[-1]["retry_after"]
        acknowledged = [frame["ref"] for frame in to_carol if frame["type"] == "ack"]
        kept = [text.split(" ")[0] for text in stored(fresh, "carol")]
        assert acknowledged == kept[: len(acknowledged)]
    dora.close()
    emil.close()


def raw_guest(site: Site, name: str) -> socket.socket:
    """Somebody who is in, and does nothing more."""
    line = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    line.sendall(upgrade(f"/ws/{name}"))
    while b"request_name" not in line.recv(1 << 16):
        pass
    line.sendall(raw_frame(1, json.dumps({"name": name}).encode()))
    return line


def test_who_comes_while_the_server_ends_is_not_let_in(fresh: Site) -> None:
    """The line was open before, and Dora holds the server up."""
    with raw_guest(fresh, "dora"), socket.create_connection(("127.0.0.1", fresh.port), timeout=10) as late:
        assert fresh.process
        late.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while b"</html>" not in late.recv(1 << 16):
            pass
        fresh.process.send_signal(signal.SIGTERM)
        while not _is_refused(fresh.port):
            time.sleep(0.05)

        late.sendall(upgrade("/ws/late"))

        assert b" 101 " not in late.recv(1 << 16)


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except ConnectionRefusedError:
        return True
    return False


def test_whoever_says_it_twice_is_understood_the_first_time(fresh: Site) -> None:
    with raw_guest(fresh, "dora"):
        assert fresh.process
        fresh.process.send_signal(signal.SIGTERM)
        while not _is_refused(fresh.port):
            time.sleep(0.05)

        fresh.process.send_signal(signal.SIGTERM)

        assert fresh.process.wait(10) == 0
    assert_is_well(fresh)


async def test_the_other_process_hears_who_has_left(tmp_path: Path, tables: Path) -> None:
    (tmp_path / "calm").touch()
    here, there = (
        site_in(
            tmp_path,
            tables,
            DJANGO_SETTINGS_MODULE="bench.settings",
            SECRET_KEY="x" * 50,
            BENCH_DOORBELLS=str(tmp_path),
            BENCH_SEED="1",
        )
        for _ in range(2)
    )
    with here.served_by("serve"), there.served_by("serve"):
        async with connect(here.socket("alice")) as alice, connect(there.socket("bob")) as bob:
            await come_in(bob, "Bob")
            await come_in(alice, "Alice")

            assert here.process
            here.process.send_signal(signal.SIGTERM)

            await hear_of(bob, event="leave", name="Alice")
            assert (await last_words(alice))[1] == Close(4010, "restart")
    assert_is_well(here)


# As many as there are places


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Iterator[Site]:
    """Three places, and one of them for each address, behind a proxy."""
    caps = {"CHAT_CONNECTIONS": "3", "CHAT_CONNECTIONS_PER_ADDRESS": "1"}
    site = site_in(tmp_path_factory.mktemp("small"), tables, **caps)
    with site.served_by("serve", "-v", "2", "--proxy-headers"):
        yield site
    assert_is_well(site)


@contextlib.asynccontextmanager
async def seated(site: Site, address: str = "") -> AsyncIterator[ClientConnection]:
    """Somebody from this address who has found a place; who left before may not be quite gone."""
    async with asyncio.timeout(10), contextlib.AsyncExitStack() as stack:
        while True:
            client = await stack.enter_async_context(from_address(site, address))
            if (await hear(client))["type"] == "request_name":
                break
            await client.close()
        yield client


def from_address(site: Site, address: str) -> connect:
    headers = {"X-Forwarded-For": address} if address else {}
    return connect(site.socket("somebody"), additional_headers=headers)


async def is_turned_away(client: ClientConnection) -> bool:
    [frame], close = await last_words(client)
    sentence = frame["message"]
    assert frame == {
        "type": "notification",
        "message": sentence,
        "color": "danger",
        "code": "too_many_connections",
    }
    return bool(sentence) and close == Close(4504, "too_many_connections")


async def test_who_finds_no_place_is_turned_away_until_somebody_leaves(small: Site) -> None:
    async with seated(small), seated(small):
        async with seated(small), from_address(small, "") as one_too_many:
            assert await is_turned_away(one_too_many)

        async with seated(small) as in_the_free_place:
            await come_in_named(in_the_free_place, "Zoe")


async def come_in_named(client: ClientConnection, name: str) -> None:
    """Give a name when asked already."""
    await say(client, name=name)
    await hear_of(client, event="join", name=name)


async def test_an_address_has_its_own_number_of_places(small: Site) -> None:
    async with seated(small, "203.0.113.5"):
        async with from_address(small, "198.51.100.1, 203.0.113.5") as second:
            assert await is_turned_away(second)

        async with seated(small, "203.0.113.6"):
            pass


async def test_without_limits_there_is_always_a_place(tmp_path: Path, tables: Path) -> None:
    caps = {"CHAT_CONNECTIONS": "1", "CHAT_CONNECTIONS_PER_ADDRESS": "1", "CHAT_LIMITS": "0"}
    site = site_in(tmp_path, tables, **caps)
    with site.served_by("serve"):
        async with connect(site.socket("alice")) as alice, connect(site.socket("bob")) as bob:
            await come_in(alice, "Alice")
            await come_in(bob, "Bob")
