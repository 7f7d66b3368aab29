"""Indexing: what is said comes into the index of words soon after it was, in small portions.

Every process takes its part: what one has just taken in, another finds done. Where there are messages from
before the index, they come in backwards, the newest first, while the site serves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from chat.core import search_words
from chat.live import process
from chat.live.chores import Chore
from chat.models import Message, Room, SearchMark
from chat.storage import readers, search_index, vendor
from chat.storage.search_index import Entry, Mark, Said

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
    rooms = _behind()
    for room in rooms:
        if left <= 0:
            break
        step = _step(room, left)
        steps.append(step)
        left -= len(step.messages)
    if steps:
        _take(steps)
    return left <= 0 or len(rooms) == ROOMS or any(step.to.left for step in steps)


class _Room(NamedTuple):
    """A room of which the index lacks something, and its mark, where it has one."""

    id: int
    epoch: str
    version: int
    mark: Mark | None


@dataclass
class _Step:
    """How a room's mark moves, and the messages that come in with that."""

    room: _Room
    to: Mark
    messages: list[Said]


def _behind() -> list[_Room]:
    """The rooms of which the index lacks something: first those where something was just said."""
    with vendor.cursor() as cursor:
        cursor.execute(*_asking())
        return [
            _Room(id, epoch, version, None if mark[0] is None else Mark(*mark))
            for id, epoch, version, *mark in cursor.fetchall()
        ]


@cache
def _asking() -> tuple[str, tuple[Any, ...]]:
    """The query for these, composed once, which costs more than to ask it each second."""
    marks = SearchMark.objects.filter(room=OuterRef("pk"))
    rooms = Room.objects.exclude(slug__startswith=Room.DELETED).annotate(
        of_epoch=Subquery(marks.values("epoch")),
        up_to=Subquery(marks.values("version")),
        from_on=Subquery(marks.values("left")),
    )
    is_new = Q(up_to=None) | ~Q(of_epoch=F("epoch")) | ~Q(up_to=F("version"))
    found = rooms.filter(is_new | Q(from_on__gt=0)).order_by("from_on", "pk")
    columns = found.values_list("pk", "epoch", "version", "of_epoch", "up_to", "from_on")
    sql, parameters = columns[:ROOMS].query.sql_with_params()
    return sql, parameters


def _step(room: _Room, most: int) -> _Step:
    """What is next in a room, as it stands now."""
    mark = room.mark
    if mark is None or mark.epoch != room.epoch or mark.version > room.version:
        last = Message.objects.filter(room=room.id).order_by("-pk").values_list("pk", flat=True).first()
        return _Step(room, Mark(room.epoch, room.version, (last or 0) and last + 1), [])
    if mark.version < room.version:
        messages = search_index.changed(room.id, mark.version, most)
        version = messages[-1].version if len(messages) == most else room.version
        return _Step(room, mark._replace(version=max(version, mark.version)), messages)
    messages = search_index.said_before(room.id, mark.left, most)
    return _Step(room, mark._replace(left=messages[-1].id if len(messages) == most else 0), messages)


def _take(steps: Iterable[_Step]) -> None:
    """Take in what each step brings, but where another process was faster."""
    words = {step.room.id: _entries(step) for step in steps}  # before others have to wait
    with transaction.atomic():
        entries, deleted = list[Entry](), list[int]()
        for step in steps:
            if _move(step):
                entries += words[step.room.id]
                deleted += [message.id for message in step.messages if message.is_deleted]
        if deleted:
            search_index.remove(deleted)
        search_index.put(entries)


def _entries(step: _Step) -> list[Entry]:
    return [
        Entry(message.id, step.room.id, search_words.stems(message.text))
        for message in step.messages
        if not message.is_deleted
    ]


def _move(step: _Step) -> bool:
    """Move the mark of a room, if it is where it was."""
    before = step.room.mark
    if before is None:
        made = SearchMark(room_id=step.room.id, **step.to._asdict())
        SearchMark.objects.bulk_create([made], ignore_conflicts=True)
        return True  # with which no message comes
    return search_index.move(step.room.id, before, step.to)


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
