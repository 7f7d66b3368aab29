"""A site on which many sign in: as of the project, save that a password costs nothing."""

from chatproject.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
