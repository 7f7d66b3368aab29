"""Passwords: hashing one takes a core for a third of a second, and the chat needs the cores."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

#: How many may wait for their turn. Who comes last waits a few seconds.
WAITING = 10
#: How far the hashing steps back: beside two busy cores the owner still gets in within seconds.
NICENESS = 10


def _step_back() -> None:
    """Let everybody else go first. Only Linux can do that for one thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_places = threading.BoundedSemaphore(WAITING)
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords", initializer=_step_back)


class TooManySignIns(Exception):
    """More want to sign in than can be served just now."""


class PatientHasher(PBKDF2PasswordHasher):
    """Django's own, one at a time and after everything else: guessers take turns with each other."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """The hash. Raises TooManySignIns where too many wait already."""
        if not _places.acquire(blocking=False):
            raise TooManySignIns
        try:
            return _thread.submit(super().encode, password, salt, iterations).result()
        finally:
            _places.release()


class TooManySignInsMiddleware(MiddlewareMixin):
    """Says so where too many want to sign in."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooManySignIns):
            return None
        words = _("Too many people are signing in just now. Try again in a minute.")
        return HttpResponse(
            words, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"}
        )
