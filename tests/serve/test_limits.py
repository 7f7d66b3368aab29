"""What a stranger may ask of `serve`, and what stops it. See the table in docs/SETTINGS.md."""

import asyncio
import contextlib
import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.testing import StringTransport
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Close

from chat.conf import Conf
from chat.server import Server
from harness.site import UNHURRIED, Site
from tests.databases import locked
from tests.serve.guests import (
    LITTLE,
    ask,
    come_in,
    hear,
    hear_all,
    hear_of,
    last_words,
    narrow_socket,
    raw_frame,
    raw_guest,
    say,
)
from tests.serve.sites import assert_is_well, has_open, memory, site_in, stored
from tests.stacks import Stack

#: As in earnest.
DEFAULT = {name: "{}/{}".format(*getattr(Conf(), name.removeprefix("CHAT_").lower())) for name in UNHURRIED}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    """A site behind a proxy, with little for each address and the usual for each person."""
    limits = {
        "CHAT_HANDSHAKES": "0.001/3",
        "CHAT_REQUESTS": "0.001/2",
        "CHAT_REQUEST_TIMEOUT": "2",
        "CHAT_BODY_TIMEOUT": "2",
        "CHAT_BODIES": "1000000",
        "CHAT_ADDRESS_FRAMES": "1/20",
        "CHAT_NEWCOMERS": "0.001/1",
    }
    site = site_in(tmp_path_factory.mktemp("strict"), stack, **DEFAULT, **limits)
    with site.served_by("serve", "-v", "2", "--proxy-headers"):
        yield site
    assert_is_well(site)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    """A site with the limits that hold where nothing is said, but for what an address may say."""
    site = site_in(tmp_path_factory.mktemp("usual"), stack, **DEFAULT, CHAT_ADDRESS_MESSAGES="10/5")
    with site.served_by("serve", "-v", "2", "--ping-interval", "1", "--proxy-headers"):
        yield site
    assert_is_well(site)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    """A site where a person says little, whatever its size, and is refused thirty times."""
    limits = {"CHAT_MESSAGES": "30/1", "CHAT_REFUSALS_PER_MINUTE": "30"}
    site = site_in(tmp_path_factory.mktemp("slow"), stack, **limits)
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Site]:
    """A site where a person may say what they like."""
    site = site_in(tmp_path_factory.mktemp("free"), stack)
    with site.served_by("serve", "-v", "2"):
        yield site
    assert_is_well(site)


@pytest.mark.parametrize("opcode", [9, 10])
async def test_ten_thousand_tiny_frames_wait_until_others_had_their_turn(usual: Site, opcode: int) -> None:
    frame, name = raw_frame(opcode, b""), f"mallory-{opcode}"
    async with connect(usual.socket("alice")) as alice:
        await come_in(alice, "Alice")
        with raw_guest(usual, name) as mallory:
            await hear_of(alice, event="join", name=name)
            mallory.settimeout(0.2)
            with contextlib.suppress(TimeoutError):  # when the buffers are full, for nobody reads
                mallory.sendall((frame + raw_frame(9, b"")) * 5_000)

            await say(alice, type="message", message="hi")
            await hear_of(alice, type="message")

            mallory.setblocking(False)
            answers = b""
            with contextlib.suppress(BlockingIOError):
                while data := mallory.recv(1 << 16):
                    answers += data
            assert answers.count(b"\x8a\x00") < 1000


def test_a_message_comes_in_few_parts(usual: Site) -> None:
    """Parts with nothing in them: their size never reaches any limit."""
    with raw_guest(usual, "mallory") as mallory:
        begun, part = b"\x01\x80" + bytes(4), b"\x00\x80" + bytes(4)

        mallory.sendall(begun + part * 127)
        mallory.sendall(raw_frame(9, b"still here"))
        heard = b""
        while b"still here" not in heard:
            heard += mallory.recv(1 << 16)
        mallory.sendall(part)

        with contextlib.suppress(ConnectionResetError):
            while mallory.recv(1 << 16):
                pass


