"""Coming into a room: what was missed, or the latest page, and nothing in between."""

import tracemalloc
from typing import Any

import pytest
from django.db.models import F

from chat.core.errors import NotFound
from chat.core.protocol import Bookmark, EditMessage, MessagePosted, MessageUpdated
from chat.models import Message, Person, Room
from chat.services import log, messages, rooms


def say(person: Person, room: Room, *texts: str) -> list[int]:
    return [messages.post(person, room, text).pk for text in texts]


def fresh(room: Room) -> Room:
    found = rooms.find([room.slug])[room.slug]
    assert found
    return found


def test_a_room_is_found_by_its_address(lounge: Room) -> None:
    assert rooms.find(["nowhere", "lounge"]) == {"lounge": lounge, "nowhere": None}


def test_who_was_away_is_told_everything_that_changed(alice: Person, lounge: Room) -> None:
    first, _second, third, _fourth = say(alice, lounge, "1", "2", "3", "4")
    for number, id in enumerate((first, third)):
        change = EditMessage(id=id, message=f"{id}!", ref=str(number))
        log.carry_out([log.Order(author=alice, change=change, rooms=frozenset([lounge.pk]))])

    passage = rooms.passage(fresh(lounge), Bookmark(after=2, epoch=lounge.epoch), 50)

    assert passage.latest is None
    assert passage.missed is not None
    assert [(type(event), event.id, event.version) for event in passage.missed] == [
        (MessagePosted, _fourth, 4),
        (MessageUpdated, first, 5),
        (MessageUpdated, third, 6),
    ]
    assert passage.version == 6


def test_who_has_missed_nothing_is_told_nothing(alice: Person, lounge: Room) -> None:
    say(alice, lounge, "1")

    passage = rooms.passage(fresh(lounge), Bookmark(after=1, epoch=lounge.epoch), 50)

    assert (passage.missed, passage.latest, passage.version) == ([], None, 1)


@pytest.mark.parametrize(
    "bookmark",
    [
        Bookmark(),
        Bookmark(after=0),
        Bookmark(after=1, epoch="another"),
        Bookmark(after=99, epoch="this"),
    ],
)
def test_a_bookmark_that_means_nothing_gets_the_latest_page(
    alice: Person, lounge: Room, bookmark: Bookmark
) -> None:
    say(alice, lounge, "1", "2", "3")
    Room.objects.filter(pk=lounge.pk).update(epoch="this")

    passage = rooms.passage(fresh(lounge), bookmark, 2)

    assert passage.missed is None
    assert passage.latest
    assert [event.message for event in passage.latest.messages] == ["2", "3"]
    assert passage.version == 3


def test_a_large_gap_is_never_told_in_part(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "RECOVERY_LIMIT", 3)
    say(alice, lounge, "1", "2", "3", "4")

    three = rooms.passage(fresh(lounge), Bookmark(after=1, epoch=lounge.epoch), 50)
    four = rooms.passage(fresh(lounge), Bookmark(after=0, epoch=lounge.epoch), 50)

    assert three.missed
    assert len(three.missed) == 3
    assert four.missed is None
    assert four.latest
    assert len(four.latest.messages) == 4


def test_a_gap_of_long_messages_is_not_told_in_part_either(alice: Person, lounge: Room) -> None:
    say(alice, lounge, *("x" * 4000 for _ in range(70)))

    some = rooms.passage(fresh(lounge), Bookmark(after=10, epoch=lounge.epoch), 50)
    many = rooms.passage(fresh(lounge), Bookmark(after=0, epoch=lounge.epoch), 50)

    assert some.missed
    assert len(some.missed) == 60
    assert many.missed is None
    assert many.latest
    assert many.latest.more


def test_what_was_missed_is_counted_as_it_is_sent(alice: Person, lounge: Room) -> None:
    """The texts are short; what they carry is not."""
    for number in range(20):
        messages.post(alice, lounge, str(number))
    crowd = [f"{number:064}" for number in range(300)]
    Message.objects.update(reactions={"👍": crowd}, version=F("version") + 100)
    Room.objects.filter(pk=lounge.pk).update(version=120)

    passage = rooms.passage(fresh(lounge), Bookmark(after=0, epoch=lounge.epoch), 50)

    assert passage.missed is None
    assert passage.latest
    few = rooms.passage(fresh(lounge), Bookmark(after=110, epoch=lounge.epoch), 50)
    assert few.missed
    assert sum(len(text.encode()) for text in few.texts) <= rooms.RECOVERY_SIZE


def test_no_more_is_read_than_to_see_that_it_is_too_much(alice: Person, lounge: Room) -> None:
    for number in range(80):
        messages.post(alice, lounge, str(number))
    Message.objects.update(text="x" * 1_000_000)
    tracemalloc.start()

    passage = rooms.passage(fresh(lounge), Bookmark(after=0, epoch=lounge.epoch), 1)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert passage.missed is None
    assert peak < 40_000_000


def test_another_title_moves_nothing_else(alice: Person, lounge: Room) -> None:
    """A form has read the room some time ago; what is said meanwhile has its version for good."""
    read_before = fresh(lounge)
    say(alice, lounge, "1", "2")

    read_before.title = "Salon"
    rooms.describe(read_before)

    room = fresh(lounge)
    assert (room.title, room.version) == ("Salon", 2)


def test_nothing_is_said_in_a_room_that_is_being_deleted(
    alice: Person, lounge: Room, django_capture_on_commit_callbacks: Any
) -> None:
    [first] = say(alice, lounge, "1")
    with django_capture_on_commit_callbacks() as rest:
        rooms.delete(lounge)

    with pytest.raises(NotFound):
        messages.post(alice, lounge, "2")
    edit = EditMessage(id=first, message="1!", ref="edit")
    [refused] = log.carry_out([log.Order(author=alice, change=edit, rooms=frozenset([lounge.pk]))])
    assert isinstance(refused, NotFound)
    assert rooms.find(["lounge"]) == {"lounge": None}

    for one in rest:
        one()
    assert not Room.objects.filter(pk=lounge.pk).exists()
