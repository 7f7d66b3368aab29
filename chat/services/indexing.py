"""Indexing: what is said comes into the index of words soon after it was, in small portions.

Every process takes its part: what one has just taken in, another finds done. Where there are messages from
before the index, they come in backwards, the newest first, while the site serves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from chat.core import search_words
from chat.live import process
from chat.live.chores import Chore
from chat.models import Message, Room, SearchMark
from chat.models.message import MessageQuerySet
from chat.storage import readers, search_index
from chat.storage.search_index import Entry

#: How often it is looked whether there is something, in seconds; how many messages, and of how many rooms,
#: are taken in at one time.
EVERY, MESSAGES, ROOMS = 1.0, 50, 50
#: How many entries are looked at to see whether their messages are still there.
LOOKS = 1000


def begin() -> None:
    """Have this process keep up the index from now on. Once is enough."""
    process.current().once(_begin)


def _begin() -> Chore:
    chore = Chore(index_some, thread=readers.searcher, first=EVERY, every=EVERY)
    process.current().supervisor.keep_running(chore.run)
    return chore


def index_some() -> bool:
    """Take in some of what the index lacks; whether there may be more."""
    left, steps = MESSAGES, list[_Step]()
    rooms = list(Room.objects.raw(*_behind()))
    for room in rooms:
        if left <= 0:
            break
        step = _step(room, left)
        steps.append(step)
        left -= len(step.messages)
    if steps:
        _take(steps)
    return left <= 0 or len(rooms) == ROOMS or any(step.left for step in steps)


class _Said(NamedTuple):
    """What the index has to know of a message."""

    id: int
    version: int
    text: str
    deleted_at: datetime | None


@dataclass
class _Step:
    """How a room's mark moves, and the messages that come in with that."""

    room: Room
    before: SearchMark | None
    version: int
    left: int
    messages: list[_Said]


@cache
def _behind() -> tuple[str, tuple[Any, ...]]:
    """The query for rooms of which the index lacks something: first those where something was just said.

    Composed once: it is asked each second, and to compose it costs more than to ask.
    """
    marks = SearchMark.objects.filter(room=OuterRef("pk"))
    rooms = Room.objects.exclude(slug__startswith=Room.DELETED).annotate(
        of_epoch=Subquery(marks.values("epoch")),
        up_to=Subquery(marks.values("version")),
        from_on=Subquery(marks.values("left")),
    )
    is_new = Q(up_to=None) | ~Q(of_epoch=F("epoch")) | ~Q(up_to=F("version"))
    found = rooms.filter(is_new | Q(from_on__gt=0)).order_by("from_on", "pk").only("epoch", "version")
    sql, parameters = found[:ROOMS].query.sql_with_params()
    return sql, parameters


def _step(room: Room, most: int) -> _Step:
    """What is next in a room, as it stands now."""
    mark = SearchMark.objects.filter(room=room).first()
    said = Message.objects.filter(room=room)
    if mark is None or mark.epoch != room.epoch or mark.version > room.version:
        last = Message.objects.filter(room=room).order_by("-pk").values_list("pk", flat=True).first()
        return _Step(room, mark, room.version, (last or 0) and last + 1, [])
    if mark.version < room.version:
        messages = _read(said.changed_after(mark.version)[:most])
        version = messages[-1].version if len(messages) == most else room.version
        return _Step(room, mark, max(version, mark.version), mark.left, messages)
    messages = _read(said.before(mark.left)[:most])
    return _Step(room, mark, mark.version, messages[-1].id if len(messages) == most else 0, messages)


def _read(messages: MessageQuerySet) -> list[_Said]:
    # Not as rows of the model, of which each costs more than its words.
    return [_Said(*row) for row in messages.values_list("pk", "version", "text", "deleted_at")]


def _take(steps: Iterable[_Step]) -> None:
    """Take in what each step brings, but where another process was faster."""
    words = {step.room.pk: _entries(step) for step in steps}  # before others have to wait
    with transaction.atomic():
        entries, deleted = list[Entry](), list[int]()
        for step in steps:
            if _move(step):
                entries += words[step.room.pk]
                deleted += [message.id for message in step.messages if message.deleted_at]
        if deleted:
            search_index.remove(deleted)
        search_index.put(entries)


def _entries(step: _Step) -> list[Entry]:
    return [
        Entry(message.id, step.room.pk, search_words.stems(message.text))
        for message in step.messages
        if message.deleted_at is None
    ]


def _move(step: _Step) -> bool:
    """Move the mark of a room, if it is where it was."""
    there = {"epoch": step.room.epoch, "version": step.version, "left": step.left}
    if step.before is None:
        made = SearchMark(room=step.room, **there)
        SearchMark.objects.bulk_create([made], ignore_conflicts=True)
        return True  # with which no message comes
    before = step.before
    marks = SearchMark.objects.filter(
        room=step.room, epoch=before.epoch, version=before.version, left=before.left
    )
    return marks.update(**there) == 1


def sweep() -> Iterable[int]:
    """Take out what is left of messages that are gone: how much, between portions of those looked at."""
    after, is_more = 0, True
    while is_more:
        gone, after = search_index.gone(after, LOOKS)
        if gone:
            search_index.remove(gone)
        is_more = after > 0
        if gone or is_more:
            yield len(gone)
