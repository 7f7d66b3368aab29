"""Retention: what is deleted for its age, by every process, once an hour and in small portions.

Messages go as rooms say (services/pruning.py); and from the index of words what is left there of those that
somebody has deleted by hand. What else does, and after how long: see `_leftovers`, and
REFS_DAYS of the receipts. What moderators did, and the sanctions, stay; so do people, until they are
erased.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from chat import access, conf
from chat.access import Act
from chat.actors import PROGRAM, Actor
from chat.core.protocol import SLOW_LIMIT
from chat.live import process
from chat.live.chores import Chore
from chat.models import ActKind, HeldMessage, Notice, ProcessedCommand, ReadMarker, Room, SlowMark
from chat.services import addresses, audit, indexing, pruning

#: How many rows are deleted in one transaction: some milliseconds in which SQLite lets nobody else write.
AT_A_TIME = 300
#: How many rooms are looked at in a row where there is nothing to do.
ROOMS = 20
#: Of how many rooms the audit says how much went.
NAMED = 100
#: For how long is kept what somebody is to be told, what has come of a message that was refused, and what
#: is there for guests who have not come again.
TOLD, REFUSED, ABSENT = timedelta(days=30), timedelta(days=conf.KEPT_DAYS + 1), timedelta(days=365)
#: Longer than any room is slow.
SLOW = timedelta(seconds=2 * SLOW_LIMIT)


def begin() -> None:
    """Have this process forget, from now on and now and then, what is too old. Once is enough."""
    process.current().once(_begin)


def _begin() -> Chore:
    rounds = _Rounds()
    chore = Chore(rounds.do_some)
    process.current().supervisor.keep_running(chore.run)
    return chore


class _Rounds:
    """Goes through all there is, a portion at a time, again and again."""

    def __init__(self) -> None:
        self._round: Iterator[None] | None = None

    def do_some(self) -> bool:
        """Do a portion; whether there is more of this round. What fails ends the round."""
        if forget_some():
            return True
        if self._round is None:
            self._round = _round()
        try:
            next(self._round)
        except BaseException as error:
            self._round = None
            if isinstance(error, StopIteration):
                return False
            raise
        return True


def _round() -> Iterator[None]:
    idle = 0
    for _what, count in sweep(PROGRAM):
        idle = 0 if count else idle + 1
        if count or idle % ROOMS == 0:
            yield
    for _count in indexing.sweep():
        yield


def sweep(actor: Actor, room: Room | None = None) -> Iterator[tuple[str, int]]:
    """Delete what is too old, of a room or of everything: what of, and how much, after each portion.

    In the end the messages that went are noted in the audit. Raises Forbidden.
    """
    access.check(actor, Act.EXPORT, room)
    if room is None:
        yield from _sweep_leftovers()
    gone: Counter[str] = Counter()
    try:
        for one, count in pruning.prune(actor, room):
            gone[one.slug] += count
            yield one.slug, count
    except GeneratorExit:  # nobody goes on with it, and this is no time to write
        gone.clear()
        raise
    finally:
        if rooms := +gone:
            details = {"messages": rooms.total(), "rooms": dict(rooms.most_common(NAMED))}
            audit.note(actor, ActKind.PRUNE, room=room, details=details)


def _sweep_leftovers() -> Iterator[tuple[str, int]]:
    for name, rows in _leftovers():
        while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]):
            rows.model._default_manager.filter(pk__in=keys).delete()
            yield name, len(keys)


def leftovers() -> list[tuple[str, int]]:
    """How much would go beside messages, and what of; changes nothing."""
    return [(name, count) for name, rows in _leftovers() if (count := rows.count())]


def _leftovers() -> "list[tuple[str, models.QuerySet[Any]]]":
    now = timezone.now()
    absent = {"person__user": None, "person__arrived_at__lt": now - ABSENT}
    hashes, keys = addresses.outdated()
    found: dict[str, models.QuerySet[Any]] = {
        "hashes of addresses": hashes,
        "keys of hashes of addresses": keys,
        "notices": Notice.objects.filter(at__lt=now - TOLD),
        "read markers of guests who have not come for a year": ReadMarker.objects.filter(**absent),
        "held messages that were refused": HeldMessage.objects.filter(
            is_refused=True, at__lt=now - REFUSED
        ),
        "marks of who spoke in a slow room": SlowMark.objects.filter(at__lt=now - SLOW),
    }
    return list(found.items())


def forget_some() -> bool:
    """Forget some of the refs of what was carried out more than REFS_DAYS ago; whether there may be more.

    Several processes may do so at the same time.
    """
    days = conf.current().refs_days
    if not days:
        return False
    before = timezone.now() - timedelta(days=days)
    with transaction.atomic():
        # Their keys are in the order of time, so this needs no index of its own.
        oldest = ProcessedCommand.objects.order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            oldest = oldest.select_for_update(skip_locked=True)
        old = [key for key, at in oldest.values_list("pk", "at")[:AT_A_TIME] if at < before]
        ProcessedCommand.objects.filter(pk__in=old).delete()
    return len(old) == AT_A_TIME
