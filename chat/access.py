"""Access: who may do what, in which room. The only place where a right is decided.

Whose a message is, the change itself asks (services/changes.py). Who may see a page of the admin, Django
decides by its permissions.
"""

from dataclasses import replace
from enum import Enum, auto
from functools import cache

from django.db.models import Q, QuerySet

from chat import conf
from chat.actors import Actor, Permission, highest
from chat.core.errors import BannedHere, Forbidden, Muted, NameNeeded, NotFound, Outranked, ReadOnly
from chat.core.protocol import Right, Role
from chat.models import Message, Mode, Room
from chat.models.message import MessageQuerySet


class Act(Enum):
    """What somebody may be allowed to do."""

    #: Listen to a room, and read what was said in it.
    READ = auto()
    POST = auto()
    #: Reword one's own message, or delete it.
    EDIT = auto()
    DELETE = auto()
    REACT = auto()
    #: Tell the moderators of a message.
    REPORT = auto()
    #: Delete what others have said, and restore it; decide what waits for moderators.
    MODERATE = auto()
    #: Mute, kick and warn people.
    SANCTION = auto()
    BAN = auto()
    #: Have a room be slow, archived, for others or about something else; pin and announce.
    RUN_ROOM = auto()
    #: See the hashes of addresses, and search for them. Whoever bans on the site bans them unseen.
    SEE_ADDRESSES = auto()
    #: Have all that was said, or what one person has said; erase a person.
    EXPORT = auto()
    #: Say who is a member of a room, and in which role.
    SET_MEMBER = auto()
    #: Make a room, call it otherwise or open it to others, delete it.
    CREATE_ROOM = auto()
    DESCRIBE_ROOM = auto()
    DELETE_ROOM = auto()
    #: Talk with one other user of the site.
    OPEN_DIRECT = auto()

    __hash__ = object.__hash__  # there is one of each, and to hash its name costs more than to decide


_READING = frozenset({Act.READ, Act.REPORT})
_TALKING = _READING | {Act.POST, Act.EDIT, Act.DELETE, Act.REACT}
_MODERATING = _TALKING | {Act.MODERATE, Act.SANCTION, Act.RUN_ROOM}
_OWNING = _MODERATING | {Act.SET_MEMBER, Act.DESCRIBE_ROOM, Act.EXPORT}
#: What each role may do in a room where that role may speak.
_OF_ROLE: dict[Role, frozenset[Act]] = {
    "guest": _TALKING,
    "member": _TALKING,
    "moderator": _MODERATING,
    "owner": _OWNING,
}
#: What moderators do, whatever the state of the room.
_CLEARING = frozenset({Act.DELETE, Act.MODERATE, Act.SANCTION, Act.BAN, Act.RUN_ROOM})
#: What has no place in a conversation of two: nobody belongs to it besides, and nobody runs it.
_NOT_IN_DIRECT = frozenset({Act.SET_MEMBER, Act.SANCTION, Act.BAN, Act.RUN_ROOM})
#: What nobody does to the lobby: everybody finds that.
_NOT_IN_LOBBY = frozenset({Act.DELETE_ROOM})
_ANYWHERE = frozenset[Act]()
#: What is left of that in a room that is archived.
_WHEN_ARCHIVED: dict[Role, frozenset[Act]] = {
    "guest": _READING,
    "member": _READING,
    "moderator": _READING | _CLEARING,
    "owner": _OWNING - _TALKING | _READING | _CLEARING,
}
#: What may still be done to a room that is being deleted: to delete it again.
_WHEN_DELETED = frozenset({Act.DELETE_ROOM})
#: What somebody may still do who is muted.
_WHEN_MUTED = _READING | {Act.DELETE}
#: What is done to no room, or to a room as the site has it, and by whom besides who has this permission of
#: Django's.
_BY_PERMISSION = {
    Act.BAN: Permission.BAN,
    Act.SEE_ADDRESSES: Permission.SEE_ADDRESSES,
    Act.EXPORT: Permission.EXPORT,
    Act.CREATE_ROOM: Permission.ADD_ROOM,
    Act.DESCRIBE_ROOM: Permission.CHANGE_ROOM,
    Act.SET_MEMBER: Permission.CHANGE_ROOM,
    Act.DELETE_ROOM: Permission.DELETE_ROOM,
}
#: What users of the site do, whatever their role.
_OF_USERS = frozenset({Act.CREATE_ROOM, Act.OPEN_DIRECT})
#: By the words of the wire, what moderators may do.
_RIGHTS: dict[Right, Act] = {"moderate": Act.MODERATE, "ban": Act.BAN, "run": Act.RUN_ROOM}


