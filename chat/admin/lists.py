"""What lists of the admin are filtered by."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.admin import large
from chat.admin.base import actor_of, moderated
from chat.models import Room


class InRoom(admin.RelatedFieldListFilter):
    """The first rooms that have an address of their own; conversations of two are without number."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.empty_value_display = _("the whole site")  # type: ignore[assignment]  # as safe

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rooms = access.visible_rooms(actor_of(request)).filter(direct__isnull=True)
        if not model_admin.sees_all(request):
            rooms = rooms.filter(pk__in=moderated(request))
        return room_choices(rooms)


def room_choices(rooms: QuerySet[Room]) -> list[tuple[Any, str]]:
    """The first of these rooms, for a field or a filter, in the reader's language."""
    first = rooms.order_by("position", "title").only("title", "titles")[: large.NAMED]
    return [(room.pk, str(room)) for room in first]


class IsEmpty(admin.EmptyFieldListFilter):
    """Whether a moment has come, asked in the words of an index of those few where it has."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if self.lookup_val in ("0", "1"):
            return queryset.filter(**{f"{self.field_path}__isnull": self.lookup_val == "1"})
        return super().queryset(request, queryset)

    def choices(self, changelist: Any) -> Any:
        """In words that say whether it has come, and not whether the field is empty."""
        for choice, words in zip(super().choices(changelist), (_("All"), _("No"), _("Yes")), strict=True):
            yield {**choice, "display": words}


class FromTo(admin.ListFilter):
    """From one moment to another, in two fields of a form."""

    title, template = _("time"), "admin/chat/from_to.html"
    #: Of the table.
    field = "at"
    parameters = ("from", "to")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameters:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Any:
        """What the form shows: what it says now, and what else the list is filtered by."""
        others = {
            key: value for key, value in changelist.params.items() if key not in (*self.parameters, "p")
        }
        yield {
            "others": others.items(),
            **{name: self.used_parameters.get(name, "") for name in self.parameters},
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = Q()
        if first := self._moment("from"):
            wanted &= Q(**{f"{self.field}__gte": first})
        if last := self._moment("to"):
            wanted &= Q(**{f"{self.field}__lt": last})
        return queryset.filter(wanted)

    def _moment(self, name: str) -> datetime | None:
        if not (given := self.used_parameters.get(name)):
            return None
        try:
            found = forms.DateTimeField().clean(given)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        return found if timezone.is_aware(found) else timezone.make_aware(found)


class Sent(FromTo):
    """When something was said."""

    field = "sent_at"


class Since(FromTo):
    """When something began."""

    field = "since"


class Active(admin.SimpleListFilter):
    """Whether a sanction holds now."""

    title, parameter_name = _("state"), "active"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("1", _("holds now")), ("0", _("is over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        over = is_over()
        return {"1": queryset.exclude(over), "0": queryset.filter(over)}.get(self.value() or "", queryset)


def is_over() -> Q:
    """What is so of sanctions that hold no longer."""
    return Q(lifted_at__isnull=False) | Q(until__isnull=False, until__lte=timezone.now())
