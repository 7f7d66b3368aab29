"""Plain http is for this machine alone; everybody else is sent to https."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import split_domain_port
from django.utils.deprecation import MiddlewareMixin

from chat.socket.origin import LOOPBACK


class HttpsMiddleware(MiddlewareMixin):
    """Does what SECURE_SSL_REDIRECT does, save that `http://localhost` is let through, cookies and all.

    No certificate can be had for a loopback name, and nobody listens in between; so a site in
    production mode can be tried on the machine it runs on. The name is the browser's own word (Host):
    who lies about it only gives up the protection of their own connection.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not settings.HTTPS or request.is_secure() or _is_local(request):
            return None
        return HttpResponsePermanentRedirect(f"https://{request.get_host()}{request.get_full_path()}")

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not request.is_secure() and _is_local(request):
            for cookie in response.cookies.values():
                cookie["secure"] = ""
        return response


def _is_local(request: HttpRequest) -> bool:
    domain, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    return domain in LOOPBACK