async def test_who_says_many_things_and_goodbye_is_heard(usual: Site) -> None:
    """Browsers close without a code (RFC 6455, section 5.5.1), and wait for an answer only so long."""
    programs = {"with a code": (50, b"\x03\xe8"), "without": (50, b""), "at length": (150, b"")}
    async with connect(usual.socket("alice")) as alice:
        await come_in(alice, "Alice")
        with contextlib.ExitStack() as lines:
            all_in = {}
            for name in programs:
                all_in[name] = lines.enter_context(raw_guest(usual, name.replace(" ", "-"), name))
                await hear_of(alice, event="join", name=name)
            for name, (count, goodbye) in programs.items():
                line = all_in[name]
                for number in range(count):
                    line.sendall(
                        raw_frame(1, json.dumps({"type": "message", "message": str(number)}).encode())
                    )
                line.sendall(raw_frame(8, goodbye))
            await asyncio.sleep(3)  # less than any library waits

        heard: dict[str, list[str]] = {name: [] for name in programs}
        present = set(programs)
        while present:
            frame = await hear(alice)
            if frame["type"] == "message":
                heard[frame["sender"]].append(frame["message"])
            elif frame.get("event") == "leave":
                present.discard(frame["name"])  # or of somebody of another test

    assert heard == {
        name: [str(number) for number in range(count)] for name, (count, _) in programs.items()
    }


async def test_what_waits_goes_with_who_leaves(free: Site) -> None:
    """64 changes are with the writer already; 36 more wait for their turn, and do not get it."""
    async with connect(free.socket("alice")) as alice, connect(free.socket("bob")) as bob:
        await come_in(bob, "Bob")
        await say(alice, name="Alice", v=2)
        await hear_of(alice, event="join", name="Alice")
        with locked(free):
            for number in range(100):
                await say(alice, type="message", message="hi", ref=str(number))
            await alice.send(json.dumps({"type": "ping", "n": 1}))
            await asyncio.wait_for(alice.ping(), 10)  # the server has read all of it
            alice.transport.abort()
        await hear_of(bob, event="leave", name="Alice")

    assert len(stored(free, "alice")) <= 64


async def test_a_v1_program_that_has_left_is_heard_as_fast_as_its_address_may_speak(usual: Site) -> None:
    async with connect(usual.socket("alice")) as alice:
        await come_in(alice, "Alice")
        with raw_guest(usual, "program", headers=["X-Forwarded-For: 203.0.113.5"]) as program:
            await hear_of(alice, event="join", name="program")
            for number in range(20):
                program.sendall(
                    raw_frame(1, json.dumps({"type": "message", "message": str(number)}).encode())
                )
            program.sendall(raw_frame(8, b""))
            # Who ends the connection itself takes back what the server has not read yet.
            heard = [(await hear_of(alice, type="message"))["message"] for _ in range(20)]
        await hear_of(alice, event="leave", name="program")
    assert heard == [str(number) for number in range(20)]


async def test_what_waits_for_a_slow_turn_costs_little_however_large_it_is(slow: Site) -> None:
    """Each small thing that is taken would let a large one in."""
    with raw_guest(slow, "mallory") as mallory:
        before, most = memory(slow), 0
        small = raw_frame(1, json.dumps({"type": "message", "message": "hi"}).encode())
        left = memoryview(small * 100 + raw_frame(1, b"x" * 1_000_000) * 60)
        mallory.settimeout(0.1)
        while left and (most := max(most, memory(slow) - before)) < LITTLE:
            try:
                left = left[mallory.send(left) :]
                mallory.recv(1 << 16)
            except TimeoutError:
                continue
            except ConnectionError:
                break  # it has brought too much of what cannot be understood
    assert most < LITTLE


async def test_who_keeps_on_is_read_from_more_slowly_and_then_closed(slow: Site) -> None:
    async with connect(slow.socket("max")) as mallory:
        await say(mallory, name="Max", v=2)
        await hear_of(mallory, event="join", name="Max")
        for number in range(200):
            await say(mallory, type="message", message="hi", ref=str(number))

        frames, close = await last_words(mallory)

    refused = [frame for frame in frames if frame.get("code") == "rate_limited"]
    assert len(refused) == 30
    assert close == Close(4506, "rate_limited")
    assert frames[-1].items() >= {"type": "closing", "code": 4506}.items()


async def test_an_address_opens_so_many_sockets_and_no_more(strict: Site) -> None:
    for name in ("one", "two", "three"):
        async with connect(
            strict.socket(name), additional_headers={"X-Forwarded-For": "203.0.113.5"}
        ) as one:
            await hear(one)

    with pytest.raises(InvalidStatus) as refused:
        await connect(strict.socket("four"), additional_headers={"X-Forwarded-For": "203.0.113.5"})

    assert refused.value.response.status_code == 429
    assert int(refused.value.response.headers["Retry-After"]) > 0
    async with connect(
        strict.socket("other"), additional_headers={"X-Forwarded-For": "203.0.113.6"}
    ) as other:
        await hear(other)


