"""The comparison: what it costs to tell everybody in a room, beside other ways to serve the same chat.

`python -m bench.fanout` measures everything and writes docs/BENCHMARKS.md with its plot and raw numbers;
with `--quick`, or where only a part is measured, it prints a table.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.fanout import contenders, gauge, machine, page, plans, plot
from bench.fanout.results import Results
from bench.fanout.run import Run, tell
from harness.site import TOP

JSON, PAGE, PLOT = (TOP / "docs" / name for name in ("benchmarks.json", "BENCHMARKS.md", "benchmarks.png"))


def main() -> int:
    """Measure, or take what was measured, and tell it; 1 where a run has failed."""
    options = _options()
    results = Results.load(options.kept) if options.kept else _measure(options)
    if results.is_whole:
        _publish(results)
        sys.stdout.write(page.goals_table(results))
    else:
        sys.stdout.write(page.short(results))
    return 1 if results.failures else 0


def _publish(results: Results) -> None:
    results.save(JSON)
    plot.draw(results, PLOT)
    PAGE.write_text(page.full(results, PLOT.name, JSON.name))


def _measure(options: argparse.Namespace) -> Results:
    gauge.open_many_files()
    plan, most = (plans.QUICK if options.quick else plans.FULL), options.repetitions
    if most:
        plan = tuple(replace(stage, times=min(stage.times, most)) for stage in plan)
    known = contenders.contenders(options.server)
    taking_part = [one for one in known if one.can_run() and (not options.only or one.key in options.only)]
    facts = {
        "Measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Our server": options.server,
        **machine.facts(),
    }
    start = time.monotonic()
    results = Run(plan, taking_part).run()
    facts["Took"] = f"{(time.monotonic() - start) / 60:.1f} minutes"
    results.facts, results.versions = facts, contenders.versions()
    is_all = plan == plans.FULL and len(taking_part) == len(known) and options.server == "serve"
    results.is_whole = is_all and not results.failures
    if not options.quick and not results.is_whole:
        kept = Path(tempfile.mkdtemp(prefix="benchmarks-")) / JSON.name
        results.save(kept)
        tell(f"Not all was measured, or something failed: docs/ stays as it is, the numbers are in {kept}")
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look")
    parser.add_argument(
        "--server", choices=["serve", "daphne", "uvicorn"], default="serve", help="what serves our chat"
    )
    parser.add_argument("--repetitions", type=int, help="how often each is measured at most")
    parser.add_argument("--only", type=lambda text: text.split(","), help="keys of contenders, with commas")
    parser.add_argument(
        "--from", dest="kept", type=Path, metavar="JSON", help="make the page from kept numbers"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
