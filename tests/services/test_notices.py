"""What moderators have to say to somebody."""

import pytest

from chat.core.errors import MessageTooLong
from chat.models import Person, Room
from chat.services import notices
from chat.services.notices import Told

pytestmark = pytest.mark.django_db


def test_what_was_told_is_told_no_more(alice: Person, bob: Person, lounge: Room) -> None:
    first = notices.add(alice.pk, "warn", lounge, "too many\n caps ")
    second = notices.add(alice.pk, "unmute")

    assert notices.untold([alice.pk, bob.pk]) == {alice.pk: [first, second], bob.pk: []}
    assert first.reason == "too many caps"
    with pytest.raises(MessageTooLong):
        notices.add(alice.pk, "warn", lounge, "caps " * 100)
    notices.mark_told([Told((first.pk,)), Told((first.pk, 77))])
    assert notices.untold([alice.pk]) == {alice.pk: [second]}
