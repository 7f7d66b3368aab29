"""Signing in to the admin, and guessing."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone

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


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What the log says of signing in, from warnings up."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("axes")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_a_flood_of_somebody_who_is_locked_out_writes_nothing(
    owner: User, settings: Any, log: list[str]
) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for number in range(3):
        sign_in("203.0.113.5", f"guess {number}")
    rows, lines = list(AccessAttempt.objects.values()), list(log)

    flood = [sign_in("203.0.113.5", "guess", name=f"owner{number}").status_code for number in range(5)]

    assert flood == [429] * 5
    assert list(AccessAttempt.objects.values()) == rows
    assert log == lines


def test_a_lock_ends_though_somebody_has_gone_on_guessing(owner: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for number in range(3):
        sign_in("203.0.113.5", f"guess {number}")
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.update(attempt_time=since + timedelta(seconds=2))
    assert sign_in("203.0.113.5", "guess").status_code == 429

    AccessAttempt.objects.filter(attempt_time__lt=since + timedelta(seconds=3)).update(attempt_time=since)

    assert sign_in("203.0.113.5", "a long word").status_code == 302


def test_signing_in_oneself_makes_up_for_no_guesses(owner: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    User.objects.create_user("mallory", password="mine", is_staff=True)  # noqa: S106
    for number in range(2):
        sign_in("203.0.113.5", f"guess {number}")

    assert sign_in("203.0.113.5", "mine", name="mallory").status_code == 302

    assert sign_in("203.0.113.5", "guess").status_code == 429


def test_a_name_that_nobody_can_have_costs_no_more_than_one(owner: User, log: list[str]) -> None:
    assert sign_in("203.0.113.5", "guess", name="x" * 100_000).status_code == 200

    assert AccessAttempt.objects.get().username == "x" * 150
    assert max(map(len, log)) < 500


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


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own there")
def test_everybody_else_goes_first() -> None:
    make_password("a long word")

    [priority] = passwords._thread.map(
        lambda _: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), [None]
    )

    assert priority == passwords.NICENESS
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < passwords.NICENESS


def test_who_finds_too_many_waiting_is_told_so(owner: User) -> None:
    held = [passwords._places.acquire(blocking=False) for _ in range(passwords.WAITING)]

    answer = sign_in("203.0.113.5", "a long word")

    for _ in held:
        passwords._places.release()
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "charset=utf-8" in answer["Content-Type"]
    assert sign_in("203.0.113.5", "a long word").status_code == 302


def test_no_two_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2)

    def encode(*_: Any) -> str:
        try:
            meeting.wait(1)
        except threading.BrokenBarrierError:
            return "alone"
        return "together"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(make_password, ["one", "two", "three"])) == ["alone"] * 3
