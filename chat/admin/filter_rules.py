"""Filters in the admin: what is not let by. Every process hears of a change, since a service makes it."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from chat import access
from chat.access import Act
from chat.admin import deeds
from chat.admin.base import Plain, actor_of, moderated
from chat.admin.lists import InRoom
from chat.core.errors import ChatError
from chat.models import FilterRule
from chat.services import filters

if TYPE_CHECKING:
    Form = forms.ModelForm[FilterRule]
else:  # at run time the class takes no parameter
    Form = forms.ModelForm


class RuleForm(Form):
    """A rule, whose value makes sense for what is looked for."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"kind", "value", "action"} <= cleaned.keys():
            filters.check(cleaned["kind"], cleaned["value"], cleaned["action"])
        return cleaned


@admin.register(FilterRule)
class FilterRuleAdmin(Plain):
    """What is looked for in messages, where, and what becomes of those that have it."""

    form = RuleForm
    list_display = ("what", "kind", "action", "where", "is_active", "note")
    list_filter = ("is_active", "kind", "action", ("room", InRoom))
    list_select_related = ("room",)
    fields = ("kind", "value", "action", "room", "is_active", "note")
    search_fields = ("value", "note")
    sortable_by = ()
    actions = None

    @admin.display(description=_("value"))
    def what(self, rule: FilterRule) -> str:
        return rule.value or str(rule.get_kind_display())

    @admin.display(description=_("room"))
    def where(self, rule: FilterRule) -> Any:
        return rule.room or _("the whole site")

    # Who sees and changes what

    def get_queryset(self, request: HttpRequest) -> QuerySet[FilterRule]:
        rules = super().get_queryset(request)
        return rules if self.sees_all(request) else rules.filter(room__in=moderated(request))

    def sees_all(self, request: HttpRequest) -> bool:
        """Whether somebody sees the rules of every room."""
        return super().has_view_permission(request) or access.may(actor_of(request), Act.MODERATE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.sees_all(request) or bool(moderated(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: FilterRule | None = None) -> bool:
        if obj is None:
            return access.moderated_rooms(actor_of(request)) is None or bool(moderated(request))
        return access.may(actor_of(request), Act.RUN_ROOM, obj.room)

    has_delete_permission = has_change_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The rooms for which somebody makes rules; for the whole site, who moderates that."""
        rooms = access.visible_rooms(actor_of(request)).filter(direct__isnull=True)
        is_everywhere = access.may(actor_of(request), Act.RUN_ROOM)
        if not is_everywhere:
            rooms = rooms.filter(pk__in=moderated(request))
        options |= {"queryset": rooms.order_by("position", "title"), "required": not is_everywhere}
        if is_everywhere:
            options["empty_label"] = _("in every room")
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and db_field.name == "room":  # a room is made elsewhere
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_view_related = False
        return field

    # What is done

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        title = {} if object_id else {"title": _("New filter")}
        page = super().changeform_view
        return self._or_why_not(request, page, object_id, form_url, {**title, **(extra_context or {})})

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        context = {"object_name": pgettext("delete what", "filter"), **(extra_context or {})}
        return self._or_why_not(request, super().delete_view, object_id, context)

    def _or_why_not(self, request: HttpRequest, view: Any, *arguments: Any) -> HttpResponse:
        """A page of Django's, or, where the service refuses, the list with the reason."""
        try:
            return cast("HttpResponse", view(request, *arguments))
        except (ChatError, ValidationError) as error:
            words = deeds.in_words(error) if isinstance(error, ChatError) else " ".join(error.messages)
            self.message_user(request, words, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:chat_filterrule_changelist"))

    def save_model(self, request: HttpRequest, obj: FilterRule, form: Any, change: bool) -> None:
        filters.keep(actor_of(request), obj)

    def delete_model(self, request: HttpRequest, obj: FilterRule) -> None:
        filters.remove(actor_of(request), obj)
