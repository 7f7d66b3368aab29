"""Daphne's server, with what a chat needs of it: fast writing, back-pressure, limits, and an orderly end.

Any ASGI application runs on it. One that knows the wire (`scope["extensions"]["chat"]["wire"]`, see
chat.live.send_queue) writes to its client without waiting, and learns at once when the client has left,
and when the server is about to end.
"""

import daphne.server  # first: it chooses Twisted's reactor

from chat.server.request import MAX_BODY_SIZE
from chat.server.server import Server

__all__ = ["MAX_BODY_SIZE", "Server", "daphne"]
