"""Presence: who is in a room, and what the room hears when somebody comes, goes, or is called otherwise.

Each process tells its own listeners what changes for those who see all processes as one. In a small room
each is told by name. In a large one, where that would be a frame for everybody times everybody, v2 hears
once in a while how many came and went, and v1 hears nothing.
"""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from msgspec import UNSET

from chat import conf
from chat.core.protocol import Member, MembersListed, NameWas, Notified, Role, encode
from chat.core.roster import Change
from chat.live import process
from chat.live.broadcast import tell_site
from chat.live.presence import Presence, moment
from chat.live.process import Process
from chat.live.subscription import EncodedFrame, Reach
from chat.models import Person, Room
from chat.services import batches


def begin() -> None:
    """Have this process write who is here, and read who is elsewhere, from now on. Once is enough."""
    process.current().once(_begin)


def _begin() -> Presence:
    return begin_in(process.current())


def begin_in(here: Process) -> Presence:
    """As `begin`, in a process that need not be that of the loop."""
    here.presence.on_change = partial(_tell, here)
    here.presence.rows.begin(batches.writer().put)
    here.peers.begin()
    return here.presence


def enter(room: Room, person: Person, role: Role) -> bool:
    """A connection of somebody is in the room now, which hears of it if they were not there before.

    False where they are new there and the room is too large to be told. Belongs to the loop of the process.
    """
    here = process.current()
    was_there = here.roster.role(room.pk, person.pk) is not None
    here.presence.enter(room.pk, person.pk, role)
    return was_there or not _is_large(here, room.pk)


def joined(room: Room, person: Person) -> Notified:
    """What tells that somebody has come into the room, where they are."""
    return _joined(process.current(), room.pk, room.slug, person.pk)


def leave(room: Room, person: Person) -> None:
    """A connection of somebody has left the room, which hears of it if it was their last."""
    process.current().presence.leave(room.pk, person.pk)


def set_role(room: Room, person: Person, role: Role) -> None:
    """Somebody is something else in the room now, if they are there."""
    process.current().presence.set_role(room.pk, person.pk, role)


def rename(person_id: str, name: str, name_was: NameWas = UNSET) -> None:
    """Somebody who is here is called so from now on, in every room and every process. From any thread.

    The rooms are told, and their connections, with the reason where they have not asked for it. It is not
    kept: that is for whoever keeps names.
    """
    running = process.running()
    since = running.presence.next_since(person_id) if running else moment()
    tell_site(
        Presence.RENAMED, {"person": person_id, "name": name, "since": since, "name_was": name_was or None}
    )


def page(room: Room, after: str, most: int) -> MembersListed:
    """A page of those who are in the room, in the order of their ids, from behind `after`."""
    found, is_more = process.current().roster.page(room.pk, after, most)
    return MembersListed(room.slug, [Member(*person) for person in found], is_more)


def _tell(here: Process, change: Change) -> None:
    """Tell those who listen here what has changed."""
    for room in change.came:
        _tell_of_one(here, room, change, has_come=True)
    for room in change.went:
        _tell_of_one(here, room, change, has_come=False)
    if change.name_was is not None:
        for room in here.roster.rooms(change.person):
            slug = here.hub.slug(room)
            if slug is not None and room not in change.came and not _is_large(here, room):
                _tell_room(here, room, _renamed(here, room, slug, change))


def _tell_of_one(here: Process, room: int, change: Change, *, has_come: bool) -> None:
    slug = here.hub.slug(room)
    if slug is None:  # nobody listens
        return
    if _is_large(here, room):
        notify = partial(_tell_numbers, here, room)
        here.crowd.count(room, came=has_come, went=not has_come, notify=notify)
    elif has_come:
        _tell_room(here, room, _joined(here, room, slug, change.person))
    else:
        _tell_room(here, room, _left(here, room, slug, change))


def _is_large(here: Process, room: int) -> bool:
    return 0 < conf.current().notices_up_to < here.roster.online(room)


def _tell_room(here: Process, room: int, notice: Notified, *, for_v1: bool = True) -> None:
    text = encode(notice)
    here.hub.tell_here(room, EncodedFrame(0, text, text if for_v1 else None, reach=Reach.THERE))


def _tell_numbers(here: Process, room: int, came: int, went: int) -> None:
    slug = here.hub.slug(room)
    if slug is None:
        return
    sentences = []
    if came:
        sentences.append(
            ngettext("%(count)d person came.", "%(count)d people came.", came) % {"count": came}
        )
    if went:
        sentences.append(
            ngettext("%(count)d person left.", "%(count)d people left.", went) % {"count": went}
        )
    notice = Notified(
        message=" ".join(sentences),
        color="info",
        event="crowd",
        room=slug,
        online=here.roster.online(room),
        came=came,
        went=went,
    )
    _tell_room(here, room, notice, for_v1=False)


def _joined(here: Process, room: int, slug: str, person: str) -> Notified:
    name = here.roster.name(person) or ""
    return Notified(
        message=_("%(name)s joined the chat") % {"name": name},
        color="success",
        event="join",
        room=slug,
        id=person,
        name=name,
        role=here.roster.role(room, person),
        online=here.roster.online(room),
    )


def _left(here: Process, room: int, slug: str, change: Change) -> Notified:
    return Notified(
        message=_("%(name)s left the chat") % {"name": change.name},
        color="warning",
        event="leave",
        room=slug,
        id=change.person,
        name=change.name,
        online=here.roster.online(room),
    )


def _renamed(here: Process, room: int, slug: str, change: Change) -> Notified:
    return Notified(
        message=_("%(before)s is now %(name)s") % {"before": change.name_was, "name": change.name},
        color="info",
        event="rename",
        room=slug,
        id=change.person,
        name=change.name,
        role=here.roster.role(room, change.person),
        online=here.roster.online(room),
    )
