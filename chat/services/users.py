"""Users of the site: what they are in the chat, and what the site's own functions say of that."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from chat import actors, conf
from chat.actors import Actor, Restriction
from chat.core import names
from chat.core.errors import Forbidden, NotFound
from chat.core.protocol import Role
from chat.models import Person, Sanction
from chat.storage import vendor

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

logger = logging.getLogger(__name__)

#: What a site's own function may say that a user is.
_ROLES: tuple[Role, ...] = ("member", "moderator")


class Standing(NamedTuple):
    """What a user is just now: where any of this changes, whoever is signed in is somebody else."""

    user: Any
    #: What the site's functions of `CHAT` say; None where there is none, or it has failed, and never else.
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
    #: See actors.permissions_of.
    permissions: frozenset[str]
    standing: Standing
    #: The id of the person that they are; None where they have never come.
    person: str | None


def standings(users: Iterable["AbstractUser"]) -> dict[Any, Standing]:
    """What these users are just now, by the key of each."""
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


def site_user(user: "AbstractUser", standing: Standing, people: Mapping[Any, str]) -> SiteUser:
    """A user who is signed in, of this standing; `people` has the ids of those who have come."""
    return SiteUser(
        user,
        _name(user, standing.name),
        role := _role(user, standing.role),
        _permissions(user, role),
        standing,
        people.get(user.pk),
    )


def name_of(user: "AbstractUser") -> str:
    """What a user is called in the chat."""
    return _name(user, _said_name(user))


def role_of(user: "AbstractUser") -> Role:
    """What a user is on the site."""
    return _role(user, _said_role(user))


def actor_of(person: Person) -> Actor:
    """A person who need not be here, as what they are now on the site and in its rooms."""
    user = cast("AbstractUser | None", person.user)
    actor = Actor("guest" if user is None else role_of(user), person, user)
    whose = actors.whose(actor)
    return replace(actor, memberships=actors.memberships([whose])[whose])


def of_page(user: "AbstractUser") -> Actor:
    """A user who reads on a page, without a socket: what keeps them out there keeps them out here."""
    found = Person.objects.filter(user_id=user.pk).first()
    return actors.of_page(user, role_of(user)) if found is None else _restricted(found)


def as_of_now(actor: Actor) -> Actor:
    """Somebody who has asked for what takes long, as what they are by now, wherever they are.

    Raises NotFound where they are gone, and Forbidden where the admin is not for them any more.
    """
    if actor.is_program:
        return actor
    if actor.in_admin:
        assert actor.user
        user = get_user_model()._default_manager.filter(pk=actor.user.pk).first()
        if user is None or not (user.is_active and _is(user, "is_staff")):
            raise Forbidden
        return actors.of_admin(cast("AbstractUser", user))
    assert actor.person
    found = Person.objects.select_related("user").filter(pk=actor.person.pk).first()
    if found is None:
        raise NotFound
    return _restricted(found)


def _restricted(person: Person) -> Actor:
    restrictions = (
        Restriction(cast(Any, row.kind), row.room_id, row.until.timestamp() if row.until else None)
        for row in Sanction.objects.active().filter(person=person)
    )
    return replace(actor_of(person), restrictions=frozenset(restrictions))


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


def asked(what: str, function: Callable[[Any], Any], of: Any) -> tuple[Any, bool]:
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


def _role(user: "AbstractUser", said: Role | None) -> Role:
    """What the site's own function has said, if there is one; else what the permissions make of them."""
    return (said or "member") if conf.current().role else actors.site_role(user)


def _permissions(user: "AbstractUser", role: Role) -> frozenset[str]:
    """What Django permits; whom the site's own function makes a moderator may ban as well.

    They need not be staff, and Django permits who is not nothing.
    """
    bans = {actors.Permission.BAN} if conf.current().role and role == "moderator" else ()
    return actors.permissions_of(user).union(bans)


def _name(user: "AbstractUser", said: str | None) -> str:
    """The name that the site gives a user, as it can be seen; there always is one."""
    number = str(user.pk).replace("-", "")
    return names.clean(said) or names.clean(user.get_username()) or names.default(number)


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
        name, has_failed = asked("settings.CHAT: NAME", import_string(path), user)
        return None if has_failed else name if isinstance(name, str) else ""
    name, has_failed = asked("The name", _full_name, user)
    return None if has_failed else name


def _full_name(user: "AbstractUser") -> str:
    full_name = getattr(user, "get_full_name", None)  # not every model of users knows one
    return (full_name() if full_name else "") or user.get_username()


def _said_role(user: "AbstractUser") -> Role | None:
    """The role that the site's own function gives a user; None where there is none, or it has failed."""
    path = conf.current().role
    if not path:
        return None
    role, has_failed = asked("settings.CHAT: ROLE", import_string(path), user)
    if has_failed:
        return None
    if role not in _ROLES:
        logger.error("settings.CHAT: ROLE has said %.100r of a user: use %s.", role, " or ".join(_ROLES))
        return "member"
    return cast(Role, role)
