"""The results: what was measured, of which rooms, messages and processes; kept as JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from bench.fanout.results import Figure
from bench.growth.comeback import Comeback
from bench.growth.rooms import Costs

#: How many come back after a restart.
PEOPLE = 1000
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
#: The smallest site: what all others are compared with.
FEW_ROOMS, FEW_MESSAGES = 10, 1000


class Case(NamedTuple):
    """A site: its database, its processes, its rooms, and the messages that are in them already."""

    stack: str
    processes: int
    rooms: int
    messages: int

    @property
    def is_postgresql(self) -> bool:
        """Whether it needs PostgreSQL, and Redis with it."""
        return self.stack == POSTGRESQL

    @property
    def smallest(self) -> "Case":
        """The smallest on this database, in one process."""
        return Case(self.stack, 1, FEW_ROOMS, FEW_MESSAGES)

    @property
    def title(self) -> str:
        """What it is."""
        return (
            f"{self.stack}, {self.processes} process{'es' if self.processes > 1 else ''},"
            f" {self.rooms:,} rooms, {self.messages:,} messages"
        )


CASES = (
    Case(SQLITE, 1, FEW_ROOMS, FEW_MESSAGES),
    *(Case(SQLITE, 1, rooms, FEW_MESSAGES) for rooms in (100, 1_000, 10_000)),
    *(Case(SQLITE, 1, FEW_ROOMS, messages) for messages in (10_000, 100_000, 1_000_000)),
    *(
        Case(POSTGRESQL, processes, rooms, FEW_MESSAGES)
        for processes in (1, 2)
        for rooms in (FEW_ROOMS, 1_000)
    ),
    Case(POSTGRESQL, 1, FEW_ROOMS, 1_000_000),
)
QUICK = (Case(SQLITE, 1, FEW_ROOMS, FEW_MESSAGES), Case(SQLITE, 1, 1_000, 10_000))


@dataclass
class Results:
    """All that one run has found out."""

    #: How many have come back.
    people: int = PEOPLE
    #: What is to be known of the machine and the run, by its name.
    facts: dict[str, str] = field(default_factory=dict)
    #: Sentences about what could not be measured.
    failures: list[str] = field(default_factory=list)
    costs: list[tuple[Case, int, Costs]] = field(default_factory=list)
    comebacks: list[tuple[int, Comeback]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether all that the page tells of was measured, and nothing failed."""
        return self.cases() == list(CASES) and self.people == PEOPLE and not self.failures

    def add_costs(self, case: Case, round: int, costs: Costs) -> None:
        """Keep what a site's messages cost."""
        self.costs.append((case, round, costs))

    def add_comeback(self, round: int, found: Comeback) -> None:
        """Keep what it took until all were back."""
        self.comebacks.append((round, found))

    def cases(self) -> list[Case]:
        """What was measured, in its order."""
        known = {case for case, _round, _costs in self.costs}
        return [case for case in CASES if case in known] + sorted(known.difference(CASES))

    def figure(self, case: Case, name: str) -> Figure | None:
        """One number of a site; None where there is none."""
        return Figure.of(self._values(case, name).values())

    def growth(self, case: Case) -> Figure | None:
        """What a message costs, divided by what it costs the smallest site on that database.

        In the same round.
        """
        base = self._values(case.smallest, "message")
        values = self._values(case, "message").items()
        return Figure.of(value / base[round] for round, value in values if round in base)

    def comeback(self, name: str) -> Figure | None:
        """One number of those who come back."""
        return Figure.of(getattr(found, name) for _round, found in self.comebacks)

    def _values(self, case: Case, name: str) -> dict[int, float]:
        found = {round: getattr(costs, name) for one, round, costs in self.costs if one == case}
        return {round: value for round, value in found.items() if value is not None}

    def save(self, path: Path) -> None:
        """Write all of it, a measurement to a line."""
        parts = {
            "costs": ({**case._asdict(), "round": n, **found._asdict()} for case, n, found in self.costs),
            "comebacks": ({"round": n, **found._asdict()} for n, found in self.comebacks),
        }
        lists = [f'"{name}": [\n{_lines(part)}\n]' for name, part in parts.items()]
        head = [f'"people": {self.people}', f'"facts": {json.dumps(self.facts, indent=1)}']
        path.write_text("{\n" + ",\n".join([*head, *lists]) + "\n}\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """What was saved."""
        kept = json.loads(path.read_text())
        results = cls(kept["people"], kept["facts"])
        for line in kept["costs"]:
            results.add_costs(_taken(Case, line), line["round"], _taken(Costs, line))
        for line in kept["comebacks"]:
            results.add_comeback(line["round"], _taken(Comeback, line))
        return results


def _lines(part: Iterable[dict[str, Any]]) -> str:
    return ",\n".join(json.dumps(line) for line in part)


def _taken(kind: Any, line: dict[str, Any]) -> Any:
    return kind(**{name: line[name] for name in kind._fields})
