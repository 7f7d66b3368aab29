"""Presence: what a room hears when somebody comes or goes."""

from typing import Literal

from django.utils.translation import gettext as _

from chat.core.protocol import Notified
from chat.models import Person, Room


def joined(room: Room, person: Person, online: int) -> Notified:
    """The line that greets a newcomer, in the language of the server."""
    sentence = _("%(name)s joined the chat") % {"name": person.name}
    return _notice(room, person, online, sentence, "success", "join")


def left(room: Room, person: Person, online: int) -> Notified:
    """The line that follows somebody out, in the language of the server."""
    sentence = _("%(name)s left the chat") % {"name": person.name}
    return _notice(room, person, online, sentence, "warning", "leave")


def _notice(
    room: Room,
    person: Person,
    online: int,
    sentence: str,
    color: Literal["success", "warning"],
    event: Literal["join", "leave"],
) -> Notified:
    return Notified(
        message=sentence,
        color=color,
        event=event,
        room=room.slug,
        id=person.pk,
        name=person.name,
        online=online,
    )
