"""A held message: a filter keeps it back until a moderator has looked at it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import NAME_LIMIT
from chat.models.message import DIGEST, Message
from chat.models.person import Person
from chat.models.room import Room


class HeldMessage(models.Model):
    """What somebody wants to say. It is no part of the room's log before a moderator lets it through."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", verbose_name=_("room"))
    author = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="held", db_index=False, verbose_name=_("author")
    )
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    role = models.CharField(_("role"), max_length=10, default="guest", editable=False)
    #: As of a message (models/message.py); in v1, where nothing has a digest, the server's own key.
    ref = models.CharField(max_length=64, null=True, default=None)  # noqa: DJ001
    digest = models.CharField(max_length=DIGEST, null=True, default=None)  # noqa: DJ001
    text = models.TextField(_("text"))
    timestamp = models.TextField(null=True, default=None)  # noqa: DJ001
    reply_to = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, default=None, related_name="+"
    )
    at = models.DateTimeField(_("sent"), default=timezone.now)
    #: Which filter has held it.
    why = models.CharField(_("why"), max_length=200, blank=True, default="")
    #: Whether a moderator has refused it: kept for a while, so that a retry gets the same answer.
    is_refused = models.BooleanField(_("refused"), default=False)

    class Meta:
        verbose_name = _("held message")
        verbose_name_plural = _("held messages")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("author", "ref"), name="held_once"),)
        indexes = (
            # Few wait.
            models.Index(fields=("room", "at"), condition=models.Q(is_refused=False), name="held_waiting"),
        )

    def __str__(self) -> str:
        return self.text[:80]
