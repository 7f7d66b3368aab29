"""Reports in the admin: what waits for moderators."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, large, links, person_acts
from chat.admin.base import Tended, actor_of
from chat.admin.lists import FromTo, InRoom
from chat.admin.messages import around
from chat.models import Report, ReportState
from chat.services import reports


class State(admin.SimpleListFilter):
    """What came of reports; those that are open where nothing else is asked for."""

    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [*ReportState.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        for key, words in self.lookup_choices:
            yield {
                "selected": (self.value() or ReportState.OPEN.value) == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}),
                "display": words,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        wanted = self.value() or ReportState.OPEN
        return queryset if wanted == "all" else queryset.filter(state=wanted)


class InRoomOfMessage(InRoom):
    """By the room of the message: of a room there are few reports, and a lot of messages."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        if not (room := self.lookup_val and str(self.lookup_val[-1])):
            return queryset
        if not room.isdecimal() or len(room) > 18:
            raise IncorrectLookupParameters
        # Of the newest alone, or PostgreSQL would look at all messages; and plus 0, or SQLite would walk
        # through all that was said there, not through what was reported.
        looked_at: QuerySet[Report] = large.newest(queryset, "pk", large.LISTED)
        return looked_at.alias(where=F("message__room_id") + 0).filter(where=int(room))


@admin.register(Report)
class ReportAdmin(Tended):
    """What people say is wrong with messages: the queue, and what came of it."""

    room_lookup = "message__room"
    actions = ("accept", "dismiss")
    list_display = ("message_text", "reason", "author_link", "reporter_link", "room", "at", "state")
    fields = (
        *("message_text", "reason", "author_link", "reporter_link", "room", "at", "state", "decided_at"),
    )
    readonly_fields = ("message_text", "author_link", "reporter_link", "room")
    list_filter = (State, ("message__room", InRoomOfMessage), FromTo)
    list_select_related = ("message__room", "message__author", "reporter")
    list_display_links = ("message_text",)
    search_fields = ("reason", "message__author__id__exact", "reporter__id__exact")
    search_help_text = _("A word of the reason, or the whole id of the author or of who reported it.")
    sortable_by = ()
    newest_by = "pk"
    change_form_template = "admin/chat/report/change_form.html"

    @admin.display(description=_("message"))
    def message_text(self, report: Report) -> str:
        return str(report.message) or "…"

    @admin.display(description=_("author"))
    def author_link(self, report: Report) -> str:
        return links.to_person(report.message.author_id, report.message.name)

    @admin.display(description=_("reported by"))
    def reporter_link(self, report: Report) -> str:
        return links.to(report.reporter)

    @admin.display(description=_("room"))
    def room(self, report: Report) -> str:
        return links.joined(
            links.to(report.message.room), links.to_chat(report.message.room, report.message_id)
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        report = self.get_object(request, object_id) if self.has_view_permission(request) else None
        context = {} if report is None else self._beside(request, report)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _beside(self, request: HttpRequest, report: Report) -> dict[str, Any]:
        message = report.message
        may_decide = access.may(actor_of(request), Act.MODERATE, message.room)
        is_open = report.state == ReportState.OPEN
        return {
            "talk": around(request, message),
            "decide_form": deeds.Reason(auto_id="id_decide_%s") if may_decide and is_open else None,
            "acts": person_acts.offered(request, message.author, message.room),
        }

    # What is done

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:key>/decide/", view, name="chat_report_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Say that a report is right, or that it is not, by the buttons of its page."""
        report = person_acts.found_or_404(request, self, key)
        if (decision := request.POST.get("act")) not in ("accept", "dismiss"):
            raise Http404
        form = deeds.Reason(request.POST)
        if not form.is_valid():
            deeds.complain(request, form)
            return deeds.back_to(request, links.page_of(report))
        deed = partial(self._decide, request, decision == "accept", form.cleaned_data["reason"], report)
        if deeds.carry_out(request, deed) is None:
            return deeds.back_to(request, links.page_of(report))
        return deeds.back_to(request, reverse("admin:chat_report_changelist"))

    @admin.action(
        description=_("The selected reports are right: delete the messages"), permissions=["moderate"]
    )
    def accept(self, request: HttpRequest, chosen: QuerySet[Report]) -> HttpResponse | None:
        """The messages go, and who reported them is told."""
        return self._decide_all(request, chosen, "accept", _("Delete what was reported"))

    @admin.action(description=_("Dismiss the selected reports"), permissions=["moderate"])
    def dismiss(self, request: HttpRequest, chosen: QuerySet[Report]) -> HttpResponse | None:
        """The messages stay, and who reported them is told."""
        return self._decide_all(request, chosen, "dismiss", _("Dismiss reports"))

    def _decide_all(
        self, request: HttpRequest, chosen: QuerySet[Report], action: str, title: Any
    ) -> HttpResponse | None:
        reason = deeds.reason_for(self, request, chosen, action, title)
        if not isinstance(reason, str):
            return reason
        deed = partial(self._decide, request, action == "accept", reason)
        # Of one message they are decided all at once.
        count = deeds.one_by_one(request, chosen.filter(state=ReportState.OPEN), deed)
        self.message_user(request, ngettext("%d report decided.", "%d reports decided.", count) % count)
        return None

    def _decide(self, request: HttpRequest, is_right: bool, reason: str, report: Report) -> bool:
        reports.decide(actor_of(request), report.message, is_right, reason)
        words = gettext("Accepted a report") if is_right else gettext("Dismissed a report")
        deeds.note(request, [report], words, reason)
        return True
