"""Access: who may do what, in which room. The only place where a right is decided.

Whose a message is, the change itself asks (services/changes.py). Who may see a page of the admin, Django
decides by its permissions.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from chat.core.errors import Forbidden, NotFound
from chat.core.protocol import Role
from chat.models import Message, Person, Room
from chat.models.message import MessageQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


class Act(Enum):
    """What somebody may be allowed to do."""

    #: Listen to a room, and read what was said in it.
    READ = auto()
    POST = auto()
    #: Reword one's own message, or delete it.
    EDIT = auto()
    DELETE = auto()
    REACT = auto()
    #: Delete what others have said.
    MODERATE = auto()
    #: Make a room, call it otherwise, delete it.
    CREATE_ROOM = auto()
    DESCRIBE_ROOM = auto()
    DELETE_ROOM = auto()


_TALKING = frozenset({Act.READ, Act.POST, Act.EDIT, Act.DELETE, Act.REACT})
#: What each role may do in a room that is open.
_OF_ROLE: dict[Role, frozenset[Act]] = {
    "guest": _TALKING,
    "member": _TALKING,
    "moderator": _TALKING | {Act.MODERATE},
}
#: What a site user may do in addition who has this permission of Django's.
_BY_PERMISSION = {
    Act.CREATE_ROOM: "chat.add_room",
    Act.DESCRIBE_ROOM: "chat.change_room",
    Act.DELETE_ROOM: "chat.delete_room",
}
#: The permission that makes a staff user a moderator.
_MODERATING = "chat.delete_message"
#: What may still be done to a room that is being deleted: to delete it again.
_WHEN_DELETED = frozenset({Act.DELETE_ROOM})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something. Made once for each connection, request or command; every service takes it."""

    role: Role
    #: The person of the chat; None for who acts from the admin or from a program.
    person: Person | None = None
    #: The user of the site behind it, if there is one.
    user: "AbstractUser | None" = None
    #: Whether it is the site's own program: a command of manage.py, a task, a test.
    is_program: bool = False

    @property
    def audience(self) -> "Actor":
        """Somebody who sees the same: what is read for one of an audience can be told to all of it."""
        return replace(self, person=None)


#: Somebody who has not said who they are.
VISITOR = Actor("guest")
#: The site's own program, which may do everything.
PROGRAM = Actor("moderator", is_program=True)


def guest(person: Person) -> Actor:
    """Somebody who has given a name."""
    return Actor("guest", person)


def site_user(user: "AbstractUser") -> Actor:
    """A user of the site, as in the admin: a moderator if they are staff and may delete messages."""
    return Actor("moderator" if _is_permitted(user, _MODERATING) else "guest", user=user)


def may(actor: Actor, act: Act, room: Room | None = None) -> bool:
    """Whether `actor` may do this, in `room` where it is about one."""
    if room is not None and room.is_deleted and act not in _WHEN_DELETED:
        return False
    if room is not None and room.slug == Room.LOBBY and act is Act.DELETE_ROOM:
        return False  # everybody finds it
    if actor.is_program:
        return True
    if permission := _BY_PERMISSION.get(act):
        return actor.user is not None and _is_permitted(actor.user, permission)
    return act in _OF_ROLE[actor.role]


def check(actor: Actor, act: Act, room: Room | None = None) -> None:
    """Return if `actor` may do this. Raises Forbidden; NotFound where they may not even see the room."""
    if may(actor, act, room):
        return
    if room is not None and not may(actor, Act.READ, room):
        raise NotFound
    raise Forbidden


def visible_rooms(actor: Actor) -> QuerySet[Room]:
    """The rooms that `actor` may read: the open ones; for the site's own people those half deleted, too."""
    if _belongs_to_the_site(actor):
        return Room.objects.all()
    return Room.objects.exclude(slug__startswith=Room.DELETED)


def visible_messages(actor: Actor, room: Room | None = None) -> MessageQuerySet:
    """What `actor` may read, of a room or of all. Raises NotFound where they may not read this room."""
    of_the_site = _belongs_to_the_site(actor)
    if room is None:
        return (
            Message.objects.all() if of_the_site else Message.objects.filter(room__in=visible_rooms(actor))
        )
    if not of_the_site:
        check(actor, Act.READ, room)
    return Message.objects.of(room)


def _is_permitted(user: "AbstractUser", permission: str) -> bool:
    return user.is_staff and user.has_perm(permission)  # which says no for who is not active


def _belongs_to_the_site(actor: Actor) -> bool:
    return actor.is_program or (actor.user is not None and actor.user.is_staff)
