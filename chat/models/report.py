"""A report: somebody has told the moderators of a message."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import REASON_LIMIT
from chat.models.message import Message
from chat.models.person import Person


class ReportState(models.TextChoices):
    """What came of it."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    DISMISSED = "dismissed", _("dismissed")


class Report(models.Model):
    """What one person says is wrong with one message, once."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="reports", verbose_name=_("message")
    )
    reporter = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="reports", verbose_name=_("reported by")
    )
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True, default="")
    at = models.DateTimeField(_("reported"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=ReportState, default=ReportState.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True, default=None)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("message", "reporter"), name="reported_once"),)
        indexes = (
            # Few are open.
            models.Index(fields=("id",), condition=models.Q(state="open"), name="open_report"),
        )

    def __str__(self) -> str:
        return f"{self.reporter}: {self.message}"
