"""What the audit holds against a server, and what docs/PROTOCOL.md allows it."""

import pytest

from bench.database import Database, Processed, Row
from bench.ledger.audit import Audit
from bench.ledger.journal import Gap, Journal


class Stored(Database):
    """A database that holds exactly what was told."""

    def __init__(self, journal: Journal) -> None:
        self._facts = journal.facts.values()

    def version(self) -> int:
        return len(self._facts)

    def messages(self) -> list[Row]:
        return [Row(fact.id, fact.version, fact.version, "alice", None, fact.text) for fact in self._facts]

    def processed(self) -> list[Processed]:
        return []


def told(count: int, length: int) -> Journal:
    """So many messages of such a length, of which everybody has heard."""
    journal = Journal()
    for version in range(1, count + 1):
        text = f"{version} ".ljust(length, ".")
        journal.see("bob", {"type": "message", "id": version, "version": version, "message": text})
    return journal


def violations(journal: Journal) -> list[str]:
    Audit(journal, Stored(journal)).check([])
    return [what for _wrong, what in journal.violations]


@pytest.mark.parametrize(
    ("count", "length", "is_too_much"), [(900, 10, False), (1100, 10, True), (100, 4000, True)]
)
def test_who_gets_a_page_has_missed_more_than_is_told_one_by_one(
    count: int, length: int, *, is_too_much: bool
) -> None:
    journal = told(count, length)

    journal.gaps.append(Gap("alice", 0, count))

    assert [what[:12] for what in violations(journal)] == ([] if is_too_much else ["alice knew 0"])


def test_what_was_edited_counts_once() -> None:
    journal = told(1, 4000)
    for version in range(2, 101):
        frame = {"type": "update", "id": 1, "version": version, "message": f"{version} ".ljust(4000, ".")}
        journal.see("bob", frame)

    journal.gaps.append(Gap("alice", 0, 100))

    [gap] = [what for what in violations(journal) if what.startswith("alice")]
    assert "was not told 40" in gap


class Ahead(Stored):
    """A database whose room has gone on far above its messages."""

    def version(self) -> int:
        return super().version() + 5


@pytest.mark.parametrize("was_put_back", [True, False])
def test_versions_have_holes_only_where_the_database_was_put_back(*, was_put_back: bool) -> None:
    journal = told(3, 10)
    journal.may_begin_anew = was_put_back

    Audit(journal, Ahead(journal)).check([])

    assert [wrong for wrong, _what in journal.violations] == ([] if was_put_back else ["out of order"] * 5)
