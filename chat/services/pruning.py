"""Pruning: what is too old in a room, or more than it keeps, goes; in small portions, behind its lock.

Nothing else of the room changes: neither its version nor its epoch, nor what answers a message that is gone
(`reply_to`), nor how far people have read. Nobody is told: a page shows what it has until it is opened
anew. That a message was said stays known by its `ref` as long as it may be said again (REFS_DAYS).

What is pinned, and what was reported and is not decided yet, stays; and so does what was just said, however
few a room keeps.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat import access, conf
from chat.access import Act
from chat.actors import Actor
from chat.models import Message, Report, ReportState, Room
from chat.storage import old_messages
from chat.storage.log import RETRIED_WITHIN

#: How many messages are deleted in one transaction, and how many are looked at in one query.
AT_A_TIME, LOOKS = 100, 1000
#: What is younger stays in any case: somebody may just be trying again, or not have heard of it.
SETTLED = RETRIED_WITHIN


class Pruned(NamedTuple):
    """So many messages of a room."""

    room: Room
    messages: int


class _Bounds(NamedTuple):
    """What goes: what was said before a moment, or has a key below one, and is settled."""

    before: datetime | None
    below: int
    settled: datetime

    def are_beyond(self, key: int, sent_at: datetime) -> bool:
        is_old = self.before is not None and sent_at < self.before
        return (is_old or key < self.below) and sent_at < self.settled


def prune(actor: Actor, room: Room | None = None) -> Iterator[Pruned]:
    """Delete what a room keeps no longer, or every room: how much, after each portion and each room.

    Whoever goes through it may stop, or pause, wherever they like. Several may do so at one time.
    """
    access.check(actor, Act.EXPORT, room)
    for one in _rooms(room):
        for keys in _portions(one):
            yield Pruned(one, _delete(one, keys))
        yield Pruned(one, 0)


def plan(actor: Actor, room: Room | None = None) -> Iterator[Pruned]:
    """How many messages would go, of a room or of each where some would; changes nothing."""
    access.check(actor, Act.EXPORT, room)
    for one in _rooms(room):
        count = sum(len(keys) - len(_kept(one.pinned, keys)) for keys in _portions(one))
        if count:
            yield Pruned(one, count)


def _rooms(room: Room | None) -> Iterator[Room]:
    """The rooms in question, as they are now; a few at a time."""
    rooms, last = Room.objects.exclude(slug__startswith=Room.DELETED).order_by("pk"), 0
    if room is not None:
        rooms = rooms.filter(pk=room.pk)
    while some := list(rooms.filter(pk__gt=last)[:LOOKS]):
        yield from some
        last = some[-1].pk


def _bounds(room: Room) -> _Bounds | None:
    """What goes by what the room says, or else the site; None where nothing does."""
    site, now = conf.current(), timezone.now()
    days = site.keep_days if room.keep_days is None else room.keep_days
    most = site.keep_messages if room.keep_messages is None else room.keep_messages
    if not (days or most):
        return None
    before = now - timedelta(days=min(days, conf.DAYS_LIMIT)) if days else None
    return _Bounds(before, _newest(room, most) if most else 0, now - SETTLED)


def _newest(room: Room, most: int) -> int:
    """The lowest key of the newest messages, of which there are so many; 0 where there are fewer."""
    keys = Message.objects.filter(room=room).order_by("-pk").values_list("pk", flat=True)
    return next(iter(keys[most - 1 : most]), 0)


def _portions(room: Room) -> Iterator[list[int]]:
    """The keys of the messages that are beyond the bounds, from the oldest on.

    Keys follow the clock but for moments: where none of many is beyond, none of the later ones is.
    """
    bounds, last = _bounds(room), 0
    rows = Message.objects.filter(room=room).order_by("pk").values_list("pk", "sent_at")
    while bounds and (some := list(rows.filter(pk__gt=last)[:LOOKS])):
        keys = [key for key, sent_at in some if bounds.are_beyond(key, sent_at)]
        yield from (keys[at : at + AT_A_TIME] for at in range(0, len(keys), AT_A_TIME))
        if not keys:
            return
        last = some[-1][0]


def _kept(pinned: int | None, keys: Sequence[int]) -> set[int]:
    """Those of the messages that stay for now."""
    reported = Report.objects.filter(message__in=keys, state=ReportState.OPEN)
    return {*reported.values_list("message", flat=True), *(key for key in keys if key == pinned)}


def _delete(room: Room, keys: Sequence[int]) -> int:
    """Delete these messages, but for those that stay; how many that were."""
    days = conf.current().refs_days
    refs_since = timezone.now() - timedelta(days=days) if days else None
    try:
        with transaction.atomic():
            # Behind the lock of the room nobody changes a message, or is told of one that was said before.
            locked = Room.objects.select_for_update().filter(pk=room.pk)
            for pinned in locked.values_list("pinned", flat=True):
                return old_messages.delete(set(keys) - _kept(pinned, keys), refs_since)
    except IntegrityError:  # one was reported at this very moment: it is for another time
        pass
    return 0
