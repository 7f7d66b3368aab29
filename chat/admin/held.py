"""Held messages in the admin: what a filter keeps back until a moderator has looked at it."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, links, person_acts
from chat.admin.base import Tended, actor_of
from chat.admin.lists import FromTo, InRoom
from chat.models import HeldMessage
from chat.services import filters


class State(admin.SimpleListFilter):
    """Those that wait where nothing else is asked for."""

    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("waits", _("waits")), ("refused", _("refused"))]

    def choices(self, changelist: Any) -> Any:
        for key, words in self.lookup_choices:
            yield {
                "selected": (self.value() or "waits") == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}),
                "display": words,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[HeldMessage]) -> QuerySet[HeldMessage]:
        return queryset.filter(is_refused=self.value() == "refused")


@admin.register(HeldMessage)
class HeldMessageAdmin(Tended):
    """What waits for a moderator, the oldest first."""

    actions = ("let_through", "refuse")
    list_display = ("text_start", "author_link", "room_link", "at", "why")
    fields = ("text", "author_link", "room_link", "at", "why", "is_refused")
    readonly_fields = ("author_link", "room_link")
    list_filter = (State, ("room", InRoom), FromTo)
    list_select_related = ("room",)
    search_fields = ("text", "name", "author__id__exact")
    search_help_text = _("A word or a part of one, a name, or a whole id.")
    sortable_by = ()
    newest_by = "pk"
    change_form_template = "admin/chat/heldmessage/change_form.html"

    @admin.display(description=_("text"))
    def text_start(self, held: HeldMessage) -> str:
        return str(held)

    @admin.display(description=_("author"))
    def author_link(self, held: HeldMessage) -> str:
        return links.to_person(held.author_id, held.name)

    @admin.display(description=_("room"))
    def room_link(self, held: HeldMessage) -> str:
        return links.joined(links.to(held.room), links.to_chat(held.room))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        held = self.get_object(request, object_id) if self.has_view_permission(request) else None
        context = {} if held is None else self._beside(request, held)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _beside(self, request: HttpRequest, held: HeldMessage) -> dict[str, Any]:
        may_decide = access.may(actor_of(request), Act.MODERATE, held.room)
        return {
            "decide_form": deeds.Reason(auto_id="id_decide_%s")
            if may_decide and not held.is_refused
            else None,
            "acts": person_acts.offered(request, held.author, held.room),
        }

    # What is done

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.decide_view)
        return [path("<int:key>/decide/", view, name="chat_heldmessage_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Let a message through or refuse it, by the buttons of its page."""
        held = person_acts.found_or_404(request, self, key)
        if (decision := request.POST.get("act")) not in ("let_through", "refuse"):
            raise Http404
        form = deeds.Reason(request.POST)
        if not form.is_valid():
            deeds.complain(request, form)
            return deeds.back_to(request, links.page_of(held))
        deed = partial(self._decide, request, decision == "let_through", form.cleaned_data["reason"], held)
        if deeds.carry_out(request, deed) is None:
            return deeds.back_to(request, links.page_of(held))
        return deeds.back_to(request, reverse("admin:chat_heldmessage_changelist"))

    @admin.action(description=_("Let the selected messages through"), permissions=["moderate"])
    def let_through(self, request: HttpRequest, chosen: QuerySet[HeldMessage]) -> HttpResponse | None:
        """They are said as if just now, by who wrote them."""
        return self._decide_all(request, chosen, "let_through", _("Let messages through"))

    @admin.action(description=_("Refuse the selected messages"), permissions=["moderate"])
    def refuse(self, request: HttpRequest, chosen: QuerySet[HeldMessage]) -> HttpResponse | None:
        """Nobody sees them, and who wrote them is told."""
        return self._decide_all(request, chosen, "refuse", _("Refuse messages"))

    def _decide_all(
        self, request: HttpRequest, chosen: QuerySet[HeldMessage], action: str, title: Any
    ) -> HttpResponse | None:
        reason = deeds.reason_for(self, request, chosen, action, title)
        if not isinstance(reason, str):
            return reason
        deed = partial(self._decide, request, action == "let_through", reason)
        count = deeds.one_by_one(request, chosen.filter(is_refused=False).order_by("pk"), deed)
        self.message_user(request, ngettext("%d message decided.", "%d messages decided.", count) % count)
        return None

    def _decide(self, request: HttpRequest, is_fine: bool, reason: str, held: HeldMessage) -> bool:
        filters.decide_held(actor_of(request), held, is_fine, reason)
        words = gettext("Let a held message through") if is_fine else gettext("Refused a held message")
        deeds.note(request, [held], words, reason)
        return True
