"""The page and what it reads."""

import pytest
from django.test import Client

from chat.models import Room


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ru", "ru"), ("en-GB,en", "en"), ("de", "ru"), ("de,en;q=0.5", "en"), ("", "ru")],
)
def test_the_page_speaks_the_language_of_its_reader(
    lobby: Room, client: Client, accepted: str, language: str
) -> None:
    answer = client.get("/", headers={"accept-language": accepted})

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.content.decode()


def test_the_reader_may_switch_the_language(lobby: Room, client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert '<html lang="en"' in client.get("/", headers={"accept-language": "ru"}).content.decode()


def test_a_visit_leaves_no_cookie_and_is_asked_for_anew(lobby: Room, client: Client) -> None:
    answer = client.get("/")

    assert not answer.cookies
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Accept-Language"} <= set(answer["Vary"].split(", "))


def test_switching_the_language_needs_no_visit_before(lobby: Room) -> None:
    """Where forgery is looked for, as in earnest."""
    reader = Client(enforce_csrf_checks=True)

    answer = reader.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert answer.status_code == 302
    assert answer.cookies["django_language"].value == "en"
    assert answer.cookies["django_language"]["samesite"] == "Lax"


def test_no_script_of_another_site_runs_on_the_page(lobby: Room, client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_reading_changes_nothing(lobby: Room, client: Client) -> None:
    assert client.post("/").status_code == 405
