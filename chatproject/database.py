"""A site whose database file is gone serves nobody until it is back."""

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from chat.storage import database_file


class DatabaseFileMiddleware(MiddlewareMixin):
    """Answers 503 while the file of SQLite is not where it should be.

    A view would make an empty one there, and SQLite would then throw away what the log beside it (`-wal`)
    still keeps of the other.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if database_file.is_there():
            return None
        words = _("The database is not where it was. Whoever runs this site finds more in its log.")
        return HttpResponse(words, status=503, content_type="text/plain; charset=utf-8")
