"""The page."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from chat import conf
from chat.access import VISITOR, Actor
from chat.core.protocol import MESSAGE_LIMIT, NAME_LIMIT
from chat.services import rooms

#: The forms of words beside a number that Russian and English tell apart, by their names in the CLDR, each
#: with a number that takes it.
PLURAL_FORMS = (("one", 1), ("few", 2), ("many", 5), ("other", 2))


@require_safe
@vary_on_cookie  # the language is in one, and who is signed in
@cache_control(private=True, no_cache=True)
def room(request: HttpRequest) -> HttpResponse:
    """The room, for people: it asks for the name, then shows the talk.

    Where the site has no guests, one has to sign in first.
    """
    actor = VISITOR
    if conf.current().guests == "none":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        actor = Actor("member", user=request.user)
    return render(
        request,
        "chat/room.html",
        {
            "room": rooms.lobby(actor),
            "message_limit": MESSAGE_LIMIT,
            "name_limit": NAME_LIMIT,
            "plural_forms": PLURAL_FORMS,
        },
    )
