"""The ledger: nothing acknowledged is lost, nothing comes twice, everybody sees one order, under faults.

    python -m bench.ledger --seconds 60 --seed 1

A site in processes of its own, clients of both dialects, each behind a proxy of its own that a script
spoils, servers that are killed while they write, and a flaky layer between them. The same seed gives the
same script. In the end what everybody was told is compared with what is stored.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from bench.ledger import report
from bench.ledger.run import Run


def main() -> int:
    """Run it, print what came of it; 1 where anything is wrong."""
    wanted = _arguments()
    home = Path(tempfile.mkdtemp(prefix="ledger-"))
    try:
        run = Run(wanted, home)
        asyncio.run(run.through())
        sys.stdout.write(report.table(run))
        if not run.journal.violations:
            return 0
        sys.stdout.write(report.verdict(run))
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long there is talk and trouble")
    parser.add_argument("--seed", type=int, default=1, help="of the script of faults")
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--v1", type=int, default=10, help="clients of dialect v1; every other one writes")
    parser.add_argument("--server", choices=("serve", "daphne", "runserver"), default="serve")
    parser.add_argument("--processes", type=int, default=2, help="servers on the one database")
    parser.add_argument(
        "--kills", type=int, default=None, help="kill -9 of a server; one in 15 s by default"
    )
    parser.add_argument("--faults", type=float, default=3, help="faults of proxies a second")
    parser.add_argument("--pace", type=float, default=0.5, help="seconds between two messages of a writer")
    parser.add_argument("--window", type=int, default=20, help="what a writer asks for without an answer")
    parser.add_argument("--patience", type=float, default=15, help="seconds to come to rest in the end")
    parser.add_argument("--calm", action="store_true", help="no faults at all, to measure speed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
