"""The odd things that may come over a line."""

import asyncio
import contextlib
import socket
from collections.abc import Sequence

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.frames import Close

from chat.server.plain import read
from harness.site import Site
from tests.serve.guests import ask, come_in, hear, last_words, raw_frame, raw_guest, upgrade
from tests.serve.sites import assert_is_well


async def test_a_close_says_why(house: Site) -> None:
    async with connect(house.socket("mallory")) as mallory:
        for _ in range(20):
            await mallory.send("rubbish")

        frames, close = await last_words(mallory)

    assert frames[-1]["code"] == "too_many_bad_frames"
    assert close == Close(4505, "too_many_bad_frames")


def test_a_message_overtakes_nothing_that_came_with_it(house: Site) -> None:
    """Who leaves a room and speaks there in one breath is not heard there, however fast a message goes."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
        line.sendall(upgrade("/ws/hasty"))
        _read(line, b"request_name")
        line.sendall(raw_frame(1, b'{"name": "Hasty", "v": 2}'))
        _read(line, b'"type":"history"')
        line.sendall(raw_frame(1, b'{"type": "message", "message": "Bye", "ref": "before"}'))
        _read(line, b'"ack","ref":"before"')
        leave, say = (
            b'{"type": "leave", "room": "lobby"}',
            b'{"type": "message", "message": "!", "ref": "late"}',
        )
        line.sendall(raw_frame(1, leave) + raw_frame(1, say))

        answer = _read(line, b'"ref":"late"')

    assert b'"left"' in answer
    assert b'"not_found"' in answer
    assert b'"ack"' not in answer


def _read(line: socket.socket, until: bytes) -> bytes:
    heard = b""
    while until not in heard:
        data = line.recv(1 << 16)
        assert data
        heard += data
    return heard


async def test_where_the_site_is_mounted_is_not_the_guest_s_to_say(house: Site) -> None:
    lie = {"Daphne-Root-Path": "/elsewhere"}

    page = await asyncio.to_thread(httpx.get, house.address + "admin/", headers=lie)
    async with connect(house.socket("alice"), additional_headers={"Daphne-Root-Path": "/ws"}) as alice:
        await come_in(alice, "Alice")

    assert page.headers["Location"] == "/admin/login/?next=/admin/"


def test_a_root_path_that_is_no_text_changes_nothing_either(house: Site) -> None:
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nDaphne-Root-Path: \xff\r\n\r\n"

    assert ask(house, request).startswith(b"HTTP/1.1 200 ")


def test_a_handshake_that_is_refused_leaves_no_traceback(house: Site) -> None:
    for header in (
        "Sec-WebSocket-Protocol: \xff",
        "Sec-WebSocket-Key: short",
        "Origin: null",
        "Host: localhost:x",
    ):
        assert ask(house, upgrade("/ws/alice", header)).startswith(b"HTTP/1.1 400 ")

    assert_is_well(house)


#: Requests for a WebSocket, by what is in them beside what has to be.
PLAIN = (
    (),
    ("Origin: http://localhost", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
    ("Origin: http://elsewhere", "User-Agent: Mozilla/5.0 (X11; Linux x86_64)", "Cookie: a=b; sessionid=c"),
)
NOT_PLAIN = (
    ("Sec-WebSocket-Protocol: chat",),
    ("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99",),
    ("Origin: null",),
    ("Origin: http://localhost", "Origin: http://elsewhere"),
    ("Content-Length: 0",),
    ("X-Name: \xe9",),
    ("Daphne-Root-Path: /ws",),
    ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",),
)


@pytest.mark.parametrize("headers", [*PLAIN, *NOT_PLAIN])
@pytest.mark.parametrize("path", ["/ws/short-cut", "/ws/short-cut/?v=2", "/elsewhere", "//ws/short-cut"])
def test_a_plain_request_for_a_socket_is_answered_as_any_other(
    house: Site, path: str, headers: Sequence[str]
) -> None:
    request, long_way = upgrade(path, *headers), upgrade(path, *headers, "X_Long: way")
    is_plain = headers in PLAIN and not path.startswith("//")

    plain = read(request)
    assert (plain is not None and plain.is_for_socket) == is_plain
    assert read(long_way) is None
    assert ask(house, request, until=b"request_name") == ask(house, long_way, until=b"request_name")


def test_a_socket_does_not_begin_with_a_body(house: Site) -> None:
    for header in ("Content-Length: 100000000", "Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
            line.sendall(upgrade("/ws/mallory").replace(b"\r\n\r\n", f"\r\n{header}\r\n\r\n".encode()))

            assert line.recv(1 << 16).startswith(b"HTTP/1.1 400 ")


def test_nobody_brings_more_than_a_page_can_take(house: Site) -> None:
    form = b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
        line.sendall(form + b"Content-Length: 100000000\r\n\r\n")
        assert line.recv(1 << 16).startswith(b"HTTP/1.1 413 ")

    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
        line.sendall(form + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
        with contextlib.suppress(OSError):  # it may be closed before all is sent
            for _ in range(20):
                line.sendall(chunk)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1 << 16).startswith(b"HTTP/1.1 413 ")


def test_a_form_that_nobody_can_read_goes_to_django_as_it_is(house: Site) -> None:
    """Twisted would answer this one by itself: it knows no boundary to divide it by."""
    lines = ["POST /admin/login/ HTTP/1.1", "Host: localhost", "Connection: close", "Content-Length: 4"]
    form = "\r\n".join([*lines, "Content-Type: multipart/form-data", "", "form"])

    answer = ask(house, form.encode())

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"CSRF" in answer


def test_a_moderator_signs_in_and_out(house: Site) -> None:
    """In by a urlencoded form, out by one of several parts; and not by a form from elsewhere."""
    password = house.manage("welcome").partition("password ")[2].split(" ")[0]
    form = {"username": "admin", "password": password}
    with httpx.Client(base_url=house.address, timeout=60) as browser:
        browser.get("admin/login/")

        forged = browser.post("admin/login/", data=form)
        came = browser.post("admin/login/", data={**form, **_seal(browser)})
        page = browser.get("admin/")
        left = browser.post("admin/logout/", data=_seal(browser), files={"file": ("name", b"file")})
        gone = browser.get("admin/")

    answers = [answer.status_code for answer in (forged, came, page, left, gone)]
    assert answers == [403, 302, 200, 302, 302]


def _seal(browser: httpx.Client) -> dict[str, str]:
    """What a form of the site's own carries (CSRF)."""
    return {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}


