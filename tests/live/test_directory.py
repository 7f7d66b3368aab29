"""The directory as a process knows it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import OperationalError

from chat.live.directory import MANY, DirectoryWatch
from chat.live.supervisor import Supervisor
from chat.models import Directory, Membership, Person, Room
from chat.services import directory as services

move = sync_to_async(services.move)


class Memory:
    """Remembers after which versions it has read."""

    def __init__(self) -> None:
        self.read_after: list[int] = []

    def read(self, after: int) -> int:
        return after

    def take(self, news: int) -> None:
        self.read_after.append(news)


class Watched:
    """A watch, what it has a memory read, and at which versions something has followed."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.watch = DirectoryWatch(Supervisor(), [self.memory])
        self.followed: list[int] = []
        self.takes = 0.0
        self.watch.on_move(self._follow)

    async def _follow(self) -> None:
        self.followed.append(self.watch.version)
        await asyncio.sleep(self.takes)


@pytest_asyncio.fixture
async def watched(transactional_db: None) -> AsyncIterator[Watched]:
    yield Watched()


async def test_what_follows_is_done_once_for_each_move(watched: Watched) -> None:
    await watched.watch.known()
    first = watched.watch.version

    assert await watched.watch.settled()
    assert watched.followed == [first]
    await move()
    assert await watched.watch.settled()
    assert watched.followed == [first, first + 1]


async def test_what_is_remembered_is_read_from_where_it_ends_and_anew_where_that_went_back(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.watch.known()
    await sync_to_async(Directory.objects.update)(version=70)
    assert await watched.watch.settled()
    first = watched.followed[0]
    assert watched.memory.read_after == [-1, first]

    await move()
    assert await watched.watch.settled()
    assert await watched.watch.settled()  # where nothing has moved nothing is read
    assert watched.memory.read_after == [-1, first, 70]
    await sync_to_async(Directory.objects.update)(version=60)  # an older database
    assert await watched.watch.settled()
    assert watched.memory.read_after == [-1, first, 70, -1]

    with monkeypatch.context() as away:
        away.setattr("chat.live.directory._read", _fail)
        away.setattr("chat.live.directory.PATIENCE", 0.1)
        assert not await watched.watch.settled()
    assert await watched.watch.settled()  # and it may be another one, however far it has come
    assert watched.memory.read_after == [-1, first, 70, -1, -1]


async def _fail(*_args: object) -> None:
    raise OperationalError("gone")


async def test_what_was_read_is_heeded_ahead_of_all_that_follows(watched: Watched) -> None:
    heeded: list[int] = []
    watched.watch.on_news(lambda: heeded.append(len(watched.followed)))
    await watched.watch.known()
    watched.takes = 1.0  # and others would wait three times as long for it
    await move()
    assert await watched.watch.settled()
    await move()
    watched.watch.hurry()
    async with asyncio.timeout(20):
        while len(heeded) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert heeded == [0, 1, 2]


async def test_who_would_know_takes_nothing_away_from_others_and_word_of_a_move_does(
    watched: Watched,
) -> None:
    """Anybody who asks for a page may have it looked at: that must not keep it from being known."""
    assert await watched.watch.settled()
    known = watched.watch.fresh_version
    assert known >= 0

    watched.watch.hurry()
    assert watched.watch.fresh_version == known
    watched.watch.moved()
    assert watched.watch.fresh_version == -1

    async with asyncio.timeout(20):
        while watched.watch.fresh_version < 0:  # however many would know meanwhile
            watched.watch.hurry()
            await asyncio.sleep(0)


async def test_a_move_that_nobody_tells_of_is_found_out(watched: Watched) -> None:
    await watched.watch.known()
    await sync_to_async(Directory.objects.update)(version=77)

    async with asyncio.timeout(5):
        while 77 not in watched.followed:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_version_that_somebody_has_read_is_followed_at_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.live.directory.POLL", 3600)
    await watched.watch.known()
    await sync_to_async(Directory.objects.update)(version=77)

    assert watched.watch.is_behind(77)
    async with asyncio.timeout(5):
        while 77 not in watched.followed:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert not watched.watch.is_behind(77)


async def test_whoever_moves_it_all_the_time_has_it_followed_now_and_then(watched: Watched) -> None:
    watched.takes = 0.1
    await watched.watch.known()
    began = asyncio.get_running_loop().time()

    for _ in range(30):
        await move()
        watched.watch.hurry()
    assert await watched.watch.settled()

    took = asyncio.get_running_loop().time() - began
    assert watched.followed[-1] == watched.watch.version
    assert len(watched.followed) <= 2 + took / 0.4


async def test_who_waits_where_nothing_has_moved_waits_for_a_look_alone(watched: Watched) -> None:
    watched.takes = 0.5  # so nothing follows for the next second and a half
    await watched.watch.known()
    began = asyncio.get_running_loop().time()

    assert await watched.watch.settled()

    assert asyncio.get_running_loop().time() - began < 0.5


async def test_what_failed_to_follow_follows_again(watched: Watched) -> None:
    await watched.watch.known()
    watched.watch.again()

    assert await watched.watch.settled()

    assert watched.followed == [watched.watch.version] * 2


async def test_who_comes_too_late_while_something_follows_has_it_done_once_more(watched: Watched) -> None:
    await watched.watch.known()
    watched.takes = 0.2
    await move()
    watched.watch.hurry()
    while len(watched.followed) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0.01)

    watched.watch.again()
    assert await watched.watch.settled()

    assert watched.followed[1:] == [watched.watch.version] * 2


async def test_guests_who_belong_to_nothing_are_known_as_long_as_the_others_are_few(
    watched: Watched,
) -> None:
    room = await Room.objects.acreate(slug="club", title="Club")
    alice = await Person.objects.acreate(pk="alice", name="Alice", is_owned=True)
    await Membership.objects.acreate(room=room, person=alice)
    await watched.watch.known()
    assert watched.watch.may_be_member("alice")
    assert not watched.watch.may_be_member("bob")

    people = [Person(pk=f"p{number}", name="P") for number in range(MANY)]
    await Person.objects.abulk_create(people)
    await Membership.objects.abulk_create(Membership(room=room, person=person) for person in people)
    await move()
    assert await watched.watch.settled()

    assert watched.watch.may_be_member("bob")
