"""Rooms in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from chat import access
from chat.access import Act
from chat.admin import large
from chat.admin.base import Plain, actor_of
from chat.models import Message, Room
from chat.services import rooms


@admin.register(Room)
class RoomAdmin(Plain):
    """Rooms. A title may change; the address, which clients know, may not, and the lobby stays."""

    list_display = ("title", "slug", "message_count", "created_at")
    search_fields = ("title", "slug")
    readonly_fields = ("created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        rooms_ = access.visible_rooms(actor_of(request))
        return rooms_.annotate(message_count=large.count_of(Message.objects, "room"))

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        if change:
            rooms.describe(actor_of(request), obj)
        else:
            rooms.create(actor_of(request), obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with rooms: how much, and not each message. No further right is needed."""
        said = Message.objects.filter(room__in=objs).order_by()
        counts = {
            self.opts.verbose_name_plural: len(objs),
            Message._meta.verbose_name_plural: large.in_words(said[: large.COUNTED + 1].count()),
        }
        return list(map(str, objs)), counts, set(), []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        context = {"object_name": pgettext("delete what", "room"), **(extra_context or {})}
        return super().delete_view(request, object_id, context)

    def delete_model(self, request: HttpRequest, obj: Room) -> None:
        rooms.delete(actor_of(request), obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        return self.readonly_fields if obj is None else ("slug", *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        # Without a room at hand this is the question for bulk deletion, which could take the lobby.
        return (
            obj is not None
            and super().has_delete_permission(request, obj)
            and access.may(actor_of(request), Act.DELETE_ROOM, obj)
        )

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        is_there = obj is None or not obj.is_deleted
        return is_there and super().has_change_permission(request, obj)

    @admin.display(description=_("messages"))
    def message_count(self, room: Room) -> str:
        return large.in_words(room.message_count)  # type: ignore[attr-defined]
