"""A person: somebody who once gave a name."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import NAME_LIMIT


class Person(models.Model):
    """Somebody who once gave a name. The key is the public id, `sender_id` on the wire."""

    id = models.CharField(_("id"), primary_key=True, max_length=64)
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    first_seen = models.DateTimeField(_("first seen"), default=timezone.now)
    arrived_at = models.DateTimeField(_("last arrival"), default=timezone.now, db_index=True)
    #: Whether a token was given for this id; from then on nobody has it without one.
    is_owned = models.BooleanField(_("owned"), default=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("-arrived_at",)

    def __str__(self) -> str:
        return self.name
