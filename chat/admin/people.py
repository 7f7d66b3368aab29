"""People in the admin."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, downloads, large, links, person_acts, person_page
from chat.admin.base import Tended, actor_of, moderated
from chat.admin.messages import HASH
from chat.models import Message, Person, PersonAddress, Sanction
from chat.services import erasure, exports

#: Of how many of the latest messages of their rooms moderators see who said them.
LATEST = 10_000


#: What somebody leaves behind (services/erasure.py), in words.
PLANNED = {
    "messages": _("Messages"),
    "reactions": _("Reactions"),
    "mentions": _("Mentions"),
    "held messages": _("Held messages"),
    "memberships": _("Memberships"),
    "sanctions": _("Sanctions"),
    "reports": _("Reports"),
    "notices": _("Notices"),
    "read markers": _("Read markers"),
    "addresses": _("Addresses"),
    "receipts": _("Receipts"),
    "acts of moderators": _("Acts of moderators"),
}


class Erasure(forms.Form):
    """What becomes of what somebody said."""

    messages = forms.ChoiceField(
        label=_("Messages"),
        choices=[("keep", _("keep them, said by nobody in particular")), ("delete", _("delete them"))],
    )


@admin.register(Person)
class PersonAdmin(Tended):
    """Who was here, under which name."""

    list_display = ("name", "site_user", "id", "message_count", "first_seen", "arrived_at")
    fields = ("name", "site_user", "id", "is_owned", "message_count", "first_seen", "arrived_at")
    readonly_fields = ("site_user", "message_count")
    list_filter = ("arrived_at", "first_seen")
    list_select_related = ("user",)
    # By the others there is no index.
    sortable_by = ("id", "arrived_at")
    newest_by = "arrived_at"
    change_form_template = "admin/chat/person/change_form.html"

    def sees_all(self, request: HttpRequest) -> bool:
        # Whoever may export everybody has to find them.
        return super().sees_all(request) or access.may(actor_of(request), Act.EXPORT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        said = Message.objects.all()
        if not self.sees_all(request):
            said = said.filter(room__in=moderated(request))
        people: QuerySet[Person] = super().get_queryset(request)
        return people.annotate(message_count=large.count_of(said, "author"))

    def of_rooms(self, rows: QuerySet[Person], rooms: frozenset[int]) -> QuerySet[Person]:
        """Who has lately said something in these rooms, or is under a sanction there."""
        latest = Message.objects.filter(room__in=rooms).order_by("-pk").values("pk")[:LATEST]
        speakers = Message.objects.filter(pk__in=latest).values("author")
        return rows.filter(
            Q(pk__in=speakers) | Q(pk__in=Sanction.objects.filter(room__in=rooms).values("person"))
        )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("name", "id", f"user__{get_user_model().USERNAME_FIELD}")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if HASH.fullmatch(search_term) and access.may(actor_of(request), Act.SEE_ADDRESSES):
            came = PersonAddress.objects.filter(address=search_term)
            return queryset.filter(Q(pk=search_term) | Q(pk__in=came.values("person"))), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("user"))
    def site_user(self, person: Person) -> str:
        """The user of the site that they are, with a link for who may see users."""
        return self.get_empty_value_display() if person.user is None else links.to(person.user)

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """How far a search looks."""
        return large.how_far()

    @admin.display(description=_("messages"))
    def message_count(self, person: Person) -> str:
        return large.in_words(person.message_count)  # type: ignore[attr-defined]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        person = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        context = {} if person is None else person_page.beside(request, person)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    # What is done

    def get_urls(self) -> Any:
        views = {"act": self.act_view, "export": self.export_view, "erase": self.erase_view}
        own = [
            path(f"<path:key>/{name}/", self.admin_site.admin_view(view), name=f"chat_person_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def act_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Warn, mute, kick or ban them, or take it back; delete what they said lately."""
        return person_acts.act(request, self, person_acts.found_or_404(request, self, key))

    def export_view(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """All that there is of them, as a file."""
        person = person_acts.found_or_404(request, self, key)
        actor = actor_of(request)
        if not access.may(actor, Act.EXPORT):
            raise PermissionDenied
        is_csv = request.POST.get("format") == "csv"

        def begin() -> Iterator[bytes]:
            with transaction.atomic():
                chunks = (exports.csv if is_csv else exports.jsonl)(actor, person=person)
                deeds.note(request, [person], gettext("Exported a person"))
            return chunks

        name, otherwise = f"person-{person.pk}", links.page_of(person)
        return downloads.stream(request, begin, name, is_csv=is_csv, otherwise=otherwise)

    def erase_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Erase them: first what would go, then, asked once more, it goes."""
        person = self.get_object(request, unquote(key)) if self.has_view_permission(request) else None
        if person is None or not access.may(actor_of(request), Act.EXPORT):
            raise PermissionDenied
        # All that was said on the site is gone through, and what they said is changed.
        if large.is_beyond(Message.objects, large.LOOKED_AT) or large.is_beyond(
            Message.objects.filter(author=person), large.DONE
        ):
            words = gettext("There is too much here for a page: use “manage.py chat_erase %s”.")
            self.message_user(request, words % person.pk, messages.WARNING)
            return deeds.back_to(request, links.page_of(person))
        form = Erasure(request.POST if deeds.is_confirmed(request) else None)
        if form.is_valid():
            deed = partial(self._erase, request, person, form.cleaned_data["messages"])
            if deeds.carry_out(request, deed, is_long=True) is not None:
                return deeds.back_to(request, reverse("admin:chat_person_changelist"))
        return deeds.ask(
            self,
            request,
            gettext("Erase a person"),
            form=form,
            says=gettext("%s is forgotten for good. What would change or go:") % person,
            rows=self._plan(request, person),
            back=links.page_of(person),
        )

    def _plan(self, request: HttpRequest, person: Person) -> list[str]:
        """What would change or go, in words."""
        found = erasure.plan(actor_of(request), person)
        return [
            f"{PLANNED.get(name, name)}: {large.in_words(count)}" for name, count in found.items() if count
        ]

    def _erase(self, request: HttpRequest, person: Person, kept: str) -> bool:
        erasure.erase(actor_of(request), person, kept)  # type: ignore[arg-type]  # a choice of the form
        # Whom it was about nobody is to know any more.
        nobody = Person(pk="", name=gettext("Someone"))
        deeds.note(request, [nobody], gettext("Erased a person"))
        self.message_user(request, gettext("Erased: they are forgotten."), messages.SUCCESS)
        return True
