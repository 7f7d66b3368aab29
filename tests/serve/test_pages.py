"""Pages and files as `serve` has them ready: who is given what, to the byte."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import httpx
import pytest

from harness.site import Site
from tests.serve.accounts import signed_in
from tests.serve.guests import LITTLE, narrow_socket
from tests.serve.sites import assert_is_well, has_open, memory, site_in
from tests.stacks import Stack


@pytest.fixture(scope="module")
def production(stack: Stack, collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site in production mode, whose visitors have been there."""
    home = tmp_path_factory.mktemp("production")
    site = site_in(
        home,
        stack,
        DEBUG="0",
        STATIC_ROOT=str(collected),
        ALLOWED_HOSTS="localhost,chat.example",
        CHAT_BODY_TIMEOUT="2",
    )
    with site.served_by("serve", "--proxy-headers"):
        yield site
    assert_is_well(site)


def ask(site: Site, *requests: str) -> list[bytes]:
    """The answers to requests over one connection, each sent when the one before is answered."""
    with (
        socket.create_connection(("127.0.0.1", site.port), timeout=20) as line,
        line.makefile("rb") as heard,
    ):
        return [_answer(line, heard, request) for request in requests]


def _answer(line: socket.socket, heard: IO[bytes], request: str) -> bytes:
    line.sendall(_sent(request))
    head = b"".join(iter(heard.readline, b"\r\n")) + b"\r\n"
    status, headers, _body = parts(head)
    if request.startswith("HEAD") or b" 304 " in status:
        return head
    if "transfer-encoding" in headers:
        return head + b"".join(_chunks(heard))
    return head + heard.read(int(headers["content-length"]))


def _chunks(heard: IO[bytes]) -> Iterator[bytes]:
    while size := int(heard.readline(), 16):
        yield heard.read(size + 2)[:size]
    heard.readline()


