"""WebSocket addresses. HTTP addresses are in urls.py."""

from channels.security.websocket import WebsocketDenier
from django.urls import re_path

from chat.consumers import ChatConsumer
from chat.core.protocol import CLIENT_ID

websocket_urlpatterns = [
    re_path(rf"^ws/(?P<client_id>{CLIENT_ID})/?\Z", ChatConsumer.as_asgi()),
    # Anything else is refused with 403 before it touches anything.
    re_path(r"", WebsocketDenier.as_asgi()),
]
