"""Notices: who has something to hear from the moderators, as this process remembers it.

So whoever comes, and has nothing to hear, costs no query.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Max

from chat.models import Notice

#: Of how many people it is known that they have something to hear; where there are more, all may have.
MANY = 50_000


class News(NamedTuple):
    """What was read anew."""

    #: The key of the last notice that is known of.
    last: int
    #: Who has something to hear: None where that is as it was but for the new ones, or where they are many.
    waiting: frozenset[str] | None
    is_all: bool
    #: What has come since the last look.
    notices: list[Notice]


class Notices:
    """Knows who has something to hear, and has new ones told. Belongs to one event loop.

    `tell` is called with those that have come since: once with each, in every process.
    """

    def __init__(self) -> None:
        #: The key of the last one that is known of here; None before the first look.
        self.last: int | None = None
        self._waiting: set[str] | None = set()
        self._tell: Callable[[list[Notice]], None] = lambda notices: None

    def on_news(self, tell: Callable[[list[Notice]], None]) -> None:
        """Have `tell` called with new ones."""
        self._tell = tell

    def may_have(self, person: str) -> bool:
        """Whether somebody may have something to hear."""
        return self._waiting is None or person in self._waiting

    def heard(self, person: str) -> None:
        """Somebody has heard all there was."""
        if self._waiting is not None:
            self._waiting.discard(person)

    def read(self, after: int) -> News:
        """What is new; who has something to hear at all, after -1."""
        rows = Notice.objects.order_by("pk")
        last = rows.aggregate(last=Max("pk"))["last"] or 0
        if after < 0:
            people = rows.filter(told_at=None).order_by().values_list("person", flat=True).distinct()
            found = frozenset(people[: MANY + 1])
            waiting = None if len(found) > MANY else found
        else:
            waiting = None
        # Their keys are in the order of their commits, because whoever adds one holds the directory.
        news = rows.filter(pk__gt=last if self.last is None else self.last, pk__lte=last)
        return News(last, waiting, after < 0, list(news.select_related("room")))

    def take(self, news: News) -> None:
        """Remember what was read."""
        self.last = news.last
        if news.is_all:
            self._waiting = None if news.waiting is None else set(news.waiting)
        elif self._waiting is not None:
            self._waiting.update(notice.person_id for notice in news.notices)
            if len(self._waiting) > MANY:
                self._waiting = None
        if news.notices:
            self._tell(news.notices)
