"""Every HTTP address of the project. WebSocket addresses are in chat/routing.py."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from chatproject import accounts

urlpatterns = [
    path("", include("chat.urls")),
    path("accounts/login/", accounts.sign_in, name="login"),
    path("accounts/logout/", accounts.sign_out, name="logout"),
    path("admin/", admin.site.urls),
    # Without a token, so that the page need not set a cookie for everybody. Another site could switch the
    # language of a reader, and nothing else.
    path("i18n/setlang/", csrf_exempt(set_language), name="set_language"),
]
