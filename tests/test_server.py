"""A whole site under a real server: the protocol of the seed, from connect to leave."""

import asyncio
import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.site import UNHURRIED, Site
from tests.stacks import Stack

Frame = dict[str, Any]


@pytest.fixture(scope="module", params=["serve", "runserver", "daphne", "uvicorn"])
def served(
    request: pytest.FixtureRequest, stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site as on a laptop, under every server that it has to run on."""
    site = stack.site(tmp_path_factory.mktemp(request.param), **UNHURRIED)
    with site.served_by(request.param):
        yield site
    log = site.log.read_text()
    assert "Traceback" not in log, log
    assert "Warning" not in log, log


async def hear(client: ClientConnection) -> Frame:
    """The next frame."""
    async with asyncio.timeout(10):
        frame: Frame = json.loads(await client.recv())
        return frame


async def say(client: ClientConnection, frame: Frame) -> None:
    await client.send(json.dumps(frame))


def seed_keys(frame: Frame) -> Frame:
    """The keys that the seed knows, which is all its clients look at."""
    return {
        key: frame[key]
        for key in ("type", "message", "color", "sender", "sender_id", "timestamp")
        if key in frame
    }


async def test_the_conversation_of_the_seed(served: Site) -> None:
    async with connect(served.socket("alice-01")) as alice:
        assert (await hear(alice))["type"] == "request_name"
        await say(alice, {"name": "Аня"})
        assert seed_keys(await hear(alice)) == {
            "type": "notification",
            "message": "Аня присоединился к чату",
            "color": "success",
        }

        async with connect(served.socket("bobby-02/")) as bob:
            assert (await hear(bob))["type"] == "request_name"
            await say(bob, {})
            joined = {
                "type": "notification",
                "message": "User-bobb присоединился к чату",
                "color": "success",
            }
            assert seed_keys(await hear(alice)) == seed_keys(await hear(bob)) == joined

            await say(alice, {"type": "message", "message": "Привет!", "timestamp": "2026-11-22T10:00:00"})
            told = {
                "type": "message",
                "sender": "Аня",
                "sender_id": "alice-01",
                "message": "Привет!",
                "timestamp": "2026-11-22T10:00:00",
            }
            assert seed_keys(await hear(alice)) == seed_keys(await hear(bob)) == told

            await say(bob, {"type": "message", "message": "И тебе"})
            answered = {
                "type": "message",
                "sender": "User-bobb",
                "sender_id": "bobby-02",
                "message": "И тебе",
                "timestamp": None,
            }
            assert seed_keys(await hear(alice)) == seed_keys(await hear(bob)) == answered

        left = {"type": "notification", "message": "User-bobb покинул чат", "color": "warning"}
        assert seed_keys(await hear(alice)) == left


async def test_rubbish_is_answered_and_the_connection_stays(served: Site) -> None:
    async with connect(served.socket("carol")) as carol:
        await hear(carol)
        await carol.send("no JSON")
        assert (await hear(carol))["color"] == "danger"
        await say(carol, {"name": "Carol"})
        assert (await hear(carol))["color"] == "success"

        for rubbish in (
            b"\x00binary",
            "",
            "[]",
            '{"type":"message"}',
            '{"type":"message","message":"\\ud800"}',
        ):
            await carol.send(rubbish)
            assert (await hear(carol))["color"] == "danger"
        await say(carol, {"type": "message", "message": "x" * 70_000})
        assert (await hear(carol))["code"] == "too_large"
        await say(carol, {"type": "websocket.close"})

        await say(carol, {"type": "message", "message": "still here"})
        assert (await hear(carol))["message"] == "still here"


async def test_who_does_not_stop_is_shown_the_door(served: Site) -> None:
    async with connect(served.socket("mallory")) as mallory:
        await hear(mallory)
        for _ in range(20):
            await mallory.send("rubbish")
        answers: list[Frame] = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                answers.append(await hear(mallory))

    assert {frame["color"] for frame in answers} == {"danger"}
    assert answers[-1]["code"] == "too_many_bad_frames"
    assert mallory.close_code == 4505


async def test_a_listener_that_vanishes_costs_nobody_a_message(served: Site) -> None:
    async with connect(served.socket("dora")) as dora, connect(served.socket("emil")) as emil:
        for client in (dora, emil):
            await hear(client)
            await say(client, {"name": "x"})
        gone = await connect(served.socket("fred"))
        await hear(gone)
        await say(gone, {"name": "Fred"})
        await hear(gone)

        for number in range(50):
            await say(dora, {"type": "message", "message": str(number)})
            if number == 10:
                gone.transport.abort()

        for client in (dora, emil):
            assert await _messages_until_left(client, 50, "fred") == [str(number) for number in range(50)]


async def test_who_says_goodbye_without_reading_has_left(served: Site) -> None:
    """The connection ends only when all bytes are read, which is never; `served` looks for tracebacks."""
    async with connect(served.socket("dora")) as dora, connect(served.socket("emil")) as emil:
        for client in (emil, dora):
            await hear(client)
            await say(client, {"name": "x"})
        emil.transport.pause_reading()
        heard = asyncio.create_task(_messages_until_left(dora, 2000, "emil"))
        for _ in range(2000):
            await say(dora, {"type": "message", "message": "x" * 4000})
        # Rubbish to answer, and a close frame (RFC 6455, section 5.5.1) right behind it.
        await emil.send("rubbish")
        emil.transport.write(b"\x88\x80\x00\x00\x00\x00")
        await heard

        await say(dora, {"type": "message", "message": "more"})
        assert (await hear(dora))["message"] == "more"
        emil.transport.abort()


async def _messages_until_left(client: ClientConnection, count: int, person: str) -> list[str]:
    """The messages that are heard until there are `count`, and this person has left."""
    heard: list[str] = []
    has_left = False
    while len(heard) < count or not has_left:
        frame = await hear(client)
        if frame["type"] == "message":
            heard.append(frame["message"])
        has_left = has_left or (frame.get("event") == "leave" and frame["id"] == person)
    return heard


async def test_a_second_socket_of_an_id_is_somebody_else(served: Site) -> None:
    async with connect(served.socket("gina")) as gina, connect(served.socket("gina")) as other:
        await hear(gina)
        await say(gina, {"name": "Gina"})
        assert (await hear(gina))["id"] == "gina"
        await hear(other)
        await say(other, {"name": "Gina"})
        assert (await hear(other))["name"] == (await hear(gina))["name"] == "Gina 2"

        await say(other, {"type": "message", "message": "I am Gina"})

        assert (await hear(gina))["sender_id"] != "gina"


@pytest.mark.parametrize("path", ["ws/a%20b", "ws/", "ws/" + "x" * 65, "other", "ws/%F0%9F%91%A9"])
async def test_another_address_is_refused(served: Site, path: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await connect(f"ws://127.0.0.1:{served.port}/{path}")


async def test_a_page_of_another_site_is_refused(served: Site) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await connect(served.socket("mallory"), origin="http://evil.example")  # type: ignore[arg-type]


def test_what_git_keeps_among_the_files_is_not_served(served: Site) -> None:
    assert httpx.get(f"{served.address}static/.gitignore").status_code == 404


def test_the_page_comes_with_its_files(served: Site) -> None:
    page = httpx.get(served.address)

    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert {file.rsplit(".", 1)[1] for file in files} >= {"css", "js"}
    for file in files:
        assert httpx.get(served.address.rstrip("/") + file).status_code == 200


@pytest.fixture(scope="module")
def production(stack: Stack, collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """DEBUG off, files collected, plain Daphne."""
    home = tmp_path_factory.mktemp("production")
    site = stack.site(
        home, DEBUG="0", STATIC_ROOT=str(home / "static"), ALLOWED_HOSTS="127.0.0.1,localhost,chat.example"
    )
    shutil.copytree(collected, home / "static")
    for name in (".gitignore", "chat/.hidden/key"):
        file = home / "static" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("not for the public")
    with site.served_by("daphne"):
        yield site
    log = site.log.read_text()
    assert "Traceback" not in log, log
    assert "Warning" not in log, log


@pytest.mark.parametrize("path", ["", "admin/login/"])
def test_pages_come_with_hashed_files_to_keep(production: Site, path: str) -> None:
    page = httpx.get(production.address + path)

    assert page.status_code == 200
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert files
    for file in files:
        answer = httpx.get(production.address.rstrip("/") + file)
        assert answer.status_code == 200
        assert re.search(r"\.[0-9a-f]{12}\.|/parts/[\w-]+-\w{8}\.js$", file)
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["staticfiles.json", ".gitignore", "chat/.hidden/key"])
def test_what_lies_among_the_files_of_the_page_and_is_none_is_not_served(
    production: Site, path: str
) -> None:
    assert httpx.get(f"{production.address}static/{path}").status_code == 404


def test_what_the_script_of_the_page_imports_is_asked_for_along_with_it(production: Site) -> None:
    page = httpx.get(production.address).text
    found = re.search(r'<script[^>]* src="(/static/[^"]+main[^"]+)"', page)
    assert found

    script = httpx.get(production.address.rstrip("/") + found[1]).text

    imported = re.findall(r'\b(?:from|import) ?"\./([^"]+)"', script)
    assert imported
    assert all(f'rel="modulepreload" href="/static/chat/js/{name}"' in page for name in imported)


def test_this_machine_may_use_plain_http_and_others_are_sent_to_https(production: Site) -> None:
    here = httpx.get(production.address + "admin/login/", headers={"Host": "localhost"})
    there = httpx.get(production.address, headers={"Host": "chat.example"})

    assert here.status_code == 200
    assert "secure" not in here.headers["Set-Cookie"].lower()
    assert (there.status_code, there.headers["Location"]) == (301, "https://chat.example/")


def test_a_visitor_s_wrong_host_is_nothing_for_the_log(production: Site) -> None:
    answer = httpx.get(production.address, headers={"Host": "mallory.example"})

    assert answer.status_code == 400
    assert "mallory.example" not in production.log.read_text()


def test_production_satisfies_the_checks_of_django(production: Site) -> None:
    production.manage("check", "--deploy", "--fail-level", "DEBUG")


def test_the_start_is_refused_where_files_are_not_collected(tmp_path: Path, stack: Stack) -> None:
    site = stack.site(tmp_path, DEBUG="0", STATIC_ROOT=str(tmp_path))

    with pytest.raises(RuntimeError, match="collectstatic"), site.served_by("daphne"):
        pass


def test_welcome_makes_the_first_moderator_once(tmp_path: Path, stack: Stack) -> None:
    site = stack.site(tmp_path)

    first = site.manage("welcome", "127.0.0.1:8000")
    again = site.manage("welcome", "127.0.0.1:8000")

    assert "http://127.0.0.1:8000/admin/" in first
    assert "password" in first
    assert "password" not in again


@pytest.mark.django_db
@pytest.mark.parametrize("shut_out_by", ["is_active", "is_staff"])
def test_welcome_lets_nobody_in_again_who_was_shut_out(
    shut_out_by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("welcome")
    User.objects.update(**{shut_out_by: False})
    before = User.objects.values().get()
    capsys.readouterr()

    call_command("welcome")

    assert User.objects.values().get() == before
    *_addresses, line = capsys.readouterr().out.splitlines()
    assert line.strip().startswith("user admin exists and may not sign in")
