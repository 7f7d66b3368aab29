"""The page says what was measured, and never more."""

from pathlib import Path

import pytest

from bench.fanout import page
from bench.fanout.goals import NEWCOMERS, ROOM, TWENTY, cpu, door
from bench.fanout.results import Figure, Key, Measure, Results

TITLES = {"ours-v1": "Ours, v1", "seed": "The seed", "ws": "Node ws"}


@pytest.fixture
def results() -> Results:
    """Ours costs half of the seed in two repetitions, and less than ws in none."""
    results = Results(titles=TITLES)
    for repetition, slowness in enumerate((1, 3)):
        for key, micros in (("ours-v1", 5), ("seed", 10), ("ws", 4)):
            results.add(cpu(key, 32), repetition, micros * slowness / 1e6)
            results.add(Key(key, Measure.OWN_CPU, ROOM, 32), repetition, slowness / 1e6)
            results.add(Key(key, Measure.RATE, ROOM, 32), repetition, 1e5)
            results.add(Key(key, Measure.REACH, ROOM, 32), repetition, 1.0)
    return results


def line(table: str, start: str) -> list[str]:
    [found] = [line for line in table.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_a_goal_that_is_missed_is_not_met(results: Results) -> None:
    table = page.goals_table(results)

    assert line(table, f"CPU of a delivery, v1, a room of {ROOM}, 32 in flight: ours / seed")[1:] == [
        "≤ 0.45",
        "0.50",
        "**not met**",
    ]
    assert (
        line(table, f"CPU of a delivery, v1, a room of {ROOM}, 32 in flight: ours / Node ws")[3]
        == "**not met**"
    )


def test_a_small_room_is_compared_with_the_seed_that_stores(results: Results) -> None:
    for key, micros in (("limits-v2", 30), ("ours-v2", 30), ("seed-storing", 20), ("seed", 10)):
        results.titles[key] = key
        results.add(cpu(key, 4, TWENTY), 0, micros / 1e6)
        results.add(Key(key, Measure.RATE, TWENTY, 4), 0, 40_000)

    told = page.full(results, "plot.png", "kept.json")

    assert line(told, f"CPU of a delivery, v2, a room of {TWENTY}, 4 in flight")[2:] == [
        "1.50",
        "**not met**",
    ]
    assert line(told, "ours-v2 | 4")[2:4] == ["30.0", "1.50"]
    assert line(told, "messages a second at most")[1:] == ["2000", "–", "2000", "2000", "–"]


def test_a_newcomer_is_compared_with_one_who_comes_to_the_seed(results: Results) -> None:
    for key, millis in (("door-v1", 0.9), ("door-seed", 0.6)):
        results.titles[key] = key
        results.add(door(key), 0, millis / 1e3)

    told = page.full(results, "plot.png", "kept.json")
    assert line(told, "CPU of a newcomer, v1")[2:] == ["0.90 ms", "yes"]
    assert line(told, "door-v1 |")[1:3] == ["0.90", "1.50"]


def test_what_was_not_measured_is_neither_met_nor_missed(results: Results) -> None:
    assert line(page.goals_table(results), f"CPU of {NEWCOMERS} newcomers")[2:] == ["not measured", "–"]


def test_a_ratio_is_taken_within_a_repetition(results: Results) -> None:
    assert results.ratio(cpu("ours-v1", 32), cpu("seed", 32)) == Figure(0.5, 0.5, 0.5)


def test_a_reach_that_is_almost_1_is_not_1(results: Results) -> None:
    results.add(Key("ours-v1", Measure.REACH, ROOM, 32), 2, 0.9999999)

    assert line(page.goals_table(results), "Reach")[2:] == ["0.9999999", "**not met**"]
    assert line(page.short(results), "Ours, v1 | 32")[5] == "**0.9999999**"


def test_the_reach_of_our_chat_under_other_servers_counts_too(results: Results) -> None:
    results.add(Key("uvicorn", Measure.REACH, ROOM, 32), 0, 0.5)

    assert line(page.goals_table(results), "Reach")[2:] == ["0.5", "**not met**"]


def test_stolen_time_is_told(results: Results) -> None:
    for share in (0.0, 0.01, 0.25):
        results.add(Key("seed", Measure.STOLEN), 0, share)

    assert "1.0% in the median run, 25.0% in the worst" in page.full(results, "plot.png", "kept.json")


def test_a_run_that_failed_is_told(results: Results) -> None:
    results.failures.append("Ours, v1, rooms: the server closed a connection")

    assert "the server closed a connection" in page.short(results)
    assert "the server closed a connection" in page.full(results, "plot.png", "kept.json")


def test_a_load_that_costs_more_than_the_server_is_told(results: Results) -> None:
    assert "less than the server in every run" in page.short(results)

    results.add(cpu("ws", 4), 0, 1e-6)
    results.add(Key("ws", Measure.OWN_CPU, ROOM, 4), 0, 2e-6)

    assert "too low: Node ws (200 listeners, 4 in flight)" in page.short(results)


def test_what_is_kept_is_what_was_measured(results: Results, tmp_path: Path) -> None:
    results.failures.append("„“")
    results.stages.append(("latency", "Ours, v1", 2))

    results.save(tmp_path / "kept.json")

    assert Results.load(tmp_path / "kept.json") == results
