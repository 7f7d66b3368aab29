"""Users of a site that is served: how they sign in, and the sockets of its own pages."""

import secrets

import httpx
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.contrib.sessions.backends import signed_cookies
from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings
from websockets.asyncio.client import connect

from harness.site import Site
from tests.databases import Database

#: When all of them came, and when their sessions end.
PAST, FUTURE = "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"


def owner_of(site: Site) -> str:
    """The password of the site's owner, who is made here and called admin."""
    password = secrets.token_urlsafe(12)
    hashed = MD5PasswordHasher().encode(password, "salt")
    with Database.of(site) as database:
        _make(database, User(username="admin", password=hashed, is_staff=True, is_superuser=True))
    return password


def signed_in(site: Site, *names: str, in_cookies: bool = False) -> dict[str, str]:
    """The cookies of users with these names, who are made here; Mod… is a moderator.

    Written as Django would, without the second that a process of the site's costs. `in_cookies` says where
    its sessions are.
    """
    with Database.of(site) as database, override_settings(SECRET_KEY=site.environment["SECRET_KEY"]):
        users = [User(username=name.lower(), first_name=name) for name in names]
        for user in users:
            user.is_staff = user.username.startswith("mod")
            _make(database, user)
        return {user.first_name: _session(database, user, in_cookies=in_cookies) for user in users}


def _make(database: Database, user: User) -> None:
    fields = ("username", "first_name", "last_name", "email", "password")
    flags = ("is_active", "is_staff", "is_superuser")
    values = [getattr(user, field) for field in fields + flags]
    [[user.pk]] = database.execute(
        f"INSERT INTO auth_user ({', '.join(fields + flags)}, date_joined) "  # noqa: S608
        f"VALUES ({', '.join(['%s'] * len(values))}, '{PAST}') RETURNING id",
        *values,
    )
    if user.is_staff and not user.is_superuser:
        database.execute("INSERT INTO auth_group (name) VALUES ('moderators') ON CONFLICT DO NOTHING")
        database.execute(
            "INSERT INTO auth_group_permissions (group_id, permission_id) "
            "SELECT auth_group.id, auth_permission.id FROM auth_group, auth_permission "
            "WHERE codename = 'moderate' ON CONFLICT DO NOTHING"
        )
        database.execute(
            "INSERT INTO auth_user_groups (user_id, group_id) SELECT %s, id FROM auth_group", user.pk
        )


def _session(database: Database, user: User, *, in_cookies: bool) -> str:
    """The key of a session in which somebody is signed in."""
    said = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    if in_cookies:
        cookie = signed_cookies.SessionStore()
        cookie.update(said)
        cookie.save()
        return str(cookie.session_key)
    key = secrets.token_hex(16)
    database.execute(
        f"INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, '{FUTURE}')",  # noqa: S608
        key,
        SessionStore().encode(said),
    )
    return key


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
