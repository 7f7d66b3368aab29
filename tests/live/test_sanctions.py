"""The sanctions that a process remembers."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.actors import Restriction
from chat.core.addresses import hashed
from chat.live import sanctions as live
from chat.live.sanctions import Sanctions
from chat.models import AddressKey, Person, Room, Sanction

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=5)


def add(person: Person, version: int, kind: str = "ban", **fields: Any) -> Sanction:
    return Sanction.objects.create(person=person, kind=kind, version=version, **fields)


def read(memory: Sanctions, after: int) -> None:
    memory.take(memory.read(after))


def test_what_holds_is_known_and_what_does_not_is_none(alice: Person, bob: Person, lounge: Room) -> None:
    now = timezone.now()
    add(alice, 1, "mute", room=lounge, until=now + SOON, reason="caps")
    add(alice, 1, "ban", until=now - SOON)
    add(bob, 2, lifted_at=now)
    memory = Sanctions()
    read(memory, -1)

    until = (now + SOON).timestamp()
    assert memory.of(alice.pk) == {Restriction("mute", lounge.pk, until, "caps")}
    assert memory.of(bob.pk) == frozenset()
    assert memory.of("nobody") == frozenset()


def test_what_comes_about_and_is_lifted_is_read_by_its_version(alice: Person, bob: Person) -> None:
    memory, first = Sanctions(), add(alice, 1)
    read(memory, -1)
    assert memory.touched() is None
    assert memory.touched() == set()
    Sanction.objects.filter(pk=first.pk).update(kind="kick")  # under the version that is known
    add(alice, 2, "mute")
    second = add(bob, 3)
    read(memory, 1)

    assert memory.touched() == {alice.pk, bob.pk}
    assert {one.kind for one in memory.of(alice.pk)} == {"ban", "mute"}
    assert memory.of(bob.pk) == {Restriction("ban", None, None)}
    Sanction.objects.filter(pk=second.pk).update(version=4, lifted_at=timezone.now())
    read(memory, 3)
    assert memory.of(bob.pk) == frozenset()
    assert len(memory.of(alice.pk)) == 2
    read(memory, 3)  # the same once more
    assert len(memory.of(alice.pk)) == 2


def test_what_an_older_database_does_not_know_is_forgotten(alice: Person, bob: Person) -> None:
    memory, first = Sanctions(), add(alice, 5)
    read(memory, -1)
    first.delete()
    add(bob, 3)
    read(memory, -1)

    assert memory.of(alice.pk) == frozenset()
    assert memory.of(bob.pk)


def test_an_address_is_found_under_whatever_key(alice: Person) -> None:
    old, _new = AddressKey.objects.create(), AddressKey.objects.create()
    add(alice, 1, address=hashed("8.8.8.8", old.secret), reason="spam")
    memory = Sanctions()
    read(memory, -1)

    assert memory.of(alice.pk) == {Restriction("ban", None, None, "spam")}
    assert memory.of_network("8.8.8.8") == {Restriction("ban", None, None)}  # others need not know why
    memory.touched()
    add(alice, 2, address=hashed("9.9.9.9", old.secret))
    read(memory, 1)
    assert memory.touched() is None  # whoever comes from there
    for other in ("8.8.8.9", "", "unknown"):
        assert memory.of_network(other) == frozenset()
    old.delete()
    read(memory, 2)
    assert memory.of_network("8.8.8.8") == frozenset()


def test_what_is_over_is_over_without_a_word_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FEW", 2)
    people = [Person.objects.create(pk=f"guest-{number}", name="x") for number in range(2)]
    for person in people:
        add(person, 1, "kick", until=timezone.now() + SOON)
    memory = Sanctions()
    read(memory, -1)
    assert all(memory.of(person.pk) for person in people)

    now = (timezone.now() + 2 * SOON).timestamp()
    monkeypatch.setattr("time.time", lambda: now)
    assert not any(memory.of(person.pk) for person in people)
    for number in range(3):
        add(Person.objects.create(pk=f"new-{number}", name="x"), 2)
    read(memory, 1)
    assert sorted(memory._book.of_person) == ["new-0", "new-1", "new-2"]
