"""The page and what it reads."""

from typing import Any

import pytest
from django.contrib.auth.models import User
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


def test_the_tools_of_moderators_are_words_alone_and_no_part_of_the_page(
    lobby: Room, client: Client
) -> None:
    answer = client.get("/moderation/", headers={"accept-language": "en"})

    tools = answer.content.decode()
    assert answer.status_code == 200
    assert "<act-dialog>" in tools
    assert "<script" not in tools
    assert "style=" not in tools
    page = client.get("/").content.decode()
    assert 'data-moderation="/moderation/"' in page
    assert "act-dialog" not in page


@pytest.mark.parametrize(("guests", "is_shown"), [("speak", True), ("read", True), ("none", False)])
def test_a_site_without_guests_asks_them_to_sign_in(
    lobby: Room, client: Client, settings: Any, guests: str, *, is_shown: bool
) -> None:
    settings.CHAT = {"GUESTS": guests}

    answer = client.get("/?from=mail")

    assert answer.status_code == (200 if is_shown else 302)
    if not is_shown:
        assert answer["Location"] == "/accounts/login/?next=/%3Ffrom%3Dmail"
        assert not answer.cookies
        assert "Cookie" in answer["Vary"]


def test_a_site_without_guests_has_users(lobby: Room, client: Client, settings: Any) -> None:
    settings.CHAT = {"GUESTS": "none"}
    carol = User.objects.create_user("carol")
    client.force_login(carol, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/").status_code == 200
    carol.is_active = False
    carol.save()
    assert client.get("/").status_code == 302
