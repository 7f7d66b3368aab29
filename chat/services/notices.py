"""Notices: what the moderators have to say to one person, kept until they have heard it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from chat import access
from chat.access import Act
from chat.actors import Actor
from chat.models import Message, Notice, Person, Room
from chat.services import audit, users
from chat.storage import counts


@dataclass(frozen=True)
class Told:
    """Notices that somebody has been told, for the writer: it is not waited for."""

    keys: tuple[int, ...]


def add(
    person_id: str, act: str, room: Room | None = None, reason: str = "", until: datetime | None = None
) -> Notice:
    """Keep something that a person is to hear as soon as they are here.

    To be called in a transaction that has moved the directory (services/directory.py): with it every
    process finds out. Raises MessageTooLong for a reason that is too long.
    """
    words = audit.in_one_line(reason)
    return Notice.objects.create(person_id=person_id, act=act, room=room, reason=words, until=until)


def are_for(actor: Actor, person: Person, room: Room | None) -> bool:
    """Whether a person hears what is done to them in a room: who belongs to it, is there, or has spoken.

    Or whoever may make a room could say whatever they like to anybody, as a moderator. Whoever moderates
    the site is heard.
    """
    if room is None or access.may(actor, Act.MODERATE) or room.pk in users.actor_of(person).roles:
        return True
    return counts.is_in(room, person) or Message.objects.said_by(person, room).exists()


def untold(people: Collection[str]) -> dict[str, list[Notice]]:
    """What each of these people has not heard yet, the oldest first."""
    found: dict[str, list[Notice]] = {person: [] for person in people}
    rows = Notice.objects.filter(person__in=people, told_at=None).order_by("pk")
    for notice in rows.select_related("room"):
        found[notice.person_id].append(notice)
    return found


def mark_told(told: Collection[Told]) -> None:
    """Note that these have been told."""
    keys = [key for one in told for key in one.keys]
    Notice.objects.filter(pk__in=keys, told_at=None).update(told_at=timezone.now())
