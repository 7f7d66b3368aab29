"""What a process knows of the histories of its rooms, and what it does where the database knows less."""

from collections import OrderedDict

import pytest

from chat.actors import guest
from chat.models import Message, Person, Room
from chat.services import messages
from chat.storage import epochs


def test_what_is_known_never_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "MOST", 2)
    monkeypatch.setattr(epochs, "_known", OrderedDict())
    for epoch, version in (("a", 3), ("b", 1), ("a", 2), ("c", 1)):
        epochs.note(epoch, version)

    assert [epochs.known(epoch) for epoch in "abc"] == [3, 0, 1]


def test_nothing_is_kept_under_a_version_that_was_told(alice: Person, lounge: Room) -> None:
    for text in ("kept", "lost"):
        messages.post(guest(alice), lounge, text)
    epochs.note(lounge.epoch, 2)
    Message.objects.filter(version=2).delete()
    Room.objects.filter(pk=lounge.pk).update(version=1)

    message = messages.post(guest(alice), lounge, "new")

    room = Room.objects.get(pk=lounge.pk)
    assert room.epoch != lounge.epoch
    assert message.version == message.first_version == room.version > 2


def test_a_room_that_is_as_known_keeps_its_epoch(alice: Person, lounge: Room) -> None:
    """Though the row in hand is older: the database decides."""
    messages.post(guest(alice), lounge, "hi")
    epochs.note(lounge.epoch, 1)

    assert not epochs.renew_older(lounge)

    assert Room.objects.get(pk=lounge.pk).epoch == lounge.epoch


def test_of_two_who_find_out_one_gives_the_epoch(lounge: Room) -> None:
    epochs.note(lounge.epoch, 1)
    other = Room.objects.get(pk=lounge.pk)

    assert [epochs.renew_older(lounge), epochs.renew_older(other)] == [True, False]

    assert Room.objects.get(pk=lounge.pk).epoch == lounge.epoch
