"""A run of the ledger reads what the servers log."""

import asyncio

import pytest

from bench.ledger.run import GIVEN_UP
from chat.core.errors import Internal
from chat.storage import writer as writer_module
from chat.storage.writer import Writer


async def test_a_run_knows_the_words_for_what_was_given_up(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer_module, "PAUSE", 3600)
    writer: Writer[int, int] = Writer(list, lambda outcomes: None)
    monkeypatch.setattr(writer_module, "PATIENCE", 0)
    early = writer.put(1)
    monkeypatch.setattr(writer_module, "PATIENCE", 30)
    late = writer.put(2)

    async with asyncio.timeout(20):
        await asyncio.gather(early, late)

    assert isinstance(early.result(), Internal)
    assert GIVEN_UP in caplog.text
