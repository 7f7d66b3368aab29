"""The peer that stores has stored what it tells."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.fanout import contenders, gauge
from bench.fanout.contenders import Running
from bench.fanout.crowd import Crowd


@pytest.fixture
def storing(tmp_path: Path) -> Iterator[Running]:
    """The seed that stores, while it serves."""
    pytest.importorskip("fastapi", reason="the peers are installed by make bench")
    [peer] = [one for one in contenders.contenders("serve") if one.key == "seed-storing"]
    with contenders.running(peer, tmp_path, gauge.cores()[0]) as running:
        yield running


def test_a_message_that_was_heard_is_stored(storing: Running, tmp_path: Path) -> None:
    with closing(Crowd(storing.port, storing.contender.dialect)) as crowd:
        crowd.grow(2)
        crowd.probe()

        with closing(sqlite3.connect(tmp_path / "seed.sqlite3")) as database:
            assert database.execute("SELECT count(*) FROM message").fetchone() == (2,)
