"""A room's live view: what is said there, and who is there, as it comes; and beside it what may be done.

The page asks for itself anew (static/chat/js/admin/live.js), so whatever it shows is decided here, by the
rights of the admin, for conversations of two as well. The socket of the chat only tells it when to ask.
Everything is done by forms, which are noted in the log of the admin and work without a script.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from chat import access
from chat.access import Act
from chat.admin import deeds, links, person_acts, room_acts
from chat.admin.base import Admin, actor_of, moderated, seen
from chat.models import Message, ModerationAct, Person, Room, Sanction
from chat.storage import counts

#: How many messages the page begins with, how many people it names, and how many acts.
LATEST, HERE, ACTS = 50, 100, 5
#: How often the page asks for itself, in seconds: where the socket tells it of messages, and where not.
EVERY, EVERY_WITHOUT_SOCKET = 5, 2


@dataclass(frozen=True)
class Talk:
    """What has changed in a room since the page was there last; or the latest messages."""

    rows: Sequence[Message]
    #: Whether these stand in place of all that the page has.
    is_whole: bool
    #: How far the page is with them.
    version: int
    epoch: str


def may_look(request: HttpRequest, room: Room) -> bool:
    """Whether somebody sees all that is said in a room: who sees messages in the admin, or moderates it."""
    messages: Any = admin.site.get_model_admin(Message)
    return not room.is_deleted and bool(messages.sees_all(request) or room.pk in moderated(request))


def address_of(room: Room) -> str:
    """Where the live view of a room is."""
    return reverse("admin:chat_room_live", args=[room.pk])


def page(request: HttpRequest, owner: Admin, room: Room) -> HttpResponse:
    """The live view, or what of it is new. Raises Http404."""
    if not may_look(request, room):
        raise Http404
    here = counts.people_in(room, HERE + 1)
    news = {
        "room": room,
        "talk": _talk(request, room),
        "here": here[:HERE],
        "is_here_cut": len(here) > HERE,
        "acts": seen(request, ModerationAct).filter(room=room.pk).order_by("-pk")[:ACTS],
    }
    if "after" in request.GET:  # the script asks, every few seconds
        return TemplateResponse(request, "admin/chat/room/news.html", news)
    context = {
        **owner.admin_site.each_context(request),
        **news,
        "opts": owner.opts,
        "title": room.title_in(get_language() or ""),
        "subtitle": gettext("Live view"),
        "page": address_of(room),
        "may_see_rooms": owner.has_view_permission(request),
        "in_chat": links.in_chat(room),
        "may_export": access.may(actor_of(request), Act.EXPORT, room),
        "every": EVERY,
        "every_without_socket": EVERY_WITHOUT_SOCKET,
        "run": room_acts.offered(request, room),
        **_chosen(request, room),
    }
    return TemplateResponse(request, "admin/chat/room/live.html", context)


def _talk(request: HttpRequest, room: Room) -> Talk:
    """What has changed after the version that the page names; all of it where that is too much."""
    messages = access.visible_messages(actor_of(request), room).select_related("reply_to")
    after = _number(request.GET.get("after", ""))
    if after is not None and request.GET.get("epoch") == room.epoch and after <= room.version:
        changed = list(messages.changed_after(after)[: LATEST + 1])
        if len(changed) <= LATEST:
            return Talk(changed, False, room.version, room.epoch)
    return Talk(list(messages.backward()[:LATEST])[::-1], True, room.version, room.epoch)


def _chosen(request: HttpRequest, room: Room) -> dict[str, Any]:
    """Whom or what a moderator has chosen, and what may be done about it."""
    key, id = _number(request.GET.get("message", "")), request.GET.get("person", "").replace("\0", "")
    rows = access.visible_messages(actor_of(request), room).select_related("author")
    message = None if key is None else rows.filter(pk=key).first()
    person = message.author if message else seen(request, Person).filter(pk=id).first()
    if person is None:
        return {}
    may_moderate = access.may(actor_of(request), Act.MODERATE, room)
    return {
        "person": person,
        "message": message,
        **_about(request, room, person),
        "is_deletable": may_moderate and message and message.deleted_at is None,
        "is_restorable": may_moderate and message and message.is_removed,
        "may_pin": access.may(actor_of(request), Act.RUN_ROOM, room)
        and message
        and message.deleted_at is None,
        "reason_form": deeds.Reason(auto_id="id_message_%s"),
        "back": f"{address_of(room)}?{f'message={message.pk}' if message else f'person={person.pk}'}",
    }


def _about(request: HttpRequest, room: Room, person: Person) -> dict[str, Any]:
    """What somebody is under, and what may be done to them: where that holds, and first of all here."""
    sanctions, offered = _sanctions(room, person), person_acts.offered(request, person, room)
    if offered:
        kinds = {sanction.kind for sanction in sanctions}
        idle = {lift for lift, kind in person_acts.LIFTED.items() if kind not in kinds}
        offered["buttons"] = {name: one for name, one in offered["buttons"].items() if name not in idle}
        is_everywhere = any(sanction.room_id is None for sanction in sanctions)
        if not room.direct and not is_everywhere:
            offered["form"].initial["room"] = room.pk
    return {"sanctions": sanctions, "person_acts": offered}


def _sanctions(room: Room, person: Person) -> list[Sanction]:
    """What somebody is under in a room, and on the whole site."""
    here = Q(room=room) | Q(room=None)
    return list(Sanction.objects.active().filter(here, person=person).order_by("kind", "-pk")[:HERE])


def _number(given: str) -> int | None:
    """A number of the address, as far as a database knows such."""
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
