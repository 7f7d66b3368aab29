"""The turn of the loop: what rooms are told, and then what is left for one client alone."""

import asyncio
from collections.abc import Callable

import pytest

from chat.live import turn


class Client:
    """Somebody for whom something gathers, until it leaves or goes with what a room is told."""

    def __init__(self, name: str, order: list[str]) -> None:
        self.name, self._order = name, order
        self.is_gathering = False

    def gather(self) -> None:
        self.is_gathering = True
        turn.current().tell_client(self)

    def leave(self) -> None:
        self._order.append(self.name)
        self.is_gathering = False


async def until_it_is_over() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_rooms_are_told_before_clients_and_take_along_what_gathers_for_them() -> None:
    order: list[str] = []
    alice, bob = Client("alice", order), Client("bob", order)

    def tell() -> None:
        order.append("room")
        alice.is_gathering = False

    alice.gather()
    bob.gather()
    turn.current().tell_room(tell)
    await until_it_is_over()

    assert order == ["room", "bob"]


async def test_what_gathers_waits_for_a_room_that_is_told_a_turn_later() -> None:
    order: list[str] = []
    alice = Client("alice", order)

    alice.gather()
    asyncio.get_running_loop().call_soon(turn.current().tell_room, lambda: order.append("room"))
    await until_it_is_over()

    assert order == ["room", "alice"]


async def test_a_room_that_cannot_be_told_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    order: list[str] = []

    def fail() -> None:
        raise LookupError

    rooms: list[Callable[[], None]] = [fail, lambda: order.append("room")]
    for tell in rooms:
        turn.current().tell_room(tell)
    await until_it_is_over()

    assert order == ["room"]
    [record] = caplog.records
    assert record.exc_info


async def test_each_loop_has_turns_of_its_own() -> None:
    here = turn.current()

    async def current() -> turn.Turn:
        return turn.current()

    assert here is turn.current()
    assert await asyncio.to_thread(asyncio.run, current()) is not here


async def test_what_is_a_turn_by_itself_leaves_at_once() -> None:
    order: list[str] = []
    alice = Client("alice", order)

    def say_all() -> None:
        alice.gather()
        turn.current().tell_room(lambda: order.append("room"))

    turn.current().whole(say_all)
    assert order == ["room"]
    await until_it_is_over()

    assert order == ["room", "alice"]


async def test_what_is_told_while_a_turn_ends_is_told_in_the_next() -> None:
    order: list[str] = []

    def tell() -> None:
        order.append("room")
        turn.current().tell_room(lambda: order.append("told by it"))

    turn.current().whole(lambda: turn.current().tell_room(tell))
    assert order == ["room"]
    await until_it_is_over()

    assert order == ["room", "told by it"]


async def test_a_client_who_cannot_be_told_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    order: list[str] = []
    alice, bob = Client("alice", order), Client("bob", order)

    def fail() -> None:
        alice.is_gathering = False
        raise LookupError

    alice.leave = fail  # type: ignore[method-assign]
    alice.gather()
    bob.gather()
    await until_it_is_over()
    bob.gather()
    await until_it_is_over()

    assert order == ["bob", "bob"]
    assert [record.exc_info is not None for record in caplog.records] == [True]
