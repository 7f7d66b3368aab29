"""The whole site as one ASGI application: `daphne chatproject.asgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

# Before anything of ours is imported: this is what makes Django's models importable.
http = get_asgi_application()

from chat.routing import websocket_urlpatterns
from chat.socket.origin import SameSite
from chatproject.kept import Kept
from chatproject.static import require_collected

require_collected()

# Where the sources are served, whoever changes one wants to see it.
pages = http if settings.SOURCES else Kept(http)
application = ProtocolTypeRouter({"http": pages, "websocket": SameSite(URLRouter(websocket_urlpatterns))})
