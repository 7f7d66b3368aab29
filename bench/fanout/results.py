"""The results: every number that was measured, what failed, and where it was; kept as JSON."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self


class Measure(StrEnum):
    """What a number is; times are in seconds, sizes in bytes."""

    CPU = "cpu of a delivery"
    OWN_CPU = "the generator's cpu of a delivery"
    RATE = "deliveries a second"
    REACH = "reach"
    LATENCY = "latency, median"
    LATENCY_P99 = "latency, 99th percentile"
    LATENCY_CPU = "cpu of a delivery at 10 messages a second"
    LATENCY_MESSAGES = "messages whose latency was taken"
    NEWCOMERS_CPU = "cpu of all newcomers"
    NEWCOMERS_WALL = "time of all newcomers"
    NEWCOMER_MEMORY = "memory of a connection"
    DOOR_CPU = "cpu of a newcomer, one after the other"
    DOOR_WALL = "time of a newcomer, one after the other"
    STORED_RATE = "messages stored a second"
    STORED_SHARE = "stored of the acknowledged"
    STALL_TOLD = "told past a stalled reader"
    STALL_GROWTH = "growth for a stalled reader"
    STALL_CONTROL = "growth while everybody reads"
    STALL_STOOD = "the room stood still"
    STOLEN = "time that the hypervisor took"


class Key(NamedTuple):
    """What was measured of whom, in a room of how many, with how many messages in flight."""

    contender: str
    measure: Measure
    listeners: int = 0
    in_flight: int = 0


@dataclass(frozen=True)
class Sample:
    """One number, from one repetition."""

    contender: str
    measure: Measure
    listeners: int
    in_flight: int
    repetition: int
    value: float

    @property
    def key(self) -> Key:
        """What was measured."""
        return Key(self.contender, self.measure, self.listeners, self.in_flight)


class Figure(NamedTuple):
    """What several repetitions say."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self | None:
        """The figure that `values` make; None where there are none."""
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1]) if ordered else None


@dataclass
class Results:
    """All that one run of the benchmark found out."""

    #: Whether all that the page tells of was measured, and nothing failed.
    is_whole: bool = False
    #: What is to be known of the machine, the versions and the run, by its name.
    facts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    #: What was measured, of whom, and how often.
    stages: list[tuple[str, str, int]] = field(default_factory=list)
    #: The contenders' titles, by their keys.
    titles: dict[str, str] = field(default_factory=dict)
    #: Sentences about runs that are worth nothing.
    failures: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def add(self, key: Key, repetition: int, value: float) -> None:
        """Keep a number."""
        self.samples.append(Sample(*key, repetition, value))

    def values(self, key: Key) -> dict[int, float]:
        """What was measured, by repetition."""
        return {sample.repetition: sample.value for sample in self.samples if sample.key == key}

    def figure(self, key: Key) -> Figure | None:
        """What was measured."""
        return Figure.of(self.values(key).values())

    def ratio(self, over: Key, under: Key) -> Figure | None:
        """One measure divided by another of the same repetition, taken soon before or after it."""
        below = self.values(under)
        return Figure.of(
            value / below[repetition]
            for repetition, value in self.values(over).items()
            if below.get(repetition)
        )

    def rooms(self) -> list[int]:
        """The sizes of the rooms in which deliveries were counted."""
        return sorted({sample.listeners for sample in self.samples if sample.measure is Measure.CPU})

    def save(self, path: Path) -> None:
        """Write all of it, a sample to a line."""
        head = {
            name: getattr(self, name)
            for name in ("is_whole", "facts", "versions", "stages", "titles", "failures")
        }
        parts = [f"{json.dumps(name)}: {json.dumps(part, indent=1)}" for name, part in head.items()]
        lines = ",\n".join(json.dumps(asdict(sample)) for sample in self.samples)
        path.write_text("{\n" + ",\n".join([*parts, f'"samples": [\n{lines}\n]']) + "\n}\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """What was saved."""
        kept = json.loads(path.read_text())
        samples = [
            Sample(**{**sample, "measure": Measure(sample["measure"])}) for sample in kept.pop("samples")
        ]
        stages = [(what, who, times) for what, who, times in kept.pop("stages", [])]
        return cls(**kept, stages=stages, samples=samples)
