"""People: who came, under which name, and how they prove who they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import groupby
from operator import attrgetter

from django.core import signing
from django.db import transaction
from django.utils import timezone

from chat.models import Person
from chat.storage import statements

_SALT = "chat.person"


class Proof(Enum):
    """How somebody shows that an id is theirs."""

    #: By a token that was given for it.
    TOKEN = "token"  # noqa: S105
    #: Not at all, and they ask for one: they get it if nobody has come under this id before.
    CLAIM = "claim"
    #: Not at all, as in dialect v1, which has no tokens: they may be whoever is nobody's.
    NONE = "none"


@dataclass(frozen=True, eq=False)  # two who come in the same way are two
class Arrival:
    """Somebody is here now and is called `name`."""

    id: str
    name: str
    proof: Proof = Proof.NONE
    at: datetime = field(default_factory=timezone.now)


@transaction.atomic(savepoint=False)
def arrive(arrivals: Sequence[Arrival], *, is_retry: bool = False) -> list[Person | None]:
    """Note who has come, all at once: the person for each arrival, in turn.

    None for whom the id is not, because it is somebody else's; then nothing was noted of them. Of two who
    claim one id in two processes at the same time one gets it: the database decides. A retry finds that
    somebody may have come in by the very arrival before.
    """
    people: dict[Arrival, Person | None] = {}
    left = list(arrivals)
    while left:
        # One arrival of each id at a time, so that the second finds what the first has done.
        firsts = {arrival.id: arrival for arrival in reversed(left)}
        left = [arrival for arrival in left if firsts[arrival.id] is not arrival]
        # All in the order of their ids, or two processes may each hold a row that the other waits for.
        in_order = sorted(firsts.values(), key=attrgetter("id"))
        for proof, some in groupby(in_order, key=attrgetter("proof")):
            people |= _let_in(proof, list(some), is_retry=is_retry)
    return [people[arrival] for arrival in arrivals]


def _let_in(proof: Proof, arrivals: list[Arrival], *, is_retry: bool) -> dict[Arrival, Person | None]:
    people = {
        arrival: Person(
            id=arrival.id,
            name=arrival.name,
            is_owned=proof is not Proof.NONE,
            arrived_at=arrival.at,
            first_seen=arrival.at,
        )
        for arrival in arrivals
    }
    let_in = statements.arrive(list(people.values()), proof.value, is_retry=is_retry)
    return {arrival: person if arrival.id in let_in else None for arrival, person in people.items()}


def token(id: str) -> str:
    """What proves that somebody is `id`."""
    return signing.dumps(id, salt=_SALT)


def proven(token: object) -> str | None:
    """The id that a token proves; None where it proves nothing."""
    if not isinstance(token, str):
        return None
    try:
        id = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return id if isinstance(id, str) else None
