"""People: who came, under which name, and how they prove who they are."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.utils import timezone
from django.utils.encoding import force_bytes

from chat.core.person_ids import is_of_user, new_id_of_user
from chat.models import Person
from chat.services import addresses, user_names
from chat.storage import person_rows, shapes

__all__ = ("Arrival", "Proof", "arrive", "is_of_user", "new_id_of_user", "proven", "token")

_SALT = "chat.person"


class Proof(Enum):
    """How somebody shows that an id is theirs."""

    #: By a token that was given for it.
    TOKEN = "token"  # noqa: S105
    #: Not at all, and they ask for one: they get it if nobody has come under this id before.
    CLAIM = "claim"
    #: Not at all, as in dialect v1, which has no tokens: they may be whoever is nobody's.
    NONE = "none"
    #: By the session of a user of the site.
    SESSION = "session"


@dataclass(frozen=True, eq=False)  # two who come in the same way are two
class Arrival:
    """Somebody is here now and is called `name`."""

    id: str
    name: str
    proof: Proof = Proof.NONE
    at: datetime = field(default_factory=timezone.now)
    #: The key of the user of the site that they are. Where that one has come before, under whatever id,
    #: they are that person.
    user: Any = None
    #: And what their account says that they are called.
    account_name: str = ""
    #: The network they come from (core/limits.py); "" where that is not to be noted.
    network: str = ""
    #: What their name may be read as; they are not let in where a user of the site is called so.
    keys: frozenset[str] = frozenset()

    @property
    def whose(self) -> str:
        """What no two people have in common."""
        return self.id if self.user is None else f"{self.user} "  # a space is in no id


class NotLetIn(Enum):
    """Why somebody is not let in, of whom nothing was noted then."""

    #: A user of the site is called so.
    NAME_OF_USER = "name"


@transaction.atomic(savepoint=False)
def arrive(arrivals: Sequence[Arrival], *, is_retry: bool = False) -> list[Person | None]:
    """Note who has come, all at once: the person for each arrival, in turn.

    None for whom the id is not, because it is somebody else's, or whose user is there no more; then nothing
    was noted of them. Of two who claim one id in two processes at one time one gets it, and of one user
    there is one person: the database decides. A retry finds that somebody may have come in by this very
    arrival before.
    """
    return _arrive_within(arrivals, is_retry=is_retry)


def _arrive_within(arrivals: Sequence[Arrival], *, is_retry: bool) -> list[Person | None]:
    people: dict[Arrival, Person | None] = {}
    left = list(arrivals)
    while left:
        # One arrival of each person at a time, so that the second finds what the first has done.
        firsts = {arrival.whose: arrival for arrival in reversed(left)}
        left = [arrival for arrival in left if firsts[arrival.whose] is not arrival]
        # All in one order, or two processes may each hold a row that the other waits for.
        in_order = sorted(firsts.values(), key=attrgetter("whose"))
        for proof, some in groupby(in_order, key=attrgetter("proof")):
            people |= _let_in(proof, list(some), is_retry=is_retry)
    came = {(person.pk, arrival.network) for arrival, person in people.items() if person}
    addresses.note(came, arrivals[-1].at, is_retry=is_retry)
    return [people[arrival] for arrival in arrivals]


def let_in(arrivals: Sequence[Arrival], *, is_retry: bool = False) -> list[Person | NotLetIn | None]:
    """As `arrive`, of those alone whose name is no user's, as far as they have that looked for.

    In the transaction of whoever asks: another one inside it, for each batch, is a seventh of all this.
    """
    keys = {key for arrival in arrivals for key in arrival.keys}
    _ids, of_users = person_rows.newcomers((), keys) if keys else ({}, set())
    named = [arrival for arrival in arrivals if of_users.isdisjoint(arrival.keys)]
    came = dict(zip(named, _arrive_within(named, is_retry=is_retry), strict=True)) if named else {}
    return [came.get(arrival, NotLetIn.NAME_OF_USER) for arrival in arrivals]


def _let_in(proof: Proof, arrivals: list[Arrival], *, is_retry: bool) -> dict[Arrival, Person | None]:
    people = {
        arrival: drafted(
            arrival.id,
            arrival.name,
            is_owned=proof is not Proof.NONE,
            user_id=None if arrival.user is None else _column_of_user(arrival.user),
            arrived_at=arrival.at,
            first_seen=arrival.at,
        )
        for arrival in arrivals
    }
    let_in = person_rows.arrive(list(people.values()), proof.value, is_retry=is_retry)
    if proof is Proof.SESSION:  # each may have come before, under another id
        ids = {user: id for id, user in let_in}
        there = {one.user: one.account_name for one in arrivals if people[one].user_id in ids}
        user_names.keep(there)
        for person in people.values():
            person.pk = ids.get(person.user_id)
        return {arrival: person if person.pk else None for arrival, person in people.items()}
    found = {id for id, _user in let_in}
    return {arrival: person if arrival.id in found else None for arrival, person in people.items()}


def _column_of_user(user: Any) -> Any:
    """The key of a user as a column has it."""
    return Person._meta.get_field("user").get_db_prep_value(user, connection)


def drafted(id: str, name: str, *, is_owned: bool, **values: Any) -> Person:
    """Somebody who comes, as the model would make them of these values; for half of what that costs."""
    made: Person = shapes.drafted(Person, {"id": id, "name": name, "is_owned": is_owned, **values})
    return made


def token(id: str) -> str:
    """What proves that somebody is `id`, who is no user of the site."""
    return _signer().sign_object(id)


def proven(token: object) -> str | None:
    """The id that a token proves; None where it proves nothing."""
    if not isinstance(token, str):
        return None
    try:
        id = _signer().unsign_object(token)
    except signing.BadSignature:
        return None
    return id if isinstance(id, str) and not is_of_user(id) else None


class _Signer(signing.TimestampSigner):
    """Signs as Django's does (`signing.dumps`), by a key that is not made anew for each token."""

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        made = hmac.digest(_derived(key or self.key), force_bytes(value), "sha256")
        return signing.b64_encode(made).decode()


def _signer() -> _Signer:
    return _signer_by(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=1)
def _signer_by(key: str | bytes, *before: str | bytes) -> _Signer:
    return _Signer(key=key, salt=_SALT, fallback_keys=list(before))


@lru_cache(maxsize=16)
def _derived(key: str | bytes) -> bytes:
    """What Django's signer makes of a key for this salt."""
    return sha256(force_bytes(f"{_SALT}signer") + force_bytes(key)).digest()
