"""The published page is written from a whole run, and from no other."""

from pathlib import Path

import pytest

from bench.fanout import __main__ as program
from bench.fanout.results import Results


@pytest.mark.parametrize("is_whole", [True, False])
def test_only_a_whole_run_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_whole: bool
) -> None:
    kept, page = tmp_path / "kept.json", tmp_path / "page.md"
    Results(is_whole=is_whole).save(kept)
    monkeypatch.setattr("sys.argv", ["fanout", "--from", str(kept)])
    monkeypatch.setattr(program, "JSON", tmp_path / "published.json")
    monkeypatch.setattr(program, "PAGE", page)
    monkeypatch.setattr("bench.fanout.plot.draw", lambda results, path: None)

    assert program.main() == 0

    assert page.exists() == (tmp_path / "published.json").exists() == is_whole
