"""From where people came, as far as that is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.actors import PROGRAM
from chat.models import AddressKey, Person, PersonAddress
from chat.services import addresses, people, retention
from chat.services.people import Arrival, Proof

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def come(id: str, *networks: str, days_ago: float = 0) -> Person:
    """Somebody comes from there, the first time or again."""
    at = timezone.now() - days_ago * DAY
    [*_others, person] = people.arrive(
        [Arrival(id, id, Proof.TOKEN, network=network, at=at) for network in networks]
    )
    assert person
    return person


def hash_of(host: str) -> str | None:
    """What an address is noted as now; None for one that is not noted."""
    return next(iter(addresses.hashes_of(host)), None)


def test_where_somebody_came_from_last_is_known_as_a_hash() -> None:
    come("alice", "8.8.8.8", days_ago=3)
    come("alice", "9.9.9.9", days_ago=2)
    alice = come("alice", "8.8.8.8", "8.8.8.8", days_ago=1)
    come("bob", "8.8.8.8")

    assert addresses.latest(alice) == [hash_of("8.8.8.8"), hash_of("9.9.9.9")]
    assert PersonAddress.objects.count() == 3
    row = PersonAddress.objects.get(person="alice", address=hash_of("8.8.8.8:80"))
    assert (timezone.now() - row.last_at).days == 1
    assert "8.8.8.8" not in str(list(PersonAddress.objects.values_list()))


def test_of_many_addresses_the_latest_count() -> None:
    for number in range(10):
        alice = come("alice", f"8.8.8.{number}", days_ago=10 - number)

    assert addresses.latest(alice) == [hash_of(f"8.8.8.{number}") for number in (9, 8, 7, 6, 5)]


def test_nothing_is_noted_of_whom_is_not_let_in() -> None:
    come("alice", "8.8.8.8")
    [refused] = people.arrive([Arrival("alice", "Mallory", Proof.CLAIM, network="9.9.9.9")])

    assert refused is None
    assert PersonAddress.objects.count() == 1


@pytest.mark.parametrize("days", [0, 30])
def test_shared_addresses_are_not_noted_and_nothing_is_where_that_is_not_wanted(
    settings: Any, days: int
) -> None:
    settings.CHAT = {"ADDRESS_DAYS": days, "SHARED_ADDRESSES": ("9.0.0.0/8",)}
    alice = come("alice", "9.9.9.9", "10.0.0.1", "", "8.8.8.8")

    assert len(addresses.latest(alice)) == (1 if days else 0)
    assert hash_of("9.9.9.9") is None


def test_a_key_is_used_for_half_of_its_days_and_thrown_away_after_all(settings: Any) -> None:
    settings.CHAT = {"ADDRESS_DAYS": 30}
    come("alice", "8.8.8.8")
    before = hash_of("8.8.8.8")
    AddressKey.objects.update(made_at=timezone.now() - 16 * DAY)

    alice = come("alice", "8.8.8.8")
    after = hash_of("8.8.8.8")
    assert before != after
    assert set(addresses.latest(alice)) == {before, after}
    assert addresses.hashes_of("8.8.8.8") == [after, before]
    assert AddressKey.objects.count() == 2
    assert not retention.leftovers()

    AddressKey.objects.filter(made_at__lt=timezone.now() - DAY).update(made_at=timezone.now() - 31 * DAY)
    assert [count for _what, count in retention.sweep(PROGRAM) if count] == [1, 1]
    assert addresses.latest(alice) == [after]
    assert AddressKey.objects.count() == 1


def test_what_was_hashed_with_an_old_key_goes_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 2)
    for number in range(3):
        come("alice", f"8.8.8.{number}")
    AddressKey.objects.update(made_at=timezone.now() - 31 * DAY)

    assert [count for _what, count in retention.sweep(PROGRAM) if count] == [2, 1, 1]
    assert not PersonAddress.objects.exists()
    assert not AddressKey.objects.exists()


def test_a_key_that_is_gone_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a database that was put back: the process goes by a key that is there no more."""
    gone = AddressKey(pk=77)
    monkeypatch.setattr(addresses._Noted, "key", lambda self: gone)

    assert come("alice", "8.8.8.8").name == "alice"
    assert not PersonAddress.objects.exists()
