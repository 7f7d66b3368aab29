"""Saying something, and reading what was said."""

import pytest

from chat.core.errors import Empty, MessageTooLong
from chat.models import Message, Person, Room
from chat.services import messages, people


@pytest.fixture
def alice(db: None) -> Person:
    return people.arrive("alice", "Alice")


@pytest.fixture
def lounge(db: None) -> Room:
    return Room.objects.create(slug="lounge", title="Lounge")


def test_a_message_keeps_the_name_of_its_time(alice: Person, lounge: Room) -> None:
    message = messages.post(alice, lounge, "hi", timestamp=12)

    people.arrive("alice", "Alisa")

    [frame] = messages.recent(lounge, 10)
    assert (frame.sender, frame.sender_id, frame.message, frame.timestamp) == ("Alice", "alice", "hi", 12)
    assert (frame.room, frame.id) == ("lounge", message.pk)
    assert frame.sent_at.endswith("Z")


@pytest.mark.parametrize(("text", "error"), [("\n", Empty), ("x" * 4001, MessageTooLong)])
def test_what_is_refused_is_not_kept(
    alice: Person, lounge: Room, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        messages.post(alice, lounge, text)

    assert not Message.objects.exists()


def test_recent_is_the_end_of_the_talk_in_its_order(alice: Person, lounge: Room) -> None:
    other = Room.objects.create(slug="other", title="Other")
    for number in range(5):
        messages.post(alice, lounge, str(number))
        messages.post(alice, other, "elsewhere")

    assert [frame.message for frame in messages.recent(lounge, 3)] == ["2", "3", "4"]


def test_reading_the_recent_messages_is_one_query(
    alice: Person, lounge: Room, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(5):
        messages.post(alice, lounge, str(number))

    with django_assert_num_queries(1):  # type: ignore[operator]
        messages.recent(lounge, 50)
