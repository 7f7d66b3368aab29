"""Deeds: what a moderator does in the admin, by a service, for a reason, and noted in the admin's log."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.validators import RegexValidator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin import large
from chat.admin.base import Admin
from chat.core.errors import ChatError
from chat.core.protocol import REASON_LIMIT

T = TypeVar("T")

#: What a form says that has been looked at.
CONFIRMED = "confirmed"
#: How many rows a page that asks names.
SHOWN = 20


class Reason(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LIMIT,
        required=False,
        validators=[RegexValidator(r"\A[^\x00-\x1f\x7f]*\Z")],
    )


def carry_out(request: HttpRequest, deed: Callable[[], T], *, is_long: bool = False) -> T | None:
    """Do something and note it, or neither: what came of it.

    None where the service refuses; then the next page says why. What is long has transactions of its own.
    """
    try:
        with nullcontext() if is_long else transaction.atomic():
            return deed()
    except ChatError as error:
        messages.error(request, in_words(error))
        return None


def in_words(error: ChatError) -> str:
    """Why something was refused, in the language of whoever asked."""
    return gettext(error.sentence) % error.details


def note(request: HttpRequest, rows: Iterable[Model], words: str, reason: str = "") -> None:
    """Note what was done to these rows in the log of the admin, after the deed."""
    said = f"{words} ({reason})" if reason else str(words)
    rows = list(rows)
    if rows:
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, said)  # type: ignore[arg-type]


def complain(request: HttpRequest, form: forms.Form) -> None:
    """Have the next page say what is wrong in a form that has none of its own."""
    for name, errors in form.errors.items():
        field = form.fields.get(name)
        for error in errors:
            messages.error(request, f"{field.label}: {error}" if field else str(error))


def is_confirmed(request: HttpRequest) -> bool:
    """Whether somebody has been asked, and has said yes."""
    return CONFIRMED in request.POST


def ask(
    owner: Admin,
    request: HttpRequest,
    title: Any,
    *,
    rows: Iterable[Any] = (),
    count: int | None = None,
    hidden: Iterable[tuple[str, Any]] = (),
    form: forms.Form | None = None,
    says: Any = "",
    back: str = "",
) -> TemplateResponse:
    """A page that asks for a reason before something is done; the same address is told."""
    rows = list(rows)[: SHOWN + 1]
    context = {
        **owner.admin_site.each_context(request),
        "opts": owner.opts,
        "media": owner.media,
        "title": title,
        "name_of_rows": capfirst(owner.opts.verbose_name_plural),
        "rows": rows[:SHOWN],
        "is_cut": len(rows) > SHOWN,
        "count": None if count is None else large.in_words(count),
        "hidden": list(hidden),
        "form": Reason() if form is None else form,
        "says": says,
        "back": back,
        "confirmed": CONFIRMED,
    }
    return TemplateResponse(request, "admin/chat/ask.html", context)


def reason_for(
    owner: Admin, request: HttpRequest, chosen: QuerySet[Any], action: str, title: Any
) -> str | TemplateResponse:
    """Why an action is done to the rows chosen in a list, or the page that asks for it."""
    form = Reason(request.POST if is_confirmed(request) else None)
    if form.is_valid():
        return str(form.cleaned_data["reason"])
    hidden = [
        ("action", action),
        ("index", request.POST.get("index", "0")),
        ("select_across", request.POST.get("select_across", "0")),
        *(
            (helpers.ACTION_CHECKBOX_NAME, key)
            for key in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        ),
    ]
    count = chosen.order_by()[: large.DONE + 1].count()
    return ask(
        owner,
        request,
        title,
        rows=chosen[: SHOWN + 1],
        count=count,
        hidden=hidden,
        form=form,
        says=gettext("No more than %s at a time.") % large.number(large.DONE) if count > large.DONE else "",
        back=request.get_full_path(),
    )


def one_by_one(request: HttpRequest, rows: QuerySet[Any], deed: Callable[[Any], Any]) -> int:
    """Do something to each of the rows chosen in a list, or the first of them: to how many it was done.

    Each is done and noted in a transaction of its own; why some were refused is said once for all.
    """
    done, refused = 0, set()
    for key in first_keys(request, rows):
        row = rows.filter(pk=key).first()
        if row is None:  # another moderator was here
            continue
        try:
            with transaction.atomic():
                deed(row)
        except ChatError as error:
            refused.add(in_words(error))
        else:
            done += 1
    for sentence in sorted(refused):
        messages.error(request, sentence)
    return done


def first_keys(request: HttpRequest, rows: QuerySet[Any]) -> list[Any]:
    """The keys of the rows to which something is done at one time; of others the next page says so."""
    keys = list(rows.values_list("pk", flat=True)[: large.DONE + 1])
    if len(keys) > large.DONE:
        say_there_are_more(request)
    return keys[: large.DONE]


def say_there_are_more(request: HttpRequest) -> None:
    """Have the next page say that a deed was done to no more than DONE."""
    words = gettext("These were the first %s. There are more: do it again.")
    messages.warning(request, words % large.number(large.DONE))


def back_to(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Send somebody back to the page from which they asked."""
    wanted = request.POST.get("next", "")
    is_here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(wanted if is_here else otherwise)
