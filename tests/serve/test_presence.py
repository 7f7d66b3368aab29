"""Who is here, through two processes of one site."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from harness.site import Site
from tests.databases import Database
from tests.serve.guests import Frame, come_in, hear, hear_of, left_behind, say
from tests.serve.sites import assert_is_well, site_in
from tests.stacks import Stack

#: For crowds of one address.
NO_LIMITS = {"CHAT_LIMITS": "0", "SECRET_KEY": "x" * 50}


def two_of(home: Path, stack: Stack, **variables: str) -> tuple[Site, Site]:
    """Two processes of one site, each with a log of its own."""
    here, there = (site_in(home, stack, **{**NO_LIMITS, **variables}) for _ in range(2))
    there.log = home / "there.log"
    return here, there


@pytest.fixture(scope="module")
def served_sites(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[tuple[Site, Site]]:
    """Two processes that hear each other, and are served."""
    home = tmp_path_factory.mktemp("two")
    here, there = two_of(home, stack, **stack.processes(home))
    with here.served_by("serve"), there.served_by("serve"):
        yield here, there
    for site in (here, there):
        assert_is_well(site)


@pytest.fixture
async def sites(served_sites: tuple[Site, Site]) -> tuple[Site, Site]:
    """The same, once everybody of the test before has left."""
    await _has_rows(served_sites[0], {})
    return served_sites


@contextlib.contextmanager
def served_again(site: Site) -> Iterator[None]:
    """A process of the site that takes the place of one that has ended."""
    process = site.start("serve")
    try:
        site.wait_for(process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


class Guest:
    """Somebody of dialect v2, who notes who is where as the page does; and everybody they are told of."""

    def __init__(self, client: ClientConnection) -> None:
        self.client = client
        self.id, self.token = "", ""
        self.members: set[str] = set()
        self.online = 0
        self.heard: list[Frame] = []
        self._listening: asyncio.Task[None] | None = None

    async def come(self, id: str, token: str | None = None) -> None:
        assert (await hear(self.client))["type"] == "request_name"
        await say(self.client, name=id, v=2, token=token)
        welcome = await hear_of(self.client, type="welcome")
        self.id, self.token = welcome["id"], welcome["token"]
        for frame in left_behind(self.client):
            self._note(frame)
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self.client:
                frames = json.loads(text)
                for frame in frames if isinstance(frames, list) else [frames]:
                    self._note(frame)

    def _note(self, frame: Frame) -> None:
        self.heard.append(frame)
        if frame["type"] == "room":
            self.members = {member["id"] for member in frame["members"]}
            self.online = frame["online"]
        elif frame.get("event") == "join":
            self.members.add(frame["id"])
        elif frame.get("event") == "leave":
            self.members.discard(frame["id"])
        self.online = frame.get("online", self.online)

    def told(self, event: str) -> Counter[str]:
        """Of whom this was told, and how often."""
        return Counter(frame["id"] for frame in self.heard if frame.get("event") == event)

    async def sees(self, people: set[str], within: float = 5.0) -> float:
        """Return once exactly these are here; how long that took."""
        begun = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.members != people or self.online != len(people):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        assert (self.members, self.online) == (people, len(people))
        return time.monotonic() - begun


#: What guests were given to prove that they are the same, by the folder of the site and their id.
_tokens: dict[tuple[Path, str], str] = {}


@contextlib.asynccontextmanager
async def guest(site: Site, id: str) -> AsyncIterator[Guest]:
    """Somebody who is here; who comes again, in whatever test, brings their token."""
    async with connect(site.socket(id)) as client:
        someone = Guest(client)
        await someone.come(id, _tokens.get((site.home, id)))
        _tokens[site.home, id] = someone.token
        yield someone


async def come_together(
    open_sockets: contextlib.AsyncExitStack, guests: dict[str, Guest], site: Site, ids: list[str]
) -> None:
    """Have all these come at once, and be among the guests."""

    async def come(id: str) -> None:
        guests[id] = await open_sockets.enter_async_context(guest(site, id))

    await asyncio.gather(*map(come, ids))


def cut(client: ClientConnection) -> None:
    """The line is dead from now on, without a word."""
    client.transport.abort()


def rows(site: Site) -> dict[str, int]:
    """Who is here as the database has it: how many connections, over all processes."""
    with Database.of(site) as database:
        found = database.execute("SELECT person, connections FROM chat_presence WHERE is_here")
    people: Counter[str] = Counter()
    for person, connections in found:
        people[person] += connections
    return dict(people)


async def _has_rows(site: Site, people: dict[str, int]) -> None:
    """Return once these and nobody else have rows."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(8):
            while rows(site) != people:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert rows(site) == people


