"""Archives: which row of which table is which line of an export (core/archive.py)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce

from chat.core import archive
from chat.models import (
    FilterRule,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Notice,
    Person,
    ProcessedCommand,
    ReadMarker,
    Report,
    Room,
    Sanction,
)

#: How many rows are held at a time.
AT_A_TIME = 500


class Table(NamedTuple):
    """The rows of a model, and the lines that they are."""

    model: type[models.Model]
    line: type[archive.Line]
    #: What stands in a line in place of the field of that name.
    instead: Mapping[str, Any] = MappingProxyType({})

    @property
    def kind(self) -> str:
        """What its lines are called."""
        return archive.kind_of(self.line)

    def field(self, name: str) -> str:
        """What the model calls what a line calls so."""
        return "kind" if name == "type" else name

    def lookups(self) -> list[Any]:
        """What is read of a row, in the order of the line."""
        names = self.line.__struct_fields__
        return [self.instead.get(name) or _lookup(name) or self.field(name) for name in names]

    def rows(self, found: "models.QuerySet[Any]") -> Iterator[dict[str, Any]]:
        """The rows, in the order of their keys, as what a line is made of; a few at a time."""
        names, values = self.line.__struct_fields__, found.order_by("pk").values_list(*self.lookups())
        for row in values.iterator(chunk_size=AT_A_TIME):
            yield dict(zip(names, row, strict=True))


def _lookup(name: str) -> str | None:
    """Where a line has a name, and the row a key."""
    if name in ("user", "maker"):
        return f"{name}__{get_user_model().USERNAME_FIELD}"
    return "group__name" if name == "group" else None


#: Nothing, and no words, in place of what is in a column.
_NONE, _EMPTY = Value(None, models.TextField()), Value("", models.TextField())


ROOMS = Table(Room, archive.Room)
PEOPLE = Table(Person, archive.Person)
MEMBERSHIPS = Table(Membership, archive.Membership)
MESSAGES = Table(Message, archive.Message)
RECEIPTS = Table(ProcessedCommand, archive.Receipt)
MARKERS = Table(ReadMarker, archive.Marker)
REPORTS = Table(Report, archive.Report)
SANCTIONS = Table(Sanction, archive.Sanction)
FILTERS = Table(FilterRule, archive.Filter)
HELD = Table(HeldMessage, archive.Held)
NOTICES = Table(Notice, archive.Notice)
ACTS = Table(ModerationAct, archive.Act)

#: All that a site is restored from, each after what it refers to. Not in it, because it is of a moment or
#: belongs to a secret: who is here, when somebody last spoke, from which addresses people came, and what
#: users are called, which their accounts say.
SITE = (
    *(ROOMS, PEOPLE, MEMBERSHIPS, MESSAGES, RECEIPTS, MARKERS, REPORTS, SANCTIONS, FILTERS, HELD),
    *(NOTICES, ACTS),
)

# In the export of a room or a person, without what was deleted, without secrets, and without accounts.
SOMEBODIES = Table(Person, archive.Somebody)
SHOWN_ROOMS = Table(Room, archive.Room, {"maker": _NONE, "direct": _NONE})
SHOWN_MEMBERSHIPS = Table(
    Membership, archive.Membership, {"user": _NONE, "person": Coalesce("person", "user__chat_person")}
)
SHOWN_MESSAGES = Table(
    Message,
    archive.Message,
    {"text": Case(When(deleted_at=None, then="text"), default=_EMPTY), "digest": _NONE, "key": _NONE},
)
SHOWN_SANCTIONS = Table(Sanction, archive.Sanction, {"address": _EMPTY})
SHOWN_ACTS = Table(ModerationAct, archive.Act, {"actor_user": _EMPTY})
