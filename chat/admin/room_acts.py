"""What moderators do to a room, by the buttons of its live view."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import access
from chat.access import Act
from chat.admin import deeds
from chat.admin.base import actor_of
from chat.core.protocol import MESSAGE_LIMIT, REASON_LIMIT, SLOW_LIMIT, TOPIC_LIMIT
from chat.models import Message, Mode, Room
from chat.services import moderation

#: A room that is archived has a mode beside that, but who runs it need not care.
MODES = (*Mode.choices, ("archived", _("archived: everybody reads, nobody speaks")))


class RunForm(deeds.Reason):
    """What a room is about, who reads and speaks there, and how fast. What nobody touched stays."""

    topic = forms.CharField(
        label=_("Topic"), max_length=TOPIC_LIMIT, required=False, show_hidden_initial=True
    )
    mode = forms.ChoiceField(label=_("Mode"), choices=MODES, show_hidden_initial=True)
    slow = forms.IntegerField(
        label=_("Seconds between two messages"), min_value=0, max_value=SLOW_LIMIT, show_hidden_initial=True
    )
    field_order = ("topic", "mode", "slow", "reason")


class AnnounceForm(forms.Form):
    """What everybody in a room is told."""

    message = forms.CharField(
        label=_("Announcement"),
        max_length=MESSAGE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody in the room reads it, as from the room."),
    )


def offered(request: HttpRequest, room: Room) -> dict[str, Any] | None:
    """The forms of a room, for who runs it. A conversation of two is run by nobody."""
    if room.direct or not access.may(actor_of(request), Act.RUN_ROOM, room):
        return None
    now = {"topic": room.topic, "mode": room.state, "slow": room.slow}
    return {
        "address": reverse("admin:chat_room_act", args=[room.pk]),
        "form": RunForm(initial=now, auto_id="id_run_%s"),
        "announce": AnnounceForm(auto_id="id_announce_%s"),
        "pinned": Message.objects.filter(pk=room.pinned or 0, room=room, deleted_at=None).first(),
    }


def act(request: HttpRequest, room: Room) -> HttpResponse:
    """Do what the button says, and go back to where it was pressed. Raises Http404."""
    kind = request.POST.get("act", "")
    if request.method != "POST" or kind not in _ACTS or room.direct:
        raise Http404
    _ACTS[kind](request, room)
    return deeds.back_to(request, reverse("admin:chat_room_live", args=[room.pk]))


def _run(request: HttpRequest, room: Room) -> None:
    form = RunForm(request.POST)
    if not form.is_valid():
        return deeds.complain(request, form)
    names = [name for name in form.changed_data if name != "reason"]
    if not names:
        return messages.info(request, gettext("Nothing has changed."))
    reason, changed = form.cleaned_data["reason"], {name: form.cleaned_data[name] for name in names}
    labels = ", ".join(str(form.fields[name].label) for name in names)
    _do(
        request,
        room,
        f"{gettext('Changed')}: {labels}",
        reason,
        partial(moderation.run_room, **changed, reason=reason),
    )


def _announce(request: HttpRequest, room: Room) -> None:
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        return deeds.complain(request, form)
    text = form.cleaned_data["message"]
    _do(
        request,
        room,
        gettext("Announced"),
        text[:REASON_LIMIT],
        partial(moderation.announce, text=text),
    )


def _pin(request: HttpRequest, room: Room) -> None:
    key = request.POST.get("message", "")
    message = (
        Message.objects.filter(pk=key, room=room).first() if key.isdecimal() and len(key) < 19 else None
    )
    if message is None:
        raise Http404
    _do(request, room, gettext("Pinned"), str(message), partial(moderation.pin, message=message))


def _unpin(request: HttpRequest, room: Room) -> None:
    _do(request, room, gettext("Unpinned"), "", partial(moderation.pin, message=None))


def _do(request: HttpRequest, room: Room, words: str, reason: str, deed: Any) -> None:
    """Carry it out and note it, or neither."""

    def whole() -> bool:
        deed(actor_of(request), room)
        deeds.note(request, [room], words, reason)
        return True

    if deeds.carry_out(request, whole):
        messages.success(request, f"{words}.")


_ACTS = {"run": _run, "announce": _announce, "pin": _pin, "unpin": _unpin}
