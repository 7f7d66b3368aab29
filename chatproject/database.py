"""A site whose database is gone, or does not answer, serves nobody until it is back, and says so."""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from chat.storage import database_file
from chatproject.outages import SENTENCE, who_is_out

logger = logging.getLogger(__name__)

#: When to try again, in seconds.
RETRY_AFTER = "10"


class DatabaseMiddleware(MiddlewareMixin):
    """Answers 503 while the database does not answer, or the file of SQLite is not where it should be.

    A view would make an empty one there, and SQLite would then throw away what the log beside it (`-wal`)
    still keeps of the other.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if database_file.is_there():
            return None
        return _come_again(
            _("The database is not where it was. Whoever runs this site finds more in its log.")
        )

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if (who := who_is_out(exception)) is None:
            return None
        logger.error(SENTENCE, who, exception)
        return _come_again(_("The database does not answer just now. Try again in a little while."))


def _come_again(words: str) -> HttpResponse:
    return HttpResponse(
        words,
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": RETRY_AFTER},
    )
