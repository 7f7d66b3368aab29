"""Epochs: how far this process knows each history of a room to have come, and what follows if it has not.

A database that is put back to an older state (a copy restored, a fail-over to a replica that was behind)
gives versions for a second time, and whoever listens takes them for told. So a room whose row is older than
what is known of it has another history now, and that has another epoch.
"""

import logging
from collections import OrderedDict
from threading import Lock

from django.db.models import QuerySet

from chat.models import Room
from chat.models.room import new_epoch

logger = logging.getLogger(__name__)

#: Of how many histories this is remembered; those are forgotten first that have stood still longest.
MOST = 50_000
#: How far another epoch begins above all that is known: what other processes have told beyond that is still
#: below it, so no version of the new history is one that a listener knows of the old.
LEAP = 1_000_000

_known: OrderedDict[str, int] = OrderedDict()
_lock = Lock()


def note(epoch: str, version: int) -> None:
    """This version of this history is committed. For any thread."""
    with _lock:
        _known[epoch] = max(version, _known.get(epoch, 0))
        _known.move_to_end(epoch)
        if len(_known) > MOST:
            _known.popitem(last=False)


def known(epoch: str) -> int:
    """The last version of this history that this process knows to be committed; 0 where it knows none."""
    return _known.get(epoch, 0)


def renew(room: Room) -> bool:
    """Give a room another epoch, in the database and in `room`; False where it has got one meanwhile."""
    return _renew(room, Room.objects.filter(pk=room.pk, epoch=room.epoch))


def renew_older(room: Room) -> bool:
    """Give a room another epoch if its row is older than what this process knows; whether that was so.

    `room` may have been read a moment ago: the database decides.
    """
    version = known(room.epoch)
    if room.version >= version:
        return False
    rows = Room.objects.filter(pk=room.pk, epoch=room.epoch)
    before = rows.values_list("version", flat=True).first()
    if before is None or before >= version or not _renew(room, rows.filter(version__lt=version)):
        return False
    logger.warning(
        "Room %s was at version %d and is at %d: an older state of the database. It has another epoch now.",
        room.slug,
        version,
        before,
    )
    return True


def _renew(room: Room, rows: QuerySet[Room]) -> bool:
    epoch, version = new_epoch(), max(room.version, known(room.epoch)) + LEAP
    if not rows.update(epoch=epoch, version=version):
        return False
    room.epoch, room.version = epoch, version
    return True