async def test_sockets_open_at_a_pace_and_who_would_wait_too_long_comes_again(
    tmp_path: Path, stack: Stack
) -> None:
    site = site_in(tmp_path, stack, CHAT_ARRIVALS="1/1")
    with site.served_by("serve"):
        tries = await asyncio.gather(
            *(connect(site.socket(f"guest-{number}")) for number in range(10)), return_exceptions=True
        )

    refused = [one.response.status_code for one in tries if isinstance(one, InvalidStatus)]
    assert 3 <= len(refused) <= 5
    assert set(refused) == {503}
    for one in tries:
        if not isinstance(one, BaseException):
            await one.close()


async def test_an_address_sends_so_many_frames_in_however_many_connections(strict: Site) -> None:
    school, home = ({"X-Forwarded-For": address} for address in ("203.0.113.25", "203.0.113.26"))
    async with (
        connect(strict.socket("alice"), additional_headers=school) as alice,
        connect(strict.socket("bob"), additional_headers=school) as bob,
        connect(strict.socket("carol"), additional_headers=home) as carol,
    ):
        await bob.send(json.dumps({"type": "message", "message": "x" * 100_000}))  # 25 of them
        await hear_of(bob, color="danger")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(await alice.ping(), 1)
        await asyncio.wait_for(await carol.ping(), 5)


async def test_an_address_brings_so_many_who_were_never_here(strict: Site) -> None:
    school = {"X-Forwarded-For": "2001:db8::1"}
    async with connect(strict.socket("alice"), additional_headers=school) as alice:
        await say(alice, name="Alice", v=2)
        token = (await hear_of(alice, type="welcome"))["token"]
    async with connect(strict.socket("mallory"), additional_headers=school) as mallory:
        await say(mallory, name="Mallory")

        frames, close = await last_words(mallory)

    assert frames[-1]["code"] == "too_many_connections"
    assert close == Close(4504, "too_many_connections")
    async with connect(strict.socket("alice"), additional_headers=school) as again:
        await say(again, name="Alice", v=2, token=token)
        assert (await hear_of(again, type="welcome"))["id"] == "alice"


def test_what_a_proxy_says_that_is_no_address_is_one_address(strict: Site) -> None:
    answers = [
        httpx.get(strict.address, headers={"X-Forwarded-For": rubbish}).status_code
        for rubbish in ("rubbish", "unknown", "")
    ]

    assert answers == [200, 200, 429]
    assert httpx.get(strict.address, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET / HTTP/1.1\r\nX-Slow: ",
        b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.7\r\n"
        b"Content-Length: 1000000\r\n\r\n",
    ],
)
def test_a_request_that_drips_is_not_waited_for(strict: Site, begin: bytes) -> None:
    with socket.create_connection(("127.0.0.1", strict.port), timeout=0.3) as line:
        line.sendall(begin)
        for _ in range(100):  # drops, one each 0.3 s
            with contextlib.suppress(TimeoutError):
                try:
                    line.sendall(b"x" if begin else b"")
                    if not line.recv(1 << 16):
                        break
                except ConnectionError:
                    break
        else:
            raise AssertionError("It is still waited for.")


def test_bodies_share_a_place_and_small_ones_always_have_one(strict: Site) -> None:
    def post(address: str, size: int) -> bytes:
        head = f"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n"
        return head.encode() + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % size

    with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as first:
        first.sendall(post("203.0.113.11", 1_000_000) + b"x" * 900_000)
        assert ask(strict, post("203.0.113.12", 10) + b"x" * 10).startswith(b"HTTP/1.1 403 ")
        answer = ask(strict, post("203.0.113.13", 900_000) + b"x" * 900_000)
        assert answer.startswith(b"HTTP/1.1 503 ")

    for last in range(14, 24):
        # As soon as the server has seen that the first one is gone.
        answer = ask(strict, post(f"203.0.113.{last}", 900_000) + b"x" * 900_000)
        if answer.startswith(b"HTTP/1.1 403 "):
            break
        assert answer.startswith(b"HTTP/1.1 503 ")
    else:
        raise AssertionError(answer)


