"""Addresses: under which hashes somebody has come in, so that guests who come from there can be kept out.

Nobody keeps the address itself. Each hash is made with a key that is thrown away, after ADDRESS_DAYS at the
latest; from then on nobody can tell what it was.
"""

import time
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chat import conf
from chat.core import addresses, limits
from chat.live import process
from chat.models import AddressKey, Person, PersonAddress
from chat.storage import person_rows

#: How many of somebody's addresses may be banned with them, the latest first.
LATEST = 5
#: For how long a process does not note anew that somebody came from where they came from, in seconds.
NOTED_FOR = 86_400.0
#: Of how many people and addresses it remembers that.
MANY = 20_000


def latest(person: Person) -> list[str]:
    """The hashes of the addresses under which somebody came in last; shared ones are not among them."""
    found = PersonAddress.objects.filter(person=person).order_by("-last_at", "-pk")
    return list(found.values_list("address", flat=True)[:LATEST])


def hashes_of(host: str) -> list[str]:
    """What an address may be noted as, under each key that is still there, the newest first.

    For whoever looks for the people who have come from there.
    """
    network = limits.network(host)
    if not _is_noted(network):
        return []
    secrets = AddressKey.objects.order_by("-pk").values_list("secret", flat=True)
    return [addresses.hashed(network, secret) for secret in secrets]


def note(came: Collection[tuple[str, str]], at: datetime, *, is_retry: bool = False) -> None:
    """Note from which network each of these people has come in, in the transaction of their arrival.

    Where this process has noted that lately nothing is written.
    """
    here = process.running()
    noted = here.once(_Noted) if here else _Noted()
    news = {one for one in came if one[1] and (is_retry or not noted.knows(one)) and _is_noted(one[1])}
    if not news:
        return
    key = noted.key()
    # In one order, so that no two processes wait for each other.
    rows = [(person, key.pk, addresses.hashed(network, key.secret), at) for person, network in sorted(news)]
    person_rows.note_addresses(rows)
    transaction.on_commit(partial(noted.add, news))


def outdated() -> tuple[QuerySet[PersonAddress], QuerySet[AddressKey]]:
    """The keys that are older than ADDRESS_DAYS, after what was hashed with them: all that is to go."""
    before = timezone.now() - timedelta(days=conf.current().address_days)
    keys = AddressKey.objects.filter(made_at__lt=before)
    return PersonAddress.objects.filter(key__in=keys), keys


def _is_noted(network: str) -> bool:
    settings = conf.current()
    return settings.address_days > 0 and addresses.is_own(network, settings.shared_addresses)


class _Noted:
    """What this process has noted lately, and the key that it hashes with."""

    def __init__(self) -> None:
        self._at: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._key: AddressKey | None = None

    def knows(self, one: tuple[str, str]) -> bool:
        """Whether it was noted lately that this person came from this network."""
        return time.monotonic() - self._at.get(one, -NOTED_FOR) < NOTED_FOR

    def add(self, news: Collection[tuple[str, str]]) -> None:
        """This is noted, and committed."""
        now = time.monotonic()
        for one in news:
            self._at[one] = now
            self._at.move_to_end(one)
        while len(self._at) > MANY:
            self._at.popitem(last=False)

    def key(self) -> AddressKey:
        """The key for what is noted now: it has at least half of its days before it."""
        half = timedelta(days=conf.current().address_days) / 2
        if self._key is None or self._key.made_at < timezone.now() - half:
            newest = AddressKey.objects.order_by("-pk").first()
            if newest is None or newest.made_at < timezone.now() - half:
                newest = AddressKey.objects.create()
            self._key = newest
        return self._key
