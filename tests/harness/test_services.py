"""The servers that tests and benchmarks start."""

import os
import signal

import pytest

from harness.services import Redis, home


@pytest.mark.needs("redis-server")
def test_one_that_ends_unasked_is_named_with_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    with home() as folder, Redis(folder) as redis:
        [server] = redis.pids()
        os.kill(server, signal.SIGTERM)
        os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)
        assert redis.pids() == []

    told = capsys.readouterr().err
    assert "redis-server has ended unasked, with 0" in told
    assert "Received SIGTERM" in told
