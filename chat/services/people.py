"""People: who came, under which name, and how they prove who they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing
from django.db import transaction
from django.utils import timezone

from chat.models import Person

_SALT = "chat.person"


@dataclass(frozen=True)
class Arrival:
    """Somebody is here now and is called `name`."""

    id: str
    name: str
    #: Whether they get a token, so that nobody has the id without it any more.
    is_owner: bool = False


@transaction.atomic(savepoint=False)
def arrive(arrivals: Sequence[Arrival]) -> list[Person]:
    """Note who has come, all at once: the person for each arrival, in turn."""
    now = timezone.now()
    people = [
        Person(id=arrival.id, name=arrival.name, is_owned=arrival.is_owner, arrived_at=now, first_seen=now)
        for arrival in arrivals
    ]
    # One row for each id: the last word counts. All in the order of their ids, or two processes may each
    # hold a row that the other waits for.
    rows = {person.pk: person for person in people}
    Person.objects.bulk_create(
        [rows[id] for id in sorted(rows)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["name", "arrived_at"],
    )
    # A guest takes nobody's ownership away, so it is only ever given.
    owners = {person.pk for person in people if person.is_owned}
    if owners:
        Person.objects.filter(pk__in=owners, is_owned=False).update(is_owned=True)
    return people


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


def owned(ids: Sequence[str]) -> dict[str, bool]:
    """For each of these ids, whether a token was given for it."""
    found = set(Person.objects.filter(pk__in=ids, is_owned=True).values_list("pk", flat=True))
    return {id: id in found for id in ids}
