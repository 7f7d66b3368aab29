"""The latest messages of a room as plain HTML, for whoever has no JavaScript: to be read, and no more."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from chat import access
from chat.access import Act
from chat.actors import READER
from chat.http.page import SAME_FOR_ALL, chat_page
from chat.models import Room
from chat.services import history, rooms, users

#: How many messages there are.
LATEST = 50


@chat_page
def lobby(request: HttpRequest) -> HttpResponse:
    """The talk in the lobby."""
    return _shown(request, Room.LOBBY, reverse("chat:room"))


@chat_page
def room(request: HttpRequest, slug: str) -> HttpResponse:
    """The talk in any room."""
    return _shown(request, slug, reverse("chat:room_at", args=[slug]))


def _shown(request: HttpRequest, slug: str, chat: str) -> HttpResponse:
    """The talk, if the reader may read it; it is as old as a moment at most, however many ask for it."""
    reader = users.of_page(request.user) if request.user.is_authenticated else READER
    found = rooms.at(reader, slug)
    if found is None or not access.may(reader, Act.READ, found):
        raise Http404
    latest = history.latest(reader, found, LATEST)
    talk = [(message, parse_datetime(message.sent_at)) for message in latest.messages]
    title = found.title_in(get_language() or "")
    content = {"room": found, "title": title, "talk": talk, "more": latest.more, "here": chat}
    answer = render(request, "chat/plain.html", content)
    answer[SAME_FOR_ALL] = "moment"
    return answer
