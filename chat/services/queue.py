"""The queue: what waits for moderators, reported or held by a filter, in the rooms where they are some."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import merge
from itertools import islice
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from msgspec import UNSET

from chat import access, frames
from chat.access import Act
from chat.actors import Actor
from chat.core.errors import BadFrame, Forbidden
from chat.core.fitting import PAGE_ROOM
from chat.core.protocol import (
    FRAME_LIMIT,
    QUEUE_LIMIT,
    DeleteMessage,
    MessageUpdated,
    QueueItem,
    QueueKind,
    QueueListed,
    encoded_size,
)
from chat.live import broadcast
from chat.models import ActKind, HeldMessage, Message, Report, ReportState, Room
from chat.models.message import FEW
from chat.services import directory, notices
from chat.storage import quotations
from chat.storage.log import LogTransaction

#: What the site is told where something has come into the queue, or was decided.
KIND = "queue"
#: How many reasons are told of one message, and how many reports are looked at for those of a page.
REASONS, LOOKED_AT = 10, 1000
#: How many messages are shown before and after one that was reported.
CONTEXT = 2

#: The keys of the rooms whose queue it is; None for every room.
Scope = frozenset[int] | None
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def changed() -> None:
    """Something has come into the queue, or was decided: who looks at it hears of it."""
    if not any(hook[1] is _tell_processes for hook in connection.run_on_commit):
        transaction.on_commit(_tell_processes)


def settle(message: Message, state: ReportState, reason: str) -> int:
    """All that was reported of a message has come to this: how many have reported it, each of whom hears.

    Where the transaction has not moved the directory, and may hold the lock of a room, that is after its
    commit: whoever adds a notice holds the directory, and locks it before any room.
    """
    rows = Report.objects.filter(message=message, state=ReportState.OPEN)
    reporters = list(rows.select_for_update().order_by("pk").values_list("reporter", flat=True))
    if reporters:
        act = ActKind.ACCEPT_REPORT if state == ReportState.ACCEPTED else ActKind.DISMISS_REPORT
        tell = partial(_tell_reporters, reporters, act, message.room, reason)
        if directory.has_moved():
            tell()
        else:
            transaction.on_commit(tell, robust=True)
        rows.update(state=state, decided_at=timezone.now())
        changed()
    return len(reporters)


@transaction.atomic
def _tell_reporters(reporters: Iterable[str], act: ActKind, room: Room, reason: str) -> None:
    directory.move()
    for reporter in reporters:
        notices.add(reporter, act, room, reason)


def reported(log: LogTransaction) -> set[int]:
    """Which of the messages that a transaction deletes have been reported, and wait for a decision."""
    gone = [command.change.id for command in log.commands if isinstance(command.change, DeleteMessage)]
    rows = Report.objects.filter(message__in=gone, state=ReportState.OPEN).order_by()
    return set(rows.values_list("message", flat=True))


def count(actor: Actor) -> int:
    """How much waits for somebody."""
    scope = access.moderated_rooms(actor)
    return counts([scope])[scope]


def counts(scopes: Collection[Scope]) -> dict[Scope, int]:
    """How much waits in each of these: two queries, however many they are."""
    by_room: dict[int, int] = {}
    for rows, room, what in (
        (_open_reports(None), "message__room", "message"),
        (_held(None), "room", "pk"),
    ):
        for key, number in rows.order_by().values_list(room).annotate(Count(what, distinct=True)):
            by_room[key] = by_room.get(key, 0) + number
    return {
        scope: sum(by_room.values() if scope is None else (by_room.get(room, 0) for room in scope))
        for scope in scopes
    }


def items(actor: Actor, after: str = "", limit: int = QUEUE_LIMIT) -> QueueListed:
    """A page of what waits for somebody, the oldest first: at most a frame's worth, and one at least.

    Raises Forbidden where they moderate nothing, and BadFrame where `after` is no `next` of a page before.
    """
    scope = access.moderated_rooms(actor)
    if scope == frozenset():
        raise Forbidden
    places = list(islice(_places(scope, _Place.parse(after) if after else None, limit + 1), limit + 1))
    found: list[QueueItem] = []
    last, size = None, PAGE_ROOM
    for place, item in _items(actor, places[:limit]):
        size += encoded_size(item) + len(",")
        if found and size > FRAME_LIMIT:
            break
        found.append(item)
        last = place
    is_more = last is not None and last != places[-1]
    return QueueListed(found, counts([scope])[scope], str(last) if is_more else UNSET)


class _Place(NamedTuple):
    """Where something stands in the queue."""

    at: datetime
    kind: QueueKind
    id: int
    #: How many have reported it.
    reports: int = 0

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}.{self.kind}.{self.id}"

    @classmethod
    def parse(cls, text: str) -> "_Place":
        """The place that was written like this. Raises BadFrame."""
        try:
            at, kind, id = text.split(".")
            if kind not in ("held", "report") or not 0 <= int(id) < 2**63:
                raise ValueError(text)
            return cls(_EPOCH + timedelta(microseconds=int(at)), kind, int(id))  # type: ignore[arg-type]
        except (ValueError, OverflowError):
            raise BadFrame(why="`after` is no `next` of a queue") from None


def _places(scope: Scope, after: _Place | None, most: int) -> Iterator[_Place]:
    """What waits after a place, the oldest first, at most so many of each kind."""
    held = _held(scope)
    reports = _open_reports(scope).values("message").annotate(first=Min("at"), number=Count("pk"))
    if after is not None:
        held_then, reported_then = Q(at=after.at, pk__gt=after.id), Q(first=after.at)
        if after.kind == "report":
            held_then, reported_then = Q(pk__in=()), reported_then & Q(message__gt=after.id)
        held = held.filter(Q(at__gt=after.at) | held_then)
        reports = reports.filter(Q(first__gt=after.at) | reported_then)
    return merge(
        [_Place(at, "held", id) for at, id in held.order_by("at", "pk").values_list("at", "pk")[:most]],
        [
            _Place(row["first"], "report", row["message"], row["number"])
            for row in reports.order_by("first", "message")[:most]
        ],
    )


def _items(actor: Actor, places: Sequence[_Place]) -> Iterator[tuple[_Place, QueueItem]]:
    """What waits at these places, read a few at a time; what was decided meanwhile is left out."""
    for at in range(0, len(places), FEW):
        some = places[at : at + FEW]
        held = HeldMessage.objects.select_related("room").in_bulk(
            [place.id for place in some if place.kind == "held"]
        )
        reported = _Reported([place.id for place in some if place.kind == "report"])
        for place in some:
            if place.kind == "held" and place.id in held:
                yield place, _held_item(held[place.id])
            elif place.kind == "report" and place.id in reported.messages:
                yield place, reported.item(actor, place)


def _held_item(held: HeldMessage) -> QueueItem:
    return QueueItem(
        kind="held",
        id=held.pk,
        room=held.room.slug,
        title=held.room.title,
        sender=held.name,
        sender_id=held.author_id,
        message=held.text,
        sent_at=frames.iso(held.at),
        reasons=[held.why] if held.why else [],
    )


class _Reported:
    """Messages that were reported, with what stands around them and what is said of them."""

    def __init__(self, keys: Sequence[int]) -> None:
        near = Message.objects.filter(room=OuterRef("room")).values("pk")
        before = near.filter(pk__lt=OuterRef("pk")).order_by("-pk")
        after = near.filter(pk__gt=OuterRef("pk")).order_by("pk")
        places = {f"before_{at}": Subquery(before[at : at + 1]) for at in reversed(range(CONTEXT))}
        places |= {f"after_{at}": Subquery(after[at : at + 1]) for at in range(CONTEXT)}
        rows = Message.objects.select_related("room")
        self.messages = rows.annotate(**places).in_bulk(keys)
        self._near = rows.in_bulk(
            [key for one in self.messages.values() for name in places if (key := getattr(one, name))]
        )
        self._quotes = quotations.of(
            (row.room_id, row.reply_to_id) for row in self._near.values() if row.reply_to_id
        )
        self._reasons = _reasons(keys)

    def item(self, actor: Actor, place: _Place) -> QueueItem:
        """One of them; what stands around it is for whoever may read the room."""
        message = self.messages[place.id]
        item = QueueItem(
            kind="report",
            id=message.pk,
            room=message.room.slug,
            title=message.room.title,
            sender=message.name,
            sender_id=message.author_id,
            message=message.text,
            sent_at=frames.iso(message.sent_at),
            reports=place.reports,
            reasons=self._reasons.get(place.id, []),
        )
        if access.may(actor, Act.READ, message.room):
            item.before = self._around(message, "before", reversed(range(CONTEXT)))
            item.after = self._around(message, "after", range(CONTEXT))
            if encoded_size(item) > FRAME_LIMIT - PAGE_ROOM:  # five of the longest there are
                item.before = item.after = []
        return item

    def _around(self, message: Message, side: str, numbers: Iterable[int]) -> list[MessageUpdated]:
        keys = [getattr(message, f"{side}_{number}") for number in numbers]
        rows = [self._near[key] for key in keys if key in self._near]
        return [
            frames.updated(row, self._quotes.get((row.room_id, row.reply_to_id or 0), UNSET))
            for row in rows
        ]


def _reasons(reported: Collection[int]) -> dict[int, list[str]]:
    """What those say who have reported these messages, the first of them."""
    rows = Report.objects.filter(message__in=reported, state=ReportState.OPEN).exclude(reason="")
    found: dict[int, list[str]] = {}
    for message, reason in rows.order_by("pk").values_list("message", "reason")[:LOOKED_AT]:
        some = found.setdefault(message, [])
        if len(some) < REASONS:
            some.append(reason)
    return found


def _open_reports(scope: Scope) -> QuerySet[Report]:
    """Those that wait; what a moderator has deleted anyway waits no more."""
    rows = Report.objects.filter(state=ReportState.OPEN, message__is_removed=False)
    return rows if scope is None else rows.filter(message__room__in=scope)


def _held(scope: Scope) -> QuerySet[HeldMessage]:
    rows = HeldMessage.objects.filter(is_refused=False)
    return rows if scope is None else rows.filter(room__in=scope)


_tell_processes = partial(broadcast.tell_site, KIND, None)
