"""The start page of the chat: what goes on, what waits for moderators, and what they have done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.db.models import Model, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from chat import access
from chat.access import Act
from chat.admin import large, live, plot
from chat.admin.base import actor_of, may_see, moderated, seen
from chat.models import HeldMessage, Message, ModerationAct, Report, ReportState, Room, Sanction
from chat.storage import counts

#: How long numbers are kept that take a walk over many rows, in seconds: whoever else asks gets the same.
KEPT_ONLINE, KEPT_SAID = 5, 15
#: How many rooms the start page has, and how many lines each other part of it.
ROOMS, LINES = 15, 6


@dataclass(frozen=True)
class RoomLine:
    """A room with how many people are there now, and when something was said there last."""

    room: Room
    online: int
    said_at: datetime | None
    #: Where its page and its live view are; "" for who may not see that.
    address: str
    live: str


@dataclass(frozen=True)
class Part:
    """The newest rows of a table, how many there are of them, and the list that has all."""

    rows: list[Any]
    count: int
    address: str

    @property
    def number(self) -> str:
        """How many there are, as it is shown."""
        return large.in_words(self.count)


def summary(request: HttpRequest) -> dict[str, Any]:
    """What the first page of the admin says of the chat; nothing to who may not see that."""
    if not _sees_all_rooms(request):
        return {}
    return {"here": people_here(), "reports": _reports(request), "held": _held(request)}


def content(request: HttpRequest) -> dict[str, Any]:
    """All parts of the start page, each None for who may not see it."""
    parts = {
        "reports": _reports(request),
        "held": _held(request),
        "sanctions": _sanctions(request),
        "acts": _acts(request),
        "rooms": _rooms(request),
        "rooms_address": _list_of(Room) if may_see(request, Room) else "",
    }
    if not _sees_all_rooms(request):
        return parts
    hour, day = _kept("said", KEPT_SAID, plot.lately)
    return {**parts, "here": people_here(), "plots": [plot.of_hour(hour), plot.of_day(day)]}


def people_here() -> int:
    """How many people are here now; some seconds old."""
    return int(_kept("people", KEPT_ONLINE, counts.people_here))


def online() -> dict[int, int]:
    """How many people are in each room now; some seconds old."""
    found: dict[int, int] = _kept("online", KEPT_ONLINE, counts.online)
    return found


def _kept(name: str, seconds: int, find: Callable[[], Any]) -> Any:
    return cache.get_or_set(f"chat.admin.{name}", find, seconds)


def _sees_all_rooms(request: HttpRequest) -> bool:
    """Whether somebody sees which rooms there are: by permission, or as a moderator of the site."""
    return may_see(request, Room) or access.may(actor_of(request), Act.MODERATE)


def _list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


def _part(request: HttpRequest, model: type[Model], query: str = "", **wanted: Any) -> Part | None:
    """The newest of a table's rows of which this is so, for who may see the table."""
    if not may_see(request, model):
        return None
    rows = seen(request, model).filter(*wanted.pop("where", ()), **wanted)
    shown = admin.site.get_model_admin(model).list_select_related
    # Their keys first: with what they are joined to SQLite would put all of them in order.
    keys = list(rows.order_by("-pk").values_list("pk", flat=True)[:LINES])
    joined = model._default_manager.select_related(*shown if isinstance(shown, (list, tuple)) else ())
    found = list(joined.filter(pk__in=keys).order_by("-pk"))
    count = len(found) if len(found) < LINES else rows.order_by()[: large.COUNTED + 1].count()
    return Part(found, count, f"{_list_of(model)}{query}")


def _reports(request: HttpRequest) -> Part | None:
    return _part(request, Report, state=ReportState.OPEN)  # the list has these first


def _held(request: HttpRequest) -> Part | None:
    return _part(request, HeldMessage, is_refused=False)


def _sanctions(request: HttpRequest) -> Part | None:
    holds = Q(until=None) | Q(until__gt=timezone.now())
    return _part(request, Sanction, "?active=1", lifted_at=None, where=[holds])


def _acts(request: HttpRequest) -> Part | None:
    return _part(request, ModerationAct)


def _rooms(request: HttpRequest) -> list[RoomLine] | None:
    """The rooms with the most people, and then the first of the list, of those that somebody may see."""
    if not _sees_all_rooms(request) and not moderated(request):
        return None
    there = online()
    fullest = sorted(there, key=lambda key: (-there[key], key))[: 2 * ROOMS]
    last = Message.objects.filter(room=OuterRef("pk")).order_by("-pk").values("sent_at")[:1]
    rooms = access.visible_rooms(actor_of(request)).filter(direct__isnull=True)
    rooms = rooms.exclude(slug__startswith=Room.DELETED).annotate(said_at=Subquery(last))
    if not _sees_all_rooms(request):
        rooms = rooms.filter(pk__in=moderated(request))
    found = {room.pk: room for room in rooms.filter(pk__in=fullest)}
    if len(found) < ROOMS:
        found |= {room.pk: room for room in rooms.order_by("position", "title")[:ROOMS]}
    lines = sorted(found.values(), key=lambda room: (-there.get(room.pk, 0), room.position, room.title))
    return [
        RoomLine(
            room,
            there.get(room.pk, 0),
            room.said_at,
            reverse("admin:chat_room_change", args=[room.pk]) if may_see(request, Room) else "",
            live.address_of(room) if live.may_look(request, room) else "",
        )
        for room in lines[:ROOMS]
    ]
