"""The chat as a Django application."""

from django.apps import AppConfig
from django.core.checks import Tags, register
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
        register(checks.connections, Tags.database)
