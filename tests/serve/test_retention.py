"""Pruning, exports and erasure while people talk, over two processes of a site."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.core.person_ids import ERASED
from harness.site import Site
from tests import stacks
from tests.databases import Database
from tests.serve.sites import assert_is_well, site_in
from tests.services.archived import comparable
from tests.stacks import Stack

Two = tuple[Site, Site]
Frame = dict[str, Any]

#: How many write, and how much each has said that is too old.
WRITERS, OLD = 4, 120


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Two]:
    home = tmp_path_factory.mktemp("two")
    variables = {"SECRET_KEY": "x" * 50, "CHAT_CHANGES": "0", **stack.processes(home)}
    here, there = (site_in(home, stack, **variables) for _ in range(2))
    with here.served_by("serve"), there.served_by("serve"):
        yield here, there
    assert_is_well(here)


class Guest:
    """Somebody of v2, and all that they have heard."""

    def __init__(self, client: ClientConnection) -> None:
        self._client = client
        #: By its ref, what was answered; and all that the room was told, in turn.
        self.answers: dict[str, asyncio.Future[Frame]] = {}
        self.told: list[Frame] = []
        self._news = asyncio.Event()

    async def listen(self) -> None:
        """Hear whatever comes, until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            async for text in self._client:
                frames = json.loads(text)
                for frame in frames if isinstance(frames, list) else [frames]:
                    self._take(frame)
                self._news.set()

    def _take(self, frame: Frame) -> None:
        self.told.append(frame)
        if frame["type"] in ("ack", "error"):
            self.answers.pop(frame["ref"]).set_result(frame)

    async def come_in(self, name: str) -> None:
        await self._client.send(json.dumps({"name": name, "v": 2}))
        await self.hear_of(type="history")

    async def hear_of(self, **wanted: object) -> Frame:
        """A frame that looks like this, whenever it comes."""
        async with asyncio.timeout(30):
            while True:
                for frame in self.told:
                    if frame.items() >= wanted.items():
                        return frame
                self._news.clear()
                await self._news.wait()

    async def ask(self, **command: object) -> Frame:
        """Ask for something: what is answered."""
        ref = str(command["ref"])
        self.answers[ref] = asyncio.get_running_loop().create_future()
        await self._client.send(json.dumps(command))
        async with asyncio.timeout(30):
            return await self.answers[ref]

    async def say(self, ref: str) -> Frame:
        """Say what belongs to a ref. It is never refused."""
        answer = await self.ask(type="message", message=f"said {ref}", ref=ref)
        assert answer["type"] == "ack", answer
        return answer

    async def closed(self) -> int:
        """The code that the server closes with."""
        async with asyncio.timeout(30):
            await self._client.wait_closed()
        assert self._client.close_code
        return self._client.close_code


@contextlib.asynccontextmanager
async def guest(site: Site, id: str) -> AsyncIterator[Guest]:
    async with connect(site.socket(id)) as client, asyncio.TaskGroup() as tasks:
        somebody = Guest(client)
        listening = tasks.create_task(somebody.listen())
        await somebody.come_in(id)
        yield somebody
        await client.close()
        await listening


