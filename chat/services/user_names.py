"""The names of the users of the site, kept so that no guest is called like one of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model

from chat.core import name_keys
from chat.models import UserName
from chat.services import users

#: How many users get their name in one transaction.
AT_A_TIME = 1000


def keep(called: Mapping[Any, str]) -> None:
    """Note what these users, by their keys, are called. One query where all that is known."""
    known = UserName.objects.filter(pk__in=called).values_list("pk", "name", "key")
    noted = {user: (name, key) for user, name, key in known}
    _note({user: name for user, name in called.items() if noted.get(user) != (name, name_keys.key(name))})


def keep_all(*, only_missing: bool) -> Iterable[int]:
    """Note what all users are called; after each AT_A_TIME of them, how many that were.

    With `only_missing` only of those of whom it is not known. To be interrupted and begun again at will.
    """
    everybody = get_user_model()._default_manager.order_by("pk")
    if only_missing:
        everybody = everybody.filter(chat_name=None)
    some = list(everybody[:AT_A_TIME])
    while some:
        _note({user.pk: users.name_of(user) for user in some})
        yield len(some)
        some = list(everybody.filter(pk__gt=some[-1].pk)[:AT_A_TIME])


def _note(called: Mapping[Any, str]) -> None:
    rows = [UserName(user_id=user, name=name, key=name_keys.key(name)) for user, name in called.items()]
    UserName.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user"], update_fields=["name", "key"]
    )
