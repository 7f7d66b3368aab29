"""The audit in the admin: what moderators did. Everybody reads it, and nobody changes it."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, downloads, links
from chat.admin.base import Tended, actor_of
from chat.admin.lists import FromTo, InRoom
from chat.models import ActKind, ModerationAct
from chat.services import audit, exports

#: How many acts are read at a time for a file.
READ = 500
COLUMNS = (
    *("id", "at", "kind", "via", "actor", "actor_user", "actor_name", "room", "room_title"),
    *("person", "person_name", "message", "reason", "details"),
)


@admin.register(ModerationAct)
class ModerationActAdmin(Tended):
    """Who did what to whom, when, why and from where."""

    list_display = ("what", "by", "whom", "where", "reason", "at", "via")
    fields = ("kind", "by", "whom", "where", "message_link", "reason", "at", "via", "said_details")
    readonly_fields = ("by", "whom", "where", "message_link", "said_details")
    list_filter = ("kind", "via", ("room", InRoom), FromTo)
    search_fields = (
        *("actor__exact", "actor_name", "actor_user__exact", "person__exact", "person_name", "reason"),
    )
    search_help_text = _("A name, a whole id, or a word of the reason.")
    sortable_by = ("at",)
    newest_by = "pk"
    change_list_template = "admin/chat/moderationact/change_list.html"

    class Media:
        css = {"all": ("chat/css/admin-tool.css",)}

    def sees_all(self, request: HttpRequest) -> bool:
        # Whoever may export the audit may read it.
        return super().sees_all(request) or access.may(actor_of(request), Act.EXPORT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModerationAct]:
        # With the room wherever it is shown: it may be gone, and would be looked for in vain.
        acts: QuerySet[ModerationAct] = super().get_queryset(request).select_related("room")
        return acts

    @admin.display(description=_("what"))
    def what(self, act: ModerationAct) -> str:
        return str(act.get_kind_display())

    @admin.display(description=_("who"))
    def by(self, act: ModerationAct) -> str:
        return links.to_person(act.actor, act.actor_name) if act.actor else act.by

    @admin.display(description=_("whom"))
    def whom(self, act: ModerationAct) -> str:
        return links.to_person(act.person, act.person_name)

    @admin.display(description=_("room"))
    def where(self, act: ModerationAct) -> str:
        if act.room is None:
            return act.room_title or "-"
        return links.joined(links.to(act.room, act.room_title), links.to_chat(act.room))

    @admin.display(description=_("message"))
    def message_link(self, act: ModerationAct) -> str:
        return links.to_message(act.message)

    @admin.display(description=_("details"))
    def said_details(self, act: ModerationAct) -> str:
        return json.dumps(act.details, ensure_ascii=False) if act.details else "-"

    # As a file

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"is_exportable": access.may(actor_of(request), Act.EXPORT), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="chat_moderationact_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows, with all that it has, as a table."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        actor = actor_of(request)
        if not access.may(actor, Act.EXPORT):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)

        def begin() -> Iterator[bytes]:
            with transaction.atomic():
                act = audit.note(actor, ActKind.EXPORT, details={"what": "audit"})
                deeds.note(request, [act], gettext("Exported the audit"))
            return _table(found)

        otherwise = reverse("admin:chat_moderationact_changelist")
        return downloads.stream(request, begin, gettext("audit"), is_csv=True, otherwise=otherwise)


def _table(found: QuerySet[ModerationAct]) -> Iterator[bytes]:
    """The rows as CSV, the newest first, a few at a time, so that nothing is held open meanwhile."""
    yield exports.MARK + _lines([COLUMNS])
    last: int | None = None
    while rows := list((found if last is None else found.filter(pk__lt=last)).order_by("-pk")[:READ]):
        yield _lines(_cells(act) for act in rows)
        last = rows[-1].pk


def _cells(act: ModerationAct) -> list[str | int]:
    return [exports.cell(act.room_id if name == "room" else getattr(act, name)) for name in COLUMNS]


def _lines(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
