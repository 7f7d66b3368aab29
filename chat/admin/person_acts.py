"""What moderators do to a person, by the buttons of the admin's pages."""

from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds, large
from chat.admin.base import Admin, actor_of, moderated
from chat.admin.links import page_of
from chat.admin.lists import is_over, room_choices
from chat.models import ActKind, Message, Person, Room, Sanction
from chat.services import moderation


class Button(NamedTuple):
    """One thing to be done to a person."""

    label: Any
    #: Who sees it.
    act: Act
    is_harsh: bool = False


BUTTONS = {
    ActKind.WARN: Button(pgettext_lazy("button", "Warn"), Act.SANCTION),
    ActKind.MUTE: Button(pgettext_lazy("button", "Mute"), Act.SANCTION),
    ActKind.KICK: Button(pgettext_lazy("button", "Kick"), Act.SANCTION),
    ActKind.BAN: Button(pgettext_lazy("button", "Ban"), Act.BAN, is_harsh=True),
    ActKind.UNMUTE: Button(pgettext_lazy("button", "Unmute"), Act.SANCTION),
    ActKind.UNBAN: Button(pgettext_lazy("button", "Unban"), Act.BAN),
    ActKind.PURGE: Button(pgettext_lazy("button", "Delete messages…"), Act.MODERATE, is_harsh=True),
}
#: What takes back which sanction.
LIFTED = {ActKind.UNMUTE: "mute", ActKind.UNBAN: "ban"}
#: For how many minutes, or of how many, is to be chosen.
TIMES = (
    (10, _("10 minutes")),
    (60, _("an hour")),
    (24 * 60, _("a day")),
    (7 * 24 * 60, _("7 days")),
    (30 * 24 * 60, _("30 days")),
    ("", _("without end")),
)


