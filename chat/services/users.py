"""Users of the site: what they are called in the chat."""

from typing import TYPE_CHECKING

from chat.core import names

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


def name_of(user: "AbstractUser") -> str:
    """What a user is called in the chat."""
    full_name = getattr(user, "get_full_name", None)  # not every model of users knows one
    said = (full_name() if full_name else "") or user.get_username()
    return names.clean(said) or names.clean(user.get_username()) or names.default(str(user.pk))