def test_answers_come_in_the_order_of_the_requests(house: Site) -> None:
    page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    answer = ask(house, page + upgrade("/ws/alice"), until=b"request_name")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.index(b"</html>") < answer.index(b"HTTP/1.1 101 ")


RUBBISH = {
    "not masked": b"\x81\x02{}",
    "reserved bits": b"\xf1\x80\0\0\0\0",
    "an opcode that is none": b"\x83\x80\0\0\0\0",
    "a continuation of nothing": b"\x80\x80\0\0\0\0",
    "half a ping": b"\x09\x80\0\0\0\0",
    "a close with half a code": b"\x88\x81\0\0\0\0x",
    "a close without a known code": b"\x88\x82\0\0\0\0\0\1",
    "no text": b"\x81\x81\0\0\0\0\xff",
    "larger than the world": b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0",
    "goodbye, three times": b"\x88\x80\0\0\0\0" * 3,
}


async def test_a_line_that_talks_rubbish_is_cut_and_costs_nobody_else(house: Site) -> None:
    """Who was cut off has a moment to come back, so most of them are heard to leave at the end."""
    async with connect(house.socket("alice")) as alice:
        await come_in(alice, "Alice")
        left: set[str] = set()
        for number, (name, rubbish) in enumerate(RUBBISH.items()):
            ask(house, upgrade(f"/ws/mallory-{number}"), until=b"request_name")
            with raw_guest(house, f"mallory-{number}", name) as line:
                while (notice := await hear(alice))["name"] != name:
                    left.add(notice["name"])
                assert notice["event"] == "join"
                line.sendall(rubbish)
                with contextlib.suppress(ConnectionResetError):
                    while line.recv(1 << 16):
                        pass

        while left != RUBBISH.keys():
            notice = await hear(alice)
            assert notice["event"] == "leave"
            left.add(notice["name"])
