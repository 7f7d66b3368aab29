"""Messages in the admin."""

import re
import time
from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, large, links, person_acts
from chat.admin.base import Tended, actor_of, seen
from chat.admin.lists import InRoom, IsEmpty, Sent
from chat.models import Message, PersonAddress, Report
from chat.services import messages

#: How many messages are deleted or restored in one transaction: for some 30 ms, in which nobody there can
#: talk.
TAKEN_AT_A_TIME = 50
#: How long others have their turn afterwards, in seconds, at most: as long as they had to wait.
LONGEST_TURN = 1.0
#: How many messages the page of one shows before it, and after it.
AROUND = 5
#: What the hash of an address looks like (models/address.py).
HASH = re.compile(r"[0-9a-f]{16,32}")


def around(request: HttpRequest, message: Message) -> list[Message]:
    """A message with a few that were said before it and after it, as far as somebody sees them."""
    there = seen(request, Message).filter(room=message.room_id)
    before = there.filter(pk__lt=message.pk).order_by("-pk")[:AROUND]
    after = there.filter(pk__gt=message.pk).order_by("pk")[:AROUND]
    return [*reversed(before), message, *after]


@admin.register(Message)
class MessageAdmin(Tended):
    """What was said. Moderators delete and restore it; the rows stay, with the text, for moderators."""

    actions = ("take_back", "restore")
    # The text first: on a phone the rest is below it.
    list_display = ("text_start", "author_link", "sent_at", "room", "deleted")
    readonly_fields = ("author_link", "room_links", "answered")
    list_filter = (("room", InRoom), Sent, "sent_at", ("deleted_at", IsEmpty))
    list_select_related = ("room",)
    # An id whole: a part of one would have to be looked for in each.
    search_fields = ("text", "name", "author__id__exact")
    # By the others there is no index.
    sortable_by = ("sent_at",)
    newest_by = "pk"
    change_form_template = "admin/chat/message/change_form.html"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """By time where a time is asked for: what is older than it would be looked at otherwise."""
        asked = any(name in request.GET for name in Sent.parameters)
        return ("-sent_at", "-pk") if asked else ("-pk",)

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        """What there is of it."""
        some = ("edited_at", "deleted_at", "is_removed", "reply_to_id", "reactions", "timestamp")
        shown = [name for name in some if obj is not None and getattr(obj, name)]
        return (
            *("text", "author_link", "room_links", "sent_at"),
            *("answered" if name == "reply_to_id" else name for name in shown),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if HASH.fullmatch(search_term) and access.may(actor_of(request), Act.SEE_ADDRESSES):
            came = PersonAddress.objects.filter(address=search_term).values("person")[: large.NAMED]
            return large.newest(queryset, "pk").filter(
                author__in=list(came.values_list("person", flat=True))
            ), False
        return super().get_search_results(request, queryset, search_term)

    def has_index_for(self, words: str) -> bool:
        return large.has_index_for(words)

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """How far a search looks."""
        what = gettext("A word or a part of one, a name, a whole id or the hash of an address.")
        return what if large.has_index_for("words") else f"{what} {large.how_far()}"

    # What lists and pages show

    @admin.display(description=_("text"))
    def text_start(self, message: Message) -> str:
        return str(message)

    @admin.display(description=_("author"))
    def author_link(self, message: Message) -> str:
        return links.to_person(message.author_id, message.name)

    @admin.display(description=_("deleted"), empty_value="")
    def deleted(self, message: Message) -> str:
        return (
            "" if message.deleted_at is None else gettext("deleted %s") % links.moment(message.deleted_at)
        )

    @admin.display(description=_("room"))
    def room_links(self, message: Message) -> str:
        return links.joined(links.to(message.room), links.to_chat(message.room, message.pk))

    @admin.display(description=_("in reply to"))
    def answered(self, message: Message) -> str:
        # It may be gone.
        found = Message.objects.filter(pk=message.reply_to_id).first() if message.reply_to_id else None
        return links.to(found) if found else self.get_empty_value_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        message = self.get_object(request, object_id) if self.has_view_permission(request) else None
        context = {} if message is None else self._beside(request, message)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _beside(self, request: HttpRequest, message: Message) -> dict[str, Any]:
        """What the page of a message shows beside it."""
        may_moderate = access.may(actor_of(request), Act.MODERATE, message.room)
        return {
            "talk": around(request, message),
            "reports": seen(request, Report)
            .filter(message=message)
            .select_related("reporter")[: large.NAMED],
            "is_deletable": may_moderate and message.deleted_at is None,
            "is_restorable": may_moderate and message.deleted_at is not None and message.is_removed,
            "reason_form": deeds.Reason(auto_id="id_message_%s"),
            "acts": person_acts.offered(request, message.author, message.room),
        }

    # What is done

    def get_urls(self) -> Any:
        own = path("<int:key>/act/", self.admin_site.admin_view(self.act_view), name="chat_message_act")
        return [own, *super().get_urls()]

    def act_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Delete or restore one message, for a reason, by the buttons of its page."""
        message = person_acts.found_or_404(request, self, key)
        deed = {"delete": self._delete_some, "restore": self._restore_some}.get(request.POST.get("act", ""))
        if deed is None:
            raise Http404
        form = deeds.Reason(request.POST)
        if not form.is_valid():
            deeds.complain(request, form)
        else:
            deeds.carry_out(request, partial(deed, request, form.cleaned_data["reason"], [message]))
        return deeds.back_to(request, reverse("admin:chat_message_change", args=[key]))

    @admin.action(description=_("Delete the selected messages"), permissions=["moderate"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Message]) -> HttpResponse | None:
        """Delete messages for everybody, live; noted in the log of the admin."""
        reason = deeds.reason_for(self, request, chosen, "take_back", _("Delete messages"))
        if not isinstance(reason, str):
            return reason
        there = chosen.filter(deleted_at=None)
        count = self._in_portions(request, there, partial(self._delete_some, request, reason))
        self.message_user(request, ngettext("%d message deleted.", "%d messages deleted.", count) % count)
        return None

    @admin.action(description=_("Restore the selected messages"), permissions=["moderate"])
    def restore(self, request: HttpRequest, chosen: QuerySet[Message]) -> HttpResponse | None:
        """Have messages back that moderators have deleted."""
        reason = deeds.reason_for(self, request, chosen, "restore", _("Restore messages"))
        if not isinstance(reason, str):
            return reason
        away = chosen.filter(deleted_at__isnull=False, is_removed=True)
        count = self._in_portions(request, away, partial(self._restore_some, request, reason))
        self.message_user(request, ngettext("%d message restored.", "%d messages restored.", count) % count)
        return None

    def _in_portions(self, request: HttpRequest, chosen: QuerySet[Message], deed: Any) -> int:
        """Do something to messages, a few at a time: to how many it was done."""
        done: list[int] = []
        keys = deeds.first_keys(request, chosen)
        for at in range(0, len(keys), TAKEN_AT_A_TIME):
            found = list(self.get_queryset(request).filter(pk__in=keys[at : at + TAKEN_AT_A_TIME]))
            began = time.monotonic()
            gone = deeds.carry_out(request, partial(deed, found))
            if gone is None:
                break
            done += gone
            # SQLite lets in whoever asks at the right moment, which would be us again and again.
            time.sleep(min(time.monotonic() - began, LONGEST_TURN))
        return len(done)

    def _delete_some(self, request: HttpRequest, reason: str, found: list[Message]) -> list[int]:
        with transaction.atomic():  # what is noted was deleted, and what was deleted is noted
            gone = messages.delete(actor_of(request), found, reason)
            noted = [message for message in found if message.pk in set(gone)]
            deeds.note(request, noted, gettext("Deleted a message"), reason)
        return gone

    def _restore_some(self, request: HttpRequest, reason: str, found: list[Message]) -> list[int]:
        with transaction.atomic():
            back = messages.restore(actor_of(request), found, reason)
            noted = [message for message in found if message.pk in set(back)]
            deeds.note(request, noted, gettext("Restored a message"), reason)
        return back
