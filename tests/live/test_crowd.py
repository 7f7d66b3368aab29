"""The crowd: how many came and went, told once in a while."""

import asyncio

import pytest

from chat.live import crowd as crowd_module
from chat.live.crowd import Crowd


@pytest.fixture(autouse=True)
def _short_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd_module, "PERIOD", 0.05)


class Room:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def tell(self, came: int, went: int) -> None:
        self.told.append((came, went))

    async def hears(self, count: int) -> list[tuple[int, int]]:
        """What it was told, once that is `count` notices."""
        async with asyncio.timeout(10):
            while len(self.told) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        return self.told


async def test_all_who_come_and_go_in_one_period_are_one_notice() -> None:
    crowd, room = Crowd(asyncio.get_running_loop()), Room()

    for _ in range(30):
        crowd.count(1, came=1, notify=room.tell)
    for _ in range(12):
        crowd.count(1, went=1, notify=room.tell)

    assert room.told == []
    assert await room.hears(1) == [(30, 12)]


async def test_the_next_period_counts_anew() -> None:
    crowd, room = Crowd(asyncio.get_running_loop()), Room()
    crowd.count(1, came=2, notify=room.tell)
    await room.hears(1)

    crowd.count(1, went=1, notify=room.tell)

    assert await room.hears(2) == [(2, 0), (0, 1)]


async def test_each_room_has_its_own_count() -> None:
    crowd, here, there = Crowd(asyncio.get_running_loop()), Room(), Room()

    crowd.count(1, came=1, notify=here.tell)
    crowd.count(2, went=3, notify=there.tell)

    assert await here.hears(1) == [(1, 0)]
    assert await there.hears(1) == [(0, 3)]
