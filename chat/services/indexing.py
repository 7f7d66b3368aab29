"""Indexing: what is said comes into the index of words soon after it was, in small portions.

Every process takes its part: what one has just taken in, another finds done. Where there are messages from
before the index, they come in backwards, the newest first, while the site serves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from chat.core import search_words
from chat.live import process
from chat.live.chores import Chore
from chat.models import Message, SearchMark
from chat.storage import readers, search_index
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
    left, steps, new = MESSAGES, list[_Step](), list[_Room]()
    rooms = _behind()
    for room in rooms:
        if left <= 0:
            break
        if 0 < room.changes <= left:  # as nearly always: all of these are read at one time
            new.append(room)
            left -= room.changes
        else:
            step = _step(room, left)
            steps.append(step)
            left -= len(step.messages)
    steps += _all_new(new)
    if steps:
        _take(steps)
    return left <= 0 or len(rooms) == ROOMS or any(step.to.left for step in steps)


class _Room(NamedTuple):
    """A room of which the index lacks something, and its mark, where it has one."""

    id: int
    epoch: str
    version: int
    mark: Mark | None

    @property
    def changes(self) -> int:
        """How many versions it is beyond its mark; 0 where that is of another history, or there is none."""
        mark = self.mark
        return 0 if mark is None or mark.epoch != self.epoch else max(0, self.version - mark.version)


@dataclass
class _Step:
    """How a room's mark moves, and the messages that come in with that."""

    room: _Room
    to: Mark
    messages: list[Said]


def _behind() -> list[_Room]:
    """The rooms of which the index lacks something: first those where something was just said."""
    return [_Room(*found) for found in search_index.behind(ROOMS)]


def _all_new(rooms: Sequence[_Room]) -> list[_Step]:
    """What has changed in rooms since their marks: all of it, which is little."""
    marks = [(room, room.mark) for room in rooms if room.mark is not None]
    messages = search_index.all_changed({room.id: mark.version for room, mark in marks})
    return [
        _Step(room, mark._replace(version=room.version), messages.get(room.id, [])) for room, mark in marks
    ]


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


def _take(steps: Sequence[_Step]) -> None:
    """Take in what the steps bring; nothing of it where another process was faster with any."""
    entries = [entry for step in steps for entry in _entries(step)]  # before others have to wait
    deleted = [message.id for step in steps for message in step.messages if message.is_deleted]
    with transaction.atomic():
        if not _move(steps):
            transaction.set_rollback(True)
            return
        if deleted:
            search_index.remove(deleted)
        search_index.put(entries)


def _entries(step: _Step) -> list[Entry]:
    return [
        Entry(message.id, step.room.id, search_words.stems(message.text))
        for message in step.messages
        if not message.is_deleted
    ]


def _move(steps: Iterable[_Step]) -> bool:
    """Move the marks of rooms, if all are where they were; in their order, as every process does."""
    moves, made = list[tuple[int, Mark, Mark]](), list[SearchMark]()
    for step in sorted(steps, key=lambda step: step.room.id):
        if step.room.mark is None:  # no message comes with the first
            made.append(SearchMark(room_id=step.room.id, **step.to._asdict()))
        else:
            moves.append((step.room.id, step.room.mark, step.to))
    if made:
        SearchMark.objects.bulk_create(made, ignore_conflicts=True)
    return not moves or search_index.move(moves)


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
