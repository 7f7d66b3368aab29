"""Naming: whose a name is, and what somebody is called whose name it is not."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.core import name_keys
from chat.models import UserName
from chat.services import naming, people, user_names, users
from chat.services.naming import Known
from chat.services.people import Arrival, Proof


def known(id: str, name: str) -> Known:
    """What the database knows of somebody who comes in."""
    newcomer = naming.newcomer(id, name)
    return naming.known([newcomer])[newcomer]


@pytest.mark.django_db
def test_the_name_of_a_user_is_kept_from_the_first_save_on() -> None:
    anna = User.objects.create_user("anna", first_name="Anna", last_name="Karenina")
    assert UserName.objects.get(user=anna).name == "Anna Karenina"

    anna.last_name = "Vronskaya"
    anna.save()

    row = UserName.objects.get(user=anna)
    assert (row.name, row.key) == ("Anna Vronskaya", name_keys.key("Anna Vronskaya"))
    anna.delete()
    assert not UserName.objects.exists()


@pytest.mark.django_db
def test_a_name_that_is_kept_already_costs_one_query_and_writes_nothing() -> None:
    anna = User.objects.create_user("anna")

    with CaptureQueriesContext(connection) as queries:
        user_names.keep({anna.pk: "anna"})

    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


@pytest.mark.django_db
def test_users_who_were_there_before_are_found_by_migrate(capsys: pytest.CaptureFixture[str]) -> None:
    made = [User(username=f"user-{number}") for number in range(user_names.AT_A_TIME + 5)]
    User.objects.bulk_create(made)  # which sends no signal
    assert not UserName.objects.exists()

    call_command("migrate", verbosity=0)

    assert UserName.objects.count() == len(made)
    with CaptureQueriesContext(connection) as queries:
        assert list(user_names.keep_all(only_missing=True)) == []
    assert len(queries) == 1


@pytest.mark.django_db
def test_all_names_are_kept_anew_where_the_site_calls_its_users_otherwise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    anna = User.objects.create_user("anna")
    UserName.objects.filter(user=anna).update(name="Somebody", key="somebody")

    call_command("chat_user_names")

    assert UserName.objects.get(user=anna).name == "anna"
    assert "1" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "is_theirs"),
    [
        ("anna karenina", True),
        ("Аnnа Кarenina", True),  # Cyrillic here and there
        ("Anna Karenina 2", True),
        ("anna_karenina_2", True),
        ("Anna-Karenina12", True),
        ("Anna", False),
        ("Karenina", False),
        ("Anna Karenina1985", False),
        ("", False),
    ],
)
def test_a_name_is_a_users_however_it_is_dressed(name: str, is_theirs: bool) -> None:
    User.objects.create_user("ak", first_name="Anna", last_name="Karenina")

    assert known("guest", name) == Known(None, is_theirs)


@pytest.mark.django_db
def test_a_crowd_of_newcomers_is_known_by_one_query_along_two_indexes() -> None:
    people.arrive([Arrival("alice", "Alice", Proof.CLAIM), Arrival("bob", "Bob")])
    User.objects.create_user("max")
    asked = [
        naming.newcomer(id, name)
        for id, name in [("alice", "Max"), ("bob", "Moritz"), ("carol", "МАХ 3"), ("dave", "")]
    ]

    with CaptureQueriesContext(connection) as queries:
        found = naming.known(asked)

    assert len(queries) == 1
    assert [found[one] for one in asked] == [
        Known(True, True),
        Known(False, False),
        Known(None, True),
        Known(None, False),
    ]


def test_the_list_of_reserved_names_is_the_sites_own(settings: Any) -> None:
    assert naming.is_reserved("the_admin")

    settings.CHAT = {"RESERVED_NAMES": ["Король", " \u200b"]}

    assert naming.is_reserved("Король 2")
    assert not naming.is_reserved("the_admin")
    assert not naming.is_reserved("Anna")


@pytest.mark.django_db
def test_a_user_without_a_name_to_see_has_one_all_the_same() -> None:
    assert users.name_of(User(pk=12345, username="\u200b")) == "User-1234"
