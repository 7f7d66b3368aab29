"""Users of the site: who the session of a browser says somebody is, and what they are in the chat.

All of this only reads, in a thread that reads: no session is saved, renewed or flushed here.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
    load_backend,
)
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import cached_db, db
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from chat import access, conf
from chat.core import names
from chat.core.protocol import Role
from chat.models import Person
from chat.storage import vendor

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

logger = logging.getLogger(__name__)

#: What a site's own function may say that a user is.
_ROLES: tuple[Role, ...] = ("member", "moderator")


class Standing(NamedTuple):
    """What a user is just now: where any of this changes, whoever is signed in is somebody else."""

    user: Any
    #: What the site's functions of `CHAT` say; None where there is none, or where it has failed.
    name: str | None
    role: Role | None
    is_staff: bool
    is_superuser: bool
    groups: frozenset[int]
    #: The permissions of the chat, where they count: those of staff.
    permissions: frozenset[int]

    def is_still(self, now: "Standing | None") -> bool:
        """Whether nothing has changed. What cannot be said now counts as it was."""
        return now is not None and all(
            new is None or new == old for old, new in zip(self, now, strict=True)
        )


@dataclass(frozen=True)
class SiteUser:
    """A user of the site who is signed in."""

    user: "AbstractUser"
    name: str
    role: Role
    #: See access.permissions_of.
    permissions: frozenset[str]
    standing: Standing
    #: The id of the person that they are; None where they have never come.
    person: str | None


def signed_in(keys: Sequence[str]) -> dict[str, SiteUser | None]:
    """Who is signed in by each of these session keys; None where nobody is, or it cannot be said."""
    users, _unknown = _users(keys)
    standings = _standings(users.values())
    people = dict(Person.objects.filter(user__in=standings).values_list("user", "pk"))
    found: dict[str, SiteUser | None] = dict.fromkeys(keys)
    for key, user in users.items():
        site_user = partial(_site_user, standing=standings[user.pk], people=people)
        found[key], _has_failed = _asked("What a user may do", site_user, user)
    return found


def standings(keys: Sequence[str]) -> dict[str, Standing | None]:
    """What they are now who are signed in by each of these session keys; None where nobody is.

    A key is left out where that cannot be said just now.
    """
    users, unknown = _users(keys)
    found = _standings(users.values())
    return {key: found[users[key].pk] if key in users else None for key in keys if key not in unknown}


def name_of(user: "AbstractUser") -> str:
    """What a user is called in the chat."""
    return _name(user, _said_name(user))


def role_of(user: "AbstractUser") -> Role:
    """What a user is on the site."""
    return _role(user, _said_role(user))


def check_functions() -> None:
    """Raise ImproperlyConfigured where a function that the settings name is not there."""
    for key, path in (("NAME", conf.current().name), ("ROLE", conf.current().role)):
        if not path:
            continue
        try:
            is_function = callable(import_string(path))
        except ImportError as error:
            raise ImproperlyConfigured(
                f"settings.CHAT: {key} is {path!r}, which cannot be imported: {error}."
            ) from error
        if not is_function:
            raise ImproperlyConfigured(
                f"settings.CHAT: {key} is {path!r}: use the dotted path of a function of a user."
            )


def _site_user(user: "AbstractUser", standing: Standing, people: Mapping[Any, str]) -> SiteUser:
    return SiteUser(
        user,
        _name(user, standing.name),
        _role(user, standing.role),
        access.permissions_of(user),
        standing,
        people.get(user.pk),
    )


def _role(user: "AbstractUser", said: Role | None) -> Role:
    """What the site's own function has said, if there is one; else what the permissions make of them."""
    return (said or "member") if conf.current().role else access.site_role(user)


def _name(user: "AbstractUser", said: str | None) -> str:
    """The name that the site gives a user, as it can be seen; there always is one."""
    number = str(user.pk).replace("-", "")
    return names.clean(said) or names.clean(user.get_username()) or names.default(number)


# What the site says of a user


def _standings(users: Iterable["AbstractUser"]) -> dict[Any, Standing]:
    """By the key of the user."""
    found = {user.pk: user for user in users}
    groups = _related(found, "groups")
    staff = [key for key, user in found.items() if _is(user, "is_staff")]
    own = _related(staff, "user_permissions", user_permissions__content_type__app_label="chat")
    of_groups = _related(staff, "groups__permissions", groups__permissions__content_type__app_label="chat")
    none: frozenset[int] = frozenset()
    return {
        key: Standing(
            key,
            _said_name(user),
            _said_role(user),
            _is(user, "is_staff"),
            _is(user, "is_superuser"),
            groups.get(key, none),
            own.get(key, none) | of_groups.get(key, none),
        )
        for key, user in found.items()
    }


def _related(users: Iterable[Any], path: str, **filters: Any) -> dict[Any, frozenset[int]]:
    """The keys of what belongs to these users; nothing where the site's users have nothing of the kind."""
    model, keys = get_user_model(), list(users)
    if not keys or not hasattr(model, path.partition("__")[0]):
        return {}
    rows = model._base_manager.filter(pk__in=keys, **(filters or {f"{path}__isnull": False}))
    found: dict[Any, set[int]] = {}
    for user, key in rows.values_list("pk", path):
        found.setdefault(user, set()).add(key)
    return {user: frozenset(those) for user, those in found.items()}


def _is(user: "AbstractUser", what: str) -> bool:
    """Not every model of users knows of staff and superusers."""
    return bool(getattr(user, what, False))


