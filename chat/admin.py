"""The moderator's view: rooms, people and messages, to find and to read, not to forge."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from chat.models import Message, Person, Room
from chat.services import messages, rooms

admin.site.site_header = _("Chat: moderation")
admin.site.site_title = _("Chat")
admin.site.index_title = _("What was said, by whom and where")

#: How many messages are taken back in one transaction.
TAKEN_AT_A_TIME = 500

#: Sentences of Django's admin with a place for any noun, whose gender and case they do not know, and labels
#: that its log keeps in English until somebody reads it. The chat has other words for them in Russian.
SENTENCES = (
    gettext_noop("Add %s"),
    gettext_noop("Add %(name)s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("The {name} “{obj}” was added successfully."),
    gettext_noop("The {name} “{obj}” was added successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    gettext_noop("The {name} “{obj}” was changed successfully. You may edit it again below."),
    gettext_noop("The %(name)s “%(obj)s” was deleted successfully."),
    gettext_noop("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    gettext_noop("Title"),
    gettext_noop("Topic"),
)


if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:  # at run time the class takes no parameter
    Admin = admin.ModelAdmin


def count_of(rows: Any, key: str) -> Any:
    """How many of the rows belong to each, counted for those alone that are shown."""
    counted = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


class Plain(Admin):
    """Pages that are called by what they show: Django's sentences need cases that it does not know."""

    # Neither this nor a calendar (`date_hierarchy`): both look at every row of the table for each page.
    show_full_result_count = False

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        title = capfirst(self.opts.verbose_name) if object_id else _("New room")
        return super().changeform_view(
            request, object_id, form_url, {"title": title, **(extra_context or {})}
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, context)


class ReadOnly(Plain):
    """Rows that came over the wire: nobody adds, rewords or removes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(Plain):
    """Rooms. A title may change; the address, which clients know, may not, and the lobby stays."""

    list_display = ("title", "slug", "message_count", "created_at")
    search_fields = ("title", "slug")
    readonly_fields = ("created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return Room.objects.annotate(message_count=count_of(Message.objects, "room"))

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        if change:
            rooms.describe(obj)
        else:
            super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with rooms: how much, and not each message. No further right is needed."""
        counts = {
            self.opts.verbose_name_plural: len(objs),
            Message._meta.verbose_name_plural: Message.objects.filter(room__in=objs).count(),
        }
        return list(map(str, objs)), counts, set(), []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        context = {"object_name": pgettext("delete what", "room"), **(extra_context or {})}
        return super().delete_view(request, object_id, context)

    def delete_model(self, request: HttpRequest, obj: Room) -> None:
        rooms.delete(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        return self.readonly_fields if obj is None else ("slug", *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        # Without a room at hand this is the question for bulk deletion, which could take the lobby.
        return obj is not None and obj.slug != Room.LOBBY and super().has_delete_permission(request, obj)

    @admin.display(description=_("messages"), ordering="message_count")
    def message_count(self, room: Room) -> int:
        return room.message_count  # type: ignore[attr-defined, no-any-return]


@admin.register(Person)
class PersonAdmin(ReadOnly):
    """Who was here, under which name."""

    list_display = ("name", "id", "message_count", "first_seen", "arrived_at")
    list_filter = ("arrived_at", "first_seen")
    search_fields = ("name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return Person.objects.annotate(message_count=count_of(Message.objects, "author"))

    @admin.display(description=_("messages"), ordering="message_count")
    def message_count(self, person: Person) -> int:
        return person.message_count  # type: ignore[attr-defined, no-any-return]


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
            found = Message.objects.filter(pk__in=keys[at : at + TAKEN_AT_A_TIME])
            with transaction.atomic():  # what is noted was deleted, and what was deleted is noted
                gone = messages.take_back(found)
                self.log_deletions(request, Message.objects.filter(pk__in=gone))
            count += len(gone)
        self.message_user(request, ngettext("%d message deleted.", "%d messages deleted.", count) % count)

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        """Whether the moderator may delete messages."""
        return request.user.has_perm("chat.delete_message")
