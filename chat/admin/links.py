"""Links from what a page of the admin shows to what it belongs to, and moments in words."""

from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.models import Message, Person, Room


def moment(at: datetime) -> str:
    """A moment as the admin says it."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def page_of(row: Any) -> str:
    """Where the admin shows a row; nowhere if it has no page for its table."""
    try:
        return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[quote(row.pk)])
    except NoReverseMatch:
        return ""


def to(row: Any, words: Any = None) -> SafeString | str:
    """A link to a row's page in the admin."""
    words = str(row if words is None else words) or "…"
    address = page_of(row)
    return format_html('<a href="{}">{}</a>', address, words) if address else words


def to_list(model: Any, words: Any, **wanted: Any) -> SafeString:
    """A link to the list of a table, filtered so."""
    address = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(wanted), words)


def in_chat(room: Room | None) -> str:
    """Where the chat shows a room; nowhere if it is gone, or the conversation of two others."""
    if room is None or room.is_deleted or room.direct:
        return ""
    return reverse("chat:room") if room.slug == Room.LOBBY else reverse("chat:room_at", args=[room.slug])


def to_chat(room: Room | None, message: int | None = None) -> SafeString | str:
    """A link to a room in the chat, or to a message in it."""
    address = in_chat(room)
    if address and message is not None:
        address += f"#m{message}"
    return format_html('<a href="{}">{}</a>', address, _("view in the chat")) if address else "-"


def to_person(id: str, name: str) -> SafeString | str:
    """A link to the page of a person whose id is known, whether they are still there or not."""
    return to(Person(pk=id), name or id) if id else "-"


def to_message(key: int | None) -> SafeString | str:
    """A link to the page of a message, whether it is still there or not."""
    return to(Message(pk=key), f"#{key}") if key else "-"


def joined(*parts: SafeString | str) -> SafeString:
    """Links beside each other."""
    return format_html_join(" · ", "{}", ((part,) for part in parts if part != "-"))
