"""What a process does beside serving."""

import asyncio
import threading

import pytest
from django.db import OperationalError

from chat.live import chores
from chat.live.chores import Chore

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is time again at once."""
    for pause in ("FIRST", "EVERY", "PAUSE"):
        monkeypatch.setattr(chores, pause, 0)


async def test_it_is_done_again_and_again_and_not_in_the_loop() -> None:
    threads = []
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> bool:
        threads.append(threading.current_thread())
        if len(threads) == 5:
            loop.call_soon_threadsafe(enough.set)
        return len(threads) % 2 == 1

    await _run_until(enough, work)

    assert threading.current_thread() not in threads


async def test_a_database_that_does_not_answer_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([OperationalError("database is locked"), None])
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> bool:
        if error := next(answers, None):
            raise error
        loop.call_soon_threadsafe(enough.set)
        return False

    await _run_until(enough, work)

    assert "waits for the database: database is locked" in caplog.text


async def _run_until(enough: asyncio.Event, work: object) -> None:
    task = asyncio.create_task(Chore(work).run())  # type: ignore[arg-type]
    async with asyncio.timeout(20):
        await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
