"""Several processes behind nginx, as deploy/nginx.conf has it."""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from harness import services
from harness.nginx import Nginx
from harness.site import Process, Site
from tests.serve.guests import come_in, last_words
from tests.serve.sites import site_in
from tests.stacks import Stack

pytestmark = pytest.mark.needs("nginx")


class Upstream:
    """One process that serves the site, on a port of its own."""

    def __init__(self, site: Site, home: Path) -> None:
        self._site = Site(home)
        self._site.environment = site.environment
        self.port = self._site.port
        self._process: Process | None = None

    def start(self) -> None:
        self._process = self._site.start("serve", "--proxy-headers")
        self._site.wait_for(self._process)

    def stop(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def processes(home: Path, stack: Stack) -> Iterator[list[Upstream]]:
    """Two processes of one site."""
    site = site_in(home, stack)
    two = [Upstream(site, home), Upstream(site, home)]
    with contextlib.ExitStack() as served:
        for process in two:
            process.start()
            served.callback(process.stop)
        yield two


@pytest.fixture(scope="module")
def nginx(processes: list[Upstream]) -> Iterator[Nginx]:
    with services.home() as folder, Nginx(folder, [process.port for process in processes]) as nginx:
        yield nginx


async def test_nobody_notices_that_processes_are_restarted_in_turn(
    processes: list[Upstream], nginx: Nginx
) -> None:
    """Each page is a page, and whoever is sent away is let in as soon as they come again."""
    over = asyncio.Event()
    readers = [asyncio.create_task(_read(nginx, over)) for _ in range(3)]
    talkers = [asyncio.create_task(_stay(nginx, f"guest{number}", over)) for number in range(8)]
    for process in processes:
        await asyncio.sleep(0.5)
        await asyncio.to_thread(process.stop)
        await asyncio.sleep(0.5)
        await asyncio.to_thread(process.start)
    over.set()
    pages = sum(await asyncio.gather(*readers), Counter())
    times = await asyncio.gather(*talkers)

    assert set(pages) == {200}
    assert all(times)


def test_an_address_that_a_client_makes_up_counts_for_nothing(nginx: Nginx, home: Path) -> None:
    with httpx.Client(base_url=nginx.url, headers={"X-Forwarded-For": "203.0.113.7"}) as client:
        client.get("/admin/login/")
        form = {
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
            "username": "mallory",
            "password": "guess",
        }
        assert client.post("/admin/login/", data=form, headers={"Referer": nginx.url}).status_code == 200

    log = (home / "server.log").read_text()
    assert "mallory" in log
    assert "203.0.113.7" not in log


async def _read(nginx: Nginx, over: asyncio.Event) -> Counter[int]:
    """Ask for the page until it is over: what the answers were."""
    answers: Counter[int] = Counter()
    async with httpx.AsyncClient(timeout=30) as client:
        while not over.is_set():
            answers[(await client.get(nginx.url)).status_code] += 1
            await asyncio.sleep(0.02)
    return answers


async def _stay(nginx: Nginx, id: str, over: asyncio.Event) -> int:
    """Be in until it is over; how often one was sent away, and was let in when one came again at once."""
    times = 0
    while not over.is_set():
        async with connect(nginx.websocket(id)) as client:
            hearing = asyncio.create_task(_hear_all(client, id))
            leaving = asyncio.create_task(over.wait())
            await asyncio.wait([leaving, hearing], return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if hearing.done():
                assert hearing.result() == 4010
                times += 1
            hearing.cancel()
    return times


async def _hear_all(client: ClientConnection, id: str) -> int:
    """Come in, and hear all there is; with which code it ends."""
    try:
        await come_in(client, id, v=2)
        _frames, close = await last_words(client)
    except ConnectionClosed as error:  # it was about to end
        close = error.rcvd
    assert close
    return close.code
