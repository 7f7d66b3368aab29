"""Sessions: who is signed in by them, and what these users are in the chat.

All of this only reads, in a thread that reads: no session is saved, renewed or flushed here.
"""

from collections.abc import Iterable, Mapping, Sequence
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
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import Person
from chat.services import users
from chat.services.users import SiteUser, Standing

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


def signed_in(keys: Sequence[str]) -> dict[str, SiteUser | None]:
    """Who is signed in by each of these session keys; None where nobody is, or it cannot be said."""
    signed, _unknown = _users(keys)
    standings = users.standings(signed.values())
    people = dict(Person.objects.filter(user__in=standings).values_list("user", "pk"))
    found: dict[str, SiteUser | None] = dict.fromkeys(keys)
    for key, user in signed.items():
        site_user = partial(users.site_user, standing=standings[user.pk], people=people)
        found[key], _has_failed = users.asked("What a user may do", site_user, user)
    return found


def standings(keys: Sequence[str]) -> dict[str, Standing | None]:
    """What they are now who are signed in by each of these session keys; None where nobody is.

    A key is left out where that cannot be said just now.
    """
    signed, unknown = _users(keys)
    found = users.standings(signed.values())
    return {key: found[signed[key].pk] if key in signed else None for key in keys if key not in unknown}


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
    known: dict[tuple[str, str], AbstractUser] = {}
    for path in settings.AUTHENTICATION_BACKENDS:
        wanted = {claim.user for claim in claims.values() if claim.backend == path}
        of_backend, failed = _of_backend(path, wanted)
        known |= {(path, written): user for written, user in of_backend.items()}
        unknown |= {key for key, claim in claims.items() if claim.backend == path and claim.user in failed}
    found = {}
    for key, claim in claims.items():
        if user := known.get((claim.backend, claim.user)):
            is_proven, has_failed = users.asked("The hash of a session", partial(_is_proven, claim), user)
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
        by_pk = {pk: user for pk, user in at_once.items() if backend.user_can_authenticate(user)}
    else:
        by_pk = {}
        for key, pk in keys.items():
            user, has_failed = users.asked(path, backend.get_user, pk)
            if has_failed:
                failed.add(key)
            elif user:
                by_pk[pk] = user
    found = {
        key: by_pk[pk] for key, pk in keys.items() if pk in by_pk and getattr(by_pk[pk], "is_active", True)
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
    asked = {key: users.asked("A session", lambda key: store(key).load(), key) for key in keys}
    unknown = {key for key, (_data, has_failed) in asked.items() if has_failed}
    return {key: data for key, (data, _has_failed) in asked.items() if key not in unknown}, unknown


@cache
def _store(engine: str) -> Any:
    """The sessions of an engine, to be read and nothing else: some would take a bad one away."""
    base = cast(Any, import_module(engine)).SessionStore
    nothing = {name: lambda *_, **__: None for name in ("create", "delete", "save", "flush")}
    # Under the same name, which is a part of what a session is signed with.
    return type(base.__name__, (base,), {**nothing, "__qualname__": base.__qualname__})
