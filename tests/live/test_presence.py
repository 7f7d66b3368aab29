"""Presence in two processes, beside each other in one event loop, with a real database below them."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from chat.core.roster import Change
from chat.live import lease, peers, presence_writer, process
from chat.live import presence as presence_module
from chat.live.process import Process
from chat.models import Presence, Room
from chat.models import Process as Row
from chat.services import presence
from chat.storage.presence_rows import OSProcess
from tests.databases import locked

LEASE, RENEWAL = 0.8, 0.2


@pytest.fixture(autouse=True)
def _quick(lobby: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASE", LEASE)
    monkeypatch.setattr(lease, "RENEWAL", RENEWAL)
    monkeypatch.setattr(peers, "BEAT", 0.05)
    monkeypatch.setattr(peers, "HURRIED", 0.01)


@pytest_asyncio.fixture
async def here() -> Process:
    """The process of the loop."""
    presence.begin()
    await process.current().peers.known()
    return process.current()


@pytest_asyncio.fixture
async def there(here: Process) -> AsyncIterator[Process]:
    """Another one, which ends in order if it still lives."""
    process = await another()
    yield process
    await process.presence.rows.end()


async def another() -> Process:
    process = Process()
    presence.begin_in(process)
    await process.peers.known()
    return process


def come(process: Process, room: Room, *ids: str) -> None:
    for id in ids:
        process.presence.arrive(id, id.title())
        process.presence.enter(room.pk, id, "guest")


def go(process: Process, room: Room, *ids: str) -> None:
    for id in ids:
        process.presence.depart(id, [room.pk])


def kill(process: Process) -> None:
    """As kill -9 does: from now on it writes nothing, and reads nothing."""
    process.presence.rows._is_over = True
    for task in list(process.supervisor._tasks):
        task.cancel()


async def until(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def becomes(read: Callable[[], Awaitable[object]], expected: object) -> None:
    """Return once the database says so."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(8):
            while await read() != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert await read() == expected


async def rows() -> dict[str, bool]:
    return {row.person: row.is_here async for row in Presence.objects.all()}


async def processes() -> set[str]:
    return {row.pk async for row in Row.objects.all()}


async def owners() -> set[str]:
    return {row.process async for row in Presence.objects.all()}


async def test_who_is_here_is_here_for_the_other_and_leaves_nothing(
    here: Process, there: Process, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_writer, "TOMBSTONE", 0.3)
    come(there, lobby, "ann", "bob")
    await until(lambda: here.roster.online(lobby.pk) == 2)
    assert "ann" in here.roster
    assert here.roster.people(lobby.pk, 9) == [("ann", "Ann", "guest"), ("bob", "Bob", "guest")]

    go(there, lobby, "ann", "bob")

    await until(lambda: here.roster.online(lobby.pk) == 0)
    assert not list(here.roster)
    await becomes(rows, {})


async def test_a_process_knows_whether_it_is_the_only_one(here: Process, lobby: Room) -> None:
    assert Process().peers.may_be_there  # before anything was read
    assert not here.peers.may_be_there

    there = await another()
    await until(lambda: here.peers.may_be_there)
    come(there, lobby, "ann")
    await there.presence.rows.end()
    await until(lambda: not here.peers.may_be_there)


async def test_many_changes_are_one_transaction_and_one_row(
    here: Process, there: Process, lobby: Room
) -> None:
    come(there, lobby, *(f"p{number}" for number in range(300)))
    for _ in range(5):
        go(there, lobby, "p0")
        come(there, lobby, "p0")

    await until(lambda: here.roster.online(lobby.pk) == 300)

    assert len(await rows()) == 300
    assert len({row.version async for row in Presence.objects.all()}) == 1


async def test_who_has_come_and_gone_before_anything_was_written_has_no_row(
    here: Process, there: Process, lobby: Room
) -> None:
    come(there, lobby, "ann")
    go(there, lobby, "ann")
    come(there, lobby, "bob")

    await until(lambda: here.roster.online(lobby.pk) == 1)

    assert await rows() == {"bob": True}