async def _has_processes(site: Site, count: int) -> None:
    """Return once so many processes of the site have rows, which may take as long as a lease."""
    with Database.of(site) as database:
        async with asyncio.timeout(20):
            while database.execute("SELECT count(*) FROM chat_process") != [(count,)]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def test_both_tell_the_same_number_and_the_same_people(sites: tuple[Site, Site]) -> None:
    here, there = sites
    async with guest(here, "ann") as ann, guest(here, "cat") as cat, guest(there, "bob") as bob:
        for one in (ann, bob, cat):
            await one.sees({"ann", "bob", "cat"})
        [joined] = [frame for frame in ann.heard if frame.get("event") == "join" and frame["id"] == "bob"]
        assert (joined["online"], joined["role"]) == (3, "guest")

        async with guest(there, "dan") as dan:
            await dan.sees({"ann", "bob", "cat", "dan"})
            await ann.sees({"ann", "bob", "cat", "dan"})
        await ann.sees({"ann", "bob", "cat"})
        await bob.sees({"ann", "bob", "cat"})
        assert ann.told("leave") == bob.told("leave") == {"dan": 1}


async def test_who_has_a_tab_on_each_does_not_leave_with_one(sites: tuple[Site, Site]) -> None:
    here, there = sites
    async with guest(here, "ann") as ann, guest(there, "bob") as bob:
        await ann.sees({"ann", "bob"})
        await bob.sees({"ann", "bob"})
        async with guest(there, "ann"):
            await _has_rows(here, {"ann": 2, "bob": 1})
        await _has_rows(here, {"ann": 1, "bob": 1})
        await asyncio.sleep(0.5)
        assert bob.told("join")["ann"] <= 1
        assert not bob.told("leave")
        assert not ann.told("leave")
        assert ann.told("join") == {"ann": 1, "bob": 1}
        await bob.sees({"ann", "bob"})


async def test_an_id_in_use_is_in_use_everywhere(sites: tuple[Site, Site]) -> None:
    """Of v1, which has no tokens."""
    here, there = sites
    async with connect(here.socket("eve")) as eve, connect(there.socket("fay")) as fay:
        await come_in(fay, "Fay")
        await come_in(eve, "Eve")
        await hear_of(fay, event="join", id="eve")

        async with connect(there.socket("eve")) as mallory:
            await hear(mallory)
            await say(mallory, name="Eve")
            joined = await hear_of(mallory, event="join")
            assert joined["id"] != "eve"
            assert joined["name"] != "Eve"


async def test_who_was_cut_off_comes_back_unnoticed_wherever(sites: tuple[Site, Site]) -> None:
    here, there = sites
    async with guest(here, "ann") as ann, guest(there, "bob") as bob, guest(here, "cat") as cat:
        await bob.sees({"ann", "bob", "cat"})
        cut(cat.client)
        await asyncio.sleep(1)
        async with guest(there, "cat") as back:
            await back.sees({"ann", "bob", "cat"})
            cut(back.client)
            await asyncio.sleep(0.5)
            async with guest(here, "cat") as again:
                await asyncio.sleep(4)
                for one in (ann, bob, again):
                    await one.sees({"ann", "bob", "cat"})
                    assert not one.told("leave")
                assert bob.told("join")["cat"] <= 1

                cut(again.client)
                took = await ann.sees({"ann", "bob"}, within=6)
                assert took > 2
                await bob.sees({"ann", "bob"})
                assert ann.told("leave") == bob.told("leave") == {"cat": 1}


@pytest.mark.timeout(120)
async def test_a_rolling_restart_makes_no_noise(tmp_path: Path, stack: Stack) -> None:
    """Twenty people on each; the first process restarts, and then the other."""
    here, there = two_of(tmp_path, stack, **stack.processes(tmp_path))
    ids = [f"p{number:02}" for number in range(40)]
    async with contextlib.AsyncExitStack() as open_sockets:
        served = open_sockets.enter_context(contextlib.ExitStack())
        for site in (here, there):
            served.enter_context(site.served_by("serve"))
        guests: dict[str, Guest] = {}
        await come_together(open_sockets, guests, here, ids[::2])
        await come_together(open_sockets, guests, there, ids[1::2])
        for one in guests.values():
            await one.sees(set(ids))
        for one in guests.values():
            one.heard.clear()

        for site, other in ((here, there), (there, here)):
            process = site.process
            assert process
            process.send_signal(signal.SIGTERM)
            away = [id for id, one in guests.items() if str(site.port) in str(one.client.remote_address)]
            assert len(away) >= 20

            async def come_back(id: str, to: Site = other) -> None:
                closing = await _closed(guests[id])
                await asyncio.sleep(closing["retry_after"])
                guests[id] = await open_sockets.enter_async_context(guest(to, id))

            stayed = [one for id, one in guests.items() if id not in away]
            await asyncio.gather(*map(come_back, away))
            await asyncio.to_thread(process.wait, 15)
            served.enter_context(served_again(site))
            await _has_processes(other, 1)  # nobody can come back any more
            await asyncio.sleep(1)
            for one in [*stayed, *guests.values()]:
                assert not one.told("leave")
                assert not one.told("join").keys() - {one.id}
                await one.sees(set(ids))
    for site in (here, there):
        assert_is_well(site)


