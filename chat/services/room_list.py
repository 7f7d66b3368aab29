"""The list of rooms: which somebody may enter, and what they are told of each."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from threading import Lock
from time import monotonic

from msgspec import UNSET, structs

from chat import access
from chat.access import Act
from chat.actors import Actor
from chat.core.protocol import FRAME_LIMIT, Member, RoomsListed, RoomSummary, encoded_size
from chat.live import process
from chat.models import Person, Room
from chat.storage import room_rows
from chat.storage.statements import Unread

#: How many rooms a list has at most: those that somebody belongs to, and others that are open to them.
OWN, OPEN = 100, 100
#: What a frame of the list needs beside its rooms, and a room for the numbers that are put in later, in
#: bytes.
_AROUND, _NUMBERS = 100, 130
#: The lists of how many are kept; and for how long, in seconds, one in which users are called by their
#: names: whoever is called otherwise moves nothing.
_KEPT, _NAMES_KEPT = 1000, 60.0


@dataclass(frozen=True)
class RoomList:
    """The rooms that somebody may enter, as far as that is the same from one moment to the next."""

    #: In their order, without how many are there; and their keys.
    rooms: list[RoomSummary]
    keys: list[int]
    is_more: bool
    may_create: bool


def asker(actor: Actor) -> Actor:
    """Somebody who has the same list."""
    if actor.restrictions:  # of which those count here that hold, and keep somebody out of a room
        shut_out = (one for one in actor.restrictions if one.shuts_out and one.holds)
        return replace(actor, person=None, restrictions=frozenset(shut_out))
    return replace(actor, person=None)


def find(asked: Iterable[Actor]) -> dict[Actor, RoomList]:
    """The list of each `asker`: the rooms they belong to, and then others that are open to them.

    A walk along the list for guests and users, and one for moderators; and of those who belong to rooms all
    these rooms in one query.
    """
    cache, version = RoomListCache(), 0
    if running := process.running():
        cache, version = running.once(RoomListCache), running.directory.version
    asked = list(asked)
    found = {actor: room_list for actor in asked if (room_list := cache.get(actor, version))}
    left = [actor for actor in asked if actor not in found]
    if left:
        read = _read(left)
        cache.put(version, read)
        found |= read
    return found


def frame(room_list: RoomList, unread: Mapping[int, Unread] | None = None) -> RoomsListed:
    """A list as it is told now. Belongs to the loop of the process.

    `unread` is somebody's own (services/reading.py); without it the list is the same for many.
    """
    roster = process.current().roster
    rooms = [
        structs.replace(room, online=roster.online(key), **_read_so_far(unread, key))
        for key, room in zip(room_list.keys, room_list.rooms, strict=True)
    ]
    return RoomsListed(
        rooms=rooms, more=room_list.is_more, counted=unread is not None, create=room_list.may_create
    )


#: Of whom no list is kept.
_UNKNOWN: tuple[int, float, RoomList | None] = (-1, 0.0, None)


class RoomListCache:
    """The lists of those who have asked for theirs. For any thread.

    They stand as long as the directory does, those with conversations for a minute at most: who asks again
    and again costs no query.
    """

    def __init__(self) -> None:
        #: Each with the version it is of, and until when it stands.
        self._known: OrderedDict[Actor, tuple[int, float, RoomList]] = OrderedDict()
        self._lock = Lock()

    def get(self, actor: Actor, version: int) -> RoomList | None:
        """The list of an `asker` at this version of the directory, if it is known."""
        with self._lock:
            of_version, until, room_list = self._known.get(actor, _UNKNOWN)
        return room_list if of_version == version and monotonic() < until else None

    def put(self, version: int, lists: dict[Actor, RoomList]) -> None:
        """Keep what was read when the directory had this version, or a later one."""
        with self._lock:
            for actor, room_list in lists.items():
                has_names = any(room.direct for room in room_list.rooms)
                until = monotonic() + _NAMES_KEPT if has_names else inf
                self._known[actor] = version, until, room_list
                self._known.move_to_end(actor)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def _read(asked: list[Actor]) -> dict[Actor, RoomList]:
    own = {
        key: room
        for key, room in room_rows.read({key for actor in asked for key in actor.roles}).items()
        if room is not None
    }
    partners = _partners(room for room in own.values() if room.direct)
    others: dict[tuple[str, bool], list[Room]] = {}
    found = {}
    for actor in asked:
        alike = actor.role, actor.is_reader
        if alike not in others:
            others[alike] = _others(actor)
        rooms = sorted(
            (own[key] for key in actor.roles if key in own), key=lambda room: (room.position, room.title)
        )
        found[actor] = _list(actor, rooms, others[alike], partners)
    return found


def _others(actor: Actor) -> list[Room]:
    """The first rooms that are open to somebody like this who belongs to none, and is kept out of none."""
    anybody = replace(actor, user=None, memberships=frozenset(), restrictions=frozenset())
    rooms = access.visible_rooms(anybody).filter(direct__isnull=True).order_by("position", "title")
    return list(rooms[: OWN + OPEN + 1])


def _list(actor: Actor, own: list[Room], others: list[Room], partners: dict[str, Member]) -> RoomList:
    own = [room for room in own if access.sees(actor, room)]
    shown = own[:OWN]
    keys = {room.pk for room in shown}
    others = [room for room in others if room.pk not in keys]
    if actor.restrictions:  # whoever walked along the list was under none
        others = [room for room in others if access.sees(actor, room)]
    is_more = len(own) > OWN or len(others) > OPEN
    rooms: list[RoomSummary] = []
    size = _AROUND
    for room in shown + others[:OPEN]:
        summary = _summary(actor, room, partners)
        size += encoded_size(summary) + _NUMBERS
        if size > FRAME_LIMIT:
            is_more = True
            break
        rooms.append(summary)
    shown += others
    return RoomList(
        rooms, [room.pk for room in shown[: len(rooms)]], is_more, access.may(actor, Act.CREATE_ROOM)
    )


def _summary(actor: Actor, room: Room, partners: dict[str, Member]) -> RoomSummary:
    summary = RoomSummary(
        room=room.slug,
        title=room.title,
        titles=room.titles or UNSET,
        topic=room.topic,
        mode=room.state,
        online=0,
        role=actor.role_in(room),
        speak=access.may(actor.named, Act.POST, room),
        may=access.rights(actor, room) or UNSET,
    )
    if room.direct and actor.user is not None:
        partner = partners.get(room.other_user(actor.user.pk))
        if partner is not None:
            summary.direct, summary.title = partner, partner.name
    return summary


def _partners(rooms: Iterable[Room]) -> dict[str, Member]:
    """The users of conversations, as people of the chat, by their keys."""
    users = {key for room in rooms for key in (room.direct or "").split(":")}
    people = Person.objects.filter(user__in=users).values_list("user", "pk", "name") if users else ()
    return {str(user): Member(id, name, "member") for user, id, name in people}


def _read_so_far(unread: Mapping[int, Unread] | None, room: int) -> dict[str, int]:
    if not unread or room not in unread:
        return {}
    marker, count, mentions, version = unread[room]
    told = {"unread": count, "read": marker, "mentions": mentions, "version": version}
    # Where nothing was read yet, or nothing mentions them, that is left out.
    return {name: number for name, number in told.items() if number or name in ("unread", "version")}
