"""What is lost, doubled or cut off is found out, and leaves no number behind."""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bench.fanout import contenders, measures, page, stages
from bench.fanout.contenders import Contender, Running, Started
from bench.fanout.crowd import Crowd, Failed, Silent
from bench.fanout.gauge import Gauge
from bench.fanout.results import Measure
from bench.fanout.run import Run
from bench.fanout.stages import Stage
from bench.fanout.talk import Talk
from bench.fanout.wire import Dialect
from tests.bench.fanout.room import Copies, once, served

LISTENERS, MESSAGES = 4, 6


@contextmanager
def a_crowd(copies: Copies = once) -> Iterator[Crowd]:
    """Listeners of a room. Message 0 is what they say to find out that all are in."""
    with served(copies) as port, closing(Crowd(port, Dialect())) as crowd:
        crowd.grow(LISTENERS)
        yield crowd


def talked(crowd: Crowd) -> float:
    """The reach of a few messages."""
    talk = Talk(crowd, in_flight=2)
    with crowd.handled_by(talk.counter):
        talk.go_on(lambda: talk.sent >= MESSAGES)
        assert talk.sent >= MESSAGES
        return talk.finish()


def lose(number: int, place: int) -> int:
    """The last listener misses one message."""
    return 0 if (number, place) == (3, 3) else 1


def double(number: int, place: int) -> int:
    """The last listener hears one message twice."""
    return 2 if (number, place) == (3, 3) else 1


def lose_and_double(number: int, place: int) -> int:
    """One listener misses what another one hears twice: as many frames as there should be."""
    return {(3, 2): 0, (3, 3): 2}.get((number, place), 1)


def test_a_room_that_tells_everybody_everything_once_has_a_reach_of_1() -> None:
    with a_crowd() as crowd:
        assert talked(crowd) == 1


def test_a_frame_that_one_listener_misses_makes_less_than_1() -> None:
    with a_crowd(lose) as crowd:
        crowd.patience = 0.5

        assert talked(crowd) < 1


def test_a_frame_that_comes_twice_makes_more_than_1() -> None:
    with a_crowd(double) as crowd:
        assert talked(crowd) > 1


def test_a_frame_too_much_does_not_hide_one_too_few() -> None:
    with a_crowd(lose_and_double) as crowd:
        crowd.patience = 0.5

        assert talked(crowd) != 1


@pytest.mark.parametrize(("copies", "is_right"), [(once, True), (double, False)])
def test_latency_counts_what_everybody_hears(copies: Copies, *, is_right: bool) -> None:
    with a_crowd(copies) as crowd:
        found = measures.latency(crowd, Gauge(os.getpid()), rate=1000, seconds=MESSAGES / 1000)

    assert (found.messages, found.reach == 1) == (MESSAGES, is_right)
    assert 0 < found.median <= found.p99


def test_those_at_the_door_come_one_after_the_other() -> None:
    with served() as port, closing(Crowd(port, Dialect())) as crowd:
        found = measures.door(crowd, Gauge(os.getpid()), count=3, warm_up=1)

        assert len(crowd) == 4
        assert found.cpu > 0
        assert found.wall > 0


def test_a_server_that_closes_a_connection_fails_the_run() -> None:
    def leave(number: int, place: int) -> int:
        if number == 3:
            raise EOFError  # ends the connection of whoever said it
        return 1

    with a_crowd(leave) as crowd, pytest.raises(Failed, match="a connection"):
        talked(crowd)


def test_a_server_that_says_nothing_any_more_fails_the_run() -> None:
    with a_crowd(lambda number, place: int(number == 0)) as crowd:
        crowd.patience = 0.2

        with pytest.raises(Silent):
            talked(crowd)


@pytest.mark.parametrize("copies", [once, double])
def test_a_run_that_failed_leaves_its_reach_and_no_other_number(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def running(contender: Contender, home: Path, core: int) -> Iterator[Running]:
        with served(copies) as port:
            yield Running(contender, port, Gauge(os.getpid()), "")

    def start(home: Path, environment: Mapping[str, str]) -> Started:
        raise AssertionError("it runs already")

    monkeypatch.setattr(contenders, "running", running)
    monkeypatch.setattr(stages, "ROOM", LISTENERS)
    told = Stage("deliveries", ("ours-v1",), stages.deliveries(LISTENERS, warm_up=0, seconds=0.3))
    timed = Stage("latency", ("ours-v1",), stages.latency(seconds=0.5))
    results = Run([told, timed], [Contender("ours-v1", "Ours", Dialect(), start)]).run()

    kept = {sample.measure for sample in results.samples}
    reaches = {sample.value for sample in results.samples if sample.measure is Measure.REACH}
    if copies is once:
        assert (results.failures, reaches) == ([], {1.0})
        assert kept > {Measure.CPU, Measure.RATE, Measure.LATENCY}
    else:
        assert len(results.failures) == 2
        assert 0 not in reaches
        assert 1 not in reaches
        assert kept == {Measure.REACH, Measure.STOLEN}
        assert results.rooms() == []
        assert "**not met**" in page.goals_table(results)
