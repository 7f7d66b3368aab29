"""Presence: coming in, and what a room hears when somebody comes or goes."""

from django.utils.translation import gettext as _

from chat.core.protocol import Notified
from chat.models import Person, Room
from chat.services import people, rooms


def enter(id: str, name: str) -> tuple[Person, Room]:
    """Somebody comes in: the person, and the room everybody starts in."""
    return people.arrive(id, name), rooms.lobby()


def joined(room: Room, person: Person) -> Notified:
    """The line that greets a newcomer, in the language of the server."""
    return Notified(
        message=_("%(name)s joined the chat") % {"name": person.name},
        color="success",
        event="join",
        room=room.slug,
        id=person.pk,
        name=person.name,
    )


def left(room: Room, person: Person) -> Notified:
    """The line that follows somebody out, in the language of the server."""
    return Notified(
        message=_("%(name)s left the chat") % {"name": person.name},
        color="warning",
        event="leave",
        room=room.slug,
        id=person.pk,
        name=person.name,
    )
