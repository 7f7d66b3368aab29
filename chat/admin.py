"""The moderator's view: rooms, people and messages, to find and to read, not to forge."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat.models import Message, Person, Room
from chat.services import messages

admin.site.site_header = _("Chat: moderation")
admin.site.site_title = _("Chat")
admin.site.index_title = _("What was said, by whom and where")


if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:  # at run time the class takes no parameter
    Admin = admin.ModelAdmin


class ReadOnly(Admin):
    """Rows that came over the wire: nobody adds, rewords or removes them here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(Admin):
    """Rooms. A title may change; the address, which clients know, may not, and the lobby stays."""

    list_display = ("title", "slug", "message_count", "created_at")
    search_fields = ("title", "slug")
    readonly_fields = ("created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return Room.objects.annotate(message_count=Count("messages"))

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
    date_hierarchy = "arrived_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return Person.objects.annotate(message_count=Count("messages"))

    @admin.display(description=_("messages"), ordering="message_count")
    def message_count(self, person: Person) -> int:
        return person.message_count  # type: ignore[attr-defined, no-any-return]


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """What was said. A moderator takes messages back; their rows stay, with the text, for moderators."""

    actions = ("take_back",)
    list_display = ("sent_at", "room", "name", "text_start", "deleted_at")
    list_display_links = ("text_start",)
    list_filter = ("room", "sent_at", ("deleted_at", admin.EmptyFieldListFilter))
    list_select_related = ("room",)
    search_fields = ("text", "name", "author__id")
    date_hierarchy = "sent_at"

    @admin.display(description=_("text"))
    def text_start(self, message: Message) -> str:
        return str(message)

    @admin.action(description=_("Delete the selected messages"), permissions=["take_back"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        """Delete messages for everybody, live; noted in the log of the admin."""
        self.log_deletions(request, chosen)
        count = messages.take_back(chosen)
        self.message_user(request, ngettext("%d message deleted.", "%d messages deleted.", count) % count)

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        """Whether the moderator may delete messages."""
        return request.user.has_perm("chat.delete_message")
