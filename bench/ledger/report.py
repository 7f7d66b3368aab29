"""The report: what came of a run, in figures, and where its history is."""

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.ledger import layer
from bench.ledger.faults import Fault
from bench.ledger.healing import percentile
from bench.ledger.run import Run


def table(run: Run, injected: Sequence[Fault]) -> str:
    """The figures, one a line."""
    assert run.audit
    counts, events, shape = run.journal.counts, layer.faults(run.stack.home), run.stack.shape
    times = [seconds for _kind, seconds in run.healing.healed]
    rows: list[tuple[str, object]] = [
        ("seed, server", f"{run.plan.seed}, {shape.processes} x {shape.server}"),
        ("database, layer", f"{shape.database}, {shape.layer}"),
        ("seconds", f"{run.talked:.1f}"),
        (
            "clients",
            f"{len(run.readers)} of v2 ({len(run.writers)} write), {len(run.guests)} of v1",
        ),
        ("written", len(run.journal.written)),
        (
            "acknowledged",
            f"{len(run.journal.acked)} ({len(run.journal.acked) / run.talked:.0f} a second)",
        ),
        ("stored", f"{run.audit.stored} messages, {run.audit.changes} changes"),
        ("lost", counts["lost"]),
        ("doubled", counts["doubled"]),
        ("out of order", counts["out of order"]),
        ("otherwise wrong", counts["wrong"]),
        ("reconnects", counts["reconnects"]),
        ("kills", sum(fault.kind == "kill" for fault in injected)),
        ("other faults", sum(fault.kind != "kill" for fault in injected)),
        ("acks repeated", counts["repeated acks"]),
        ("refused for now", f"{counts['refused']} changes, {counts['refused at the door']} newcomers"),
        ("holes, pages", f"{counts['holes']}, {counts['pages']}"),
        (
            "layer events",
            f"{events[layer.DROPPED]} dropped, {events[layer.DOUBLED]} doubled,"
            f" {events[layer.SWAPPED]} reordered, {events[layer.DELAYED]} delayed",
        ),
        ("healed", _healed(times)),
    ]
    kinds = sorted({kind for kind, _seconds in run.healing.healed})
    rows += [
        (f"  {kind}", _healed([s for other, s in run.healing.healed if other == kind])) for kind in kinds
    ]
    return "".join(f"{name:<18}{figure}\n" for name, figure in rows)


def verdict(run: Run) -> str:
    """The first facts that are wrong, and where the rest of the history is."""
    path = save(run)
    first = "".join(f"  {wrong}: {what}\n" for wrong, what in run.journal.violations[:10])
    return f"WRONG with seed {run.plan.seed}; the history is in {path}\n{first}"


def save(run: Run) -> Path:
    """Keep the history of a run and its log; where."""
    path = Path(tempfile.gettempdir()) / f"ledger-{run.plan.prefix}{run.plan.seed}-{int(time.time())}.jsonl"
    with path.open("w") as file:
        for line in (asdict(run.plan), *run.journal.violations, *run.journal.history):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.write(run.stack.log)
    return path


def _healed(times: Sequence[float]) -> str:
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, max {max(times, default=0):.2f} s of {len(times)}"