async def test_a_stranger_is_not_believed(here: Process, there: Process, lobby: Room) -> None:
    """Nor who skips something: that is read."""
    row = ["mallory", ["Mallory", 1.0, 1, [[lobby.pk, "moderator"]]]]

    here.peers.heard({"process": "stranger", "after": 0, "version": 1, "rows": [row]})
    here.peers.heard({"process": there.presence.rows.id, "after": 40, "version": 41, "rows": [row]})

    come(there, lobby, "ann")
    await until(lambda: here.roster.online(lobby.pk) == 1)
    assert list(here.roster) == ["ann"]


async def test_what_was_missed_of_those_who_left_shows_in_the_number(
    here: Process, there: Process, lobby: Room
) -> None:
    """Their rows were taken away before anybody had read them."""
    come(there, lobby, "ann", "bob")
    await until(lambda: here.roster.online(lobby.pk) == 2)

    def lose() -> None:
        Presence.objects.filter(person="ann").delete()
        there.presence.rows._in_rows.discard("ann")

    await sync_to_async(lose)()
    go(there, lobby, "ann")
    come(there, lobby, "cat")

    await until(lambda: sorted(here.roster) == ["bob", "cat"])


async def test_a_process_that_is_dead_takes_its_people_along(
    here: Process, there: Process, lobby: Room
) -> None:
    third = await another()
    come(third, lobby, "ann")
    come(there, lobby, "bob")
    await until(lambda: here.roster.online(lobby.pk) == there.roster.online(lobby.pk) == 2)

    kill(third)

    await until(lambda: list(here.roster) == list(there.roster) == ["bob"])
    await becomes(rows, {"bob": True})
    await becomes(processes, {here.presence.rows.id, there.presence.rows.id})


async def test_a_database_that_takes_nothing_makes_nobody_leave(
    here: Process, there: Process, lobby: Room
) -> None:
    come(there, lobby, "ann")
    come(here, lobby, "bob")
    await until(lambda: here.roster.online(lobby.pk) == there.roster.online(lobby.pk) == 2)

    with locked():
        come(here, lobby, "cat")
        go(here, lobby, "bob")
        assert here.roster.online(lobby.pk) == 2  # here that is known at once
        await asyncio.sleep(3 * LEASE)
        assert sorted(there.roster) == ["ann", "bob"]

    await until(lambda: sorted(here.roster) == sorted(there.roster) == ["ann", "cat"], 10)
    await becomes(rows, {"ann": True, "bob": False, "cat": True})


@pytest.mark.parametrize("lost", [(Row,), (Row, Presence)], ids=["processes", "both"])
async def test_a_database_whose_rows_are_gone_is_filled_again(
    here: Process, there: Process, lobby: Room, lost: tuple[Any, ...]
) -> None:
    come(there, lobby, "ann")
    come(here, lobby, "bob")
    await until(lambda: here.roster.online(lobby.pk) == there.roster.online(lobby.pk) == 2)

    before = await processes()
    for model in lost:
        await model.objects.all().adelete()

    await until(lambda: not before & {here.presence.rows.id, there.presence.rows.id})
    await until(lambda: sorted(here.roster) == sorted(there.roster) == ["ann", "bob"])
    for read in (processes, owners):  # what the old ones have left is gone as well
        await becomes(read, {here.presence.rows.id, there.presence.rows.id})


@pytest.mark.parametrize("is_written_first", [True, False])
async def test_an_older_state_of_the_database_is_brought_up_to_date(
    here: Process, there: Process, lobby: Room, is_written_first: bool
) -> None:
    come(there, lobby, "ann")
    await until(lambda: here.roster.online(lobby.pk) == 1)
    saved = [row async for row in Presence.objects.all()], [row async for row in Row.objects.all()]
    go(there, lobby, "ann")
    come(there, lobby, "bob")
    await until(lambda: list(here.roster) == ["bob"])

    def restore() -> None:
        for model, old in zip((Presence, Row), saved, strict=True):
            model.objects.all().delete()  # type: ignore[attr-defined]
            model.objects.bulk_create(old)  # type: ignore[attr-defined]

    await sync_to_async(restore)()
    if is_written_first:  # else it reads its row first
        there.presence.rows.write()

    await becomes(rows, {"bob": True})
    await until(lambda: list(here.roster) == list(there.roster) == ["bob"])