def test_answers_that_nobody_takes_wait_outside_and_not_for_ever(tmp_path: Path, stack: Stack) -> None:
    """A hundred requests in one go, for a file of 300 KB, twice: one takes the answers, the other none."""
    asked = b"GET /static/admin/js/vendor/xregexp/xregexp.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    site = stack.site(tmp_path, DEBUG="1", CHAT_BODY_TIMEOUT="2")  # finds files that nobody has collected
    with site.served_by("serve"), narrow_socket(site.port) as mallory:
        assert ask(site, asked, until=b" 200 ")
        before = memory(site)
        with narrow_socket(site.port) as patient:
            patient.sendall(asked * 100)
            patient.settimeout(10)
            heard = 0
            while heard < 100:
                data = patient.recv(1 << 20)
                assert data
                heard += data.count(b"HTTP/1.1 200 ")

        mallory.sendall(asked * 100)
        while has_open(site, mallory.getsockname()):
            assert memory(site) - before < LITTLE
            time.sleep(0.05)
    assert_is_well(site)


def test_an_address_has_so_many_connections_whatever_they_are_for(settings: Any) -> None:
    """In this process: everybody who comes over the loopback is nobody's address."""
    settings.CHAT = {"TCP_CONNECTIONS_PER_ADDRESS": 2}
    server = Server(None, endpoints=["tcp:0"])  # which it does not listen on before it runs
    lines = [
        _line_from(host) for host in ("203.0.113.5", "::ffff:203.0.113.5", "203.0.113.5", "203.0.113.6")
    ]

    assert [server.admit(line) for line in lines] == [True, True, False, True]
    assert all(server.admit(_line_from("127.0.0.1")) for _ in range(5))

    for line in (lines[2], lines[0]):  # who was never in leaves no place
        server.release(line)
    assert server.admit(lines[2])
    assert not server.admit(lines[0])


def _line_from(host: str) -> StringTransport:
    kind = IPv6Address if ":" in host else IPv4Address
    return StringTransport(peerAddress=kind("TCP", host, 1))  # type: ignore[no-untyped-call]


async def test_a_crowd_may_stand_at_the_door(free: Site) -> None:
    """The kernel takes them in while the server has no time for anybody."""
    assert free.process
    free.process.send_signal(signal.SIGSTOP)
    crowd: list[socket.socket] = []
    try:
        while len(crowd) < 500:
            crowd.append(socket.create_connection(("127.0.0.1", free.port), timeout=5))
    finally:
        free.process.send_signal(signal.SIGCONT)
        for line in crowd:
            line.close()


async def test_pings_go_on_where_the_clock_is_set_back(tmp_path: Path, stack: Stack) -> None:
    (tmp_path / "clock.py").write_text(
        "import time\n"
        "from pathlib import Path\n"
        "from chatproject.settings import *\n"
        "now = time.time\n"
        f"time.time = lambda: now() - 3600 * Path({str(tmp_path / 'back')!r}).exists()\n"
    )
    site = site_in(tmp_path, stack, DJANGO_SETTINGS_MODULE="clock")
    with site.served_by("serve", "--ping-interval", "1"), raw_guest(site, "alice") as alice:
        _hear_ping(alice)

        (tmp_path / "back").touch()

        for _ in range(2):  # one may be on its way
            _hear_ping(alice)
    assert_is_well(site)


def _hear_ping(line: socket.socket) -> None:
    """Return when the server has asked whether anybody is there (opcode 9)."""
    heard = b""
    while b"\x89" not in heard:
        data = line.recv(1 << 16)
        assert data
        heard += data


async def test_one_id_claimed_in_two_processes_is_one_person_s(tmp_path: Path, stack: Stack) -> None:
    here = site_in(tmp_path, stack, SECRET_KEY="x" * 50)
    there = Site(tmp_path, **here.environment)

    async def claimed(id: str) -> int:
        """How many get an id that two claim at one time."""
        async with connect(here.socket(id)) as one, connect(there.socket(id)) as other:
            for client in (one, other):
                await hear(client)
            await asyncio.gather(*(say(client, name="x", v=2) for client in (one, other)))
            return (await asyncio.gather(*(_welcome(client) for client in (one, other)))).count(id)

    with here.served_by("serve"), there.served_by("serve"):
        counts = await asyncio.gather(*(claimed(f"guest-{number}") for number in range(20)))
    assert counts == [1] * 20


async def _welcome(client: object) -> str:
    while True:
        for frame in await hear_all(client):  # type: ignore[arg-type]
            if frame["type"] == "welcome":
                return str(frame["id"])
