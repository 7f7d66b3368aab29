"""What is promised under faults holds on real sites, for some seconds each; `make faults` takes longer."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench import production
from bench.faults.recipes import ALL
from bench.faults.run import Outcome, carry_out

SHORT = ("kill", "redis-killed", "postgresql-terminated", "sqlite-locked", "two-sites")

pytestmark = [
    # Each recipe brings the stack that it needs.
    pytest.mark.stack("sqlite"),
    pytest.mark.needs("postgres", "redis-server", "nginx"),
    pytest.mark.timeout(240),
]


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, Outcome]:
    """What came of the short recipes. Two at a time: most of it is waiting."""
    environment = production.environment()

    def of(name: str) -> Outcome:
        [recipe] = [recipe for recipe in ALL if recipe.name == name]
        return carry_out(recipe, 11, environment, seconds=6, patience=60)

    with ThreadPoolExecutor(2) as two:
        return dict(zip(SHORT, two.map(of, SHORT), strict=True))


@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_lost_nothing_comes_twice_everybody_sees_one_order(
    name: str, outcomes: Mapping[str, Outcome]
) -> None:
    outcome = outcomes[name]

    assert not any(outcome.wrong.values()), outcome.examples
    assert outcome.acknowledged > 50
