"""The audit: whether the journal of a run agrees with what is stored, when all has come to rest."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from bench.database import Database, Row
from bench.ledger.guest import Guest
from bench.ledger.journal import Change, Gap, Journal
from bench.ledger.reader import Reader
from bench.ledger.writer import Writer

#: The most that somebody who has missed it is told change by change: how many, and bytes of their frames.
_RECOVERY, _RECOVERY_SIZE = 1000, 1 << 18
#: What share of those bytes may have come while the server read.
_MEANWHILE = 0.1


class Audit:
    """Compares. Whatever is wrong goes into the journal as a violation."""

    def __init__(self, journal: Journal, database: Database) -> None:
        self._journal = journal
        self._rows = {row.id: row for row in database.messages()}
        self._processed = database.processed()
        self._version = database.version()
        self.stored = len(self._rows)
        self.changes = self._version

    def check(self, clients: Iterable[Reader | Guest]) -> None:
        """Every promise, one after the other."""
        self._acknowledged_is_stored()
        self._stored_once()
        self._versions_have_no_holes()
        self._told_is_stored()
        self._missed_is_told()
        for client in clients:
            if isinstance(client, Guest):
                self._guest_saw_one_order(client)
            else:
                self._shows_what_is_stored(client)
            if isinstance(client, Writer):
                self._own_order_is_kept(client)

    def _acknowledged_is_stored(self) -> None:
        stored = {done.ref: done for done in self._processed}
        for ref, ack in self._journal.acked.items():
            done, row = stored.get(ref), self._rows.get(ack.id)
            if done is None or row is None:
                self._journal.flag("lost", f"{ref} was acknowledged as {ack}")
            elif (done.id, done.version, done.author) != (*ack, self._journal.authors[ref]):
                self._journal.flag("wrong", f"{ref} was acknowledged as {ack} and stored as {done}")
            elif row.author != done.author:
                self._journal.flag("wrong", f"{ref} belongs to {done.author} and changed {row}")
        for id, (version, change) in self._latest_changes().items():
            row = self._rows.get(id)
            if row and row.version == version and row.text != change.text:
                self._journal.flag("lost", f"{change} of version {version} left {row}")
            elif row and row.version < version:
                self._journal.flag("lost", f"{change} was acknowledged as version {version} of {row}")
            elif row and row.version > version and not self._is_pending(row):
                self._journal.flag("wrong", f"{row} was changed after {change} of version {version}")

    def _latest_changes(self) -> dict[int, tuple[int, Change]]:
        """The latest acknowledged change of each message, and its version."""
        latest: dict[int, tuple[int, Change]] = {}
        for ref, ack in self._journal.acked.items():
            if ack.version > latest.get(ack.id, (0, None))[0]:
                latest[ack.id] = ack.version, self._journal.written[ref]
        return latest

    def _is_pending(self, row: Row) -> bool:
        """Whether the latest change of a row is one whose ack has not come."""
        return any(
            done.version == row.version and done.ref not in self._journal.acked for done in self._processed
        )

    def _stored_once(self) -> None:
        refs = Counter((row.author, row.ref) for row in self._rows.values() if row.ref)
        signed = Counter((done.author, done.ref) for done in self._processed)
        texts = Counter(row.text for row in self._rows.values() if row.text)
        for what, count in [*refs.items(), *signed.items(), *texts.items()]:
            if count > 1:
                self._journal.flag("doubled", f"{what} is stored {count} times")
        unwritten = {row.ref for row in self._rows.values() if row.ref} - self._journal.written.keys()
        for ref in unwritten:
            self._journal.flag("wrong", f"{ref} is stored, and nobody has written it")

    def _versions_have_no_holes(self) -> None:
        """Every version belongs to one change, and ids and versions agree on what was said first."""
        taken = Counter(done.version for done in self._processed)
        taken += Counter(row.first_version for row in self._rows.values() if row.ref is None)
        # Where the database was put back, the room begins anew far above what anybody may have been told.
        may_be_missing = self._journal.may_begin_anew
        for version in range(1, self._version + 1):
            if taken[version] != 1 and not (may_be_missing and not taken[version]):
                self._journal.flag("out of order", f"version {version} belongs to {taken[version]} changes")
        if beyond := [version for version in taken if not 1 <= version <= self._version]:
            self._journal.flag("lost", f"the room is at {self._version}, but there is {max(beyond)}")
        first_versions = [row.first_version for row in self._rows.values()]
        if first_versions != sorted(first_versions):
            self._journal.flag("out of order", "ids and versions disagree on who spoke first")

    def _told_is_stored(self) -> None:
        for fact in self._journal.facts.values():
            row = self._rows.get(fact.id)
            if row is None or row.ref != fact.ref or row.version < fact.version:
                self._journal.flag("lost", f"{fact} was told, {row} is stored")
            elif row.version == fact.version and row.text != fact.text:
                self._journal.flag("wrong", f"{fact} was told, {row} is stored")

    def _missed_is_told(self) -> None:
        """Change by change, where it is no more than the limits allow."""
        for gap in self._journal.gaps:
            size = self._size(gap)
            if gap.version - gap.after <= _RECOVERY and size < _RECOVERY_SIZE * (1 - _MEANWHILE):
                what = f"{gap.who} knew {gap.after} and was not told {size} bytes up to {gap.version}"
                self._journal.flag("wrong", what)

    def _size(self, gap: Gap) -> int:
        """Of what was missed: each message that has changed once, as it then stood."""
        versions: dict[int, int] = {}
        for version in range(gap.after + 1, gap.version + 1):
            if fact := self._journal.facts.get(version):
                versions[fact.id] = version
        return sum(self._journal.sizes[version] for version in versions.values())

    def _shows_what_is_stored(self, reader: Reader) -> None:
        """Everything from the first message on that it shows, as it now stands."""
        stored = {row.id: row for row in self._rows.values() if row.id >= reader.first}
        if reader.position != self._version:
            self._journal.flag("lost", f"{reader.name} stays at {reader.position} of {self._version}")
        for id in sorted(stored.keys() | reader.shown.keys()):
            row, fact = stored.get(id), reader.shown.get(id)
            if row is None or fact is None or (row.version, row.text) != (fact.version, fact.text):
                self._journal.flag("lost", f"{reader.name} shows {fact}, {row} is stored")
                return

    def _guest_saw_one_order(self, guest: Guest) -> None:
        """Each connection without repeats or holes, in the order in which it was said."""
        order = list(self._rows)
        places = {id: place for place, id in enumerate(order)}
        for number, heard in enumerate(guest.heard):
            for before, after in pairwise(heard):
                if before not in places or after not in places:
                    continue  # told and not stored: flagged above
                if before == after or places[after] <= places[before]:
                    wrong = "doubled" if after in heard[: heard.index(before) + 1] else "out of order"
                    self._journal.flag(wrong, f"{guest.name}, connection {number}: {after} behind {before}")  # type: ignore[arg-type]
                between = order[places[before] + 1 : places[after]]
                if missed := [id for id in between if self._rows[id].text is not None and id not in heard]:
                    self._journal.flag(
                        "lost", f"{guest.name}, connection {number}: {missed} before {after}"
                    )

    def _own_order_is_kept(self, writer: Writer) -> None:
        """What one person says is said in the order in which it was written, where nothing was put off."""
        own = [row for row in self._rows.values() if row.ref and row.ref.startswith(f"{writer.name}-")]
        numbers = [_number(row.ref) for row in own]
        if numbers != sorted(numbers) and not self._journal.counts["given up"]:
            self._journal.flag("out of order", f"{writer.name} was not stored in its own order")


def _number(ref: str | None) -> int:
    return int((ref or "").rsplit("-", 1)[1])
