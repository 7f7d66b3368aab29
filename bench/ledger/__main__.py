"""The ledger: nothing acknowledged is lost, nothing comes twice, everybody sees one order, under faults.

    python -m bench.ledger --seconds 60 --seed 1
    python -m bench.ledger --stack postgresql --processes 3 --nginx

A site in processes of its own, clients of both dialects, each behind a proxy of its own that a script
spoils, servers that are killed while they write, and a flaky layer between them, or Redis. The same seed
gives the same script. In the end what everybody was told is compared with what is stored.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from bench.ledger import faults, report
from bench.ledger.plan import Plan
from bench.ledger.run import Run
from bench.ledger.stack import Shape, Stack


def main() -> int:
    """Run it, print what came of it; 1 where anything is wrong."""
    wanted = _arguments()
    home = Path(tempfile.mkdtemp(prefix="ledger-"))
    try:
        run = Run(_plan(wanted), Stack(home, _shape(wanted), wanted.seed))
        trouble = faults.Injector(run, _script(wanted, run))
        if wanted.calm:
            run.calm_down()
        asyncio.run(run.through(trouble))
        for trace in run.stack.log.split("Traceback")[1:]:
            run.journal.flag("wrong", f"the server's log has: Traceback{trace[:1500]}")
        sys.stdout.write(report.table(run, trouble.injected))
        if not run.journal.violations:
            return 0
        sys.stdout.write(report.verdict(run))
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _plan(wanted: argparse.Namespace) -> Plan:
    names = ("seconds", "seed", "writers", "readers", "v1", "pace", "window", "patience")
    return Plan(**{name: getattr(wanted, name) for name in names}, is_plain=wanted.calm)


def _shape(wanted: argparse.Namespace) -> Shape:
    return Shape(
        database=wanted.stack,
        layer="redis" if wanted.stack == "postgresql" else "flaky",
        processes=wanted.processes,
        server=wanted.server,
        has_front=wanted.nginx,
        is_balanced=wanted.nginx,
    )


def _script(wanted: argparse.Namespace, run: Run) -> list[faults.Fault]:
    if wanted.calm:
        return []
    kills = int(wanted.seconds // 15) if wanted.kills is None else wanted.kills
    places = len(run.proxies), len(run.stack.servers)
    return faults.script(run.random("script"), wanted.seconds, *places, wanted.faults, kills)


def _arguments() -> argparse.Namespace:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--seconds", type=float, default=plan.seconds, help="how long there is talk and trouble")
    add("--seed", type=int, default=plan.seed, help="of the script of faults")
    add("--writers", type=int, default=plan.writers)
    add("--readers", type=int, default=plan.readers)
    add("--v1", type=int, default=plan.v1, help="clients of dialect v1; every other one writes")
    add("--stack", choices=("sqlite", "postgresql"), default="sqlite", help="the latter with Redis")
    add("--server", choices=("serve", "daphne", "runserver"), default="serve")
    add("--nginx", action="store_true", help="nginx stands in front of them")
    add("--processes", type=int, default=2, help="servers on the one database")
    add("--kills", type=int, default=None, help="kill -9 of a server; one in 15 s by default")
    add("--faults", type=float, default=3, help="faults of proxies a second")
    add("--pace", type=float, default=plan.pace, help="seconds between two messages of a writer")
    add("--window", type=int, default=plan.window, help="what a writer asks for without an answer")
    add("--patience", type=float, default=plan.patience, help="seconds to come to rest in the end")
    add("--calm", action="store_true", help="no faults at all, to measure speed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
