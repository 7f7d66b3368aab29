"""HTTP addresses of the chat."""

from django.urls import path

from chat.http import page, plain

app_name = "chat"
urlpatterns = [
    path("", page.lobby, name="room"),
    path("manifest.webmanifest", page.manifest, name="manifest"),
    path("plain/", plain.lobby, name="plain"),
    path("r/<slug:slug>/plain/", plain.room, name="plain_at"),
    path("later/", page.later, name="later"),
    path("moderation/", page.moderation, name="moderation"),
    path("r/<slug:slug>/", page.room, name="room_at"),
]