def may(actor: Actor, act: Act, room: Room | None = None) -> bool:
    """Whether `actor` may do this, in `room` where it is about one. Asks nothing of the database."""
    if room is not None and room.is_deleted and act not in _WHEN_DELETED:
        return False
    if room is not None and act in _never(room):
        return False
    if actor.is_program:
        return True
    if actor.is_reader and not _may_unnamed(act, room):
        return False
    if actor.restrictions and not actor.in_admin and _is_restricted(actor, act, room):
        return False
    if actor.permissions and act in _BY_PERMISSION and _BY_PERMISSION[act] in actor.permissions:
        return actor.in_admin or room is None or Act.READ in _allowed(actor, room)
    if act in _OF_USERS:
        is_user = actor.user is not None and not actor.in_admin  # where nobody is as themselves
        return is_user and (act is Act.OPEN_DIRECT or conf.current().rooms_by == "users")
    return act in (_OF_ROLE[actor.role] if room is None else _allowed(actor, room))


def check(actor: Actor, act: Act, room: Room | None = None) -> None:
    """Return if `actor` may do this.

    Raises Muted or BannedHere where that is why not; ReadOnly where they may read the room and nothing
    more, else Forbidden; NotFound where they may not even know of it.
    """
    if may(actor, act, room):
        return
    if actor.restrictions and may(replace(actor, restrictions=frozenset()), act, room):
        if shut_out := actor.restriction(room, "ban", "kick"):
            raise BannedHere(shut_out.left)
        if muted := actor.restriction(room, "mute"):
            raise Muted(muted.left)
    if room is None:
        raise Forbidden
    if not may(actor, Act.READ, room):
        raise NotFound
    raise ReadOnly if act in _TALKING and not may(actor, Act.POST, room) else Forbidden


def check_named(actor: Actor, ref: str | None = None) -> None:
    """Return if `actor` may ask for more than to read, by this `ref`. Raises NameNeeded."""
    if actor.is_reader:
        raise NameNeeded(ref=ref)


def needs_name(actor: Actor, room: Room) -> bool:
    """Whether a room is theirs to read once they have given a name, and not before."""
    return actor.is_reader and room.needs_name and may(actor.named, Act.READ, room)


def check_set_member(actor: Actor, room: Room, id: str, role: str | None) -> None:
    """Return if `actor` may have a person be this in a room. Raises as `check`.

    Nobody is kept in a room: whoever sees it may be a member no longer, but for the two of a conversation.
    """
    is_own = actor.person is not None and actor.person.pk == id
    steps_down = is_own and role is None and not room.direct
    check(actor, Act.READ if steps_down else Act.SET_MEMBER, room)


def check_outranks(actor: Actor, other: Actor, room: Room | None) -> None:
    """Return if `actor` may more than `other`, in a room or on the site: so moderators stop no moderators.

    And in no room does anybody stop those who moderate the site: its owner would be left to themselves.
    Raises Outranked. A program and a superuser of Django's, in the admin, are above all.
    """
    if _is_above_all(actor):
        return
    own, others = (one.role if room is None else one.role_in(room) for one in (actor, other))
    if highest(own, others) == others or (room is not None and other.role == "moderator"):
        raise Outranked


def check_erase(actor: Actor, other: Actor) -> None:
    """Return if `actor` may erase somebody. Raises Forbidden; Outranked of who moderates the site.

    And of themselves: or a moderator could take their name from the audit of what they have done.
    """
    check(actor, Act.EXPORT)
    is_own = actor.user is not None and actor.user == other.user
    if not _is_above_all(actor) and (is_own or other.role == "moderator"):
        raise Outranked


def rights(actor: Actor, room: Room | None = None) -> list[Right]:
    """What somebody may do as a moderator, in a room or on the whole site, in the words of the wire."""
    role = actor.role if room is None else actor.role_in(room)
    if not actor.permissions and role in ("guest", "member"):
        return []  # nearly everybody, of whom each of 200 rooms asks in a list
    return [right for right, act in _RIGHTS.items() if may(actor, act, room)]


def moderated_rooms(actor: Actor) -> frozenset[int] | None:
    """The keys of the rooms whose queue somebody decides; None for every room of the site."""
    if may(actor, Act.MODERATE):
        return None
    shut_out = {one.room for one in actor.restrictions if one.holds}
    if None in shut_out:
        return frozenset()
    own = {key for key, role in actor.memberships if Act.MODERATE in _OF_ROLE[role]}
    return frozenset(own - shut_out)