async def test_a_process_that_ends_in_order_leaves_its_people_some_time(
    here: Process, there: Process, lobby: Room
) -> None:
    come(there, lobby, "ann", "bob")
    await until(lambda: here.roster.online(lobby.pk) == 2)

    there.presence.will_end(0.4)
    there.presence.depart("ann", [lobby.pk], at_once=False)
    there.presence.depart("bob", [lobby.pk], at_once=True)
    await there.presence.rows.end()

    await until(lambda: here.roster.online(lobby.pk) == 1)
    assert "ann" not in here.roster  # the id is free; she is only not missed yet
    come(here, lobby, "ann")
    await until(lambda: there.presence.rows.id not in here.peers._peers)
    assert here.roster.online(lobby.pk) == 1


async def test_a_process_that_serves_nobody_leaves_no_row(here: Process, there: Process) -> None:
    await becomes(processes, {here.presence.rows.id, there.presence.rows.id})

    await there.presence.rows.end()

    assert await processes() == {here.presence.rows.id}


def a_dead_process() -> OSProcess:
    """One of this machine, as it noted itself before it was killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as dead:
        origin = OSProcess(lease.this_process().host, dead.pid, lease._started(dead.pid) or 0)
        assert not lease.is_gone(origin)
        dead.kill()
    return origin


@pytest.mark.parametrize("is_alone", [True, False])
async def test_who_begins_finds_out_who_is_dead_on_this_machine(
    is_alone: bool, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was killed, and has a lease for an hour."""
    monkeypatch.setattr(lease, "GRACE", 0.5)
    own, dead = lease.this_process(), a_dead_process()
    await Row.objects.acreate(id="dead", **dead._asdict(), lease=3600, version=1)
    await Row.objects.acreate(id="over", host="elsewhere", pid=1, lease=-1, version=1)
    if not is_alone:
        await Row.objects.acreate(id="alive", host=own.host, pid=own.pid, started=own.started, lease=3600)
    rooms = {str(lobby.pk): "guest"}
    for name in ("dead", "over"):
        await Presence.objects.acreate(
            process=name, person=f"of-{name}", name="Ann", rooms=rooms, version=1
        )

    presence.begin()
    await process.current().peers.known()

    roster = process.current().roster
    assert list(roster) == ([] if is_alone else ["of-dead"])
    await becomes(rows, {})
    assert not await processes() & {"dead", "over"}
    await until(lambda: not list(roster))


async def test_a_name_is_carried_to_the_other_process(here: Process, there: Process, lobby: Room) -> None:
    come(here, lobby, "ann")
    come(there, lobby, "ann")
    await until(lambda: here.roster.connections("ann") == there.roster.connections("ann") == 2)

    there.presence.rename("ann", "Anna", presence_module.moment() + 1)

    await until(lambda: here.roster.name("ann") == "Anna")
    # As its own word: the other may go.
    go(there, lobby, "ann")
    await until(lambda: here.roster.connections("ann") == 1)
    assert here.roster.name("ann") == "Anna"


async def test_of_two_with_one_name_the_process_of_the_later_one_is_told(
    here: Process, there: Process, lobby: Room
) -> None:
    told: list[str] = []
    here.presence.on_clash = there.presence.on_clash = told.append
    here.presence.arrive("ann", "Ann")
    await asyncio.sleep(0.01)

    there.presence.arrive("mallory", "ANN")

    await until(lambda: bool(told))
    await asyncio.sleep(0.3)
    assert set(told) == {"mallory"}


