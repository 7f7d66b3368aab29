"""Presence: who is in a room, and what the room hears when somebody comes or goes.

In a small room each is told by name. In a large one, where that would be a frame for everybody times
everybody, v2 hears once in a while how many came and went, and v1 hears nothing.
"""

from functools import partial
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from msgspec import UNSET

from chat import conf
from chat.access import Actor
from chat.core.protocol import NameWas, Notified
from chat.live import process
from chat.live.broadcast import broadcast
from chat.models import Person, Room


def enter(room: Room, person: Person) -> Notified | None:
    """A connection of somebody is in the room now, which hears of it if it is their first.

    What the newcomer has to be told beside that, if anything. Belongs to the loop of the process.
    """
    roster = process.current().roster
    if not roster.enter(room.pk, person.pk):
        return None
    notice = _joined(room, person, roster.online(room.pk))
    if _is_large(room):
        process.current().crowd.count(room.pk, came=1, notify=partial(_broadcast_numbers, room))
        return notice
    broadcast(room, notice)
    return None


def leave(room: Room, person: Person) -> None:
    """A connection of somebody has left the room, which hears of it if it was their last."""
    roster = process.current().roster
    if not roster.leave(room.pk, person.pk):
        return
    if _is_large(room):
        process.current().crowd.count(room.pk, went=1, notify=partial(_broadcast_numbers, room))
    else:
        broadcast(room, _left(room, person, roster.online(room.pk)))


def rename(person: str, name: str, name_was: NameWas = UNSET) -> None:
    """Somebody who is here is called otherwise from now on: they are told, and each room that is not large.

    `name_was` says why, where they have not asked for it.
    """
    here = process.current()
    before = here.roster.name(person)
    here.roster.rename(person, name)
    connections = here.connections.of(person)
    for connection in connections:
        connection.be_called(name, name_was)
    rooms = {room.pk: room for connection in connections for room in connection.subscriptions.entered()}
    for room in rooms.values():
        if before and not _is_large(room):
            broadcast(room, _renamed(room, connections[0].actor, before))


def _is_large(room: Room) -> bool:
    return 0 < conf.current().notices_up_to < process.current().roster.online(room.pk)


def _broadcast_numbers(room: Room, came: int, went: int) -> None:
    sentences = []
    if came:
        sentences.append(
            ngettext("%(count)d person came.", "%(count)d people came.", came) % {"count": came}
        )
    if went:
        sentences.append(
            ngettext("%(count)d person left.", "%(count)d people left.", went) % {"count": went}
        )
    broadcast(
        room,
        Notified(
            message=" ".join(sentences),
            color="info",
            event="crowd",
            room=room.slug,
            online=process.current().roster.online(room.pk),
            came=came,
            went=went,
        ),
        for_v1=False,
    )


def _joined(room: Room, person: Person, online: int) -> Notified:
    sentence = _("%(name)s joined the chat") % {"name": person.name}
    return _notice(room, person, online, sentence, "success", "join")


def _left(room: Room, person: Person, online: int) -> Notified:
    sentence = _("%(name)s left the chat") % {"name": person.name}
    return _notice(room, person, online, sentence, "warning", "leave")


def _renamed(room: Room, actor: Actor, before: str) -> Notified:
    assert actor.person
    return Notified(
        message=_("%(before)s is now %(name)s") % {"before": before, "name": actor.person.name},
        color="info",
        event="rename",
        room=room.slug,
        id=actor.person.pk,
        name=actor.person.name,
        role=actor.role_in(room),
    )


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