async def _closed(one: Guest) -> Frame:
    """What somebody was told at the close."""
    async with asyncio.timeout(10):
        await one.client.wait_closed()
        assert one._listening
        await one._listening
    assert one.heard[-1]["type"] == "closing"
    return one.heard[-1]


@pytest.mark.timeout(180)
async def test_a_process_that_was_killed_takes_its_people_along(tmp_path: Path, stack: Stack) -> None:
    """Fifty on each. Everybody hears of each once; who comes back after the restart is there once."""
    here, there = two_of(tmp_path, stack, **stack.processes(tmp_path))
    with here.served_by("serve"), there.served_by("serve"):
        async with contextlib.AsyncExitStack() as open_sockets:
            ids = {
                site: [f"{word}{number:02}" for number in range(50)]
                for site, word in ((here, "h"), (there, "t"))
            }
            guests: dict[str, Guest] = {}
            for site in ids:
                await come_together(open_sockets, guests, site, ids[site])
            for one in guests.values():
                await one.sees({*ids[here], *ids[there]})
            for id in ids[there]:
                guests[id].heard.clear()

            assert here.process
            here.process.kill()
            here.process.wait()
            took = await guests["t00"].sees(set(ids[there]), within=16)
            assert 2 < took < 15
            for id in ids[there]:
                await guests[id].sees(set(ids[there]))
                assert guests[id].told("leave") == dict.fromkeys(ids[here], 1)

            open_sockets.enter_context(served_again(here))
            await come_together(open_sockets, guests, here, ids[here])
            for id in guests:
                await guests[id].sees({*ids[here], *ids[there]})
            await _has_rows(here, dict.fromkeys(guests, 1))
            await asyncio.sleep(1)
            for id in ids[there]:
                assert guests[id].told("join") == dict.fromkeys(ids[here], 1)
    for site in (here, there):
        assert_is_well(site)


async def test_a_site_that_was_killed_begins_with_nobody(tmp_path: Path, stack: Stack) -> None:
    here, there = two_of(tmp_path, stack, **stack.processes(tmp_path))
    with here.served_by("serve"), there.served_by("serve"):
        async with guest(here, "ann") as ann, guest(there, "bob"):
            await ann.sees({"ann", "bob"})
            for site in (here, there):
                assert site.process
                site.process.kill()
                site.process.wait()
            with served_again(here):
                async with guest(here, "cat") as cat:
                    await cat.sees({"cat"})
                    await _has_rows(here, {"cat": 1})
                    for _ in range(400):  # the roster may say so before the notice does
                        if cat.told("join"):
                            break
                        await asyncio.sleep(0.05)
                    assert cat.told("join") == {"cat": 1}


@pytest.mark.timeout(120)
async def test_a_process_that_stood_still_comes_back(tmp_path: Path, stack: Stack) -> None:
    """Its people are gone for the others meanwhile, and there again afterwards."""
    options = ("--ping-interval", "60")
    here, there = two_of(tmp_path, stack, **stack.processes(tmp_path))
    with here.served_by("serve", *options), there.served_by("serve", *options):
        async with guest(here, "ann") as ann, guest(here, "cat"), guest(there, "bob") as bob:
            await bob.sees({"ann", "bob", "cat"})
            assert here.process
            os.kill(here.process.pid, signal.SIGSTOP)
            try:
                await bob.sees({"bob"}, within=16)
                await _has_processes(there, 1)
            finally:
                os.kill(here.process.pid, signal.SIGCONT)
            await bob.sees({"ann", "bob", "cat"})
            await ann.sees({"ann", "bob", "cat"})
            assert bob.told("leave") == {"ann": 1, "cat": 1}
            assert not ann.told("leave")
            await _has_rows(here, {"ann": 1, "bob": 1, "cat": 1})
    for site in (here, there):
        assert_is_well(site)


