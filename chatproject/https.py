"""Plain http is for this machine alone; everybody else is sent to https."""

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.middleware.security import SecurityMiddleware

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class HttpsMiddleware(SecurityMiddleware):
    """Django's own, save that `http://localhost` is let through, with cookies that work there.

    No certificate can be had for a loopback name, and nobody listens in between; so a site in
    production mode can be tried on the machine it runs on. The name is the browser's own word (Host):
    who lies about it only gives up the protection of their own connection.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        if self._is_local(request):
            return None
        return super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        if self._is_local(request):
            for cookie in response.cookies.values():
                cookie["secure"] = ""
        return super().process_response(request, response)  # type: ignore[return-value]

    @staticmethod
    def _is_local(request: HttpRequest) -> bool:
        domain, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
        return domain in LOOPBACK and not request.is_secure()
