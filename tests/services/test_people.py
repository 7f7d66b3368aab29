"""Who came, under which name, and how they prove it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Person
from chat.services import naming, people
from chat.services.people import Arrival, NotLetIn, Proof
from tests.conftest import arrive
from tests.people import person_of


def owned(*ids: str) -> dict[str, bool]:
    """Of these ids those that somebody has come under, and whether they are owned."""
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "is_owned"))


@pytest.mark.django_db
def test_who_comes_again_is_the_same_person_under_the_new_name() -> None:
    arrive("alice", "Alice")
    first = Person.objects.get()

    arrive("alice", "Alisa")

    again = Person.objects.get()
    assert (again.name, again.first_seen) == ("Alisa", first.first_seen)
    assert again.arrived_at > first.arrived_at


@pytest.mark.django_db
def test_a_crowd_arrives_at_once(django_assert_max_num_queries: pytest.FixtureRequest) -> None:
    crowd = [Arrival(f"guest-{number}", "Guest") for number in range(50)]
    owners = [Arrival(f"owner-{number}", "Owner", Proof.CLAIM) for number in range(50)]
    twice = Arrival("guest-0", "Late")

    with django_assert_max_num_queries(6):  # type: ignore[operator]
        came = people.arrive([*crowd, *owners, twice])

    assert [person and person.pk for person in came] == [arrival.id for arrival in [*crowd, *owners, twice]]
    assert Person.objects.count() == 100
    assert Person.objects.get(pk="guest-0").name == "Late"
    assert Person.objects.filter(is_owned=True).count() == 50


@pytest.mark.django_db
def test_a_crowd_is_written_in_the_order_of_its_ids() -> None:
    """Otherwise two processes may each hold a row that the other waits for."""
    crowd = [Arrival(f"guest-{number}", "Guest", list(Proof)[number % 3]) for number in (3, 2, 5, 1, 4)]

    with CaptureQueriesContext(connection) as queries:
        came = people.arrive(crowd)

    written = [id for query in queries for id in re.findall(r"guest-\d", query["sql"])]
    assert written[:5] == sorted(arrival.id for arrival in crowd)
    assert [person and person.pk for person in came] == [arrival.id for arrival in crowd]


@pytest.mark.django_db
def test_a_claim_that_is_tried_again_may_have_been_kept_and_nobody_else_has_it() -> None:
    """The database went away before it could say so."""
    alice, mallory = Arrival("alice", "Alice", Proof.CLAIM), Arrival("alice", "Alice", Proof.CLAIM)
    people.arrive([alice])

    came = people.arrive([mallory, alice], is_retry=True)

    assert [person and person.pk for person in came] == [None, "alice"]
    assert people.arrive([alice]) == [None]


@pytest.mark.django_db
def test_who_claims_an_id_first_has_it() -> None:
    """Both fresh claims are in one transaction, as two who come to one process within a moment."""
    alice, mallory = people.arrive(
        [Arrival("alice", "Alice", Proof.CLAIM), Arrival("alice", "Alice", Proof.CLAIM)]
    )

    assert alice is not None
    assert mallory is None
    assert owned("alice", "bob") == {"alice": True}


@pytest.mark.django_db
def test_whose_name_is_a_user_s_is_not_let_in_where_they_have_it_looked_for(django_user_model: Any) -> None:
    anna = django_user_model.objects.create_user("anna")
    people.arrive(
        [Arrival(people.new_id_of_user(), "Anna", Proof.SESSION, user=anna.pk, account_name="Anna")]
    )
    keys = naming.newcomer("", "Anna").keys

    came = people.let_in(
        [
            Arrival("alice", "Anna 2", Proof.CLAIM, keys=keys),
            Arrival("bob", "Bob", Proof.CLAIM, keys=naming.newcomer("", "Bob").keys),
            Arrival("carol", "Anna"),
        ]
    )

    assert came[0] is NotLetIn.NAME_OF_USER
    assert [isinstance(one, Person) for one in came] == [False, True, True]
    assert owned("alice", "bob", "carol") == {"bob": True, "carol": False}


@pytest.mark.django_db
def test_nobody_is_given_an_id_that_somebody_has_come_under() -> None:
    people.arrive([Arrival("alice", "Alice")])

    assert people.arrive([Arrival("alice", "Mallory", Proof.CLAIM)]) == [None]

    assert owned("alice") == {"alice": False}
    assert Person.objects.get().name == "Alice"


@pytest.mark.django_db
def test_who_brings_nothing_is_nobody_who_owns_an_id() -> None:
    people.arrive([Arrival("alice", "Alice", Proof.CLAIM)])

    assert people.arrive([Arrival("alice", "Mallory")]) == [None]

    assert Person.objects.get().name == "Alice"


@pytest.mark.django_db
def test_who_brings_nothing_comes_again_under_an_id_that_is_nobody_s() -> None:
    people.arrive([Arrival("alice", "Alice")])

    [again] = people.arrive([Arrival("alice", "Alisa")])

    assert again is not None
    assert Person.objects.get().name == "Alisa"


@pytest.mark.django_db
def test_a_token_lets_in_even_where_the_database_has_forgotten() -> None:
    people.arrive([Arrival("alice", "Alice", Proof.TOKEN), Arrival("bob", "Bob")])
    people.arrive([Arrival("bob", "Bobby", Proof.TOKEN)])

    assert owned("alice", "bob") == {"alice": True, "bob": True}
    assert {person.name for person in Person.objects.all()} == {"Alice", "Bobby"}


def test_a_token_proves_one_id() -> None:
    assert people.proven(people.token("alice")) == "alice"


def test_a_token_is_one_of_djangos_signer_and_holds_after_the_key_was_changed(settings: Any) -> None:
    given, by_django = people.token("alice"), signing.dumps("alice", salt="chat.person")

    assert signing.loads(given, salt="chat.person") == people.proven(by_django) == "alice"
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert signing.loads(given, salt="chat.person") == people.proven(given) == "alice"
    settings.SECRET_KEY_FALLBACKS = []
    assert people.proven(given) is None


@pytest.mark.parametrize("forged", [None, 5, "", "alice"])
def test_what_is_no_token_proves_nothing(forged: object) -> None:
    assert people.proven(forged) is None


# Tokens carry the second of their making, so they are made in the test: as parameters they would
# give it another name in each of pytest's processes.
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda: people.token("alice")[:-1], id="cut short"),
        pytest.param(lambda: people.token("alice").replace("I", "J", 1), id="another id"),
        pytest.param(lambda: signing.dumps("alice", salt="another"), id="another purpose"),
        pytest.param(lambda: signing.dumps(["alice"], salt="chat.person"), id="no id"),
    ],
)
def test_a_forged_token_proves_nothing(forge: Callable[[], str]) -> None:
    assert people.proven(forge()) is None


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_user("carol", first_name="Carol")


def by_session(user: User, name: str = "Carol") -> Arrival:
    return Arrival(people.new_id_of_user(), name, Proof.SESSION, user=user.pk)


def test_a_user_is_one_person_however_often_they_come(carol: User) -> None:
    """Two of the three are in one transaction, as tabs that are opened at once."""
    first, second = people.arrive([by_session(carol), by_session(carol)])
    [third] = people.arrive([by_session(carol, "Karolina")], is_retry=True)

    person = Person.objects.get()
    assert {came and came.pk for came in (first, second, third)} == {person.pk}
    assert people.is_of_user(person.pk)
    assert (person.user, person.name, person.is_owned) == (carol, "Karolina", True)
    assert person_of(carol) == person


def test_a_user_has_a_person_before_they_come(carol: User) -> None:
    person = person_of(carol)

    [came] = people.arrive([by_session(carol, "Karolina")])

    assert came == person
    assert person_of(carol).name == "Karolina"


def test_a_user_who_is_deleted_comes_no_more_and_holds_up_nobody(carol: User) -> None:
    dave = User.objects.create_user("dave")
    gone, here = by_session(carol), by_session(dave, "Dave")
    carol.delete()

    came = people.arrive([gone, Arrival("bob", "Bob", Proof.CLAIM), here])

    assert [person and person.name for person in came] == [None, "Bob", "Dave"]


def test_no_token_is_one_of_a_user(carol: User) -> None:
    person = person_of(carol)

    assert people.proven(people.token(person.pk)) is None
    assert people.arrive([Arrival(person.pk, "Mallory", proof) for proof in list(Proof)[:3]]) == [None] * 3
    assert Person.objects.get().name == "Carol"
