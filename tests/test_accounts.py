"""Signing in and out of the site, for those who are no staff as well."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from chatproject import passwords

pytestmark = pytest.mark.django_db

SIGN_IN, SIGN_OUT = "/accounts/login/", "/accounts/logout/"
PASSWORD = "a long word"  # noqa: S105


@pytest.fixture
def carol() -> User:
    return User.objects.create_user("carol", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"username": "carol", "password": password, **more})


def test_who_signs_in_comes_to_the_chat(carol: User, client: Client) -> None:
    answer = sign_in(client)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(carol.pk)


@pytest.mark.parametrize("next", ["/r/lounge/", "/admin/"])
def test_who_signs_in_comes_back_to_where_they_were(carol: User, client: Client, next: str) -> None:
    assert sign_in(client, next=next)["Location"] == next


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        r"/\evil.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_to_another_site(carol: User, client: Client, next: str) -> None:
    assert sign_in(client, next=next)["Location"] == "/"
    assert client.post(SIGN_OUT, {"next": next})["Location"] == "/"


def test_a_wrong_password_signs_nobody_in(carol: User, client: Client) -> None:
    answer = sign_in(client, "a guess", next="/r/lounge/")

    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert 'value="/r/lounge/"' in answer.text
    assert "a guess" not in answer.text
    assert "_auth_user_id" not in client.session


def test_who_guesses_is_locked_out_of_either_form(carol: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    mallory = Client(REMOTE_ADDR="203.0.113.5")

    answers = [sign_in(mallory, f"guess {number}").status_code for number in range(3)]
    locked = sign_in(mallory)
    of_admin = mallory.post("/admin/login/", {"username": "carol", "password": PASSWORD})

    assert answers == [200, 200, 429]
    assert (locked.status_code, of_admin.status_code) == (429, 429)
    assert int(locked["Retry-After"]) > 0
    assert "15" in locked.text
    assert sign_in(Client(REMOTE_ADDR="203.0.113.6")).status_code == 302


def test_who_finds_too_many_waiting_is_told_so(carol: User, client: Client) -> None:
    held = [passwords._places.acquire(blocking=False) for _ in range(passwords.WAITING)]

    answer = sign_in(client)

    for _ in held:
        passwords._places.release()
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_a_form_of_another_site_signs_nobody_in_or_out(carol: User) -> None:
    client = Client(enforce_csrf_checks=True)

    assert sign_in(client).status_code == 403
    client.force_login(carol, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(SIGN_OUT).status_code == 403
    assert "_auth_user_id" in client.session


def test_a_link_signs_nobody_out(carol: User, client: Client) -> None:
    sign_in(client)

    asked = client.get(SIGN_OUT)
    still = "_auth_user_id" in client.session
    answer = client.post(SIGN_OUT)

    assert "carol" in asked.text
    assert still
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "_auth_user_id" not in client.session
    assert client.get(SIGN_OUT)["Location"] == "/"


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("path", [SIGN_IN, SIGN_OUT])
def test_the_pages_hold_to_the_policy_of_the_site(
    carol: User, client: Client, path: str, language: str
) -> None:
    sign_in(client)

    answer = client.get(path, headers={"accept-language": language})

    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "no-cache" in answer["Cache-Control"]
    assert f'<html lang="{language}">' in answer.text
    assert not any(inline in answer.text for inline in ("<script", "style=", "onclick", "<style"))


def test_a_user_s_name_is_shown_as_text(client: Client) -> None:
    client.force_login(
        User.objects.create_user("<b>carol</b>"), backend="django.contrib.auth.backends.ModelBackend"
    )

    assert "&lt;b&gt;carol" in client.get(SIGN_OUT).text
