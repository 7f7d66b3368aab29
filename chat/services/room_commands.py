"""Room commands: what a socket asks for that changes which rooms there are, or who belongs to them."""

import secrets
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction

from chat import access, conf
from chat.access import Act
from chat.actors import Actor
from chat.core import slugs, text
from chat.core.errors import ChatError, Forbidden, NotFound, TooManyRoomsMade
from chat.core.protocol import TITLE_LIMIT, CreateRoom, Member, OpenDirect, SetMember
from chat.models import Membership, Mode, Person, Room, RoomRole
from chat.services import directory, members, rooms

#: How many conversations a user may have; nobody but the users themselves begins one.
DIRECTS = 1000


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
                    return members.set_role(asked.actor, command.room, command.id, command.role)
    except ChatError as error:
        return error


def _create(actor: Actor, wanted: CreateRoom, suffix: str, *, is_retry: bool) -> str:
    """Make a room that its maker owns; its address."""
    access.check(actor, Act.CREATE_ROOM)
    if actor.user is None:
        raise Forbidden
    title, topic = text.one_line(wanted.title, TITLE_LIMIT), rooms.topic_of(wanted.topic)
    slug = slugs.from_title(title, suffix)
    if is_retry and Room.objects.filter(slug=slug).exists():
        return slug
    directory.move()
    # Whoever owns them now: a room that is given away is still there.
    if 0 < conf.current().rooms_per_user <= Room.objects.filter(maker=actor.user.pk).count():
        raise TooManyRoomsMade
    room = rooms.insert(Room(slug=slug, title=title, topic=topic, mode=wanted.mode, maker_id=actor.user.pk))
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
    key = Room.direct_key(actor.user.pk, person.user_id)
    slugs_ = Room.objects.filter(direct=key).values_list("slug", flat=True)
    if slug := slugs_.first():
        return slug
    directory.move()  # from here on nobody else makes one
    if slug := slugs_.first():
        return slug
    if Membership.objects.filter(user_id=actor.user.pk, room__direct__isnull=False).count() >= DIRECTS:
        raise TooManyRoomsMade
    own = actor.person.name if actor.person else str(actor.user)
    room = rooms.insert(
        Room(
            slug=f"direct-{suffix}{secrets.token_hex(5)}",
            title=f"{own}, {person.name}"[:TITLE_LIMIT],
            mode=Mode.MEMBERS,
            direct=key,
        )
    )
    Membership.objects.bulk_create(
        Membership(room=room, user_id=user) for user in (actor.user.pk, person.user_id)
    )
    return room.slug
