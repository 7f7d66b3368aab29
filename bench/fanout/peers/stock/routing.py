"""The addresses of the stock chat: one, of its sockets."""

from typing import Any

from django.urls import re_path

from bench.fanout.peers.stock.consumers import ChatConsumer

# Django's types know no ASGI applications behind an address.
chat: Any = ChatConsumer.as_asgi()

urlpatterns: list[Any] = []
websocket_urlpatterns: list[Any] = [re_path(r"^ws/(?P<client_id>[^/]+)/?$", chat)]
