"""WebSocket addresses. HTTP addresses are in urls.py."""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.urls import re_path

from chat.consumers import ChatConsumer
from chat.core.protocol import CLIENT_ID

# Django's types know no ASGI applications behind an address.
chat: Any = ChatConsumer.as_asgi()
nowhere: Any = WebsocketDenier.as_asgi()

websocket_urlpatterns: list[Any] = [
    re_path(rf"^ws/(?P<client_id>{CLIENT_ID})/?\Z", chat),
    # Anything else is refused with 403 before it touches anything.
    re_path(r"", nowhere),
]
