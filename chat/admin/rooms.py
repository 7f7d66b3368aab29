"""Rooms in the admin."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import dashboard, deeds, downloads, large, links, live, room_acts, titles
from chat.admin.base import Plain, actor_of, moderated
from chat.core.protocol import RoomMode
from chat.models import Membership, Message, Room
from chat.services import exports, members, moderation, rooms

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

    list_display = (
        *("called", "online", "live_link", "message_count", "mode", "is_archived", "slow", "slug"),
    )
    list_filter = ("mode", "is_archived", Kind)
    search_fields = ("title", "slug", *titles.SOUGHT)
    fields = (
        *(
            "title",
            "slug",
            "topic",
            "mode",
            "needs_name",
            "is_archived",
            "slow",
            "position",
            "keep_days",
            "keep_messages",
        ),
        *("online", "member_count", "created_at"),
    )
    readonly_fields = ("other_titles", "online", "member_count", "created_at")
    form = titles.TitledForm
    inlines = (Members,)
    actions = ("let_guests_read", "archive", "open_again")

    class Media:
        css = {"all": ("chat/css/admin-live.css", "chat/css/admin-tool.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        rooms_ = access.visible_rooms(actor_of(request))
        return rooms_.annotate(
            message_count=large.count_of(Message.objects, "room"),
            member_count=large.count_of(Membership.objects, "room"),
        )

    def get_urls(self) -> Any:
        own = [
            ("live", self.live_view),
            ("act", self.act_view),
            ("export", self.export_view),
        ]
        wrap = self.admin_site.admin_view
        return [
            *(path(f"<int:key>/{name}/", wrap(view), name=f"chat_room_{name}") for name, view in own),
            *super().get_urls(),
        ]

    def live_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What is said in a room, as it comes."""
        return live.page(request, self, self._found(request, key))

    def act_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Do something to a room, by the buttons of its live view."""
        room = self._found(request, key)
        if not live.may_look(request, room):
            raise Http404
        return room_acts.act(request, room)

    def export_view(self, request: HttpRequest, key: int) -> HttpResponseBase:
        """All that was said in a room, as a file."""
        room, is_csv = self._found(request, key), request.POST.get("format") == "csv"
        if request.method != "POST" or not access.may(actor_of(request), Act.EXPORT, room):
            raise Http404

        def begin() -> Iterator[bytes]:
            with transaction.atomic():
                chunks = (exports.csv if is_csv else exports.jsonl)(actor_of(request), room=room)
                deeds.note(request, [room], gettext("Exported"))
            return chunks

        otherwise = links.page_of(room) if self.has_view_permission(request) else live.address_of(room)
        return downloads.stream(request, begin, room.slug, is_csv=is_csv, otherwise=otherwise)

    def _found(self, request: HttpRequest, key: int) -> Room:
        room = access.visible_rooms(actor_of(request)).filter(pk=key).first() if key < 2**63 else None
        if room is None:
            raise Http404
        return room

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        room = self.get_object(request, object_id) if self.has_view_permission(request) else None
        beside = {} if room is None else self._beside(request, room)
        return super().change_view(request, object_id, form_url, {**beside, **(extra_context or {})})

    def _beside(self, request: HttpRequest, room: Room) -> dict[str, Any]:
        """Where else something is to be seen of a room."""
        return {
            "room": room,
            "may_look": live.may_look(request, room),
            "may_export": access.may(actor_of(request), Act.EXPORT, room),
            "in_chat": links.in_chat(room),
        }

    # What is done to several

    @admin.action(description=_("Let guests read only, in the selected rooms"), permissions=["run"])
    def let_guests_read(self, request: HttpRequest, chosen: QuerySet[Room]) -> HttpResponse | None:
        """Have users of the site speak there, and guests read."""
        return self._run(request, chosen, "let_guests_read", "users")

    @admin.action(description=_("Archive the selected rooms"), permissions=["run"])
    def archive(self, request: HttpRequest, chosen: QuerySet[Room]) -> HttpResponse | None:
        """Have nobody speak there."""
        return self._run(request, chosen, "archive", "archived")

    @admin.action(description=_("Take the selected rooms out of the archive"), permissions=["run"])
    def open_again(self, request: HttpRequest, chosen: QuerySet[Room]) -> HttpResponse | None:
        """Have those speak there who did before it was archived."""
        return self._run(request, chosen.filter(is_archived=True), "open_again", None)

    def _run(
        self, request: HttpRequest, chosen: QuerySet[Room], action: str, mode: RoomMode | None
    ) -> HttpResponse | None:
        """Have rooms be of another mode, None for the one that they had before, if there is a reason."""
        words = str(dict(room_acts.MODES)[mode] if mode else _("out of the archive"))
        reason = deeds.reason_for(self, request, chosen, action, words)
        if not isinstance(reason, str):
            return reason

        def run(room: Room) -> None:
            wanted = mode or cast(RoomMode, room.mode)
            moderation.run_room(actor_of(request), room, mode=wanted, reason=reason)
            deeds.note(request, [room], words, reason)

        count = deeds.one_by_one(request, chosen.exclude(slug__startswith=Room.DELETED), run)
        self.message_user(request, ngettext("%d room changed.", "%d rooms changed.", count) % count)
        return None

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Whether somebody runs any room; the service asks for each."""
        return access.may(actor_of(request), Act.RUN_ROOM) or bool(moderated(request))

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
        room = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if room and large.is_beyond(Message.objects.filter(room=room), large.LOOKED_AT):
            words = gettext("There is too much here for a page: use “manage.py chat_room delete %s”.")
            self.message_user(request, words % room.slug, messages.WARNING)
            return HttpResponseRedirect(links.page_of(room))
        context = {"object_name": pgettext("delete what", "room"), **(extra_context or {})}
        return super().delete_view(request, object_id, context)

    def delete_model(self, request: HttpRequest, obj: Room) -> None:
        rooms.delete(actor_of(request), obj)

    def get_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        """With a title for each language behind the title: a field, where it may be changed."""
        may_change = self.has_change_permission(request, obj) if obj else True
        return ("title", *(titles.FIELDS.values() if may_change else ("other_titles",)), *self.fields[1:])

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        return self.readonly_fields if obj is None else ("slug", *self.readonly_fields)

    def has_view_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        # Whoever moderates or exports each room has to find it.
        actor = actor_of(request)
        may = access.may(actor, Act.MODERATE) or access.may(actor, Act.EXPORT)
        return may or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

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

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist, there = super().get_changelist_instance(request), dashboard.online()
        for room in changelist.result_list:
            room.online = there.get(room.pk, 0)
        return changelist

    @admin.display(description=_("title"), ordering="title")
    def called(self, room: Room) -> str:
        return str(room)

    @admin.display(description=_("here now"))
    def online(self, room: Room) -> int:
        found: int | None = getattr(room, "online", None)
        return dashboard.online().get(room.pk, 0) if found is None else found

    @admin.display(description=_("in other languages"))
    def other_titles(self, room: Room) -> str:
        return ", ".join(f"{title} ({language})" for language, title in room.titles.items()) or "-"

    @admin.display(description=_("live"))
    def live_link(self, room: Room) -> str:
        return format_html('<a href="{}">{}</a>', live.address_of(room), _("Live view"))

    @admin.display(description=_("members"))
    def member_count(self, room: Room) -> str:
        count = getattr(room, "member_count", 0)
        if count <= MEMBERS:
            return large.in_words(count)
        return _("%s: change them with “manage.py chat_room member”.") % large.in_words(count)

    @admin.display(description=_("messages"))
    def message_count(self, room: Room) -> str:
        return large.in_words(room.message_count)  # type: ignore[attr-defined]
