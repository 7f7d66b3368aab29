"""The stock chat as an ASGI application, wrapped as the tutorial wraps it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.fanout.peers.stock.settings")

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

http = get_asgi_application()

from bench.fanout.peers.stock.routing import websocket_urlpatterns

websocket = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))
application = ProtocolTypeRouter({"http": http, "websocket": websocket})
