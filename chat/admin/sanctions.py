"""Sanctions in the admin."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, large, links, person_acts
from chat.admin.base import Tended, actor_of
from chat.admin.lists import Active, InRoom, Since, is_over
from chat.models import Person, Sanction
from chat.services import moderation


@admin.register(Sanction)
class SanctionAdmin(Tended):
    """Who was muted, kicked or banned, and until when: those first who still are."""

    actions = ("lift",)
    list_display = ("what", "person_link", "where", "since", "end", "reason")
    list_filter = (Active, "kind", ("room", InRoom), Since)
    list_select_related = ("person", "room")
    search_fields = ("reason", "person__name", "person__id__exact")
    search_help_text = _("A word of the reason, a name, or a whole id.")
    sortable_by = ()
    newest_by = "pk"
    change_form_template = "admin/chat/sanction/change_form.html"

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return (Case(When(is_over(), then=1), default=0).asc(), "-pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term and Person.objects.filter(pk=search_term).exists():
            return queryset.filter(person=search_term), False
        # Of those alone that are looked at, or gone through, since no index has them in this order.
        looked_at = large.newest(queryset, "pk", None if search_term else large.LISTED)
        return super().get_search_results(request, looked_at, search_term)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """With the hash of the address for who may see it."""
        may_see = access.may(actor_of(request), Act.SEE_ADDRESSES)
        return (
            *("person_link", "kind", "where", "since", "end", "reason"),
            *(("address",) if may_see else ()),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    @admin.display(description=_("kind"))
    def what(self, sanction: Sanction) -> str:
        return str(sanction.get_kind_display())

    @admin.display(description=_("person"))
    def person_link(self, sanction: Sanction) -> str:
        return links.to(sanction.person)

    @admin.display(description=_("where"))
    def where(self, sanction: Sanction) -> str:
        if sanction.room is None:
            return gettext("the whole site")
        return links.joined(links.to(sanction.room), links.to_chat(sanction.room))

    @admin.display(description=_("end"))
    def end(self, sanction: Sanction) -> str:
        """When it ends, or has ended."""
        if sanction.lifted_at is not None:
            return gettext("lifted %s") % links.moment(sanction.lifted_at)
        if sanction.until is None:
            return gettext("without end")
        return gettext("until %s") % links.moment(sanction.until)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id) if self.has_view_permission(request) else None
        may_lift = found is not None and self.may_lift(request, found)
        context = {"reason_form": deeds.Reason() if may_lift else None}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def may_lift(self, request: HttpRequest, sanction: Sanction) -> bool:
        """Whether somebody may take a sanction back, which holds now. A kick is over in a minute."""
        act = Act.BAN if sanction.kind == "ban" else Act.SANCTION
        return (
            sanction.is_active
            and sanction.kind != "kick"
            and access.may(actor_of(request), act, sanction.room)
        )

    # What is done

    def get_urls(self) -> Any:
        own = path("<int:key>/lift/", self.admin_site.admin_view(self.lift_view), name="chat_sanction_lift")
        return [own, *super().get_urls()]

    def lift_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Take one sanction back, for a reason, by the button of its page."""
        sanction = person_acts.found_or_404(request, self, key)
        if sanction.kind == "kick":
            raise Http404
        form = deeds.Reason(request.POST)
        if not form.is_valid():
            deeds.complain(request, form)
        else:
            deeds.carry_out(request, partial(self._lift, request, form.cleaned_data["reason"], sanction))
        return deeds.back_to(request, reverse("admin:chat_sanction_change", args=[key]))

    @admin.action(description=_("Lift the selected sanctions"), permissions=["moderate"])
    def lift(self, request: HttpRequest, chosen: QuerySet[Sanction]) -> HttpResponse | None:
        """Have these people be muted or banned no longer."""
        reason = deeds.reason_for(self, request, chosen, "lift", _("Lift sanctions"))
        if not isinstance(reason, str):
            return reason
        held = chosen.exclude(is_over()).exclude(kind="kick")
        count = deeds.one_by_one(request, held, partial(self._lift, request, reason))
        self.message_user(request, ngettext("%d sanction lifted.", "%d sanctions lifted.", count) % count)
        return None

    def _lift(self, request: HttpRequest, reason: str, sanction: Sanction) -> bool:
        moderation.lift(actor_of(request), sanction.person, sanction.kind, sanction.room, reason)
        deeds.note(request, [sanction], gettext("Lifted a sanction"), reason)
        return True
