"""`manage.py runserver`: it ends in order, also when it only comes back with changed files."""

import asyncio
import contextlib
import json
import re
import shutil
import signal
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from harness.site import TOP, Site
from tests.stacks import Stack


async def come_in(client: ClientConnection, name: str) -> None:
    """Give a name, and be in. Who comes again in a moment is told so by v2 alone: nobody has joined."""
    async with asyncio.timeout(20):
        await client.recv()
        await client.send(json.dumps({"name": name, "v": 2}))
        while '"welcome"' not in await client.recv():
            pass


async def the_end(client: ClientConnection) -> Close | None:
    """How the server closes, whatever it says before."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(20):
            while True:
                await client.recv()
    return client.protocol.close_rcvd


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_in_order(tmp_path: Path, stack: Stack, how: signal.Signals) -> None:
    site = stack.site(tmp_path)
    with site.served_by("runserver"):
        async with connect(site.socket("alice")) as alice:
            await come_in(alice, "Alice")

            assert site.process
            site.process.send_signal(how)

            assert await the_end(alice) == Close(4010, "restart")
        assert site.process.wait(10) == 0
    assert "Traceback" not in site.log.read_text()


async def test_a_changed_file_sends_everybody_away_to_come_again(tmp_path: Path, stack: Stack) -> None:
    site = stack.site(tmp_path)
    copy_program(site)
    with site.served_by("reloader"):
        async with connect(site.socket("alice")) as alice:
            await come_in(alice, "Alice")

            touching = asyncio.create_task(touch_often(site.top / "chat" / "access.py"))

            assert await the_end(alice) == Close(4010, "restart")
            touching.cancel()
        assert site.process
        await asyncio.to_thread(site.wait_for, site.process)
        async with connect(site.socket("alice")) as alice:
            await come_in(alice, "Alice")
    assert "Traceback" not in site.log.read_text()


async def touch_often(file: Path) -> None:
    """Change a file, more than once: the reloader may not have looked at it for the first time yet."""
    while True:
        await asyncio.to_thread(file.touch)
        await asyncio.sleep(0.5)


def copy_program(site: Site) -> None:
    """Have a site run a program of its own, which may be changed."""
    site.top = site.home / "copy"
    site.top.mkdir()
    for name in ("manage.py", "chat", "chatproject", "templates"):
        source, target = TOP / name, site.top / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)


def test_it_serves_the_page_bundled_where_that_is_wanted(
    tmp_path: Path, stack: Stack, collected: Path
) -> None:
    """As `make run` has it."""
    site = stack.site(tmp_path, SOURCES="0", STATIC_ROOT=str(collected))
    with site.served_by("runserver"):
        files = re.findall(r'(?:href|src)="/(static/[^"]+)"', httpx.get(site.address).text)

        answers = {file: httpx.get(site.address + file) for file in files}

    assert any("/parts/" in file for file in files)
    assert all("immutable" in answer.headers.get("Cache-Control", "") for answer in answers.values())