def _said_name(user: "AbstractUser") -> str | None:
    """The name that the site gives a user, as it gives it; None where its function has failed."""
    if path := conf.current().name:
        name, has_failed = _asked("settings.CHAT: NAME", import_string(path), user)
        return None if has_failed else name if isinstance(name, str) else ""
    name, has_failed = _asked("The name", _full_name, user)
    return None if has_failed else name


def _full_name(user: "AbstractUser") -> str:
    full_name = getattr(user, "get_full_name", None)  # not every model of users knows one
    return (full_name() if full_name else "") or user.get_username()


def _said_role(user: "AbstractUser") -> Role | None:
    """The role that the site's own function gives a user, if there is one and it gives any."""
    path = conf.current().role
    if not path:
        return None
    role, has_failed = _asked("settings.CHAT: ROLE", import_string(path), user)
    if not has_failed and role not in _ROLES:
        logger.error("settings.CHAT: ROLE has said %.100r of a user: use %s.", role, " or ".join(_ROLES))
    return role if role in _ROLES else None


def _asked(what: str, function: Callable[[Any], Any], of: Any) -> tuple[Any, bool]:
    """What a function of the site says of a user, and whether it has failed, which is the site's to mend.

    A database that is not to be reached is no fault of the function.
    """
    try:
        return function(of), False
    except vendor.UNAVAILABLE:
        raise
    except Exception as error:  # whatever it is, nobody else shall be kept out by it
        logger.error("%s has failed for a user: %r", what, error)
        return None, True


# What a session says


class _Claim(NamedTuple):
    """What stands in the session of somebody who has signed in."""

    user: str
    backend: str
    auth_hash: str


def _users(keys: Sequence[str]) -> tuple[dict[str, "AbstractUser"], set[str]]:
    """Who is signed in by these session keys, as django.contrib.auth.get_user finds them.

    And the keys of whom that cannot be said, because something of the site's own has failed.
    """
    sessions, unknown = _sessions(keys)
    claims = {key: claim for key, data in sessions.items() if (claim := _claim(data))}
    users: dict[tuple[str, str], AbstractUser] = {}
    for path in settings.AUTHENTICATION_BACKENDS:
        wanted = {claim.user for claim in claims.values() if claim.backend == path}
        of_backend, failed = _of_backend(path, wanted)
        users |= {(path, written): user for written, user in of_backend.items()}
        unknown |= {key for key, claim in claims.items() if claim.backend == path and claim.user in failed}
    found = {}
    for key, claim in claims.items():
        if user := users.get((claim.backend, claim.user)):
            is_proven, has_failed = _asked("The hash of a session", partial(_is_proven, claim), user)
            if has_failed:
                unknown.add(key)
            elif is_proven:
                found[key] = user
    return found, unknown


def _claim(data: Mapping[str, Any]) -> _Claim | None:
    user, backend = data.get(SESSION_KEY), data.get(BACKEND_SESSION_KEY)
    if user is None or backend is None:
        return None
    return _Claim(str(user), str(backend), str(data.get(HASH_SESSION_KEY) or ""))


def _is_proven(claim: _Claim, user: "AbstractUser") -> bool:
    """Whether the session was begun with the password that holds now."""
    if not hasattr(user, "get_session_auth_hash"):
        return True
    hashes = (
        hash() for hash in (lambda: [user.get_session_auth_hash()], user.get_session_auth_fallback_hash)
    )
    return any(constant_time_compare(claim.auth_hash, one) for some in hashes for one in some)


def _of_backend(path: str, written: Iterable[str]) -> tuple[dict[str, "AbstractUser"], set[str]]:
    """The users that a backend knows by these keys, each as its session has it. Active ones alone.

    And those keys for which it has failed.
    """
    model: Any = get_user_model()
    keys = {}
    for key in written:
        try:
            keys[key] = model._meta.pk.to_python(key)
        except ValidationError:  # of another model of users
            continue
    if not keys:
        return {}, set()
    failed: set[str] = set()
    backend: Any = load_backend(path)
    if getattr(type(backend), "get_user", None) is ModelBackend.get_user:
        at_once = model._default_manager.in_bulk(list(keys.values()))
        users = {pk: user for pk, user in at_once.items() if backend.user_can_authenticate(user)}
    else:
        users = {}
        for key, pk in keys.items():
            user, has_failed = _asked(path, backend.get_user, pk)
            if has_failed:
                failed.add(key)
            elif user:
                users[pk] = user
    found = {
        key: users[pk] for key, pk in keys.items() if pk in users and getattr(users[pk], "is_active", True)
    }
    return found, failed


def _sessions(keys: Sequence[str]) -> tuple[dict[str, Mapping[str, Any]], set[str]]:
    """What stands in the sessions of these keys: at once where they are rows of the database.

    And those that could not be read.
    """
    store = _store(settings.SESSION_ENGINE)
    if store.load in (db.SessionStore.load, cached_db.SessionStore.load):
        rows = store.get_model_class()._default_manager.filter(
            session_key__in=keys, expire_date__gt=timezone.now()
        )
        data = {key: store().decode(data) for key, data in rows.values_list("session_key", "session_data")}
        return data, set()
    asked = {key: _asked("A session", lambda key: store(key).load(), key) for key in keys}
    unknown = {key for key, (_data, has_failed) in asked.items() if has_failed}
    return {key: data for key, (data, _has_failed) in asked.items() if key not in unknown}, unknown


@cache
def _store(engine: str) -> Any:
    """The sessions of an engine, to be read and nothing else: some would take a bad one away."""
    base = cast(Any, import_module(engine)).SessionStore
    nothing = {name: lambda *_, **__: None for name in ("create", "delete", "save", "flush")}
    # Under the same name, which is a part of what a session is signed with.
    return type(base.__name__, (base,), {**nothing, "__qualname__": base.__qualname__})
