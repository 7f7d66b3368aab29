"""Actors: who asks for something, what they are, and what they are under. What they may, access.py says."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.contrib.auth import get_user_model

from chat.core.protocol import Role, SanctionKind
from chat.models import Membership, Person, Room

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

#: From who may least to who may most.
_ROLES: tuple[Role, ...] = ("guest", "member", "moderator", "owner")
#: The permission that makes a staff user a moderator of the site.
_SITE_MODERATOR = "chat.moderate"


#: The keys of the rooms that somebody is a member of, each with their role there.
Memberships = frozenset[tuple[int, Role]]


class Permission(StrEnum):
    """The permissions of Django's that let a staff user do something, whatever their role."""

    BAN = "chat.ban"
    SEE_ADDRESSES = "chat.see_addresses"
    EXPORT = "chat.export"
    ADD_ROOM = "chat.add_room"
    CHANGE_ROOM = "chat.change_room"
    DELETE_ROOM = "chat.delete_room"


class Restriction(NamedTuple):
    """What somebody is under: a sanction that holds (models/sanction.py)."""

    kind: SanctionKind
    #: Where; None for the whole site.
    room: int | None
    #: Seconds since the epoch; None for good.
    until: float | None
    #: What the moderators say to it.
    reason: str = ""

    @property
    def left(self) -> float | None:
        """For how many seconds more; None for good, and 0 or less where it is over."""
        return None if self.until is None else self.until - time.time()

    @property
    def holds(self) -> bool:
        """Whether it holds now."""
        return self.left is None or self.left > 0

    @property
    def shuts_out(self) -> bool:
        """Whether it keeps somebody out, and not only from speaking."""
        return self.kind != "mute"

    def holds_in(self, room: Room | None) -> bool:
        """Whether it holds now, in a room or on the whole site."""
        return self.holds and (self.room is None or (room is not None and self.room == room.pk))


@dataclass(frozen=True)
class Actor:
    """Who asks for something. Made once for each connection, request or command; every service takes it."""

    #: Their role on the site; see `role_in`.
    role: Role
    #: The person of the chat; None for who acts from the admin or from a program.
    person: Person | None = None
    #: The user of the site behind it, if there is one.
    user: "AbstractUser | None" = None
    memberships: Memberships = frozenset()
    #: Which of Django's permissions the user has; see `permissions_of`.
    permissions: frozenset[str] = frozenset()
    #: What they are under; what is over may be among it.
    restrictions: frozenset[Restriction] = frozenset()
    #: Whether they act from the admin, where those who may see a page see all that is on it.
    in_admin: bool = False
    #: Whether it is the site's own program: a command of manage.py, a task, a test.
    is_program: bool = False
    #: Whether they have given no name yet, and only read; then they are no person.
    is_reader: bool = False
    #: Who has started the command of manage.py that acts, by their name in the operating system.
    operator: str = ""

    @property
    def audience(self) -> "Actor":
        """Somebody who sees the same: what is read for one of an audience can be told to all of it."""
        if self.in_admin:
            return replace(self, person=None)
        shut_out = frozenset(one for one in self.restrictions if one.shuts_out)
        return replace(self, person=None, user=None, permissions=frozenset(), restrictions=shut_out)

    @property
    def id(self) -> str:
        """The id of their person; "" where they are none."""
        return self.person.id if self.person is not None else ""

    @property
    def named(self) -> "Actor":
        """What a reader is once they have given a name, and anybody else is now."""
        return replace(self, is_reader=False) if self.is_reader else self

    @cached_property
    def roles(self) -> dict[int, Role]:
        """Their memberships, by the key of the room."""
        return dict(self.memberships)

    @property
    def goes_by_address(self) -> bool:
        """Whether a ban of the address they come from concerns them: no user of the site, no moderator."""
        return self.user is None and {"moderator", "owner"}.isdisjoint(self.roles.values())

    def restriction(self, room: Room | None, *kinds: SanctionKind) -> Restriction | None:
        """What of these kinds holds longest for them in a room, or on the site; None where nothing does."""
        held = [one for one in self.restrictions if one.kind in kinds and one.holds_in(room)]
        return max(
            held, key=lambda one: (inf if one.until is None else one.until, one.reason), default=None
        )

    def role_in(self, room: Room) -> Role:
        """What they are in a room: what they are on the site, or more as its member."""
        own = self.roles.get(room.id, "guest")
        # A conversation of two is nobody else's.
        return own if room.direct or own == self.role else highest(self.role, own)


