"""The site's settings, with the flaky layer under the hub."""

from pathlib import Path

from chatproject.settings import *  # noqa: F403
from chatproject.settings import text

#: The folder where the processes of one run find each other's doorbells.
_DOORBELLS = Path(text("BENCH_DOORBELLS"))

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "bench.ledger.layer.FlakyLayer",
        "CONFIG": {"folder": _DOORBELLS, "seed": text("BENCH_SEED"), "capacity": 10_000},
    }
}
