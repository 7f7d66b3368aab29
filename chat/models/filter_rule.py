"""A filter: words, patterns, links, repetitions, and newcomers, that a room or the site does not let by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.room import Room


class FilterKind(models.TextChoices):
    """What is looked for."""

    WORD = "word", _("a word")
    PATTERN = "pattern", _("a pattern (RE2)")
    LINK = "link", _("a link")
    REPEAT = "repeat", _("nearly the same, said again and again")
    NEWCOMER = "newcomer", _("the first messages of a guest")


class FilterAction(models.TextChoices):
    """What becomes of a message with it."""

    REFUSE = "refuse", _("refuse it")
    MASK = "mask", _("replace it by asterisks")
    HOLD = "hold", _("hold it for a moderator")


class FilterRule(models.Model):
    """One thing that is looked for in what people say."""

    #: Where; None in every room.
    room = models.ForeignKey(
        Room,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        default=None,
        related_name="filters",
        verbose_name=_("room"),
    )
    kind = models.CharField(_("what"), max_length=8, choices=FilterKind)
    #: The word; the pattern; of links the hosts that are let by, by spaces; of newcomers how many messages.
    value = models.CharField(_("value"), max_length=500, blank=True, default="")
    action = models.CharField(_("action"), max_length=6, choices=FilterAction, default=FilterAction.REFUSE)
    is_active = models.BooleanField(_("active"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("filter")
        verbose_name_plural = _("filters")
        ordering = ("pk",)
        indexes = (models.Index(fields=("id",), condition=models.Q(is_active=True), name="active_filter"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}" if self.value else self.get_kind_display()
