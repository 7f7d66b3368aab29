"""The site's settings, with the flaky layer under the hub."""

from pathlib import Path

from chatproject.settings import *  # noqa: F403
from chatproject.settings import text

#: The folder where the processes of one run find each other's sockets.
_SOCKETS = Path(text("BENCH_SOCKETS"))

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "bench.ledger.layer.FlakyLayer",
        "CONFIG": {"folder": _SOCKETS, "seed": text("BENCH_SEED"), "capacity": 10_000},
    }
}
