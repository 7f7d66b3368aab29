"""Ids of people: those of users of the site are told apart without asking the database."""

import re
import uuid

#: The author of what is kept of people who were erased: an id that nobody can come under.
ERASED = f"u.{0:032x}"

_OF_USER = re.compile(r"u\.[0-9a-f]{32}")


def new_id_of_user() -> str:
    """An id for the person of a user, which nobody else can have."""
    return f"u.{uuid.uuid4().hex}"


def is_of_user(id: str) -> bool:
    """Whether this id is for users of the site alone: only a session proves it."""
    return _OF_USER.fullmatch(id) is not None