def tell(site: Site, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with Database.of(site) as database:
        return database.execute(statement, *values)


@pytest.mark.timeout(180)
async def test_pruning_loses_nothing_that_is_to_stay_and_breaks_no_retry(processes: Two) -> None:
    """While people talk in both processes, and say again what they have said, gone or not."""
    async with contextlib.AsyncExitStack() as stack:
        writers = [
            await stack.enter_async_context(guest(processes[number % 2], f"writer-{number}"))
            for number in range(WRITERS)
        ]
        listeners = [
            await stack.enter_async_context(guest(one, f"listener-{one.port}")) for one in processes
        ]
        old = await _said(writers, "old", OLD)
        reported, pinned = old[0]["old 3"], old[1]["old 3"]
        assert (await listeners[0].ask(type="report", id=reported, ref="report"))["type"] == "ack"
        long_ago = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%d %H:%M:%S")
        tell(processes[0], "UPDATE chat_message SET sent_at = %s", long_ago)
        tell(processes[0], "UPDATE chat_room SET keep_days = 2, pinned = %s", pinned)
        pruned = asyncio.Event()

        talks = [
            asyncio.create_task(_talk_on(writer, some, pruned))
            for writer, some in zip(writers, old, strict=True)
        ]
        printed = await asyncio.to_thread(processes[0].manage, "chat_prune")
        pruned.set()
        new = await asyncio.gather(*talks)

        assert f"{WRITERS * OLD - 2}  lobby" in printed
        acked = {id for some in new for id in some.values()}
        for listener in listeners:
            await listener.hear_of(type="message", id=max(acked))
    rows = tell(processes[0], "SELECT id, author_id, ref FROM chat_message ORDER BY id")
    kept = {(f"writer-{number}", ref): id for number, some in enumerate(new) for ref, id in some.items()}
    assert {(author, ref): id for id, author, ref in rows if id not in (reported, pinned)} == kept
    assert {id for id, _author, _ref in rows} == {*acked, reported, pinned}
    for listener in listeners:
        told = [frame for frame in listener.told if frame["type"] == "message"]
        versions = [frame["version"] for frame in told]
        assert versions == list(range(versions[0], versions[0] + len(versions)))
        assert {frame["id"] for frame in told} == acked | {id for some in old for id in some.values()}
    [(version,)] = tell(processes[0], "SELECT version FROM chat_room WHERE slug = 'lobby'")
    assert version == versions[-1]


async def _said(writers: list[Guest], what: str, many: int) -> list[dict[str, int]]:
    """What each says all at once: the ids, by the refs."""
    refs = [f"{what} {number}" for number in range(many)]
    acks = [await asyncio.gather(*(writer.say(ref) for ref in refs)) for writer in writers]
    return [{ref: ack["id"] for ref, ack in zip(refs, some, strict=True)} for some in acks]


async def _talk_on(writer: Guest, old: dict[str, int], pruned: asyncio.Event) -> dict[str, int]:
    """Talk, and say again what was said: what is new of it."""
    said: dict[str, int] = {}
    for number, ref in enumerate(itertools.cycle(old)):
        if pruned.is_set() and number >= len(old):
            return said
        fresh = f"new {number}"
        first, again, long_ago = await asyncio.gather(
            writer.say(fresh), _later(writer, f"new {number - 1}", said), writer.say(ref)
        )
        assert not first["dup"]
        assert (long_ago["id"], long_ago["dup"]) == (old[ref], True)
        assert again is None or (again["id"], again["dup"]) == (said[f"new {number - 1}"], True)
        said[fresh] = first["id"]
    raise AssertionError


async def _later(writer: Guest, ref: str, said: dict[str, int]) -> Frame | None:
    return await writer.say(ref) if ref in said else None


async def test_who_is_erased_is_gone_from_every_screen(processes: Two) -> None:
    here, there = processes
    async with guest(here, "bob") as bob, guest(there, "alice") as alice:
        kept = (await alice.say("kept"))["id"]
        await bob.hear_of(type="message", id=kept)
        mine = (await bob.say("mine"))["id"]
        await alice.ask(type="react", id=mine, emoji="👍", on=True, ref="reaction")
        await bob.hear_of(type="update", id=mine)

        printed = await asyncio.to_thread(here.manage, "chat_erase", "alice")

        assert "1  messages" in printed
        told = await bob.hear_of(type="update", id=kept, sender_id=ERASED)
        assert told["message"] == "said kept"
        assert "ref" not in told
        bare = [frame for frame in bob.told if frame["type"] == "update" and frame["id"] == mine][-1]
        assert "reactions" not in bare
        assert await alice.closed() == 4502
    assert tell(here, "SELECT id FROM chat_person WHERE id = %s", "alice") == []


@pytest.fixture
def empty(stack: Stack, tmp_path: Path) -> list[Site]:
    """Databases in which nothing is yet: one on this stack, and before it one on SQLite, if it is not."""
    homes = [tmp_path / "lite", tmp_path / "other"]
    for home in homes:
        home.mkdir()
    if stacks.name() == stacks.FIRST:
        return [stack.site(homes[1])]
    (homes[0] / "db.sqlite3").touch()
    lite = Site(homes[0])
    lite.manage("migrate")
    return [lite, stack.site(homes[1])]


async def test_a_site_goes_from_one_database_to_another_and_back(
    processes: Two, empty: list[Site], tmp_path: Path
) -> None:
    """While it is served: what is exported is what was there at one moment."""
    async with contextlib.AsyncExitStack() as stack:
        names = [f"reporter-{number}" for number in range(WRITERS)]
        talkers = [await stack.enter_async_context(guest(processes[0], name)) for name in names]
        await _said(talkers, "here", OLD + 1)
    exports = [_exported(processes[0], tmp_path)]
    for number, site in enumerate(empty):
        site.manage("chat_import", str(tmp_path / f"{number}.jsonl"))
        exports.append(_exported(site, tmp_path, number + 1))

    first, *others = (comparable([text]) for text in exports)
    assert len(first) > WRITERS * OLD
    for other in others:
        assert other == first


def _exported(site: Site, folder: Path, number: int = 0) -> bytes:
    path = folder / f"{number}.jsonl"
    site.manage("chat_export", "--output", str(path))
    return path.read_bytes()
