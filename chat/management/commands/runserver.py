"""`manage.py runserver`: Daphne's, on the chat's own server."""

import threading
from typing import Any

from daphne.management.commands.runserver import Command as DaphneCommand
from twisted.internet import reactor as _reactor

from chat.server import Server

reactor: Any = _reactor


class Command(DaphneCommand):  # type: ignore[misc]  # untyped
    server_cls = Server

    def run(self, **options: Any) -> None:
        """Serve. Whatever ends it, a reload among them, lets the server end in order first."""
        self._has_ended = threading.Event()
        try:
            super().run(**options)
        finally:
            # The autoreloader serves in a second thread, which would not survive this one.
            if options["use_reloader"] and reactor.running:
                reactor.callFromThread(reactor.stop)
                self._has_ended.wait(10)

    def inner_run(self, *args: Any, **options: Any) -> None:
        try:
            super().inner_run(*args, **options)
        finally:
            self._has_ended.set()
