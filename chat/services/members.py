"""Members: who belongs to a room, and the rooms that users make for themselves and those they invite."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import transaction

from chat import access, conf
from chat.access import Act, Actor
from chat.core import slugs, text
from chat.core.errors import ChatError, Forbidden, LastOwner, NotFound, TooManyRoomsMade
from chat.core.protocol import CreateRoom, Member, OpenDirect, SetMember
from chat.models import Membership, Mode, Person, Room, RoomRole
from chat.services import directory

#: How many conversations a user may have; nobody but the users themselves begins one.
DIRECTS = 1000


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


def membership_gone(origin: Any, **_signal: Any) -> None:
    """A membership was deleted; where that is because its user, group or person was, the site is told."""
    if getattr(origin, "model", type(origin)) not in (Membership, Room):
        directory.move()


# What a socket asks for


@dataclass(frozen=True, eq=False)
class RoomCommand:
    """A command that changes which rooms there are or who belongs to them, and who has sent it."""

    actor: Actor
    command: CreateRoom | OpenDirect | SetMember
    #: Of the address of a room that may be made: so a retry finds it.
    suffix: str = field(default_factory=partial(secrets.token_hex, 5))


#: What came of it: the address of the room to enter; or what somebody is in a room now.
Outcome = str | Member | ChatError


def carry_out(asked: RoomCommand, *, is_retry: bool = False) -> Outcome:
    """Carry out a command within a transaction, or say why not, and then nothing of it is kept."""
    try:
        with transaction.atomic():
            match asked.command:
                case CreateRoom() as command:
                    return _create(asked.actor, command, asked.suffix, is_retry=is_retry)
                case OpenDirect() as command:
                    return _open_direct(asked.actor, command.id, asked.suffix)
                case SetMember() as command:
                    return set_role(asked.actor, command.room, command.id, command.role)
    except ChatError as error:
        return error


def _create(actor: Actor, wanted: CreateRoom, suffix: str, *, is_retry: bool) -> str:
    """Make a room that its maker owns; its address."""
    access.check(actor, Act.CREATE_ROOM)
    if actor.user is None:
        raise Forbidden
    title, topic = one_line(wanted.title), one_line(wanted.topic) if wanted.topic else ""
    slug = slugs.from_title(title, suffix)
    if is_retry and Room.objects.filter(slug=slug).exists():
        return slug
    directory.move()
    owned = Membership.objects.filter(user_id=actor.user.pk, role=RoomRole.OWNER, room__direct__isnull=True)
    if 0 < conf.current().rooms_per_user <= owned.count():
        raise TooManyRoomsMade
    room = Room.objects.create(slug=slug, title=title, topic=topic, mode=wanted.mode)
    Membership.objects.create(room=room, user_id=actor.user.pk, role=RoomRole.OWNER)
    return slug


def _open_direct(actor: Actor, id: str, suffix: str) -> str:
    """The address of the conversation of two users, made once, whoever asks for it and wherever."""
    access.check(actor, Act.OPEN_DIRECT)
    person = Person.objects.filter(pk=id, user__isnull=False).select_related("user").first()
    if actor.user is None or person is None or person.user_id == actor.user.pk:
        raise NotFound
    if not getattr(person.user, "is_active", True):  # not every model of users has a column for it
        raise NotFound
    key = directory.direct_key(actor.user.pk, person.user_id)
    slugs_ = Room.objects.filter(direct=key).values_list("slug", flat=True)
    if slug := slugs_.first():
        return slug
    directory.move()  # from here on nobody else makes one
    if slug := slugs_.first():
        return slug
    if Membership.objects.filter(user_id=actor.user.pk, room__direct__isnull=False).count() >= DIRECTS:
        raise TooManyRoomsMade
    own = actor.person.name if actor.person else str(actor.user)
    room = Room.objects.create(
        slug=f"direct-{suffix}{secrets.token_hex(5)}",
        title=f"{own}, {person.name}"[:100],
        mode=Mode.MEMBERS,
        direct=key,
    )
    Membership.objects.bulk_create(
        Membership(room=room, user_id=user) for user in (actor.user.pk, person.user_id)
    )
    return room.slug


@transaction.atomic
def set_role(actor: Actor, slug: str, id: str, role: str | None) -> Member:
    """Have a person be a member of a room in this role, or no longer: what they are there now.

    A user of the site is a member as that. Nobody is whose id may be anybody's. Raises NotFound, Forbidden
    and LastOwner.
    """
    directory.move()
    actor = _as_of_now(actor)
    room = Room.objects.filter(slug=slug).first()
    if room is None:
        raise NotFound
    access.check(actor, Act.SET_MEMBER, room)
    person = Person.objects.filter(pk=id, is_owned=True).select_related("user").first()
    if person is None:
        raise NotFound
    rows = Membership.objects.filter(room=room)
    own = rows.filter(person=person)
    if person.user_id is not None:
        own |= rows.filter(user=person.user_id)
    if not (role == RoomRole.OWNER or actor.in_admin or actor.is_program):
        owners = rows.filter(role=RoomRole.OWNER)
        if (
            own.filter(role=RoomRole.OWNER).exists()
            and not owners.exclude(pk__in=own.values("pk")).exists()
        ):
            raise LastOwner
    own.delete()
    if role is not None:
        whose: dict[str, Any] = {"user": person.user} if person.user_id is not None else {"person": person}
        Membership.objects.create(room=room, role=role, **whose)
    return Member(person.pk, person.name, _role_in(room, person))


def _as_of_now(actor: Actor) -> Actor:
    """The actor with the memberships that are kept now, behind the lock of the directory."""
    if actor.is_program or actor.in_admin:
        return actor
    whose = access.whose(actor)
    return replace(actor, memberships=access.memberships([whose])[whose])


def _role_in(room: Room, person: Person) -> Any:
    whose = (person.pk, person.user_id)
    return dict(access.memberships([whose])[whose]).get(room.pk, "guest")


def one_line(words: str) -> str:
    """A title or a topic as it is kept. Raises Empty where nothing is to be read, and MessageTooLong."""
    return " ".join(text.clean(words).split())
