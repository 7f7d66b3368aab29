"""Rooms in the admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from chat import access
from chat.access import Act
from chat.admin import large
from chat.admin.base import Plain, actor_of
from chat.models import Membership, Message, Room
from chat.services import members, rooms

if TYPE_CHECKING:
    Inline = admin.TabularInline[Membership, Room]
else:  # at run time the class takes no parameter
    Inline = admin.TabularInline


class Kind(admin.SimpleListFilter):
    """Rooms that have an address and a title of their own, or conversations of two."""

    title, parameter_name = _("kind"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("room", _("rooms")), ("direct", _("direct conversations"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        wanted = self.value()
        return queryset.filter(direct__isnull=wanted == "room") if wanted else queryset


#: The most members that a page of the admin has beside a room: a form has a field for each thing of each.
MEMBERS = 100


class Members(Inline):
    """Who belongs to a room: people of the chat, users and groups. Whoever may change the room, says so."""

    model = Membership
    fields = ("user", "group", "person", "role")
    # No lists of all people and users to choose from, and nothing that the site's own admin has to have.
    raw_id_fields = ("user", "person")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "group", "person")

    # Asked about the room, whatever Django's types say.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("chat.view_room") or request.user.has_perm("chat.change_room"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may(actor_of(request), Act.SET_MEMBER, obj)

    has_delete_permission = has_change_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Room)
class RoomAdmin(Plain):
    """Rooms. A title may change; the address, which clients know, may not, and the lobby stays."""

    list_display = ("title", "slug", "mode", "is_archived", "position", "message_count", "created_at")
    list_filter = ("mode", "is_archived", Kind)
    search_fields = ("title", "slug")
    fields = ("title", "slug", "topic", "mode", "is_archived", "position", "member_count", "created_at")
    readonly_fields = ("member_count", "created_at")
    inlines = (Members,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        rooms_ = access.visible_rooms(actor_of(request))
        return rooms_.annotate(
            message_count=large.count_of(Message.objects, "room"),
            member_count=large.count_of(Membership.objects, "room"),
        )

    def get_inlines(self, request: HttpRequest, obj: Room | None) -> Any:
        """The members, if a page holds them all; of a room that is not made yet nobody is one."""
        is_large = obj is None or obj.member_count > MEMBERS  # type: ignore[attr-defined]
        return () if is_large else super().get_inlines(request, obj)

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        if change:
            rooms.describe(actor_of(request), obj)
        else:
            rooms.create(actor_of(request), obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Membership:
            return super().save_formset(request, form, formset, change)
        kept = formset.save(commit=False)
        if formset.deleted_objects:
            members.remove(actor_of(request), form.instance, formset.deleted_objects)
        for membership in kept:
            members.keep(actor_of(request), membership)

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

    @admin.display(description=_("members"))
    def member_count(self, room: Room) -> str:
        count = getattr(room, "member_count", 0)
        if count <= MEMBERS:
            return large.in_words(count)
        return _("%s: change them with “manage.py chat_room member”.") % large.in_words(count)

    @admin.display(description=_("messages"))
    def message_count(self, room: Room) -> str:
        return large.in_words(room.message_count)  # type: ignore[attr-defined]
