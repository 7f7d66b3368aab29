"""A sanction: somebody who may not speak, or not come in, for a time or for good."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import REASON_LIMIT
from chat.models.person import Person
from chat.models.room import Room


class SanctionKind(models.TextChoices):
    """What somebody under a sanction may not, in the words of the wire."""

    MUTE = "mute", _("mute: reads, and says nothing")
    KICK = "kick", _("kick: out, and may come back soon")
    BAN = "ban", _("ban: out, and stays out")


class SanctionQuerySet(models.QuerySet["Sanction"]):
    """Phrases about sanctions."""

    def active(self) -> "SanctionQuerySet":
        """Those that hold now."""
        return self.filter(
            models.Q(until=None) | models.Q(until__gt=timezone.now()), lifted_at__isnull=True
        )


class Sanction(models.Model):
    """One row for each time that somebody was muted, kicked or banned, kept when it is over."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="sanctions", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=4, choices=SanctionKind)
    #: Where; None for the whole site.
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, null=True, default=None, related_name="+", verbose_name=_("room")
    )
    #: Of guests who come from the same address: its keyed hash (models/address.py), where it was asked for.
    address = models.CharField(_("address"), max_length=32, blank=True, default="")
    since = models.DateTimeField(_("since"), default=timezone.now)
    #: None for good.
    until = models.DateTimeField(_("until"), null=True, default=None)
    #: When somebody took it back, if they did.
    lifted_at = models.DateTimeField(_("lifted"), null=True, default=None)
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True, default="")
    #: The version of the directory in which it came about, or was lifted: what a process has not read yet
    #: is beyond the version that it goes by.
    version = models.BigIntegerField(db_index=True, editable=False)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"

    @property
    def is_active(self) -> bool:
        """Whether it holds now."""
        return self.lifted_at is None and (self.until is None or self.until > timezone.now())
