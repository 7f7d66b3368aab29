"""What a message costs is compared within a round, and published only where all was measured."""

from pathlib import Path

import pytest

from bench.fanout.results import Figure
from bench.growth import page
from bench.growth.comeback import Comeback
from bench.growth.results import CASES, SQLITE, Case, Results
from bench.growth.rooms import Costs

SMALLEST, LARGE, TWO = (
    Case(SQLITE, processes, rooms, 1_000) for processes, rooms in ((1, 10), (1, 10_000), (2, 10))
)


def costs(message: float) -> Costs:
    return Costs(message, rate=1000, room=None, idle=0.01)


def measured(*cases: Case) -> Results:
    results = Results()
    for round, slowness in enumerate((1, 3)):
        for case in cases:
            results.add_costs(case, round, costs(slowness * (2e-4 if case == SMALLEST else 3e-4)))
        results.add_comeback(round, Comeback(0.5, 0.6, 0.003, 0.004, 0.005, 0.02))
    return results


@pytest.mark.parametrize("case", [LARGE, TWO])
def test_a_ratio_is_taken_within_a_round(case: Case) -> None:
    found = measured(SMALLEST, case).growth(case)

    assert found == Figure(*[3e-4 / 2e-4] * 3)


def test_what_costs_too_much_is_not_met() -> None:
    told = page.full(measured(SMALLEST, LARGE))

    [goal] = [line for line in told.splitlines() if "10,000 rooms" in line and "≤" in line]
    assert goal.endswith("| ≤ 1.2 | 1.50 | **not met** |")
    assert "| CPU until 1000 are back | ≤ 1 s | 0.50 s | yes |" in told


def test_only_a_whole_run_without_failures_is_published() -> None:
    part, whole = measured(SMALLEST, LARGE), measured(*CASES)

    assert (part.is_whole, whole.is_whole) == (False, True)
    whole.failures.append("something")
    assert not whole.is_whole


def test_what_is_kept_is_what_was_measured(tmp_path: Path) -> None:
    results = measured(SMALLEST, LARGE)

    results.save(tmp_path / "kept.json")

    assert Results.load(tmp_path / "kept.json") == results
