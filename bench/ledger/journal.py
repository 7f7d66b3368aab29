"""The journal: what was written, acknowledged and told, and whatever of it cannot be right."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec

#: What is kept of a run, so that a long one does not fill the memory.
_HISTORY = 300_000
_VIOLATIONS = 1_000

Wrong = Literal["lost", "doubled", "out of order", "wrong"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a writer wants, under a ref that nobody else uses."""

    ref: str
    kind: Literal["message", "edit", "delete"]
    #: Unlike that of any other change; None for a deletion.
    text: str | None = None
    #: The message that is edited or deleted.
    id: int | None = None

    def frame(self) -> dict[str, Any]:
        """The command."""
        frame = {"type": self.kind, "ref": self.ref, "id": self.id, "message": self.text}
        return {key: value for key, value in frame.items() if value is not None}


class Ack(NamedTuple):
    """What an acknowledgement says."""

    id: int
    version: int


class Fact(NamedTuple):
    """What one version of the room is, as it was told to somebody."""

    id: int
    version: int
    ref: str | None
    #: None where the message is deleted.
    text: str | None


class Gap(NamedTuple):
    """What somebody has missed and was not told: they got the latest page instead."""

    who: str
    #: The last version they knew, and the one that the page brought them to.
    after: int
    version: int


class Journal:
    """Everything that the clients of one run have noted."""

    def __init__(self) -> None:
        self.written: dict[str, Change] = {}
        self.acked: dict[str, Ack] = {}
        #: Who has written what was acknowledged, by ref.
        self.authors: dict[str, str] = {}
        self.facts: dict[int, Fact] = {}
        #: How many bytes the frame took that told of a version first.
        self.sizes: dict[int, int] = {}
        self.gaps: list[Gap] = []
        self.violations: list[tuple[Wrong, str]] = []
        self.counts: Counter[str] = Counter()
        self.history: deque[tuple[float, str, str]] = deque(maxlen=_HISTORY)
        #: When each ack came.
        self.acked_at: list[float] = []
        #: How long each change waited for a refusal, in seconds.
        self.refused_after: list[float] = []
        #: When each version was told, to whomever; noted only while it is quiet.
        self.told_at: defaultdict[int, list[float]] = defaultdict(list)
        self.is_quiet = False
        #: Whether a room may have another epoch than before, because the database was put back.
        self.may_begin_anew = False
        #: How much was acknowledged and is gone, because the database was put back to before.
        self.undone = 0
        self._began = time.monotonic()

    def note(self, who: str, what: str) -> None:
        """Remember what has happened, for whoever has to find out why something is wrong."""
        self.history.append((round(time.monotonic() - self._began, 4), who, what))

    def flag(self, wrong: Wrong, what: str) -> None:
        """Something is wrong."""
        self.counts[wrong] += 1
        self.note("ledger", f"{wrong}: {what}")
        if len(self.violations) < _VIOLATIONS:
            self.violations.append((wrong, what))

    def write(self, change: Change) -> None:
        """Somebody is about to ask for this."""
        self.written[change.ref] = change

    def acknowledge(self, who: str, author: str, ref: str, ack: Ack) -> None:
        """Somebody was told that it is stored."""
        self.acked_at.append(time.monotonic())
        first = self.acked.setdefault(ref, ack)
        self.authors[ref] = author
        if first != ack:
            self.flag("wrong", f"{who} got {ack} for {ref}, which was {first} before")
        if ref not in self.written:
            self.flag("wrong", f"{who} got an ack for {ref}, which nobody has written")

    def see(self, who: str, frame: dict[str, Any]) -> Fact:
        """Somebody was told of a message. Everybody has to be told the same."""
        text = None if frame.get("deleted") else frame["message"]
        fact = Fact(frame["id"], frame["version"], frame.get("ref"), text)
        if self.is_quiet:
            self.told_at[fact.version].append(time.monotonic())
        first = self.facts.setdefault(fact.version, fact)
        if first is fact:
            self.sizes[fact.version] = len(msgspec.json.encode(frame))
        if first != fact:
            self.flag("out of order", f"{who} was told {fact}, somebody else {first}")
        return first

    def forget(self) -> None:
        """The database is put back to an earlier state: what was told of it is void."""
        self.may_begin_anew = True
        self.facts.clear()
        self.sizes.clear()
        self.gaps.clear()

    def undo(self, stored: Container[str]) -> None:
        """Of what was acknowledged only what is in `stored` has outlived that."""
        kept = {ref: ack for ref, ack in self.acked.items() if ref in stored}
        self.undone += len(self.acked) - len(kept)
        self.acked = kept
