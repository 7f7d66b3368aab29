"""Limits on how often, and on how many."""

import pytest

from chat.core.limits import Bucket, Rate, Slots, Strikes, Throttle, network


def test_the_twentieth_fault_within_a_minute_is_one_too_many() -> None:
    strikes = Strikes(most=20, seconds=60)

    assert [strikes.add(float(second)) for second in range(20)] == [False] * 19 + [True]


def test_faults_are_forgotten_after_a_minute() -> None:
    strikes = Strikes(most=2, seconds=60)

    assert not strikes.add(0)
    assert not strikes.add(60)
    assert strikes.add(119)


def test_no_limit_is_never_reached() -> None:
    strikes = Strikes(most=0, seconds=60)

    assert not any(strikes.add(0) for _ in range(1000))


def test_there_are_as_many_places_as_were_said() -> None:
    slots = Slots()

    assert [slots.acquire("", most=2, most_of_one=1) for _ in range(3)] == [True, True, False]
    slots.release("")
    assert slots.acquire("", most=2, most_of_one=1)


def test_a_network_has_its_own_number_of_places() -> None:
    slots = Slots()

    assert [slots.acquire("203.0.113.5", most=9, most_of_one=2) for _ in range(3)] == [True, True, False]
    assert slots.acquire("203.0.113.6", most=9, most_of_one=2)
    slots.release("203.0.113.5")
    assert slots.acquire("203.0.113.5", most=9, most_of_one=2)


def test_who_finds_no_place_takes_none() -> None:
    slots = Slots()
    slots.acquire("203.0.113.5", most=1, most_of_one=1)

    for _ in range(5):
        assert not slots.acquire("203.0.113.5", most=1, most_of_one=1)
    slots.release("203.0.113.5")

    assert slots == Slots()


def test_without_a_number_there_is_always_a_place() -> None:
    slots = Slots()

    assert all(slots.acquire("203.0.113.5", most=0, most_of_one=0) for _ in range(1000))


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("127.9.9.9", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("", ""),
        ("localhost", "localhost"),
        ("203.0.113.5:80", "203.0.113.5"),
        ("[2001:db8::1]:80", "2001:db8::/64"),
    ],
)
def test_an_address_belongs_to_a_network_and_this_machine_to_nobody(host: str, whose: str) -> None:
    assert network(host) == whose


def test_a_burst_goes_through_at_once_and_then_so_much_a_second() -> None:
    rate, bucket = Rate(per_second=2, burst=3), Bucket()

    for _ in range(3):
        assert bucket.wait(rate, 1, now=10) == 0
        bucket.take(rate, 1, now=10)

    assert bucket.wait(rate, 1, now=10) == 0.5
    assert bucket.wait(rate, 1, now=10.5) == 0
    assert bucket.wait(rate, 3, now=10.5) == 1


def test_what_turned_out_dear_is_waited_for() -> None:
    rate, bucket = Rate(per_second=10, burst=20), Bucket()

    bucket.take(rate, 120, now=0)

    assert bucket.wait(rate, 0, now=0) == 10
    assert bucket.wait(rate, 1, now=10) > 0
    assert bucket.wait(rate, 20, now=12) == 0


def test_more_than_a_burst_is_let_through_alone() -> None:
    rate, bucket = Rate(per_second=1, burst=5), Bucket()

    assert bucket.wait(rate, 50, now=0) == 0
    bucket.take(rate, 1, now=0)
    assert bucket.wait(rate, 50, now=0) == 1


def test_each_has_a_bucket_of_their_own_and_nobody_has_none() -> None:
    throttle = Throttle(Rate(per_second=1, burst=1))

    assert [throttle.count("alice", now=0) for _ in range(2)] == [True, False]
    assert throttle.count("bob", now=0)
    assert all(throttle.count("", now=0) for _ in range(100))


def test_a_rate_of_none_is_no_limit() -> None:
    throttle = Throttle(Rate(per_second=0, burst=0))

    assert all(throttle.count("alice", now=0) for _ in range(1000))
    assert len(throttle) == 0


def test_whose_bucket_has_drained_is_forgotten() -> None:
    throttle = Throttle(Rate(per_second=1, burst=10))

    for number in range(100_000):
        throttle.count(f"guest-{number}", now=number / 100)

    assert len(throttle) < 3000


@pytest.mark.parametrize(
    ("words", "rate"), [("3/20", (3, 20)), ("0.5/1", (0.5, 1)), ("0", (0, 0)), (" 0/0 ", (0, 0))]
)
def test_a_rate_in_words(words: str, rate: tuple[float, float]) -> None:
    assert Rate.of(words) == rate


@pytest.mark.parametrize(
    "words", ["", "3", "3/", "/20", "3/0", "3/0.5", "-1/20", "3/-20", "nan/1", "1/inf", "3/20/1"]
)
def test_a_rate_without_sense_is_refused_with_how_it_is_written(words: str) -> None:
    with pytest.raises(ValueError, match="write 3/20"):
        Rate.of(words)
