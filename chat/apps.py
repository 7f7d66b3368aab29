"""The chat as a Django application."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate, post_save, pre_delete
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        # A setting that makes no sense stops the start, not the first visitor.
        from chat import checks, conf
        from chat.services import users

        conf.current()
        users.check_functions()
        post_save.connect(_keep_name, sender=settings.AUTH_USER_MODEL, dispatch_uid="chat.names")
        post_migrate.connect(_keep_names, sender=self, dispatch_uid="chat.names")
        register(checks.connections, Tags.database)
        # What goes with a user, a group or a person goes by no service.
        from chat.services import members

        pre_delete.connect(members.on_membership_delete, sender="chat.Membership")


def _keep_name(instance: Any, using: str, **_: Any) -> None:
    """A user of the site was saved: no guest is called like them."""
    from chat.services import user_names, users

    if using == DEFAULT_DB_ALIAS:
        user_names.keep({instance.pk: users.name_of(instance)})


def _keep_names(using: str, verbosity: int, apps: Any = None, **_: Any) -> None:
    """The tables are there, and maybe users who were there before them."""
    from chat.services import user_names

    if using != DEFAULT_DB_ALIAS or (apps and "username" not in apps.all_models["chat"]):  # migrated back
        return
    kept = 0
    for some in user_names.keep_all(only_missing=True):
        kept += some
        if verbosity:
            print(f"  Names of users noted for the chat: {kept}")  # noqa: T201
