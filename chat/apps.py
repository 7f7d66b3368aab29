"""The chat as a Django application."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        # A setting that makes no sense stops the start, not the first visitor.
        from chat import checks, conf

        conf.current()
        register(checks.connections, Tags.database)
        # What goes with a user, a group or a person goes by no service.
        from chat.services import members

        post_delete.connect(members.membership_gone, sender="chat.Membership")
