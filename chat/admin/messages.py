"""Messages in the admin."""

import time

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import access
from chat.access import Act
from chat.admin.base import ReadOnly, actor_of
from chat.models import Message
from chat.services import messages

#: How many messages are taken back in one transaction: for some 30 ms, in which nobody there can talk.
TAKEN_AT_A_TIME = 50
#: How long others have their turn afterwards, in seconds, at most: as long as they had to wait.
LONGEST_TURN = 1.0


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
    list_filter = ("room", "sent_at", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("room",)
    search_fields = ("text", "name", "author__id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return access.visible_messages(actor_of(request))

    @admin.display(description=_("text"))
    def text_start(self, message: Message) -> str:
        return str(message)

    @admin.display(description=_("in reply to"))
    def answered(self, message: Message) -> Message | str:
        return message.reply_to or self.get_empty_value_display()

    @admin.action(description=_("Delete the selected messages"), permissions=["take_back"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        """Delete messages for everybody, live; noted in the log of the admin."""
        count, keys = 0, list(chosen.values_list("pk", flat=True))
        for at in range(0, len(keys), TAKEN_AT_A_TIME):
            found = list(self.get_queryset(request).filter(pk__in=keys[at : at + TAKEN_AT_A_TIME]))
            began = time.monotonic()
            count += self._take_some_back(request, found)
            # SQLite lets in whoever asks at the right moment, which would be us again and again.
            time.sleep(min(time.monotonic() - began, LONGEST_TURN))
        self.message_user(request, ngettext("%d message deleted.", "%d messages deleted.", count) % count)

    def _take_some_back(self, request: HttpRequest, found: list[Message]) -> int:
        with transaction.atomic():  # what is noted was deleted, and what was deleted is noted
            gone = set(messages.take_back(actor_of(request), found))
            noted = [message for message in found if message.pk in gone]
            self.log_deletions(request, noted)  # type: ignore[arg-type]  # it goes through rows
        return len(gone)

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        return access.may(actor_of(request), Act.MODERATE)
