"""A person: somebody who once gave a name."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import NAME_LIMIT


class Person(models.Model):
    """Somebody who once gave a name. The key is the public id, `sender_id` on the wire."""

    id = models.CharField(_("id"), primary_key=True, max_length=64)
    #: The user of the site that this person is, who is the same on every device; None for a guest.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        default=None,
        related_name="chat_person",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    first_seen = models.DateTimeField(_("first seen"), default=timezone.now)
    arrived_at = models.DateTimeField(_("last arrival"), default=timezone.now, db_index=True)
    #: Whether somebody has shown that the id is theirs, by a token or a session; from then on nobody else
    #: has it.
    is_owned = models.BooleanField(_("owned"), default=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("-arrived_at",)

    def __str__(self) -> str:
        return self.name
