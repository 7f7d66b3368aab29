"""Announcements as a process hears of them."""

from datetime import timedelta
from typing import Any

import msgspec

from chat.actors import PROGRAM
from chat.live.announcements import LATEST, Announcements
from chat.live.subscription import EncodedFrame
from chat.models import ModerationAct, Room
from chat.services import moderation


def told(announcements: Announcements) -> list[Any]:
    """What is told by the next look: where, and what in each dialect."""
    heard: list[tuple[int, EncodedFrame]] = []
    announcements.on_news(lambda room, frame: heard.append((room, frame)))
    announcements.take(announcements.read(0))
    assert all(frame.v1 == frame.v2 for _room, frame in heard)
    return [(room, msgspec.json.decode(frame.v2 or "")["message"]) for room, frame in heard]


def test_each_is_told_once_and_to_nobody_what_was_before(lounge: Room) -> None:
    other, early = Room.objects.create(slug="other", title="Other"), Announcements()
    assert told(early) == []
    moderation.announce(PROGRAM, lounge, "one")
    late = Announcements()
    assert told(late) == []
    moderation.announce(PROGRAM, other, "two")
    moderation.announce(PROGRAM, lounge, "three")
    moderation.run_room(PROGRAM, lounge, topic="four")

    assert told(early) == [(lounge.pk, "one"), (other.pk, "two"), (lounge.pk, "three")]
    assert told(late) == [(other.pk, "two"), (lounge.pk, "three")]
    assert told(early) == told(late) == []


def test_what_is_old_or_of_a_room_that_is_gone_is_told_no_more(lounge: Room) -> None:
    announcements = Announcements()
    told(announcements)
    moderation.announce(PROGRAM, lounge, "old")
    acts: Any = ModerationAct._base_manager
    for act in acts.all():
        acts.filter(pk=act.pk).update(at=act.at - LATEST - timedelta(seconds=1))
    other = Room.objects.create(slug="other", title="Other")
    moderation.announce(PROGRAM, other, "gone")
    other.delete()

    assert told(announcements) == []
    moderation.announce(PROGRAM, lounge, "new")
    assert told(announcements) == [(lounge.pk, "new")]
