"""A throttle that several processes keep together, as seconds go by."""

import pytest

from chat.core.limits import Rate, Throttle
from chat.core.shared_throttle import SharedThrottle

RATE = Rate(3, 20)
#: How often what was taken is told, in seconds.
STEP = 0.1


class Site:
    """So many processes, and what counts for all of them."""

    def __init__(self, processes: int, rate: Rate = RATE) -> None:
        self.woken = 0
        self.now = 0.0
        self.exchanges = 0
        self.processes = [SharedThrottle(rate, lambda: processes, self._wake) for _ in range(processes)]
        self._totals: dict[str, tuple[int, float]] = {}

    def _wake(self) -> None:
        self.woken += 1

    def tell(self) -> None:
        """What each process has to tell is counted, and each hears how much that is together."""
        for throttle in self.processes:
            for key, told in throttle.untold().items():
                total, until = self._totals.get(key, (0, 0.0))
                if until <= self.now:
                    total, until = 0, self.now + throttle.window
                self._totals[key] = total + told, until
                throttle.hear(key, told, total + told, self.now)
                self.exchanges += 1

    def let_through(self, seconds: float, wanted: float, key: str = "alice") -> int:
        """How often somebody gets through who tries so often a second in each process, all the time."""
        count, end, due = 0, self.now + seconds, self.now
        while self.now < end:
            while due <= self.now:
                due += 1 / wanted
                count += sum(throttle.count(key, self.now) for throttle in self.processes)
            self.tell()
            self.now += STEP
        return count


def allowed(seconds: float, rate: Rate = RATE) -> float:
    return rate.burst + seconds * rate.per_second


@pytest.mark.parametrize("processes", [2, 3, 8])
def test_who_speaks_in_all_processes_says_about_as_much_as_in_one(processes: int) -> None:
    """Each may let something through before it hears of the others, and again when a count begins anew."""
    said = Site(processes).let_through(60, 10)
    assert allowed(60) * 0.8 <= said <= allowed(60) * (1.1 + processes / 40)


def test_over_an_hour_it_is_the_rate_and_nothing_more() -> None:
    assert Site(2).let_through(3600, 5) == pytest.approx(allowed(3600), rel=0.12)


def test_a_burst_at_one_moment_is_no_larger_than_the_processes_are_many() -> None:
    site = Site(2)
    assert sum(throttle.count("alice", 0) for throttle in site.processes for _ in range(100)) == 40

    site.tell()

    # Who told first hears what the other took with the next that is let through.
    assert site.let_through(5, 100) <= 1


@pytest.mark.parametrize("wanted", [1.4, 0.5])
def test_who_stays_far_below_costs_nothing_in_however_many_processes(wanted: float) -> None:
    """Half of what one may say, over two processes."""
    site = Site(2)

    said = site.let_through(600, wanted / 2)

    assert said == pytest.approx(600 * wanted, rel=0.01)
    assert (site.exchanges, site.woken) == (0, 0)


def test_who_is_just_below_the_limit_in_each_process_is_counted() -> None:
    """No bucket of theirs ever stands high."""
    assert Site(2).let_through(600, 2.9) == pytest.approx(allowed(600), rel=0.12)


def test_who_moves_to_another_process_takes_the_bucket_along_and_waits_for_no_more_than_it_drains() -> None:
    site = Site(2)
    here, there = site.processes
    while here.count("alice", 0):
        pass
    site.tell()

    there.take("alice", 6, 0)
    site.tell()
    assert there.wait("alice", 1, 0) > 0

    later = RATE.burst / RATE.per_second * 2
    assert there.wait("alice", 1, later) == here.wait("alice", 1, later) == 0


def test_a_count_that_was_forgotten_begins_anew() -> None:
    [throttle] = Site(1).processes
    throttle.hear("alice", 5, 8, 0)
    throttle.hear("alice", 5, 7, 0)

    # Of others 3, and 2 since they were forgotten.
    assert throttle.wait("alice", 15, 0) == 0
    assert throttle.wait("alice", 16, 0) > 0


def test_nobody_and_no_limit_are_not_counted() -> None:
    site = Site(2)
    for _ in range(100):
        site.processes[0].take("", 1, 0)
    unlimited = SharedThrottle(Rate(0, 0), lambda: 2, site._wake)
    unlimited.take("alice", 10**9, 0)

    assert site.processes[0].untold() == unlimited.untold() == {}
    assert site.woken == 0


def test_alone_it_lets_through_what_any_throttle_does() -> None:
    shared, other = Site(1).processes[0], Throttle(RATE)
    for step in range(1000):
        for key in ("alice", "bob", "alice"):
            assert shared.count(key, step * 0.07) == other.count(key, step * 0.07)
            shared.untold()


def test_who_has_drained_is_forgotten() -> None:
    site = Site(2)
    for number in range(5000):
        site.processes[0].take(f"guest-{number}", 1, number * 1.0)
        site.tell()

    assert len(site.processes[0]) <= 1000
    assert len(site.processes[0]._shares) <= 1000
