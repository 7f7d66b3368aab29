"""Search: what was said with some words, the newest first, wherever somebody may read."""

from collections.abc import Iterator
from time import monotonic

from django.db.models import Max

from chat import access
from chat.actors import Actor
from chat.core import search_words
from chat.core.protocol import Found, Search
from chat.core.search_words import Term
from chat.models import Message, Room
from chat.models.message import MessageQuerySet
from chat.services import history
from chat.storage import search_index

#: So many of the newest messages of the site are looked at themselves: the index may not know them yet.
TAIL = 300
#: How many messages are read at one time.
FEW = 25
#: In up to so many rooms the index looks for their messages alone; in more, for all, to leave out others.
ROOMS = 50
#: For how long one question is looked into, in seconds. Who asks for more goes on from there.
PATIENCE = 1.0


def find(actor: Actor, room: Room | None, wanted: Search) -> Found:
    """What there is with all the words of a question, in one room or in all that `actor` may read.

    Where there is nothing, what has words that begin as the last of these. As much as a frame holds, and as
    is found in a second; then there is `more`, before a message. Raises NotFound where they may not read
    the room.
    """
    readable = access.visible_messages(actor, room).select_related("room").filter(deleted_at=None)
    asked, rooms = search_words.terms(wanted.q), _rooms(actor, room)
    for terms in dict.fromkeys((search_words.whole(asked), asked)):
        if terms and rooms != []:
            found = _found(_Walk(readable, terms, rooms, wanted.before), wanted)
            if found.messages or found.more:
                return found
    return Found(q=wanted.q, messages=[], more=False)


def _found(walk: "_Walk", wanted: Search) -> Found:
    messages, is_cut = history.fitting(walk.run(), wanted.limit)
    if is_cut:
        return Found(q=wanted.q, messages=messages, more=True, before=messages[-1].id)
    if walk.is_over:
        return Found(q=wanted.q, messages=messages, more=False)
    return Found(q=wanted.q, messages=messages, more=True, before=walk.at)


def _rooms(actor: Actor, room: Room | None) -> list[int] | None:
    """The keys of the rooms in question; None where these are many."""
    if room is not None:
        return [room.pk]
    keys = list(access.visible_rooms(actor).order_by().values_list("pk", flat=True)[: ROOMS + 1])
    return keys if len(keys) <= ROOMS else None


class _Walk:
    """Goes back through what was said, for a while."""

    def __init__(
        self,
        readable: MessageQuerySet,
        terms: tuple[Term, ...],
        rooms: list[int] | None,
        before: int | None,
    ) -> None:
        self._readable, self._terms, self._rooms = readable, terms, rooms
        newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
        self._tail = max(0, newest - TAIL)
        #: All from this key on has been looked at.
        self.at = newest + 1 if before is None else min(before, newest + 1)
        #: Whether all has.
        self.is_over = False

    def run(self) -> Iterator[Message]:
        """What has all the words, the newest first."""
        end = monotonic() + PATIENCE
        if self.at > self._tail:
            yield from self._good(self._readable.filter(pk__gt=self._tail, pk__lt=self.at))
            self.at = self._tail + 1
        for keys, down_to in search_index.walk(self._terms, self._rooms, self.at):
            yield from self._good(self._readable.filter(pk__in=keys))
            self.at = down_to
            if monotonic() > end and self.at > 1:
                return
        self.is_over = True

    def _good(self, rows: MessageQuerySet) -> Iterator[Message]:
        """Those of some messages that have the words, as they stand now; read as they are wanted."""
        texts = rows.backward().values_list("pk", "text")
        keys = [key for key, text in texts if search_words.has(text, self._terms)]
        for at in range(0, len(keys), FEW):
            yield from self._readable.filter(pk__in=keys[at : at + FEW]).backward()
