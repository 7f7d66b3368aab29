"""Signing in to the admin, and guessing."""

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from chatproject import passwords
from chatproject.signin import OneLine, client_ip

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return User.objects.create_superuser("owner", password="a long word")  # noqa: S106


def sign_in(address: str, password: str, name: str = "owner") -> Any:
    form = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/admin/login/?next=/admin/", form)


def test_who_guesses_is_locked_out_and_the_owner_elsewhere_is_not(
    owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    answers = [sign_in("203.0.113.5", f"guess {number}", name=f"owner{number}") for number in range(3)]
    hashed: list[str] = []
    monkeypatch.setattr(
        passwords.PatientHasher, "encode", lambda self, password, *rest: hashed.append(password)
    )

    locked = sign_in("203.0.113.5", "a long word")

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0
    assert "15" in locked.content.decode()
    assert hashed == []
    monkeypatch.undo()
    assert sign_in("203.0.113.6", "a long word").status_code == 302


def test_a_wrong_password_leaves_one_line_in_the_log(owner: User, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("axes")
    logger.addHandler(caplog.handler)

    sign_in("203.0.113.5", "guess", name="owner\nforged line")

    logger.removeHandler(caplog.handler)
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    line = OneLine("{message}", style="{").format(record)
    assert "203.0.113.5" in line
    assert "owner" in line
    assert "guess" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8::1", "2001:db8::"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("", None),
    ],
)
def test_attempts_are_an_address_s_and_no_header_counts(host: str, whose: str | None) -> None:
    request = RequestFactory(headers={"x-forwarded-for": "198.51.100.1"}).get("/", REMOTE_ADDR=host)

    assert client_ip(request) == whose


def test_passwords_are_django_s_own() -> None:
    """What was hashed before is known, and the other way round."""
    stored = make_password("a long word")

    assert stored.startswith("pbkdf2_sha256$")
    assert check_password("a long word", stored)
    assert not check_password("another", stored)


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="threads have no priority of their own there")
def test_everybody_else_goes_first() -> None:
    make_password("a long word")

    [priority] = passwords._thread.map(
        lambda _: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), [None]
    )

    assert priority == 19
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < 19


def test_who_finds_too_many_waiting_is_told_so(owner: User) -> None:
    held = [passwords._places.acquire(blocking=False) for _ in range(passwords.WAITING)]

    answer = sign_in("203.0.113.5", "a long word")

    for _ in held:
        passwords._places.release()
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert sign_in("203.0.113.5", "a long word").status_code == 302


def test_many_wait_and_all_get_their_hash() -> None:
    with ThreadPoolExecutor(4) as threads:
        hashes = list(threads.map(make_password, ["one", "two", "three", "four"]))

    assert all(map(check_password, ["one", "two", "three", "four"], hashes))
