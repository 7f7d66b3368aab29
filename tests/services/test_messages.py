"""Saying something, and reading what was said."""

from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from chat.actors import PROGRAM, guest
from chat.core.errors import Empty, MessageTooLong
from chat.models import Message, Person, Room
from chat.services import history, messages
from tests.conftest import arrive


def test_a_message_keeps_the_name_of_its_time(alice: Person, lounge: Room) -> None:
    message = messages.post(guest(alice), lounge, "hi", timestamp=12)

    arrive("alice", "Alisa")

    [event] = history.latest(PROGRAM, lounge, 10).messages
    assert (event.sender, event.sender_id, event.message, event.timestamp) == ("Alice", "alice", "hi", 12)
    assert (event.room, event.id, event.version) == ("lounge", message.pk, 1)
    assert event.sent_at.endswith("Z")


class DeadLayer(InMemoryChannelLayer):
    """Takes nothing, as a Redis does that is gone."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        raise ConnectionError


def test_what_is_stored_does_not_fail_for_a_layer_that_is_gone(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(channel_layers.backends, "default", DeadLayer())

    message = messages.post(guest(alice), lounge, "hi")

    assert messages.delete(PROGRAM, [message, message]) == [message.pk]


@pytest.mark.parametrize(("text", "error"), [("\n", Empty), ("x" * 4001, MessageTooLong)])
def test_what_is_refused_is_not_kept(
    alice: Person, lounge: Room, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        messages.post(guest(alice), lounge, text)

    assert not Message.objects.exists()
    assert Room.objects.get(pk=lounge.pk).version == 0
