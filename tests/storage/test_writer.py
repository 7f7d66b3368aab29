"""The writer: gathering, and a database that does not take what it is given."""

import asyncio
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError

from chat.actors import guest
from chat.core.errors import Internal
from chat.core.protocol import PostMessage
from chat.models import Message, Person, Room
from chat.services import batches
from chat.services.people import Arrival
from chat.storage import writer as writer_module
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.writer import Writer
from tests.databases import locked


@pytest.fixture(autouse=True)
def _database(transactional_db: None) -> None:
    """The writer asks its connection to be patient."""


async def test_what_arrives_during_a_transaction_goes_into_the_next() -> None:
    batches: list[list[int]] = []
    begun, gate = threading.Event(), threading.Event()

    def write(commands: Sequence[int]) -> list[int]:
        begun.set()
        gate.wait(5)
        batches.append(list(commands))
        return [command * 2 for command in commands]

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)
    outcomes = [writer.put(0)]
    assert await asyncio.to_thread(begun.wait, 10)
    outcomes += [writer.put(number) for number in range(1, 50)]
    gate.set()

    assert await asyncio.gather(*outcomes) == [number * 2 for number in range(50)]
    assert batches == [[0], list(range(1, 50))]


async def test_a_lively_room_is_waited_for_until_as_many_have_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And no longer, however long that might be."""
    batches: list[list[int]] = []

    def write(commands: Sequence[int]) -> list[int]:
        batches.append(list(commands))
        return list(commands)

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)
    monkeypatch.setattr(writer_module, "GATHER", 3600)
    monkeypatch.setattr(writer_module, "BUSY", 3600)

    async with asyncio.timeout(20):
        await asyncio.gather(writer.put(1), writer.put(2))
        third = writer.put(3)
        await asyncio.sleep(0)  # it has begun to wait
        await asyncio.gather(third, writer.put(4), writer.put(5))
        await asyncio.gather(*map(writer.put, (6, 7, 8)))

    assert batches == [[1, 2], [3, 4, 5], [6, 7, 8]]


async def test_what_nobody_waits_for_goes_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "LATER", 3600.0)
    batches: list[list[str]] = []

    def write(commands: Sequence[str]) -> Sequence[str]:
        batches.append(list(commands))
        return commands

    writer: Writer[str, str] = Writer(write, lambda outcomes: None)
    patient = [writer.put(name, later=True) for name in ("a", "b")]
    await writer.put("c")
    patient.append(writer.put("d", later=True))
    writer.hurry()
    assert await asyncio.gather(*patient) == ["a", "b", "d"]

    monkeypatch.setattr(writer_module, "LATER", 0.01)
    await writer.put("e", later=True)  # by itself

    assert batches == [["a", "b", "c"], ["d"], ["e"]]


async def test_what_came_of_them_is_told_after_those_who_wait() -> None:
    order: list[str] = []
    writer: Writer[int, int] = Writer(list, lambda outcomes: order.append(f"told {list(outcomes)}"))

    outcome = writer.put(1)
    outcome.add_done_callback(lambda future: order.append("answered"))
    await outcome
    async with asyncio.timeout(10):
        while len(order) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)

    assert order == ["answered", "told [1]"]


async def test_who_is_answered_by_a_call_is_so_before_others_are_told_and_all_in_their_order() -> None:
    order: list[str] = []
    told = asyncio.Event()

    def tell(outcomes: Sequence[str]) -> None:
        order.extend(map("told {}".format, outcomes))
        if "b" in outcomes:
            told.set()

    writer: Writer[str, str] = Writer(list, tell)

    def answer(outcome: object) -> None:
        order.append(f"answered {outcome}")
        if outcome == "a":
            writer.submit("b", answer)

    patient = writer.put("first")
    writer.submit("a", answer)
    await patient
    await told.wait()

    assert order == ["answered a", "told first", "told a", "answered b", "told b"]


async def test_one_that_cannot_be_kept_harms_no_other() -> None:
    def write(commands: Sequence[int]) -> list[int]:
        if 13 in commands:
            raise DataError("unlucky")
        return list(commands)

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)

    outcomes = await asyncio.gather(*[writer.put(number) for number in (12, 13, 14)])

    assert (outcomes[0], outcomes[2]) == (12, 14)
    assert isinstance(outcomes[1], Internal)


async def test_a_fault_of_ours_ends_neither_the_writer_nor_the_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody knows what came of 1, and 2 has been put behind it."""
    begun, gate = threading.Event(), threading.Event()

    def write(commands: Sequence[int]) -> list[int]:
        begun.set()
        gate.wait(5)
        return [command for command in commands if command != 1]

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)
    first = writer.put(1)
    assert await asyncio.to_thread(begun.wait, 10)
    second = writer.put(2)
    gate.set()

    async with asyncio.timeout(5):
        assert isinstance(await first, Internal)
        assert await second == 2
    [record] = caplog.records
    assert record.exc_info


