"""The site's settings, where three people are a crowd."""

from chatproject.settings import *  # noqa: F403
from chatproject.settings import CHAT as _CHAT

CHAT = {**_CHAT, "NOTICES_UP_TO": 2}