def check_decide(actor: Actor, room: Room) -> None:
    """Return if `actor` may decide what was reported in a room. Raises as `check`.

    Nobody moderates a conversation of two; but whoever reports something there shows it to those who
    moderate the site.
    """
    if not (room.direct and may(actor, Act.MODERATE) and not room.is_deleted):
        check(actor, Act.MODERATE, room)


def sees(actor: Actor, room: Room) -> bool:
    """Whether a room is one of `visible_rooms`. Asks nothing of the database."""
    return _sees_all(actor) or may(actor, Act.READ, room)


def visible_rooms(actor: Actor) -> QuerySet[Room]:
    """The rooms that `actor` may read; in the admin, and for a program, those half deleted, too."""
    if _sees_all(actor):
        return Room.objects.all()
    if actor.restriction(None, "ban", "kick"):
        return Room.objects.none()
    shut_out = [one.room for one in actor.restrictions if one.shuts_out and one.holds]
    rooms = Room.objects.exclude(slug__startswith=Room.DELETED)
    if shut_out:
        rooms = rooms.exclude(pk__in=shut_out)
    if actor.is_reader:
        rooms = rooms.filter(needs_name=False)
    own = Q(pk__in=actor.roles)
    if actor.role in ("moderator", "owner"):
        return rooms.filter(own | Q(direct__isnull=True))
    if actor.role == "guest" and conf.current().guests == "none":
        return rooms.none()
    return rooms.filter(own | Q(direct__isnull=True) & ~Q(mode=Mode.MEMBERS))


def visible_messages(actor: Actor, room: Room | None = None) -> MessageQuerySet:
    """What `actor` may read, of a room or of all. Raises NotFound where they may not read this room."""
    if room is None:
        return (
            Message.objects.all()
            if _sees_all(actor)
            else Message.objects.filter(room__in=visible_rooms(actor))
        )
    if not _sees_all(actor):
        check(actor, Act.READ, room)
    return Message.objects.of(room)


def moderated_messages(actor: Actor) -> MessageQuerySet:
    """What was said wherever a moderator of the site may delete it. Raises as `check`."""
    check(actor, Act.MODERATE)
    found = visible_messages(actor).exclude(room__slug__startswith=Room.DELETED)
    # In a conversation of two that is for the admin.
    return found if _sees_all(actor) else found.filter(room__direct=None)


def _allowed(actor: Actor, room: Room) -> frozenset[Act]:
    """What somebody may do in a room by what they are there."""
    if actor.in_admin and actor.role == "moderator":
        # They see all that was said there, in conversations, too, and some of it has to go.
        return _allowed(replace(actor, in_admin=False), room) | _CLEARING - {Act.BAN}
    own, guests = actor.roles.get(room.id), conf.current().guests
    return _acts(
        actor.role, own, actor.role_in(room), guests, room.mode, bool(room.direct), room.is_archived
    )


@cache  # there are few kinds of people and rooms, and each message asks
def _acts(
    of_site: Role, own: Role | None, role: Role, guests: str, mode: str, is_direct: bool, is_archived: bool
) -> frozenset[Act]:
    """What is allowed by a role on the site, an own one in the room, and the one that comes of both."""
    acts = _OF_ROLE[role]
    if of_site == "guest" and guests == "none":
        return frozenset()
    if of_site == "guest" and guests == "read" and own is None:
        acts = _READING
    if role in ("guest", "member") and own is None:
        if mode == Mode.MEMBERS or is_direct:
            return frozenset()
        if mode == Mode.READ_ONLY or (mode == Mode.USERS and of_site == "guest"):
            acts &= _READING
    if own in ("moderator", "owner"):
        acts |= {Act.BAN}  # a moderator of the site needs a permission for that
    return acts & _WHEN_ARCHIVED[role] if is_archived else acts


def _may_unnamed(act: Act, room: Room | None) -> bool:
    """Whether that may be done by somebody who has given no name."""
    return act is Act.READ and room is not None and not room.needs_name


def _is_restricted(actor: Actor, act: Act, room: Room | None) -> bool:
    """Whether a sanction keeps somebody from what they might do otherwise."""
    if actor.restriction(room, "ban", "kick"):
        return True
    return act not in _WHEN_MUTED and actor.restriction(room, "mute") is not None


def _never(room: Room) -> frozenset[Act]:
    """What nobody does to a room, whatever they may do to others."""
    if room.direct:
        return _NOT_IN_DIRECT
    return _NOT_IN_LOBBY if room.slug == Room.LOBBY else _ANYWHERE


def _sees_all(actor: Actor) -> bool:
    return actor.is_program or (actor.in_admin and actor.user is not None and actor.user.is_staff)


def _is_above_all(actor: Actor) -> bool:
    return actor.is_program or (actor.in_admin and getattr(actor.user, "is_superuser", False))
