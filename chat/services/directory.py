"""The directory: which rooms there are and who belongs to them, and what each is told of that."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from threading import Lock
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from msgspec import structs

from chat import access
from chat.access import Act, Actor
from chat.core.protocol import FRAME_LIMIT, Member, RoomsListed, RoomSummary, encoded_size
from chat.live import broadcast, process
from chat.live.directory import DirectoryWatch
from chat.models import Directory, Person, Room
from chat.models.directory import new_site_id
from chat.storage import room_rows

#: How many rooms a list has at most: those that somebody belongs to, and others that are open to them.
OWN, OPEN = 100, 100
#: What a frame of the list needs beside its rooms, and a room for the numbers that are put in later, in
#: bytes.
_AROUND, _NUMBERS = 100, 100
#: The lists of how many are kept; and for how long, in seconds, one in which users are called by their
#: names: whoever is called otherwise moves nothing.
_KEPT, _NAMES_KEPT = 1000, 60.0


def move() -> None:
    """A room's row, or a membership, is being changed: every process hears of it after the commit.

    To be called in that transaction, before anything else is locked in it: who changes the directory has it
    for themselves until then, and no two wait for each other.
    """
    if any(hook[1] is _tell for hook in connection.run_on_commit):
        return  # it has moved in this transaction
    if not Directory.objects.filter(pk=1).update(version=F("version") + 1):
        Directory.current()
        Directory.objects.filter(pk=1).update(version=F("version") + 1)
    transaction.on_commit(_tell)


def name_site_anew() -> None:
    """This is another site than the one whose database was copied: its processes go over to it."""
    with transaction.atomic():
        move()
        Directory.objects.filter(pk=1).update(site=new_site_id())


def hold() -> None:
    """Have the directory for oneself, in a transaction that locks rows of people before it may move it."""
    list(Directory.objects.select_for_update().filter(pk=1))


def _tell() -> None:
    broadcast.tell_site(DirectoryWatch.KIND, None)


@dataclass(frozen=True)
class Listing:
    """The rooms that somebody may enter, as far as that is the same from one moment to the next."""

    #: In their order, without how many are there; and their keys.
    rooms: list[RoomSummary]
    keys: list[int]
    is_more: bool
    may_create: bool


def lister(actor: Actor) -> Actor:
    """Somebody who has the same list."""
    return replace(actor, person=None)


#: Of whom no list is kept.
_UNKNOWN: tuple[int, float, Listing | None] = (-1, 0.0, None)


class Listings:
    """The lists of rooms of those who have asked for theirs. For any thread.

    They stand as long as the directory does, those with conversations for a minute at most: who asks again
    and again costs no query.
    """

    def __init__(self) -> None:
        #: Each with the version it is of, and until when it stands.
        self._known: OrderedDict[Actor, tuple[int, float, Listing]] = OrderedDict()
        self._lock = Lock()

    def get(self, actor: Actor, version: int) -> Listing | None:
        """The list of a `lister` at this version of the directory, if it is known."""
        with self._lock:
            of_version, until, listing = self._known.get(actor, _UNKNOWN)
        return listing if of_version == version and monotonic() < until else None

    def put(self, version: int, listings: dict[Actor, Listing]) -> None:
        """Keep what was read when the directory had this version, or a later one."""
        with self._lock:
            for actor, listing in listings.items():
                has_names = any(room.direct for room in listing.rooms)
                until = monotonic() + _NAMES_KEPT if has_names else inf
                self._known[actor] = version, until, listing
                self._known.move_to_end(actor)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def listings(asked: Iterable[Actor]) -> dict[Actor, Listing]:
    """The list of each `lister`: the rooms they belong to, and then others that are open to them.

    A walk along the list for guests and users, and one for moderators; and of those who belong to rooms all
    these rooms in one query.
    """
    running = process.running()
    kept, version = (running.once(Listings), running.directory.version) if running else (Listings(), 0)
    asked = list(asked)
    found = {actor: listing for actor in asked if (listing := kept.get(actor, version))}
    left = [actor for actor in asked if actor not in found]
    if left:
        read = _read(left)
        kept.put(version, read)
        found |= read
    return found


def _read(asked: list[Actor]) -> dict[Actor, Listing]:
    own = {
        key: room
        for key, room in room_rows.read({key for actor in asked for key in actor.roles}).items()
        if room is not None
    }
    partners = _partners(room for room in own.values() if room.direct)
    others: dict[str, list[Room]] = {}
    found = {}
    for actor in asked:
        if actor.role not in others:
            others[actor.role] = _others(actor)
        rooms = sorted(
            (own[key] for key in actor.roles if key in own), key=lambda room: (room.position, room.title)
        )
        found[actor] = _listing(actor, rooms, others[actor.role], partners)
    return found


def _others(actor: Actor) -> list[Room]:
    """The first rooms that are open to somebody like this who belongs to none."""
    anybody = replace(actor, user=None, memberships=frozenset())
    rooms = access.visible_rooms(anybody).filter(direct__isnull=True).order_by("position", "title")
    return list(rooms[: OWN + OPEN + 1])


def _listing(actor: Actor, own: list[Room], others: list[Room], partners: dict[str, Member]) -> Listing:
    own = [room for room in own if access.sees(actor, room)]
    shown = own[:OWN]
    keys = {room.pk for room in shown}
    others = [room for room in others if room.pk not in keys]
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
    return Listing(
        rooms, [room.pk for room in shown[: len(rooms)]], is_more, access.may(actor, Act.CREATE_ROOM)
    )


def _summary(actor: Actor, room: Room, partners: dict[str, Member]) -> RoomSummary:
    summary = RoomSummary(
        room=room.slug,
        title=room.title,
        topic=room.topic,
        mode=room.state,
        online=0,
        role=actor.role_in(room),
        speak=access.may(actor, Act.POST, room),
    )
    if room.direct and actor.user is not None:
        partner = partners.get(other_of(room.direct, actor.user.pk))
        if partner is not None:
            summary.direct, summary.title = partner, partner.name
    return summary


def direct_key(one: Any, other: Any) -> str:
    """What the conversation of two users of these keys is found by."""
    return ":".join(sorted((str(one), str(other))))


def other_of(direct: str, user: Any) -> str:
    """Of the users of a conversation the other one's key."""
    one, _colon, other = direct.partition(":")
    return other if one == str(user) else one


def _partners(rooms: Iterable[Room]) -> dict[str, Member]:
    """The users of conversations, as people of the chat, by their keys."""
    users = {key for room in rooms for key in (room.direct or "").split(":")}
    people = Person.objects.filter(user__in=users).values_list("user", "pk", "name") if users else ()
    return {str(user): Member(id, name, "member") for user, id, name in people}


def told(listing: Listing, unread: Mapping[int, tuple[int, int]] | None = None) -> RoomsListed:
    """A list as it is told now. Belongs to the loop of the process.

    `unread` is somebody's own (services/reading.py); without it the list is the same for many.
    """
    roster = process.current().roster
    rooms = [
        structs.replace(room, online=roster.online(key), **_read_so_far(unread, key))
        for key, room in zip(listing.keys, listing.rooms, strict=True)
    ]
    return RoomsListed(
        rooms=rooms, more=listing.is_more, counted=unread is not None, create=listing.may_create
    )


def _read_so_far(unread: Mapping[int, tuple[int, int]] | None, room: int) -> dict[str, int]:
    if not unread or room not in unread:
        return {}
    marker, count = unread[room]
    return {"read": marker, "unread": count} if marker else {"unread": count}
