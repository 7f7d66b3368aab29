"""Sanctions: all that hold, in the memory of this process. So whoever comes or speaks is not asked about.

They are read at the start, and from then on with the directory (live/directory.py), whose version each
change of one moves and takes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, cast

from chat.actors import Restriction
from chat.core.addresses import hashed
from chat.models import AddressKey, Sanction

#: How many are kept at least before those that are over are looked for.
FEW = 1000
_NONE: frozenset[Restriction] = frozenset()


class _Row(NamedTuple):
    """Of a sanction what there is to know here."""

    pk: int
    person: str
    kind: str
    room: int | None
    address: str
    until: datetime | None
    lifted_at: datetime | None
    reason: str


_FIELDS = ("pk", "person_id", *_Row._fields[2:])

#: What somebody is under, by the key of its row.
_Held = tuple[tuple[int, Restriction], ...]


class _Book:
    """What people are under, and those who come from an address."""

    def __init__(self) -> None:
        self.of_person: dict[str, _Held] = {}
        self.of_address: dict[str, _Held] = {}

    def __len__(self) -> int:
        return len(self.of_person) + len(self.of_address)

    def take(self, rows: Iterable[_Row]) -> None:
        """Note what these rows say now."""
        made: dict[Restriction, Restriction] = {}  # most are like others
        for row in rows:
            until = None if row.until is None else row.until.timestamp()
            restriction = Restriction(cast(Any, row.kind), row.room, until, row.reason)
            held = None if row.lifted_at else made.setdefault(restriction, restriction)
            _put(self.of_person, row.person, row.pk, held)
            if row.address:  # where the reason is no concern of the others who come from there
                nameless = restriction._replace(reason="")
                _put(self.of_address, row.address, row.pk, held and made.setdefault(nameless, nameless))

    def forget(self) -> None:
        """Forget what is over."""
        self.of_person, self.of_address = _holding(self.of_person), _holding(self.of_address)


class News(NamedTuple):
    """What was read anew."""

    #: All there is; None where that is what is known and these rows.
    book: _Book | None
    rows: list[_Row]
    #: The keys that addresses may be hashed with.
    secrets: tuple[str, ...]


class Sanctions:
    """What people, and those who come from an address, are under. Belongs to one event loop."""

    def __init__(self) -> None:
        self._book = _Book()
        self._secrets: tuple[str, ...] = ()
        self._many = FEW
        #: Of whom something was read since `touched` was asked; None where it may be of anybody.
        self._touched: set[str] | None = None

    def touched(self) -> set[str] | None:
        """Of whom something was read since this was asked last; None where that may be anybody."""
        touched, self._touched = self._touched, set()
        return touched

    def of(self, person: str) -> frozenset[Restriction]:
        """What a person is under now."""
        held = self._book.of_person.get(person)
        return frozenset(one for _pk, one in held if one.holds) if held else _NONE

    def of_network(self, network: str) -> frozenset[Restriction]:
        """What is laid upon those who come from this network (core/limits.py)."""
        if not self._book.of_address or not network:
            return _NONE
        held = (self._book.of_address.get(hashed(network, secret), ()) for secret in self._secrets)
        return frozenset(one for some in held for _pk, one in some if one.holds)

    def read(self, after: int) -> News:
        """What has come about or was lifted after this version; all that holds, after -1."""
        rows = Sanction.objects.filter(version__gt=after) if after >= 0 else Sanction.objects.active()
        found = [_Row(*row) for row in rows.order_by().values_list(*_FIELDS)]
        secrets = tuple(AddressKey.objects.values_list("secret", flat=True))
        if after >= 0:
            return News(None, found, secrets)
        book = _Book()
        book.take(found)  # here, where the loop does not wait for it
        return News(book, [], secrets)

    def take(self, news: News) -> None:
        """Remember what was read."""
        if news.book is not None or news.secrets != self._secrets or any(row.address for row in news.rows):
            self._touched = None
        elif self._touched is not None:
            self._touched.update(row.person for row in news.rows)
        self._secrets = news.secrets
        if news.book is not None:
            self._book, self._many = news.book, max(FEW, 2 * len(news.book))
        self._book.take(news.rows)
        if len(self._book) > self._many:
            # At twice the number that is left it is done again.
            self._book.forget()
            self._many = max(FEW, 2 * len(self._book))


def _put(held: dict[str, _Held], key: str, pk: int, restriction: Restriction | None) -> None:
    """Have somebody be under this, or no longer."""
    others = held.get(key, ())
    if others:
        others = tuple(one for one in others if one[0] != pk)
    if now := others if restriction is None else (*others, (pk, restriction)):
        held[key] = now
    else:
        held.pop(key, None)


def _holding(held: dict[str, _Held]) -> dict[str, _Held]:
    return {key: now for key, some in held.items() if (now := _only_holding(some))}


def _only_holding(held: Iterable[tuple[int, Restriction]]) -> _Held:
    return tuple(one for one in held if one[1].holds)
