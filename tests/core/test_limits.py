"""Limits on how often."""

from chat.core.limits import Strikes


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
