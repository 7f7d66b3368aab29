"""HTTP addresses of the chat."""

from django.urls import path

from chat.http import page

app_name = "chat"
urlpatterns = [
    path("", page.lobby, name="room"),
    path("later/", page.later, name="later"),
    path("moderation/", page.moderation, name="moderation"),
    path("r/<slug:slug>/", page.room, name="room_at"),
]
