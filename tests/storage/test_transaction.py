"""The transaction of a batch is one of Django's, whichever way it was begun."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from chat.models import Membership, Person
from chat.storage.transaction import Transaction

pytestmark = pytest.mark.django_db(transaction=True)


def make(*ids: str) -> None:
    for id in ids:
        Person.objects.create(id=id, name=id)


def fail() -> None:
    make("dave", "dave")


def people() -> list[str]:
    return list(Person.objects.order_by("pk").values_list("pk", flat=True))


def test_what_is_written_is_kept_and_those_who_wait_for_the_commit_are_called_after_it() -> None:
    in_transaction: list[bool] = []

    with Transaction():
        make("alice")
        transaction.on_commit(lambda: in_transaction.append(connection.in_atomic_block))
        assert in_transaction == []

    assert (people(), in_transaction) == (["alice"], [False])
    assert connection.get_autocommit()


def test_of_what_failed_nothing_is_kept_and_nobody_is_called() -> None:
    called: list[int] = []

    with suppress(IntegrityError), Transaction():
        make("alice")
        transaction.on_commit(lambda: called.append(1))
        fail()
    with Transaction():
        make("bob")

    assert (people(), called) == (["bob"], [])


def test_a_part_of_it_may_fail_alone() -> None:
    with Transaction():
        make("alice")
        with suppress(IntegrityError), transaction.atomic():
            make("bob")
            fail()
        with transaction.atomic():
            make("carol")

    assert people() == ["alice", "carol"]


def test_what_the_database_refuses_at_the_commit_is_rolled_back() -> None:
    stranger = Membership(room_id=999_999, person_id="alice", role="member")

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), Transaction():
        stranger.save()

    assert not connection.in_atomic_block
    with Transaction():
        make("bob")
    assert people() == ["bob"]


class OutOfMemory:
    """A connection to SQLite, which cannot commit: nothing that a test may do takes its memory away."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def commit(self) -> None:
        raise MemoryError


def make_in_vain() -> None:
    with Transaction():
        make("alice")
        connection.connection = OutOfMemory(connection.connection)


@pytest.mark.stack("sqlite")  # PostgreSQL is committed to by Django
def test_whatever_goes_wrong_at_the_commit_the_next_transaction_is_one() -> None:
    real = connection.connection
    with pytest.raises(MemoryError):
        make_in_vain()

    assert not connection.in_atomic_block
    connection.connection = real
    with Transaction():
        make("bob")
    assert people() == ["bob"]


def test_within_another_it_is_kept_or_lost_with_that() -> None:
    with transaction.atomic():
        with Transaction():
            make("alice")
        transaction.set_rollback(True)

    assert people() == []


def test_who_asks_for_a_rollback_gets_it() -> None:
    with Transaction():
        make("alice")
        transaction.set_rollback(True)

    assert people() == []
    assert connection.get_autocommit()
