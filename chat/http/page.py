"""The page."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from chat import access, actors, conf
from chat.actors import VISITOR, Actor
from chat.core.protocol import MESSAGE_LIMIT, NAME_LIMIT, QUERY_LIMIT
from chat.models import Room
from chat.services import rooms, users

#: The forms of words beside a number that Russian and English tell apart, by their names in the CLDR, each
#: with a number that takes it.
PLURAL_FORMS = (("one", 1), ("few", 2), ("many", 5), ("other", 2))

#: A header for the server alone: the page is the same for all who are no users, "always", as long as the
#: directory of rooms stays as it is, or for a "moment"; or it is so "always, for users" as well.
SAME_FOR_ALL = "X-Same-For-All"
FOR_USERS = "always, for users"

#: The icons of the manifest: their files, their sizes, and what they are for.
ICONS = (("192", 192, "any"), ("512", 512, "any"), ("maskable-512", 512, "maskable"))
#: As `--surface` in tokens.css.
SURFACE = "#ffffff"

#: What stands before a line of a template.
INDENT = re.compile(rb"\n\s+")

#: No room has a longer one.
_LONGEST_SLUG = Room._meta.get_field("slug").max_length or 0


def chat_page(view: Callable[..., HttpResponse]) -> Any:
    """A page of the chat: read, in the language of a cookie, for this reader, and asked for each time.

    Where the site has no guests, one has to sign in first, whatever there is at the address.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if conf.current().guests == "none" and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        answer = view(request, *args, **kwargs)
        if answer.status_code == HTTPStatus.OK and not request.user.is_authenticated:
            answer.setdefault(SAME_FOR_ALL, "always")
        return answer

    # Compressed, though over TLS: nothing in it is secret, and of the request it has the path alone.
    return require_safe(
        gzip_page(conditional_page(vary_on_cookie(cache_control(private=True, no_cache=True)(shown))))
    )


@chat_page
def lobby(request: HttpRequest) -> HttpResponse:
    """The lobby, for people: it asks for the name, then shows the talk. It is there for everybody.

    Who may not read it sees no more than what any site of this kind shows.
    """
    found = rooms.at(reader_of(request), Room.LOBBY)
    return _shown(request, found or Room(slug=Room.LOBBY, title=gettext("Chat")))


@chat_page
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """Any room, for people. One that the reader may not know of is not there, as one never made.

    Its page is the same, and not found: a guest who belongs to it has their token in the browser, which
    tells it to the socket alone. There they are let in, or the page says that there is no such room.
    """
    if len(slug) > _LONGEST_SLUG:
        raise Http404
    found = rooms.at(reader_of(request), slug)
    answer = _shown(request, found or Room(slug=slug, title=gettext("Chat")))
    if found is None:
        answer.status_code = 404
    if found is None or not access.sees(VISITOR, found):
        answer["Cache-Control"] = "private, no-store"  # nor is it there for who comes to this browser next
        answer["X-Robots-Tag"] = "noindex, noarchive"
    return answer


@chat_page
def later(request: HttpRequest) -> HttpResponse:
    """What the page needs when the talk stands there to be read: the same for all rooms."""
    return _same_for_users(_rendered(request, "chat/later.html", _words(reverse("chat:room"))))


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone or a desktop has to know to keep the chat among its programs."""
    start = reverse("chat:room")
    icons = [
        {
            "src": static(f"chat/icons/{name}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": use,
        }
        for name, size, use in ICONS
    ]
    about: dict[str, Any] = {
        "name": gettext("Chat"),
        "short_name": gettext("Chat"),
        "lang": get_language(),
        "id": start,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": SURFACE,
        "theme_color": SURFACE,
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json", headers={SAME_FOR_ALL: "always"})


@chat_page
def moderation(request: HttpRequest) -> HttpResponse:
    """What only moderators need in the page: words and empty forms, the same for whoever asks."""
    return _same_for_users(_rendered(request, "chat/moderation.html", {}))


def reader_of(request: HttpRequest) -> Actor:
    """Whoever asks for a page, as far as a page knows it."""
    if not request.user.is_authenticated:
        return VISITOR
    return actors.of_page(request.user, users.role_of(request.user))


def _shown(request: HttpRequest, shown: Room) -> HttpResponse:
    return _rendered(
        request,
        "chat/room.html",
        {
            **_words(request.path),
            "room": shown,
            "title": shown.title_in(get_language() or ""),
            "origin": f"{request.scheme}://{request.get_host()}",
            "plain": f"{request.path}plain/",
            "guests": conf.current().guests,
            "home": Room.LOBBY,
            "typing_up_to": conf.current().typing_up_to,
        },
    )


def _same_for_users(answer: HttpResponse) -> HttpResponse:
    """A page of words alone: whoever asks is given the same."""
    if conf.current().guests != "none":
        answer[SAME_FOR_ALL] = FOR_USERS
    return answer


def _rendered(request: HttpRequest, template: str, content: dict[str, Any]) -> HttpResponse:
    """A page without the white space before its lines: a tenth of it, even where it is compressed."""
    answer = render(request, template, content)
    answer.content = INDENT.sub(b"\n", answer.content)
    return answer


def _words(here: str) -> dict[str, Any]:
    """What the words of a page go by; whoever signs in comes back to what is here."""
    return {
        "here": here,
        "message_limit": MESSAGE_LIMIT,
        "name_limit": NAME_LIMIT,
        "query_limit": QUERY_LIMIT,
        "plural_forms": PLURAL_FORMS,
    }