@pytest.mark.parametrize("broken", [{"1": "king"}, ["lobby"], {"x": "guest"}], ids=str)
async def test_a_row_that_is_broken_is_that_of_one(
    here: Process, there: Process, lobby: Room, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    come(there, lobby, "ann", "bob")
    await until(lambda: here.roster.online(lobby.pk) == 2)
    third = Process()
    await becomes(rows, {"ann": True, "bob": True})
    await Presence.objects.filter(person="ann").aupdate(rooms=broken)
    caplog.clear()

    await third.peers.known()

    assert third.roster.online(lobby.pk) == 1
    assert third.roster.role(lobby.pk, "bob") == "guest"
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage().startswith("Where somebody is")


async def test_who_cannot_read_of_others_lives_all_the_same(
    here: Process, there: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_known: object) -> None:
        raise RuntimeError

    await becomes(processes, {here.presence.rows.id, there.presence.rows.id})
    monkeypatch.setattr("chat.live.supervisor.PAUSE", 0.05)
    monkeypatch.setattr("chat.storage.presence_rows.processes", fail)
    id = there.presence.rows.id
    before = await Row.objects.aget(pk=id)

    await asyncio.sleep(2 * RENEWAL)

    assert (await Row.objects.aget(pk=id)).version > before.version


async def test_what_could_not_be_taken_is_not_known(here: Process, there: Process, lobby: Room) -> None:
    """Of what another process tells: so it is read."""
    come(there, lobby, "ann")
    await until(lambda: here.roster.online(lobby.pk) == 1)
    name = there.presence.rows.id
    version = here.peers._peers[name].version

    with contextlib.suppress(TypeError):
        here.peers.heard({"process": name, "after": version, "version": version + 1, "rows": [["bob", 7]]})

    assert here.peers._peers[name].version == version


async def test_what_cannot_be_told_of_one_keeps_no_other_here(
    here: Process, lobby: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lease, "GRACE", 0.05)
    come(here, lobby, "ann", "bob", "cat", "dan")

    def fail(change: Change) -> None:
        assert change.person not in ("ann", "cat"), change.person

    here.presence.on_change = fail
    for name in ("ann", "bob"):
        here.presence.depart(name, [lobby.pk], at_once=False)
    await asyncio.sleep(0.03)
    for name in ("cat", "dan"):
        here.presence.depart(name, [lobby.pk], at_once=False)

    await until(lambda: not list(here.roster))
    said = [record.getMessage() for record in caplog.records if record.exc_info]
    assert set(said) == {"It could not be told who has come or gone."}


async def test_who_cannot_be_let_go_of_keeps_no_other_here(
    here: Process, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "GRACE", 0.05)
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    come(here, lobby, "ann", "bob", "cat")
    for name in ("ann", "bob", "cat"):
        here.presence.depart(name, [lobby.pk], at_once=False)

    del here.presence._here["ann"]

    await until(lambda: here.roster.role(lobby.pk, "bob") is here.roster.role(lobby.pk, "cat") is None)


async def test_who_comes_under_another_name_is_called_so_whatever_the_clocks_say(
    here: Process, there: Process, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence_module, "moment", lambda: 2e9)
    there.presence.arrive("ann", "Ann")
    monkeypatch.undo()
    await until(lambda: here.roster.name("ann") == "Ann")

    here.presence.arrive("ann", "Anna")

    assert here.roster.name("ann") == "Anna"
    await until(lambda: there.roster.name("ann") == "Anna")


async def test_the_many_of_a_process_that_has_died_leave_others_their_turn(
    here: Process, there: Process, lobby: Room
) -> None:
    come(there, lobby, *(f"p{number}" for number in range(3 * peers.TURN)))
    await until(lambda: here.roster.online(lobby.pk) == 3 * peers.TURN)
    seen: set[int] = set()

    async def look() -> None:
        while here.roster.online(lobby.pk):
            seen.add(here.roster.online(lobby.pk))
            await asyncio.sleep(0)

    kill(there)
    await look()

    assert seen >= {peers.TURN, 2 * peers.TURN, 3 * peers.TURN}
    await until(lambda: there.presence.rows.id not in here.peers._peers)
