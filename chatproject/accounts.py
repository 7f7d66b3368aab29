"""Accounts: the pages with which users of the site sign in and out. Who guesses: chatproject/signin.py."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

sign_in = LoginView.as_view()


class SignOut(LogoutView):
    """Ends the session where it is posted; who comes by a link is asked first.

    So a page with such a link needs no token against forgery, nor a cookie for one.
    """

    http_method_names = ("get", "head", "post", "options")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(self.get_success_url())
        return render(request, "registration/sign_out.html")


sign_out = SignOut.as_view()
