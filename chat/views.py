"""The page, and what it reads by HTTP."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from chat import conf
from chat.core.protocol import MESSAGE_LIMIT, NAME_LIMIT
from chat.services import messages, rooms


@require_safe
@ensure_csrf_cookie
def room(request: HttpRequest) -> HttpResponse:
    """The room, for people: it asks for the name, then shows the talk."""
    return render(
        request,
        "chat/room.html",
        {"room": rooms.lobby(), "message_limit": MESSAGE_LIMIT, "name_limit": NAME_LIMIT},
    )


@require_safe
@never_cache
def history(request: HttpRequest) -> HttpResponse:
    """The latest messages of the room: `message` frames in a JSON array, the oldest first."""
    page = messages.recent(rooms.lobby(), conf.current().history)
    return HttpResponse(msgspec.json.encode(page), content_type="application/json")
