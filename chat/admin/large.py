"""Large tables: how far the admin counts and looks, so that a page of a million rows comes at once."""

import re
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from chat.storage import vendor

#: How many rows a list goes through; for those beyond, one sorts or filters otherwise.
LISTED = 10_000
#: To how many rows something is done in one request, for a few seconds; the others come with the next one.
DONE = 1_000
#: How far the rows are counted that belong to another, such as the messages of a room.
COUNTED = 1_000
#: How many rows of another table a filter names.
NAMED = 100
#: How many rows are looked at for words that no index has.
LOOKED_AT = 100_000
#: What an index of trigrams can find: three letters or digits in a row.
_TRIGRAM = re.compile(r"[^\W_]{3}")


class FirstRows(Paginator):  # type: ignore[type-arg]  # at run time it takes no parameter
    """Pages of the first LISTED rows, which costs as much where there are more."""

    @cached_property
    def count(self) -> int:
        """How many rows there are to go through."""
        return min(self._found, LISTED)

    @property
    def is_cut(self) -> bool:
        """Whether there are more."""
        return self._found > LISTED

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        # Without what the list has beside them, which would be looked for in each.
        return int(rows.order_by().values("pk")[: LISTED + 1].count())


class _CountOfFew(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS few)"
    output_field = IntegerField()


def count_of(rows: Any, key: str) -> Subquery:
    """How many of the rows belong to each, no further than one more than COUNTED."""
    return _CountOfFew(rows.filter(**{key: OuterRef("pk")}).order_by().values("pk")[: COUNTED + 1])


def in_words(count: int) -> str:
    """A number of `count_of`, as it is shown."""
    return number(count) if count <= COUNTED else _("more than %s") % number(COUNTED)


def number(count: int) -> str:
    """A number as the admin writes it."""
    return number_format(count, force_grouping=True)


def newest(rows: QuerySet[Any], by: str, most: int | None = None) -> QuerySet[Any]:
    """The newest of the rows by this field, which has an index: LOOKED_AT, or so many."""
    most = most or LOOKED_AT
    oldest = list(rows.order_by(f"-{by}").values_list(by, flat=True)[most - 1 : most])
    return rows.filter(**{f"{by}__gte": oldest[0]}) if oldest else rows


def keys(rows: QuerySet[Any]) -> list[Any]:
    """The keys of the newest of the rows, up to COUNTED + 1: without the rows, which an index may have."""
    return list(rows.order_by("-pk").values_list("pk", flat=True)[: COUNTED + 1])


def is_beyond(rows: Any, most: int) -> bool:
    """Whether there are more rows than that; found out along the keys."""
    return bool(rows.order_by("-pk").values_list("pk", flat=True)[most : most + 1])


def how_far() -> str:
    """What is searched by `newest`, for people."""
    return _("Only the newest %s are searched, of those that the filters leave.") % number(LOOKED_AT)


def has_index_for(words: str) -> bool:
    """Whether the database finds messages with these words without looking at each."""
    return _TRIGRAM.search(words) is not None and vendor.has_index("message_search")