#: Somebody who has not said who they are.
VISITOR = Actor("guest")
#: Somebody who reads by a socket, and has not said who they are.
READER = Actor("guest", is_reader=True)
#: The site's own program, which may do everything.
PROGRAM = Actor("moderator", is_program=True)


def of_command(operator: str) -> Actor:
    """A command of manage.py, and who has started it."""
    return replace(PROGRAM, operator=operator)


def guest(person: Person, memberships: Memberships = frozenset()) -> Actor:
    """Somebody who has given a name, and is no user of the site."""
    return Actor("guest", person, memberships=memberships)


def of_user(person: Person, user: "AbstractUser", role: Role, permissions: frozenset[str]) -> Actor:
    """A user of the site in the chat, as `person`, with this role and these permissions on the site."""
    return Actor(role, person, user, permissions=permissions)


#: Whose memberships are asked for: the id of a person and the key of a user, each None where there is none.
Whose = tuple[str | None, Any]


def memberships(asked: Iterable[Whose]) -> dict[Whose, Memberships]:
    """The rooms of each: of a person, of a user and of the user's groups; of several roles the highest.

    Three queries at most, however many are asked for.
    """
    asked = list(asked)
    people = {person for person, _user in asked if person is not None}
    users = {user for _person, user in asked if user is not None}
    grouped = users if hasattr(get_user_model(), "groups") else set()
    rows: dict[tuple[str, Any], dict[int, Role]] = {}
    for kind, whose, wanted in (
        ("person", "person", people),
        ("user", "user", users),
        ("user", "group__user", grouped),
    ):
        if wanted:
            found = Membership.objects.filter(**{f"{whose}__in": wanted}).values_list(whose, "room", "role")
            for key, room, role in cast("Iterable[tuple[Any, int, Role]]", found):
                roles = rows.setdefault((kind, key), {})
                roles[room] = highest(role, roles.get(room, "guest"))
    return {(person, user): _together(rows, person, user) for person, user in asked}


def whose(actor: Actor) -> Whose:
    """By what an actor's memberships are found. An id that may be anybody's has none."""
    is_theirs = actor.person is not None and actor.person.is_owned
    person = actor.person.pk if actor.person is not None and is_theirs else None
    return person, None if actor.user is None else actor.user.pk


def _together(rows: dict[tuple[str, Any], dict[int, Role]], person: str | None, user: Any) -> Memberships:
    roles = dict(rows.get(("user", user), {}))
    for room, role in rows.get(("person", person), {}).items():
        roles[room] = highest(role, roles.get(room, "guest"))
    return frozenset(roles.items())


def highest(*roles: Role) -> Role:
    """Of these roles the one that may most."""
    return max(roles, key=_ROLES.index)


def of_admin(user: "AbstractUser") -> Actor:
    """A user of the site in the admin."""
    return replace(of_page(user, site_role(user)), in_admin=True)


def of_page(user: "AbstractUser", role: Role) -> Actor:
    """A user of the site, with this role there, who asks for a page of the chat. Others are VISITOR."""
    return Actor(role, user=user, memberships=_memberships_of(user), permissions=permissions_of(user))


def _memberships_of(user: "AbstractUser") -> Memberships:
    [found] = memberships([(None, user.pk)]).values()
    return found


def site_role(user: "AbstractUser") -> Role:
    """What Django's permissions make of a user: a moderator if they are staff and have `chat.moderate`."""
    return "moderator" if _is_permitted(user, _SITE_MODERATOR) else "member"


def permissions_of(user: "AbstractUser") -> frozenset[str]:
    """Which permissions Django says that a user has; that may ask the database."""
    return frozenset(one for one in Permission if _is_permitted(user, one))


def _is_permitted(user: "AbstractUser", permission: str) -> bool:
    # Not every model of users knows of staff; `has_perm` says no for who is not active.
    return getattr(user, "is_staff", False) and user.has_perm(permission)
