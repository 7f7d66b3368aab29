"""What is held against what came of a recipe, and what the page says of it."""

from dataclasses import replace

import pytest

from bench.faults import page
from bench.faults.recipe import Promise, Recipe, nothing
from bench.faults.recipes import ALL
from bench.faults.results import Result
from bench.faults.run import Outcome

WELL = Outcome(
    acknowledged=100,
    undone=0,
    wrong={"lost": 0, "doubled": 0, "out of order": 0, "wrong": 0},
    refused=3,
    refused_in=5.2,
    silence=1.0,
    healed_p50=0.1,
    healed_p99=2.9,
    lag=0.02,
    log_lines=5,
    tracebacks=0,
    overdue=0,
    examples=(),
)
PROMISE = Promise(heals_in=3, silence=3)


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ({}, []),
        ({"wrong": {**WELL.wrong, "lost": 2}}, ["2 lost"]),
        ({"wrong": {**WELL.wrong, "doubled": 1}}, ["1 doubled"]),
        ({"healed_p99": 3.1}, ["healed p99 3.10 s"]),
        ({"silence": 4.0}, ["longest without an ack 4.00 s"]),
        ({"refused_in": 12.0}, ["refused p99 12.00 s"]),
        ({"lag": 0.7}, ["told late p90 0.70 s"]),
        ({"tracebacks": 1}, ["1 tracebacks"]),
        ({"overdue": 1}, ["1 processes did not end"]),
        ({"acknowledged": 0}, ["nothing was acknowledged"]),
    ],
)
def test_each_promise_can_be_broken(what: dict[str, object], broken: list[str]) -> None:
    outcome = replace(WELL, **what)  # type: ignore[arg-type]

    assert outcome.broken(PROMISE) == broken


def test_what_is_not_promised_cannot_be_broken() -> None:
    assert replace(WELL, healed_p99=60.0, silence=60.0).broken(Promise()) == []


def test_the_page_says_what_was_kept_what_was_not_and_what_was_left_out() -> None:
    recipe = Recipe("kill", "a kill", PROMISE, nothing)
    kept, broken = Result(recipe, WELL), Result(recipe, replace(WELL, silence=4.0))
    failed, left_out = Result(recipe, error="OSError: no"), Result(recipe, missing="needs root")

    assert [page.verdict(result) for result in (kept, broken, failed, left_out)] == [
        "yes",
        "**no**: longest without an ack 4.00 s",
        "**no**: OSError: no",
        "not run here: needs root",
    ]
    assert [result.is_kept for result in (kept, broken, failed, left_out)] == [True, False, False, False]
    table = page.table([kept, left_out])
    assert {line.count("|") for line in table.splitlines()} == {11}


def test_every_recipe_has_a_name_of_its_own() -> None:
    names = [recipe.name for recipe in ALL]

    assert len(names) == len(set(names))
