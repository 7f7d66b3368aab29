"""Users of a site that is served: how they sign in, and the sockets of its own pages."""

import json

import httpx
from websockets.asyncio.client import connect

from harness.site import Site

#: Signs users in as Django does, without the third of a second that each password costs.
_SIGN_IN = """
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest

def sign_in(user):
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.save()
    return request.session.session_key

moderators, _ = Group.objects.get_or_create(name="moderators")
moderators.permissions.set(Permission.objects.filter(codename="delete_message"))
made = {}
for name in NAMES:
    user, _ = User.objects.get_or_create(username=name.lower(), defaults={"first_name": name})
    if name.startswith("Mod"):
        user.is_staff = True
        user.save()
        user.groups.add(moderators)
    made[name] = sign_in(user)
print(json.dumps(made))
"""


def signed_in(site: Site, *names: str) -> dict[str, str]:
    """The cookies of users with these names, who are made where they are not there; Mod… is a moderator."""
    printed = site.manage("shell", "-v", "0", "-c", f"NAMES = {names!r}\n{_SIGN_IN}")
    made: dict[str, str] = json.loads(printed.splitlines()[-1])
    return made


def page(site: Site, key: str | None = None, *, id: str = "page", origin: str | None = None) -> connect:
    """The socket of a page of the site, whose browser has this session; or of a page of `origin`."""
    cookie = {"Cookie": f"sessionid={key}"} if key else {}
    own = f"http://127.0.0.1:{site.port}"
    return connect(site.socket(id), origin=origin or own, additional_headers=cookie)  # type: ignore[arg-type]


def program(site: Site, key: str | None = None, *, id: str = "program") -> connect:
    """The socket of a program, which names no page."""
    return connect(site.socket(id), additional_headers={"Cookie": f"sessionid={key}"} if key else {})


def sign_in(site: Site, name: str, password: str, form: str = "accounts/login/") -> httpx.Client:
    """A browser in which somebody has signed in."""
    client = httpx.Client(base_url=site.address, timeout=60)
    client.get(form)
    fields = {"username": name, "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    assert client.post(form, data=fields).status_code == 302
    return client


def sign_out(client: httpx.Client) -> None:
    """Sign out in that browser."""
    client.get("accounts/logout/")
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    assert client.post("accounts/logout/", data=fields).status_code == 302
