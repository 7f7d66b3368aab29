"""Members: who belongs to a room, and in which role."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from chat import access, actors
from chat.access import Act
from chat.actors import Actor
from chat.core.errors import LastOwner, NotFound
from chat.core.protocol import Member
from chat.models import Membership, Person, Room, RoomRole
from chat.services import directory


def keep(actor: Actor, membership: Membership) -> None:
    """Keep a membership, new or changed. Raises Forbidden or NotFound."""
    with transaction.atomic():
        directory.move()
        access.check(actor, Act.SET_MEMBER, membership.room)
        membership.save()


def remove(actor: Actor, room: Room, gone: Iterable[Membership]) -> None:
    """Have these be members of a room no longer. Raises Forbidden or NotFound."""
    with transaction.atomic():
        directory.move()
        access.check(actor, Act.SET_MEMBER, room)
        Membership.objects.filter(room=room, pk__in=[membership.pk for membership in gone]).delete()


def forget(room: Room, at_a_time: int) -> None:
    """A room is being deleted: nobody belongs to it any more."""
    members = Membership.objects.filter(room=room).order_by("pk")
    while some := list(members.values_list("pk", flat=True)[:at_a_time]):
        Membership.objects.filter(pk__in=some).delete()


def on_membership_delete(origin: Any, **_signal: Any) -> None:
    """A membership is being deleted; where that is because its user, group or person is, the site is told.

    Django says so before it touches any row, so here, too, the directory comes first.
    """
    if getattr(origin, "model", type(origin)) not in (Membership, Room):
        directory.move()


@transaction.atomic
def set_role(actor: Actor, slug: str, id: str, role: str | None) -> Member:
    """Have a person be a member of a room in this role, or no longer: what they are there now.

    A user of the site is a member as that. Nobody is whose id may be anybody's. Raises NotFound, Forbidden
    and LastOwner.
    """
    directory.move()
    actor = with_memberships(actor)
    room = Room.objects.filter(slug=slug).first()
    if room is None:
        raise NotFound
    access.check_set_member(actor, room, id, role)
    person = Person.objects.filter(pk=id, is_owned=True).select_related("user").first()
    if person is None:
        raise NotFound
    rows = Membership.objects.filter(room=room)
    own = rows.filter(person=person)
    if person.user_id is not None:
        own |= rows.filter(user=person.user_id)
    if not (role == RoomRole.OWNER or actor.in_admin or actor.is_program):
        _check_owner_stays(rows, own)
    own.delete()
    if role is not None:
        whose: dict[str, Any] = {"user": person.user} if person.user_id is not None else {"person": person}
        Membership.objects.create(room=room, role=role, **whose)
    return Member(person.pk, person.name, _role_in(room, person))


def with_memberships(actor: Actor) -> Actor:
    """The actor with the memberships that are kept now, behind the lock of the directory."""
    if actor.is_program or actor.in_admin:
        return actor
    whose = actors.whose(actor)
    return replace(actor, memberships=actors.memberships([whose])[whose])


def _check_owner_stays(rows: QuerySet[Membership], leaving: QuerySet[Membership]) -> None:
    """Return if a room with these memberships has an owner without those `leaving`. Raises LastOwner."""
    owners = rows.filter(role=RoomRole.OWNER)
    is_owner = leaving.filter(role=RoomRole.OWNER).exists()
    if is_owner and not owners.exclude(pk__in=leaving.values("pk")).exists():
        raise LastOwner


def _role_in(room: Room, person: Person) -> Any:
    whose = (person.pk, person.user_id)
    return dict(actors.memberships([whose])[whose]).get(room.pk, "guest")
