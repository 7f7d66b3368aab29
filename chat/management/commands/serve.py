"""`manage.py serve`: the chat in production, on its own server."""

import contextlib
import logging
import os
import resource
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from daphne.access import AccessLogGenerator
from daphne.endpoints import build_endpoint_description_strings
from daphne.management.commands.runserver import get_default_application
from django.core.management.base import BaseCommand, CommandError

from chat.server import MAX_BODY_SIZE, Server

DEFAULT = "127.0.0.1:8000"
MEBIBYTE = 1 << 20

#: How long the threads of pages have at the end, in seconds.
THREADS_TIMEOUT = 1.0

#: Options that are numbers and go to the server as they are: what they say, and what holds without them.
NUMBERS = {
    "--http-timeout": ("seconds a request may take", None),
    "--max-body-size": ("bytes that a request may bring; 0 sets no limit", MAX_BODY_SIZE),
    "--ping-interval": ("seconds of silence before a WebSocket is pinged", 20),
    "--ping-timeout": ("seconds that it has to answer", 30),
    "--websocket-connect-timeout": ("seconds that a WebSocket's handshake may take", 5),
    "--websocket-timeout": ("seconds after which a WebSocket has to be made anew; -1 never", -1),
    "--websocket-max-message-size": ("bytes of a WebSocket's message", MEBIBYTE),
    "--websocket-max-frame-size": ("bytes of a WebSocket's frame", MEBIBYTE),
    "--application-close-timeout": ("seconds to end when the client is gone", 10),
}


class Command(BaseCommand):
    help = "Serves the chat in production, over HTTP and WebSockets. Options are called as Daphne's are."
    requires_system_checks = []  # the application checks itself

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("address", nargs="?", help=f"addr:port, or a port alone; {DEFAULT} where nothing is named")
        add("-u", "--unix-socket", metavar="PATH", help="listen on a Unix socket")
        add("--fd", type=int, metavar="N", help="listen on an open file descriptor, as systemd passes them")
        words = "listen on one of Twisted's endpoints, such as ssl:443:privateKey=key.pem:certKey=crt.pem"
        add("-e", "--endpoint", action="append", default=[], metavar="WORDS", help=words)
        add("--proxy-headers", action="store_true", help="believe X-Forwarded-For, -Port and -Proto")
        for part, name in (("host", "X-Forwarded-For"), ("port", "X-Forwarded-Port")):
            add(f"--proxy-headers-{part}", metavar="NAME", default=name, help=f"the one in place of {name}")
        add("--root-path", default="", metavar="PATH", help="what the site is mounted under")
        add("--access-log", metavar="FILE", help="write who asked for what; - is standard output")
        add("-s", "--server-name", default="daphne", metavar="NAME", help="what the Server header says")
        add("--no-server-name", dest="server_name", action="store_const", const="", help="no such header")
        for name, (meaning, default) in NUMBERS.items():
            add(name, type=int, metavar="N", default=default, help=f"{meaning} ({default or 'no limit'})")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verbosity"] > 1:
            # Not to sys.stderr, which Twisted puts into this very log.
            logging.basicConfig(level=logging.DEBUG, stream=sys.__stderr__)
        endpoints = _endpoints(options)
        _open_many_files()
        is_proxied = options["proxy_headers"]
        server = Server(
            get_default_application(),
            endpoints=endpoints,
            ready_callable=lambda: self.stdout.write(f"Serving on {', '.join(endpoints)}"),
            action_logger=_access_log(options["access_log"]),
            root_path=options["root_path"],
            proxy_forwarded_address_header=options["proxy_headers_host"] if is_proxied else None,
            proxy_forwarded_port_header=options["proxy_headers_port"] if is_proxied else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if is_proxied else None,
            websocket_handshake_timeout=options["websocket_connect_timeout"],
            server_name=options["server_name"],
            verbosity=options["verbosity"],
            **{name: options[name] for name in (flag[2:].replace("-", "_") for flag in NUMBERS)},
        )
        try:
            server.run()
        except (ValueError, LookupError, OSError) as error:
            # Twisted does not understand an endpoint, or does not find its files.
            raise CommandError(f"Nothing can be served on {', '.join(endpoints)}: {error}") from None
        if server.abort_start:
            raise CommandError("Nothing can be served there; the line above says why.")
        _end_within(THREADS_TIMEOUT)


def _endpoints(options: dict[str, Any]) -> list[str]:
    """Where to listen, in Twisted's words. Raises CommandError."""
    path = options["unix_socket"]
    endpoints: list[str] = options["endpoint"] + build_endpoint_description_strings(
        unix_socket=path and path.replace(":", r"\:"), file_descriptor=options["fd"]
    )
    address = options["address"] or ("" if endpoints else DEFAULT)
    if address:
        host, _colon, port = address.rpartition(":")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise CommandError(f"{address!r} is no address: use addr:port, such as {DEFAULT}.")
        endpoints += build_endpoint_description_strings(host=host or "127.0.0.1", port=int(port))
    return endpoints


def _access_log(name: str | None) -> AccessLogGenerator | None:
    """Where to write who asked for what. Raises CommandError."""
    try:
        return AccessLogGenerator(sys.stdout if name == "-" else open(name, "a", 1)) if name else None
    except OSError as error:
        raise CommandError(f"The access log cannot be written: {error}") from None


def _end_within(seconds: float) -> None:
    """Do not wait for ever for the threads of pages that a silent database holds up."""
    timer = threading.Timer(seconds, os._exit, [0])
    timer.daemon = True
    timer.start()


def _open_many_files() -> None:
    """Take as many open files, and so connections, as the system lets this process have."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS, for one, may name no limit and then refuse to go that far.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
