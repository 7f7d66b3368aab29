"""Announcements: what moderators tell a room is told here to those who listen, once.

They are rows of the audit, and each moves the directory (live/directory.py): so every process tells its own
listeners, with a layer in common and without.
"""

from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter
from typing import NamedTuple

from django.utils import timezone

from chat.core.protocol import Notified, encode
from chat.live.subscription import EncodedFrame
from chat.models import ActKind, ModerationAct

#: An announcement is no message: who has not looked for so long has missed it.
LATEST = timedelta(minutes=1)


class News(NamedTuple):
    """What was read anew."""

    #: The key of the latest one.
    last: int
    #: The key of the room of each, and its frame.
    told: list[tuple[int, str]]


class Announcements:
    """Has new announcements told. Belongs to one event loop."""

    def __init__(self) -> None:
        #: The key of the last one that was told; None before the first look.
        self._last: int | None = None
        self._tell: Callable[[int, EncodedFrame], None] = lambda room, frame: None

    def on_news(self, tell: Callable[[int, EncodedFrame], None]) -> None:
        """Have `tell` called with each: the key of the room, and what it is told."""
        self._tell = tell

    def read(self, after: int) -> News:
        """What has been announced lately and not been told; whoever begins has heard it all."""
        # Whoever announces holds the directory, so their keys are in the order of their commits.
        latest = ModerationAct.objects.filter(kind=ActKind.ANNOUNCE, at__gt=timezone.now() - LATEST)
        acts = sorted(latest.select_related("room").order_by(), key=attrgetter("pk"))
        last = acts[-1].pk if acts else 0
        known = last if self._last is None else self._last
        return News(last, [_told(act) for act in acts if act.pk > known and act.room is not None])

    def take(self, news: News) -> None:
        """Tell what was read."""
        self._last = news.last
        for room, text in news.told:
            self._tell(room, EncodedFrame(0, text, text))


def _told(act: ModerationAct) -> tuple[int, str]:
    assert act.room
    words = act.details["message"]
    event = Notified(message=words, color="info", event="announce", room=act.room.slug)
    return act.room.pk, encode(event)
