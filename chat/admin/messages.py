"""Messages in the admin."""

import time
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import large
from chat.admin.base import ReadOnly, actor_of
from chat.models import Message
from chat.services import messages

#: How many messages are taken back in one transaction: for some 30 ms, in which nobody there can talk.
TAKEN_AT_A_TIME = 50
#: How long others have their turn afterwards, in seconds, at most: as long as they had to wait.
LONGEST_TURN = 1.0


class Deleted(admin.EmptyFieldListFilter):
    """Whether a message was deleted, asked in the words of the index of those few."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message] | None:
        if self.lookup_val in ("0", "1"):
            return queryset.filter(deleted_at__isnull=self.lookup_val == "1")
        return super().queryset(request, queryset)


class InRoom(admin.RelatedFieldListFilter):
    """The first rooms that have an address of their own; conversations of two are without number."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rooms = access.visible_rooms(actor_of(request)).filter(direct__isnull=True)
        return list(rooms.order_by("position", "title").values_list("pk", "title")[: large.NAMED])


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """What was said. A moderator takes messages back; their rows stay, with the text, for moderators."""

    actions = ("take_back",)
    # The text first: on a phone the rest is off the screen.
    list_display = ("text_start", "name", "sent_at", "room", "deleted_at")
    fields = (
        *("text", "name", "author", "room", "sent_at", "edited_at", "deleted_at"),
        *("answered", "reactions", "timestamp"),
    )
    list_filter = (("room", InRoom), "sent_at", ("deleted_at", Deleted))
    list_select_related = ("room",)
    # An id whole: a part of one would have to be looked for in each.
    search_fields = ("text", "name", "author__id__exact")
    # By the others there is no index.
    sortable_by = ("sent_at",)
    newest_by = "pk"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return access.visible_messages(actor_of(request))

    @admin.display(description=_("text"))
    def text_start(self, message: Message) -> str:
        return str(message)

    @admin.display(description=_("in reply to"))
    def answered(self, message: Message) -> Message | str:
        # It may be gone.
        found = Message.objects.filter(pk=message.reply_to_id).first() if message.reply_to_id else None
        return found or self.get_empty_value_display()

    @admin.action(description=_("Delete the selected messages"), permissions=["take_back"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        """Delete messages for everybody, live; noted in the log of the admin."""
        # No more than the list goes through and says, whatever there is.
        count, keys = 0, list(chosen.values_list("pk", flat=True)[: large.LISTED])
        for at in range(0, len(keys), TAKEN_AT_A_TIME):
            found = list(self.get_queryset(request).filter(pk__in=keys[at : at + TAKEN_AT_A_TIME]))
            began = time.monotonic()
            count += self._take_some_back(request, found)
            # SQLite lets in whoever asks at the right moment, which would be us again and again.
            time.sleep(min(time.monotonic() - began, LONGEST_TURN))
        self.message_user(request, ngettext("%d message deleted.", "%d messages deleted.", count) % count)

    def _take_some_back(self, request: HttpRequest, found: list[Message]) -> int:
        with transaction.atomic():  # what is noted was deleted, and what was deleted is noted
            gone = set(messages.delete(actor_of(request), found))
            noted = [message for message in found if message.pk in gone]
            self.log_deletions(request, noted)  # type: ignore[arg-type]  # it goes through rows
        return len(gone)

    def has_index_for(self, words: str) -> bool:
        return large.has_index_for(words)

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """How far a search looks."""
        what = gettext("A word or a part of one, a name, or a whole id.")
        return what if large.has_index_for("words") else f"{what} {large.how_far()}"

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        return access.may(actor_of(request), Act.MODERATE)
