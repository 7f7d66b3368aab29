"""Growth: what a message costs where there is much of everything, and what it takes until many are back.

`python -m bench.growth` measures it all in three rounds and writes docs/GROWTH.md and growth.json; with
`--quick`, or where only a part is measured or something fails, it prints the page.
"""

import argparse
import contextlib
import functools
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import production
from bench.fanout import gauge, machine
from bench.fanout.crowd import Failed
from bench.fanout.run import tell
from bench.growth import comeback, page, rooms
from bench.growth.results import CASES, PEOPLE, QUICK, Case, Results
from bench.growth.serving import served
from harness.site import TOP, Site

JSON, PAGE = TOP / "docs" / "growth.json", TOP / "docs" / "GROWTH.md"


def main() -> int:
    """Measure, or take what was measured, and tell it."""
    options = _options()
    gauge.open_many_files()
    results = Results.load(options.kept) if options.kept else _measure(options)
    if results.is_whole:
        results.save(JSON)
        PAGE.write_text(page.full(results))
    else:
        sys.stdout.write(page.full(results))
    return 1 if results.failures else 0


def _measure(options: argparse.Namespace) -> Results:
    start, (core, own) = time.monotonic(), gauge.cores()
    cases = [case for case in (QUICK if options.quick else CASES) if options.only in case.title]
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    results = Results(options.people, {"Measured": now, **machine.facts()})
    with gauge.on_core(own):
        for number in range(options.rounds):
            for case in cases if number % 2 == 0 else reversed(cases):
                with _told(f"{number + 1}/{options.rounds}  {case.title}", results):
                    results.add_costs(case, number, _costs(case, core, options.seconds))
            with _told(f"{number + 1}/{options.rounds}  {options.people} come back", results):
                results.add_comeback(number, comeback.measure(core, options.people))
    results.facts["Took"] = f"{(time.monotonic() - start) / 60:.1f} minutes"
    return results


@contextlib.contextmanager
def _told(what: str, results: Results) -> Iterator[None]:
    """Say what is measured now. Where that fails it is told, and the rest goes on."""
    tell(what)
    try:
        yield
    except (Failed, RuntimeError, OSError, subprocess.SubprocessError) as error:
        tell(f"FAILED  {error}")
        results.failures.append(f"{what}: {error}")


def _costs(case: Case, core: int, seconds: float) -> rooms.Costs:
    with (
        _sites(case) as sites,
        served(core, *sites) as gauges,
        contextlib.closing(rooms.Fives([site.port for site in sites], case.rooms)) as crowd,
    ):
        return rooms.measure(crowd, gauges, warm_up=0.5, seconds=seconds)


@contextlib.contextmanager
def _sites(case: Case) -> Iterator[list[Site]]:
    """A site for each process, all on one database that is as full as the case has it."""
    with contextlib.ExitStack() as stop:
        environment = {**production.environment(), "SECRET_KEY": secrets.token_urlsafe(50)}
        homes = [Path(stop.enter_context(tempfile.TemporaryDirectory())) for _ in range(case.processes)]
        if case.is_postgresql:
            environment |= stop.enter_context(production.postgresql_and_redis())
        sites = [Site(home, **environment) for home in homes]
        if case.is_postgresql:
            production.migrate(sites[0])
            _fill(sites[0], case)
        else:
            shutil.copy(Path(_full_database(case).name) / "db.sqlite3", homes[0])
        yield sites


@functools.cache
def _full_database(case: Case) -> "tempfile.TemporaryDirectory[str]":
    """A database of SQLite with so much in it, made once for a whole run."""
    folder = tempfile.TemporaryDirectory()
    site = Site(Path(folder.name), **production.environment())
    production.migrate(site)
    _fill(site, case)
    return folder


def _fill(site: Site, case: Case) -> None:
    command = [sys.executable, "-m", "bench.growth.fill", str(case.rooms), str(case.messages)]
    subprocess.run(command, cwd=TOP, env={**os.environ, **site.environment}, check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first look, which is printed")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--seconds", type=float, help="how long each is measured")
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many come back")
    parser.add_argument("--only", default="", help="sites whose name has this in it")
    parser.add_argument(
        "--from", dest="kept", type=Path, metavar="JSON", help="make the page from kept numbers"
    )
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (1 if options.quick else 3)
    return options


if __name__ == "__main__":
    sys.exit(main())