def ask_at_once(site: Site, *requests: str) -> list[bytes]:
    """The same for requests that are sent at once, the last of which closes the connection."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as line:
        line.sendall(b"".join(map(_sent, requests)))
        heard = b"".join(iter(lambda: line.recv(1 << 16), b""))
    return [b"HTTP/1.1 " + answer for answer in heard.split(b"HTTP/1.1 ")[1:]]


def _sent(request: str) -> bytes:
    return (request.replace("\n", "\r\n") + "\r\n\r\n").encode()


def parts(answer: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """The status, the headers by their names in small letters, and the body of an answer."""
    head, _end, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = [line.decode().partition(": ") for line in lines]
    return status, {name.lower(): value for name, _colon, value in headers}, body


GET = "GET / HTTP/1.1\nHost: localhost\nAccept-Language: en"
CLOSE = "\nConnection: close"


def test_what_is_ready_is_what_was_made(production: Site) -> None:
    made, *ready, last = [parts(answer) for answer in ask(production, GET, GET, GET, GET + CLOSE)]

    assert len(ready) == 2
    assert made[0] == b"HTTP/1.1 200 OK"
    assert b'<html lang="en"' in made[2]
    assert all(answer == made for answer in ready)
    status, headers, body = last
    assert (status, headers.pop("connection"), body) == (made[0], "close", made[2])
    assert headers == made[1]
    assert {"content-security-policy", "x-frame-options", "etag", "vary"} <= headers.keys()
    assert "x-same-for-all" not in headers


def test_what_is_no_plain_request_gets_the_same(production: Site) -> None:
    """A plain one is read at once; any other, and what comes together with others, goes the long way."""
    long_way = GET + "\nX_Long: way"

    plain = [parts(answer) for answer in ask(production, GET, GET, GET + CLOSE)]

    assert [parts(answer) for answer in ask_at_once(production, GET, GET, GET + CLOSE)] == plain
    assert [parts(answer) for answer in ask(production, long_way, GET, long_way + CLOSE)] == plain


def test_a_request_that_comes_in_parts_is_answered_once(production: Site) -> None:
    [answer] = ask(production, GET)
    request = _sent(GET)
    with socket.create_connection(("127.0.0.1", production.port), timeout=20) as line:
        for part in (request[:9], request[9:], request[:-2], request[-2:], request[:-4] + b"\r\n"):
            line.sendall(part)
            time.sleep(0.05)  # or the network might put them together
        line.sendall(_sent("Connection: close"))
        heard = b"".join(iter(lambda: line.recv(1 << 16), b""))

    answers = [parts(b"HTTP/1.1 " + each) for each in heard.split(b"HTTP/1.1 ")[1:]]
    assert [(status, body) for status, _headers, body in answers] == [parts(answer)[::2]] * 3


def test_answers_that_are_ready_wait_outside_and_not_for_ever(production: Site) -> None:
    with narrow_socket(production.port) as mallory:
        before = memory(production)
        for _ in range(400):  # each of 20 KB, as nothing is understood that would make it smaller
            mallory.sendall(_sent(GET))
            time.sleep(0.002)  # or the network might put them together
        while has_open(production, mallory.getsockname()):
            assert memory(production) - before < LITTLE
            time.sleep(0.05)


def test_who_has_it_and_who_asks_for_the_head_alone_get_no_body(production: Site) -> None:
    [whole] = ask(production, GET + CLOSE)
    tag = parts(whole)[1]["etag"]

    answers = ask(
        production,
        f"{GET}\nIf-None-Match: {tag}",
        GET.replace("GET", "HEAD"),
        f'{GET}\nIf-None-Match: "another", W/{tag}' + CLOSE,
    )

    statuses = [parts(answer)[0][9:12] for answer in answers]
    assert statuses == [b"304", b"200", b"304"]
    assert all(parts(answer)[2] == b"" for answer in answers)


def test_another_host_line_or_language_has_an_answer_of_its_own(production: Site) -> None:
    ask(production, GET, GET + CLOSE)

    proxied = "\nX-Forwarded-For: 203.0.113.1\nX-Forwarded-Proto: "
    [wrong] = ask_at_once(production, GET.replace("localhost", "mallory.example") + CLOSE)
    russian, there, secure, nobody = ask(
        production,
        GET.replace("Language: en", "Language: ru"),
        GET.replace("localhost", "chat.example"),
        GET.replace("localhost", "chat.example") + proxied + "https",
        GET + "\nHost: mallory.example" + CLOSE,
    )

    assert parts(wrong)[0].startswith(b"HTTP/1.1 400")
    assert b'<html lang="ru"' in russian
    assert parts(there)[1]["location"] == "https://chat.example/"
    assert 'content="https://chat.example/"' in parts(secure)[2].decode()
    assert "strict-transport-security" in parts(secure)[1]
    assert b"mallory" not in parts(nobody)[2]


def test_what_does_not_understand_gzip_is_not_what_is_kept_for_who_does(production: Site) -> None:
    path = "GET /later/ HTTP/1.1\nHost: localhost\nAccept-Encoding: "

    odd, plain, packed = ask(production, path + "xgzip, zebra", path + "identity", path + "gzip" + CLOSE)

    assert "content-encoding" not in parts(odd)[1]
    assert "content-encoding" not in parts(plain)[1]
    assert parts(packed)[1]["content-encoding"] == "gzip"


def test_a_user_makes_and_gets_no_page_that_is_the_same_for_all(production: Site) -> None:
    session = signed_in(production, "Carol")["Carol"]
    own = f"{GET}\nCookie: sessionid={session}"

    first, visitor, again, anybody = ask(production, own, GET, own, GET + CLOSE)

    assert b'data-user="' in parts(first)[2]
    assert b'data-user="' in parts(again)[2]
    assert b'data-user="' not in parts(visitor)[2] + parts(anybody)[2]


def test_users_are_given_the_words_that_are_the_same_for_all_of_them(production: Site) -> None:
    sessions = signed_in(production, "Dave", "Erin")
    daves, erins = (
        f"GET /later/ HTTP/1.1\nHost: localhost\nCookie: sessionid={sessions[name]}" for name in sessions
    )

    first, second, english, visitor = ask(
        production,
        daves,
        erins,
        f"{daves}; django_language=en",
        "GET /later/ HTTP/1.1\nHost: localhost" + CLOSE,
    )

    assert first == second
    assert parts(first)[2] == parts(visitor)[2]
    assert b"Dave" not in first
    assert parts(english)[2] != parts(first)[2]


async def test_a_page_soon_has_what_another_process_has_changed(production: Site) -> None:
    async with httpx.AsyncClient(headers={"Host": "localhost"}) as visitor:
        assert "Changed beside it" not in (await visitor.get(production.address)).text

        production.manage("chat_room", "set", "lobby", "--topic", "Changed beside it")

        async with asyncio.timeout(20):
            while "Changed beside it" not in (await visitor.get(production.address)).text:
                pass
