"""Work that never ends."""

import asyncio

import pytest

from chat.live import supervisor


@pytest.mark.parametrize("end", [RuntimeError("broken"), asyncio.CancelledError(), None])
async def test_what_has_ended_begins_again_and_says_why(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, end: BaseException | None
) -> None:
    monkeypatch.setattr(supervisor, "PAUSE", 0)
    begun = asyncio.Semaphore(0)
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1
        begun.release()
        if times > 2:
            await asyncio.Event().wait()
        if end is not None:
            raise end

    task = asyncio.create_task(supervisor.supervise(work))
    for _ in range(3):
        await begun.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert times == 3
    assert len(caplog.records) == 2
    assert all("begins again" in record.message for record in caplog.records)
