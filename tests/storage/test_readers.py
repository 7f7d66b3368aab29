"""Reading for many at a time."""

import asyncio
import threading

import pytest

from chat.storage.readers import BatchLoader

# Reading threads look after the connections to the database.
pytestmark = pytest.mark.django_db(transaction=True)


async def test_while_one_call_runs_the_next_gathers() -> None:
    calls: list[list[str]] = []
    gate = threading.Event()

    def read(names: list[str]) -> dict[str, int]:
        calls.append(names)
        gate.wait(10)
        return {name: len(name) for name in names}

    length = BatchLoader(read)
    first = asyncio.create_task(length("Al"))
    while not calls:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    others = [asyncio.create_task(length(name)) for name in ("Bob", "Carol", "Bob")]
    await asyncio.sleep(0)
    gate.set()

    assert await asyncio.gather(first, *others) == [2, 3, 5, 3]
    assert calls == [["Al"], ["Bob", "Carol"]]


async def test_who_asks_while_a_call_runs_gets_what_is_read_afterwards() -> None:
    truth, begun, gate = {"Al": 1}, threading.Event(), threading.Event()

    def read(names: list[str]) -> dict[str, int]:
        found = dict(truth)
        begun.set()
        gate.wait(10)
        return found

    count = BatchLoader(read)
    early = asyncio.create_task(count("Al"))
    await asyncio.to_thread(begun.wait, 10)
    truth["Al"] = 2
    late = asyncio.create_task(count("Al"))
    await asyncio.sleep(0)
    gate.set()

    assert (await early, await late) == (1, 2)


async def test_an_error_is_for_those_who_wait_and_for_nobody_else() -> None:
    def read(names: list[str]) -> dict[str, int]:
        if "Mallory" in names:
            raise ValueError
        return dict.fromkeys(names, 1)

    count = BatchLoader(read)
    with pytest.raises(ValueError):  # noqa: PT011
        await count("Mallory")

    assert await count("Alice") == 1
