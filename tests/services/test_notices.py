"""What moderators have to say to somebody."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Notice, Person, Room
from chat.services import notices
from chat.services.notices import Told

pytestmark = pytest.mark.django_db


def test_what_was_told_is_told_no_more(alice: Person, bob: Person, lounge: Room) -> None:
    first = notices.add(alice.pk, "warn", lounge, "caps " * 100)
    second = notices.add(alice.pk, "unmute")

    assert notices.untold([alice.pk, bob.pk]) == {alice.pk: [first, second], bob.pk: []}
    assert len(first.reason) == 200
    notices.mark_told([Told((first.pk,)), Told((first.pk, 77))])
    assert notices.untold([alice.pk]) == {alice.pk: [second]}


def test_what_nobody_came_for_is_forgotten(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "AT_A_TIME", 2)
    for _ in range(3):
        notices.add(alice.pk, "warn", reason="old")
    Notice.objects.update(at=timezone.now() - timedelta(days=31))
    young = notices.add(alice.pk, "warn", reason="young")

    assert notices.forget_some()
    assert not notices.forget_some()
    assert list(Notice.objects.all()) == [young]
