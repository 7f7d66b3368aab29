"""What is promised under faults holds on real sites, for some seconds each; `make faults` takes longer."""

import pytest

from bench import production
from bench.faults.recipes import ALL
from bench.faults.run import carry_out

RECIPES = {recipe.name: recipe for recipe in ALL}
#: For how long people talk.
SECONDS = 6.0

pytestmark = [
    # Each recipe brings the stack that it needs.
    pytest.mark.stack("sqlite"),
    pytest.mark.needs("postgres", "redis-server", "nginx"),
    pytest.mark.timeout(120),
]


@pytest.mark.parametrize(
    "name", ["kill", "redis-killed", "postgresql-terminated", "sqlite-locked", "two-sites"]
)
def test_nothing_is_lost_nothing_comes_twice_everybody_sees_one_order(name: str) -> None:
    outcome = carry_out(RECIPES[name], seed=11, environment=production.environment(), seconds=SECONDS)

    assert not any(outcome.wrong.values()), outcome.examples
    assert outcome.acknowledged > 50
