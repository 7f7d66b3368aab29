"""The page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from chat import conf
from chat.access import VISITOR
from chat.core.protocol import MESSAGE_LIMIT, NAME_LIMIT
from chat.models import Room
from chat.services import rooms

#: The forms of words beside a number that Russian and English tell apart, by their names in the CLDR, each
#: with a number that takes it.
PLURAL_FORMS = (("one", 1), ("few", 2), ("many", 5), ("other", 2))


@require_safe
@vary_on_cookie  # the language is in one
@cache_control(private=True, no_cache=True)
def room(request: HttpRequest) -> HttpResponse:
    """The room, for people: it asks for the name, then shows the talk."""
    return render(
        request,
        "chat/room.html",
        {
            "room": rooms.lobby(VISITOR),
            "guests": conf.current().guests,
            "home": Room.LOBBY,
            "message_limit": MESSAGE_LIMIT,
            "name_limit": NAME_LIMIT,
            "plural_forms": PLURAL_FORMS,
            "typing_up_to": conf.current().typing_up_to,
        },
    )
