"""Which pages of the web may open a socket here."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

#: Names that are this machine's own, where no certificate can be had.
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_PORTS = {"http": "80", "https": "443"}


class SameSite:
    """Lets in the site's own pages, those of `settings.ALLOWED_ORIGINS`, and programs, which name no page.

    A browser always names the page (Origin, RFC 6455, section 10.2), so a foreign page cannot pass
    for a program. Whoever names no page has to prove by other means who they are: never by a cookie.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._denier: Any = WebsocketDenier()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        origins = _values(scope, b"origin")
        if not origins or (len(origins) == 1 and is_allowed(origins[0], scope)):
            return await self._application(scope, receive, send)
        return await self._denier(scope, receive, send)


def is_allowed(origin: str, scope: Any) -> bool:
    """Whether a page of `origin` may open the socket of `scope`: scheme, host and port are compared."""
    page = _parsed(origin)
    if page is None:
        return False
    return page in map(_parsed, getattr(settings, "ALLOWED_ORIGINS", ())) or _is_own(page, scope)


def is_own_page(scope: Any) -> bool:
    """Whether a page of this very site opens the socket of `scope`: only of such a one a cookie counts."""
    origins = _values(scope, b"origin")
    page = _parsed(origins[0]) if len(origins) == 1 else None
    return page is not None and _is_own(page, scope)


def _is_own(page: tuple[str, str, str], scope: Any) -> bool:
    hosts = _values(scope, b"host")
    if len(hosts) != 1:
        return False
    domain, port = split_domain_port(hosts[0])
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    scheme, page_domain, page_port = page
    return (
        (page_domain, page_port) == (domain, port or _PORTS[scheme])
        and scheme in _schemes(scope)
        and (scheme == "https" or domain in LOOPBACK or not settings.SESSION_COOKIE_SECURE)
    )


def _schemes(scope: Any) -> tuple[str, ...]:
    """The schemes that a page of this site may have come by."""
    if settings.SESSION_COOKIE_SECURE:
        return ("https", "http")  # a proxy may speak TLS and not say so; what is not https is sorted out
    known = {"wss": ("https",), "ws": ("http",)}
    return known.get(scope.get("scheme", ""), ("https", "http"))  # plain Daphne does not say


def _parsed(origin: str) -> tuple[str, str, str] | None:
    """Scheme, host and port of an origin as a browser writes it (RFC 6454); None of anything else."""
    try:
        parts = urlsplit(origin)
        port = str(parts.port or _PORTS[parts.scheme])
    except (ValueError, KeyError):
        return None
    domain, _port = split_domain_port(parts.netloc)
    is_bare = origin.lower() == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in parts.netloc
    return (parts.scheme, domain, port) if domain and is_bare else None


def _values(scope: Any, name: bytes) -> list[str]:
    return [value.decode("latin1") for key, value in scope["headers"] if key == name]
