"""The servers of a run: one process of a site, or several."""

import contextlib
from collections.abc import Iterator

from bench.fanout import gauge
from bench.fanout.contenders import stop
from bench.fanout.gauge import Gauge
from harness.site import Site


@contextlib.contextmanager
def served(core: int, *sites: Site) -> Iterator[list[Gauge]]:
    """These sites while they serve, all on one core: the gauge of each."""
    with contextlib.ExitStack() as stack:
        gauges = []
        for site in sites:
            with gauge.on_core(core):
                process = site.start("serve")
            stack.callback(stop, process)
            site.wait_for(process)
            gauges.append(Gauge(process.pid))
        yield gauges
