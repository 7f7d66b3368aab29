"""The frame that tells somebody which room they are in now."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from msgspec import UNSET

from chat import access, frames
from chat.access import Act
from chat.actors import Actor, Restriction
from chat.core.protocol import Member, Muted, RoomEntered
from chat.core.roster import Roster
from chat.services.rooms import CatchUp


def frame(catch_up: CatchUp, actor: Actor, roster: Roster) -> RoomEntered:
    """The room as this actor finds it, and how far what follows will bring them."""
    room = catch_up.room
    muted = actor.restriction(room, "mute")
    # Whether they may speak there apart from that, which is over some time without a word; and from their
    # having no name yet.
    speaker = replace(actor, restrictions=frozenset()) if muted else actor.named
    return RoomEntered(
        room=room.slug,
        title=room.title,
        titles=room.titles or UNSET,
        topic=room.topic,
        mode=room.state,
        speak=access.may(speaker, Act.POST, room),
        slow=room.slow,
        epoch=room.epoch,
        version=catch_up.version,
        recovered=catch_up.is_recovered,
        members=cast(list[Member], roster.members(room.pk)),  # as JSON already
        online=roster.online(room.pk),
        pinned=frames.pin(catch_up.pinned) if catch_up.pinned else UNSET,
        muted=_muted(muted) if muted else UNSET,
        may=access.rights(actor, room) or UNSET,
    )


def _muted(restriction: Restriction) -> Muted:
    until = None if restriction.until is None else datetime.fromtimestamp(restriction.until, UTC)
    return Muted(frames.iso(until) if until else None, restriction.reason)