async def test_without_any_layer_it_takes_two_seconds(tmp_path: Path, stack: Stack) -> None:
    here, there = two_of(tmp_path, stack, REDIS_URL="")
    with here.served_by("serve"), there.served_by("serve"):
        async with guest(here, "ann") as ann, guest(there, "bob") as bob:
            assert await ann.sees({"ann", "bob"}) < 2.5
            await bob.sees({"ann", "bob"})
            async with guest(there, "cat"):
                assert await ann.sees({"ann", "bob", "cat"}) < 2.5
            assert await ann.sees({"ann", "bob"}) < 2.5
            assert ann.told("leave") == {"cat": 1}
    for site in (here, there):
        assert_is_well(site)


async def test_who_is_here_survives_that_the_rows_are_gone(sites: tuple[Site, Site]) -> None:
    here, there = sites
    async with guest(here, "ann") as ann, guest(there, "bob") as bob:
        await ann.sees({"ann", "bob"})
        await bob.sees({"ann", "bob"})
        with Database.of(here) as database:
            database.execute("DELETE FROM chat_presence")
            database.execute("DELETE FROM chat_process")

        await _has_rows(here, {"ann": 1, "bob": 1})
        await asyncio.sleep(4)
        for one in (ann, bob):
            await one.sees({"ann", "bob"})
            assert not one.told("leave")


@pytest.mark.timeout(240)
async def test_whoever_is_cut_off_at_random_it_all_adds_up(sites: tuple[Site, Site]) -> None:
    """Two hundred sockets of fifty people, on two processes. Two watch, one of each.

    PRESENCE_SECONDS has it go on for longer.
    """
    seconds = float(os.environ.get("PRESENCE_SECONDS", "20"))
    people = [f"p{number:02}" for number in range(50)]
    async with guest(sites[0], "here") as watcher, guest(sites[1], "there") as other:
        crowd = Crowd(sites, people)
        await crowd.run(seconds)

        present = {"here", "there", *crowd.present()}
        await asyncio.sleep(3.5)
        for one in (watcher, other):
            await one.sees(present, within=10)
            joins, leaves = one.told("join"), one.told("leave")
            for id in people:
                assert joins[id] - leaves[id] == (id in present), id
            assert sum(leaves.values()) > 10
        await _has_rows(sites[0], {"here": 1, "there": 1, **crowd.present()})
        await crowd.go()
        await watcher.sees({"here", "there"}, within=10)
        await other.sees({"here", "there"}, within=10)


class Crowd:
    """People with four tabs each, whose lines break and who close them as they like."""

    def __init__(self, sites: tuple[Site, Site], people: list[str]) -> None:
        self._sites, self._dice = sites, Random(7)  # noqa: S311
        self._tokens: dict[str, str] = {}
        self._tabs: dict[tuple[str, int], ClientConnection | None] = {
            (id, tab): None for id in people for tab in range(4)
        }
        self._reading: list[asyncio.Task[None]] = []

    def present(self) -> dict[str, int]:
        """Who is there, in how many tabs."""
        return dict(Counter(id for (id, _tab), client in self._tabs.items() if client is not None))

    async def run(self, seconds: float) -> None:
        # Each has to get a token first.
        await asyncio.gather(*(self._open(id, tab) for id, tab in self._tabs if tab == 0))
        ends = time.monotonic() + seconds
        await asyncio.gather(*(self._live(id, tab, ends) for id, tab in self._tabs))

    async def _live(self, id: str, tab: int, ends: float) -> None:
        while time.monotonic() < ends:
            await asyncio.sleep(self._dice.uniform(0.5, 6))
            client = self._tabs[id, tab]
            if client is None:
                if self._dice.random() < 0.3:
                    await self._open(id, tab)
            elif self._dice.random() < 0.8:
                self._tabs[id, tab] = None
                if self._dice.random() < 0.5:
                    cut(client)
                else:
                    await client.close()

    async def _open(self, id: str, tab: int) -> None:
        site = self._dice.choice(self._sites)
        client = await connect(site.socket(id)).__aenter__()
        await hear(client)
        await say(client, name=id, v=2, token=self._tokens.get(id))
        welcome = await hear_of(client, type="welcome")
        assert self._tokens.setdefault(id, welcome["token"])
        assert welcome["id"] == id
        await hear_of(client, type="room")
        self._tabs[id, tab] = client
        self._reading.append(asyncio.create_task(_read(client)))

    async def go(self) -> None:
        for client in self._tabs.values():
            if client is not None:
                await client.close()


async def _read(client: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for _text in client:
            pass