async def test_what_cannot_be_told_is_logged_and_the_next_is_told(caplog: pytest.LogCaptureFixture) -> None:
    told: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()

    def tell(outcomes: Sequence[int]) -> None:
        if 1 in outcomes:
            raise LookupError
        told.set_result(list(outcomes))

    writer: Writer[int, int] = Writer(list, tell)

    assert [await writer.put(1), await writer.put(2)] == [1, 2]

    async with asyncio.timeout(10):
        assert await told == [2]
    [record] = caplog.records
    assert (record.name, record.exc_info is not None) == ("chat.storage.writer", True)


async def test_those_who_go_alone_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch fails for one of them, and then the database is locked for a while."""
    monkeypatch.setattr(writer_module, "PAUSE", 0.001)
    kept: list[int] = []
    locks = 2

    def write(commands: Sequence[int]) -> list[int]:
        nonlocal locks
        if len(commands) > 1 and 3 in commands:
            raise DataError("unlucky")
        if locks:
            locks -= 1
            raise OperationalError("database is locked")
        kept.extend(commands)
        return list(commands)

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)

    await asyncio.gather(*[writer.put(number) for number in range(1, 6)])

    assert kept == [1, 2, 3, 4, 5]


async def test_those_who_go_alone_wait_no_longer_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "PAUSE", 0.01)
    monkeypatch.setattr(writer_module, "PATIENCE", 0.2)
    tries = 0

    def write(commands: Sequence[int]) -> list[int]:
        nonlocal tries
        tries += 1
        if len(commands) > 1:
            raise DataError("unlucky")
        raise OperationalError("database is locked")

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)

    outcomes = await asyncio.gather(*[writer.put(number) for number in range(500)])

    assert {type(outcome) for outcome in outcomes} == {Internal}
    assert tries < 100


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
async def test_a_database_that_comes_back_in_time_is_asked_again(error: type[Exception]) -> None:
    tries = 0

    def write(commands: Sequence[int]) -> list[int]:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise error("the connection is gone")
        return list(commands)

    writer: Writer[int, int] = Writer(write, lambda outcomes: None)

    assert await writer.put(1) == 1


async def test_nobody_waits_longer_than_their_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "PATIENCE", 0.3)
    told: list[object] = []

    def write(commands: Sequence[int]) -> list[int]:
        raise OperationalError("the connection is gone")

    writer: Writer[int, int] = Writer(write, told.append)

    outcomes = await asyncio.gather(writer.put(1), writer.put(2))

    assert [type(outcome) for outcome in outcomes] == [Internal, Internal]
    assert told == []


async def test_who_has_waited_too_long_holds_up_nobody_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "PAUSE", 3600)
    writer: Writer[int, int] = Writer(list, lambda outcomes: None)
    monkeypatch.setattr(writer_module, "PATIENCE", 0)
    early = writer.put(1)
    monkeypatch.setattr(writer_module, "PATIENCE", 30)
    late = writer.put(2)

    async with asyncio.timeout(20):
        assert await late == 2
    assert isinstance(await early, Internal)


async def test_a_locked_database_is_waited_for_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By somebody else, for longer than anybody waits."""
    monkeypatch.setattr(writer_module, "PATIENCE", 0.5)

    begun = threading.Event()

    def write(commands: Sequence[str]) -> list[int]:
        if commands == ["later"]:
            begun.set()
        return [Room.objects.create(slug=command, title=command).pk for command in commands]

    writer: Writer[str, int] = Writer(write, lambda outcomes: None)
    with locked():
        given_up = await writer.put("given-up")
        monkeypatch.setattr(writer_module, "PATIENCE", 30)
        later = writer.put("later")
        assert await asyncio.to_thread(begun.wait, 10)

    assert isinstance(given_up, Internal)
    assert isinstance(await later, int)
    assert [room.slug async for room in Room.objects.exclude(slug="lobby")] == ["later"]


async def test_what_was_kept_without_an_answer_is_not_kept_twice(lobby: Room) -> None:
    """The database is lost while it commits: it has kept the batch and not said so. v1 gives no refs."""
    told: list[object] = []
    losses = 1

    def write(asked: Sequence[Any]) -> Sequence[Any]:
        nonlocal losses
        outcomes = batches.carry_out(asked)
        if losses:
            losses -= 1
            raise OperationalError("the connection was lost")
        return outcomes

    writer: Writer[Any, Any] = Writer(write, told.extend, partial(batches.carry_out, is_retry=True))
    alice = Person(id="alice", name="Alice")
    writer.put(Arrival("alice", "Alice"))
    asked = [
        AcceptedCommand(guest(alice), PostMessage(message="hi"), room=lobby.pk, key=str(number))
        for number in range(3)
    ]

    outcomes: list[Any] = await asyncio.gather(*map(writer.put, asked))

    assert [outcome.is_repeat for outcome in outcomes] == [True] * 3
    assert [outcome.version for outcome in outcomes] == [1, 2, 3]
    assert await Message.objects.acount() == 3
    room = await Room.objects.aget(pk=lobby.pk)
    assert room.version == 3