class ActForm(deeds.Reason):
    """Where, for how long and why."""

    room = forms.TypedChoiceField(label=_("Where"), required=False, coerce=int, empty_value=None)
    minutes = forms.TypedChoiceField(
        label=_("Time"), choices=TIMES, required=False, coerce=int, empty_value=None, initial=60
    )
    address = forms.BooleanField(label=_("Ban their addresses, too"), required=False)

    def __init__(self, request: HttpRequest, *args: Any, room: Room | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        is_everywhere = _is_everywhere(request)
        everywhere = [("", _("everywhere"))] if is_everywhere else []
        rooms = _rooms(request, room)
        self.fields["room"].choices = [*everywhere, *rooms]  # type: ignore[attr-defined]
        self.fields["room"].required = not is_everywhere
        if room is not None and not is_everywhere:
            self.initial.setdefault("room", room.pk)
        if not access.may(actor_of(request), Act.BAN):  # on the site, as an address is
            del self.fields["address"]


def _rooms(request: HttpRequest, room: Room | None) -> list[tuple[int, str]]:
    """The rooms where somebody may act: the first of them, and the one that a page is about."""
    rooms = access.visible_rooms(actor_of(request)).filter(direct__isnull=True)
    if not _is_everywhere(request):
        rooms = rooms.filter(pk__in=moderated(request))
    found = room_choices(rooms)
    if room is not None and room.pk not in dict(found):
        found.append((room.pk, str(room)))
    return found


def _is_everywhere(request: HttpRequest) -> bool:
    """Whether somebody may do any of it on the whole site."""
    return any(access.may(actor_of(request), button.act) for button in BUTTONS.values())


def may_anywhere(request: HttpRequest, act: Act) -> bool:
    """Whether somebody may do this on the whole site, or in a room of which they are a moderator."""
    return access.may(actor_of(request), act) or bool(moderated(request))


def offered(request: HttpRequest, person: Person, room: Room | None = None) -> dict[str, Any] | None:
    """The form with its buttons, as far as somebody has the rights; None where they have none."""
    buttons = {name: button for name, button in BUTTONS.items() if may_anywhere(request, button.act)}
    if not buttons:
        return None
    under = set(_held(request, person).order_by().values_list("kind", flat=True).distinct())
    for lift in [lift for lift, kind in LIFTED.items() if kind not in under]:
        buttons.pop(lift, None)
    return {
        "form": ActForm(request, room=room, auto_id="id_act_%s"),
        "buttons": buttons,
        "person": person,
        "address": reverse("admin:chat_person_act", args=[quote(person.pk)]),
        "next": request.get_full_path(),
    }


def _held(request: HttpRequest, person: Person) -> QuerySet[Sanction]:
    """What somebody is under now, wherever whoever asks may act."""
    rows, rooms = Sanction.objects.filter(person=person).exclude(is_over()), moderated(request)
    return rows.filter(room__in=rooms) if rooms else rows


def found_or_404(request: HttpRequest, owner: Admin, key: Any) -> Any:
    """The row that a button is about, if it is a button and they see the row. Raises Http404."""
    if request.method != "POST" or not owner.has_view_permission(request):
        raise Http404
    if (found := owner.get_object(request, unquote(str(key)))) is None:
        raise Http404
    return found


def act(request: HttpRequest, owner: Admin, person: Person) -> HttpResponse:
    """Do what the button says, and go back to where it was pressed; ask first where it is a lot."""
    kind, form = request.POST.get("act", ""), ActForm(request, request.POST, room=_named_room(request))
    back = deeds.back_to(request, page_of(person))
    if kind not in BUTTONS:
        raise Http404
    if kind == ActKind.WARN and not request.POST.get("reason", "").strip():
        form.add_error("reason", _("Say why: that is what they read."))
    if not form.is_valid():
        deeds.complain(request, form)
        return back
    asked = form.cleaned_data
    if kind == ActKind.PURGE and not deeds.is_confirmed(request):
        return _ask_before_purge(request, owner, person, form)
    room = Room.objects.get(pk=asked["room"]) if asked["room"] else None
    deed = partial(_do, request, person, ActKind(kind), room, asked)
    deeds.carry_out(request, deed, is_long=kind == ActKind.PURGE)
    return back


def _named_room(request: HttpRequest) -> Room | None:
    """The room that a form names, which may be one of many, if they may act there."""
    key = request.POST.get("room", "")
    room = Room.objects.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if room is None or not any(
        access.may(actor_of(request), button.act, room) for button in BUTTONS.values()
    ):
        return None
    return room


def _do(
    request: HttpRequest, person: Person, kind: ActKind, room: Room | None, asked: dict[str, Any]
) -> bool:
    actor, reason, minutes = actor_of(request), asked["reason"], asked["minutes"]
    said = f"{kind.label.capitalize()}: {person}"
    if kind in (ActKind.MUTE, ActKind.KICK, ActKind.BAN):
        is_wide = bool(asked.get("address")) and kind == ActKind.BAN
        moderation.sanction(actor, person, kind.value, room, minutes, reason, address=is_wide)
    elif kind == ActKind.UNMUTE:
        moderation.lift(actor, person, "mute", room, reason)
    elif kind == ActKind.UNBAN:
        moderation.lift(actor, person, "ban", room, reason)
    elif kind == ActKind.WARN:
        moderation.warn(actor, person, reason, room)
    else:
        count = moderation.purge(actor, person, room, minutes, reason, most=large.DONE)
        said = f"{said} ({count})"
        if count >= large.DONE and _said_by(person, minutes, asked["room"]):
            deeds.say_there_are_more(request)
    deeds.note(request, [person], said if room is None else f"{said}, {room}", reason)
    messages.success(request, said)
    return True


def _ask_before_purge(request: HttpRequest, owner: Admin, person: Person, form: ActForm) -> HttpResponse:
    asked = form.cleaned_data
    said = _said_by(person, asked["minutes"], asked["room"])
    sentence = gettext("Messages of %(name)s, %(where)s, time: %(time)s. In all: %(count)s.") % {
        "name": person,
        "where": dict(form.fields["room"].choices).get(asked["room"] or "", "?"),  # type: ignore[attr-defined]
        "time": dict(TIMES)[asked["minutes"] or ""],
        "count": large.in_words(len(said)),
    }
    names = ("act", "room", "minutes", "next")
    return deeds.ask(
        owner,
        request,
        gettext("Delete messages"),
        rows=Message.objects.filter(pk__in=said[: deeds.SHOWN + 1]).order_by("-pk"),
        hidden=[(name, request.POST.get(name, "")) for name in names],
        form=deeds.Reason(initial={"reason": asked["reason"]}),
        says=sentence,
        back=page_of(person),
    )


def _said_by(person: Person, minutes: int | None, room: int | None) -> list[int]:
    """The keys of the latest messages that would go."""
    said = Message.objects.filter(author=person, deleted_at=None)
    if minutes is not None:
        said = said.filter(sent_at__gte=timezone.now() - timedelta(minutes=minutes))
    if room is not None:
        said = said.filter(room=room)
    return large.keys(said)
