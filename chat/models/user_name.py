"""The name of a user of the site: no guest has it, nor one that looks like it."""

from django.conf import settings
from django.db import models

from chat.core import name_keys
from chat.core.protocol import NAME_LIMIT


class UserName(models.Model):
    """What a user of the site is called in the chat, whether or not they were ever there."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="chat_name"
    )
    name = models.CharField(max_length=NAME_LIMIT)
    #: What two names have in common that look the same (core/name_keys.py).
    key = models.CharField(max_length=name_keys.LIMIT, db_index=True)

    def __str__(self) -> str:
        return self.name
