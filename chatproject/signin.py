"""Signing in and out: who keeps on guessing is locked out for a while. django-axes counts.

That holds for the admin's form as for that of the site, since it is asked where a password is tried.
"""

import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chat.core import limits

#: As long as Django lets a user's name be.
LONGEST_NAME = 150


def user_name(request: HttpRequest, credentials: Any = None) -> str:
    """Whose password is tried. Cut where no name goes on: Django's form asks for one of any length."""
    name: str | None = (credentials or request.POST).get("username")
    return (name or "")[:LONGEST_NAME]


def client_ip(request: HttpRequest) -> str | None:
    """Whose attempts these are: an IPv4 address, or the network of an IPv6 one; None over a Unix socket.

    What the server says, which is the forwarded address where `serve` believes a proxy, and never a header.
    """
    host = request.META.get("REMOTE_ADDR") or ""
    address = limits.address_of(host)
    if address is None:
        return None
    return (limits.network(host) or str(address)).partition("/")[0]


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """The page for somebody who has guessed too often."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    answer = render(request, "registration/locked_out.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(minutes * 60)
    return answer


class OneLine(logging.Formatter):
    """Whatever somebody gives for a name, it stays in one line of the log."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with what would break it written as escapes."""
        text = super().format(record)
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
