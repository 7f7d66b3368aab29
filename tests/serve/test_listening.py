"""Where `serve` listens, and what it says where it cannot."""

import contextlib
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect, unix_connect

from harness.site import TOP, Site
from tests.serve.guests import come_in, hear_of, say
from tests.serve.sites import site_in
from tests.stacks import Stack


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
    tmp_path: Path, stack: Stack, refusal: str
) -> None:
    """As macOS does where it names no limit. No system that tests run on refuses by itself."""
    (tmp_path / "stingy.py").write_text(
        "import resource\n"
        "from chatproject.settings import *\n"
        "def refuse(what, limits):\n"
        f"    raise {refusal}('no more files')\n"
        "resource.setrlimit = refuse\n"
    )
    site = site_in(tmp_path, stack, DJANGO_SETTINGS_MODULE="stingy")

    with site.served_by("serve"):
        assert httpx.get(site.address).status_code == 200


def refused_start(home: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """What comes of a start that comes to nothing."""
    line = [sys.executable, "manage.py", "serve", *options]
    environment = Site(home).environment  # whatever it would have stored there
    return subprocess.run(
        line, cwd=TOP, env=environment, check=False, capture_output=True, text=True, timeout=30
    )
