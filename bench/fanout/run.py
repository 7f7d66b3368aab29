"""A run of the comparison: one contender after the other, each started anew for each stage."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.fanout import contenders, gauge
from bench.fanout.contenders import Contender
from bench.fanout.crowd import Failed
from bench.fanout.gauge import StolenTime
from bench.fanout.results import Key, Measure, Results
from bench.fanout.stages import Stage, Uneven


class Run:
    """These stages, with those who take part."""

    def __init__(self, plan: Sequence[Stage], taking_part: Sequence[Contender]) -> None:
        self.plan = plan
        self.taking_part = {one.key: one for one in taking_part}
        self.results = Results(titles={one.key: one.title for one in taking_part})
        self._cores = gauge.cores()

    def run(self) -> Results:
        """Measure everything, stage by stage, and that as often as the stages say."""
        titles = self.results.titles
        for stage in self.plan:
            if who := " · ".join(titles[key] for key in stage.who if key in titles):
                self.results.stages.append((stage.what, who, stage.times))
        with gauge.on_core(self._cores[1]):
            for repetition in range(max(stage.times for stage in self.plan)):
                for stage in self.plan:
                    if repetition < stage.times:
                        self._go_through(stage, repetition)
        return self.results

    def _go_through(self, stage: Stage, repetition: int) -> None:
        """Forwards and backwards in turn, so that a machine that gets slower is fair to all."""
        for key in stage.who if repetition % 2 == 0 else reversed(stage.who):
            if key in self.taking_part:
                self._take(stage, self.taking_part[key], repetition)

    def _take(self, stage: Stage, contender: Contender, repetition: int) -> None:
        """Start a contender for one stage. What fails is told, and the others go on."""
        tell(f"{repetition + 1}/{stage.times}  {contender.title}: {stage.what}")

        def keep(measure: Measure, value: float, listeners: int = 0, in_flight: int = 0) -> None:
            self.results.add(Key(contender.key, measure, listeners, in_flight), repetition, value)

        stolen = StolenTime(self._cores)
        try:
            with (
                tempfile.TemporaryDirectory() as home,
                contenders.running(contender, Path(home), self._cores[0]) as running,
            ):
                stage.measure(running, keep)
        except (Failed, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sentence = f"{contender.title}, {stage.what}, repetition {repetition + 1}: {error}"
            tell(f"FAILED  {sentence}")
            self.results.failures.append(sentence)
            if not isinstance(error, Uneven):
                keep(Measure.REACH, 0.0)
        keep(Measure.STOLEN, stolen.share())


def tell(sentence: str) -> None:
    """Say on the terminal how far it is."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {sentence}\n")
