"""Notices: what the moderators have to say to one person is told to all their connections here."""

from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone

from chat.core.errors import TIME_LEFT, WHY, gettext_noop
from chat.core.protocol import Notified
from chat.frames import iso
from chat.live import process
from chat.models import Notice
from chat.services import batches, notices
from chat.services.notices import Told
from chat.storage.readers import BatchLoader

if TYPE_CHECKING:
    from chat.socket.connection import Connection

#: By the act that it tells of: the colour of its line, and its sentence.
_LINES: dict[str, tuple[Any, str]] = {
    "warn": ("warning", gettext_noop("A moderator warns you.")),
    "mute": ("warning", gettext_noop("A moderator has muted you: you can read, and not write.")),
    "unmute": ("success", gettext_noop("You can write again.")),
    "accept_report": ("success", gettext_noop("A moderator has seen what you reported, and removed it.")),
    "dismiss_report": ("info", gettext_noop("A moderator has seen what you reported, and it may stay.")),
    "dismiss_held": ("warning", gettext_noop("A moderator has not let your message through.")),
}


class NoticesToTell:
    """Tells each notice to who is here, or comes next. Belongs to one event loop."""

    def __init__(self) -> None:
        running = process.current()
        self._connections, self._known = running.connections, running.notices
        self._untold: BatchLoader[str, list[Notice]] = BatchLoader(notices.untold)
        self._known.on_news(self._tell_news)

    @property
    def last(self) -> int:
        """The last notice that those were told of who are here now, where it was for them."""
        return self._known.last or 0

    async def tell_newcomer(self, connection: "Connection", last: int) -> None:
        """Tell somebody what they have not heard yet, as far as `last`: which was that when they came.

        Who has nothing to hear costs nothing.
        """
        assert connection.actor
        assert connection.actor.person
        person = connection.actor.person.pk
        if not self._known.may_have(person):
            return
        found = [notice for notice in await self._untold(person) if notice.pk <= last]
        self._known.heard(person)
        self._tell([connection], found)

    def _tell_news(self, news: list[Notice]) -> None:
        """Tell those who are here what has just come."""
        for notice in news:
            self._tell(cast("list[Connection]", self._connections.of(notice.person_id)), [notice])

    @staticmethod
    def _tell(connections: "list[Connection]", told: list[Notice]) -> None:
        """Tell these, if they still can hear it; what a notice tells of may be over by now."""
        open_ones = [connection for connection in connections if not connection.closing.is_closing]
        if not (open_ones and told):
            return
        now = timezone.now()
        for connection in open_ones:
            for notice in told:
                if notice.until is None or notice.until > now:
                    connection.send(_frame(notice, connection))
        batches.writer().submit(Told(tuple(notice.pk for notice in told)))


def of_process() -> NoticesToTell:
    """What those who are here are to be told."""
    return process.current().once(NoticesToTell)


def _frame(notice: Notice, connection: "Connection") -> Notified:
    color, sentence = _LINES.get(notice.act, _LINES["warn"])
    is_v1, room = connection.dialect == 1, notice.room.slug if notice.room else None
    if is_v1:
        color = "warning"
    words = [connection.in_words(sentence)]
    if notice.until:
        left = (notice.until - timezone.now()).total_seconds()
        words.append(connection.in_words(TIME_LEFT, time=connection.duration(left)))
    if notice.reason:
        words.append(connection.in_words(WHY, reason=notice.reason))
    if is_v1:
        return Notified(message=" ".join(words), color=color, room=room)
    return Notified(
        message=" ".join(words),
        color=color,
        event="moderation",
        room=room,
        act=cast(Any, notice.act),
        until=iso(notice.until) if notice.until else None,
        reason=notice.reason or None,
    )
