"""Which pages of the web may open a socket here."""

from typing import Any
from urllib.parse import ParseResult

from channels.security.websocket import OriginValidator
from django.conf import settings


class SameSite(OriginValidator):
    """Lets in pages of ALLOWED_HOSTS, and programs, which name no page at all.

    A browser always names the page (Origin, RFC 6455, section 10.2), so a foreign page cannot pass
    for a program. Whoever names no page has to prove by other means who they are: never by a cookie.
    """

    def __init__(self, application: Any) -> None:
        super().__init__(application, settings.ALLOWED_HOSTS)

    def valid_origin(self, parsed_origin: ParseResult | None) -> bool:
        return parsed_origin is None or self.validate_origin(parsed_origin)
