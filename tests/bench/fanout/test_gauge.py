"""The generator keeps off the server's core."""

import os
import subprocess
import sys
import time

import pytest

from bench.fanout import gauge


@pytest.mark.parametrize(
    ("allowed", "pair"),
    [({0, 1, 2, 3}, (0, 2)), ({0, 1}, (0, 1)), ({3}, (3, 3)), ({2, 3, 5}, (2, 5))],
)
def test_hyperthreads_of_one_core_are_taken_only_where_there_is_no_other(
    allowed: set[int], pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: allowed)
    monkeypatch.setattr(gauge, "siblings", lambda core: {core & ~1, core | 1})

    assert gauge.cores() == pair


def test_a_system_that_knows_of_no_hyperthreads_has_none() -> None:
    assert gauge.siblings(1_000_000) == set()


def test_the_time_of_a_process_is_what_it_says_of_itself() -> None:
    before = time.process_time()

    assert before <= gauge.Gauge(os.getpid()).cpu()


def test_a_process_that_has_ended_has_no_time() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert gauge.Gauge(process.pid).cpu() == 0


def test_stolen_time_is_a_share() -> None:
    assert 0 <= gauge.StolenTime(gauge.cores()).share() <= 1
