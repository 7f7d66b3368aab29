"""The audit: what moderators did, to whom, why, when and from where. Nobody changes or deletes it."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import NAME_LIMIT, REASON_LIMIT, TITLE_LIMIT
from chat.models.room import Room


class ActKind(models.TextChoices):
    """What was done."""

    DELETE = "delete", _("deleted a message")
    RESTORE = "restore", _("restored a message")
    PURGE = "purge", _("deleted messages of a person")
    MUTE = "mute", _("muted")
    UNMUTE = "unmute", _("unmuted")
    KICK = "kick", _("kicked")
    BAN = "ban", _("banned")
    UNBAN = "unban", _("unbanned")
    WARN = "warn", _("warned")
    MANAGE = "manage", _("changed a room")
    PIN = "pin", _("pinned a message")
    UNPIN = "unpin", _("unpinned a message")
    ANNOUNCE = "announce", _("announced")
    ACCEPT_REPORT = "accept_report", _("accepted a report")
    DISMISS_REPORT = "dismiss_report", _("dismissed a report")
    ACCEPT_HELD = "accept_held", _("let a held message through")
    DISMISS_HELD = "dismiss_held", _("refused a held message")
    FILTER = "filter", _("changed a filter")
    EXPORT = "export", _("exported")
    ERASE = "erase", _("erased a person")
    PRUNE = "prune", _("deleted what was old")
    RESTORE_EXPORT = "restore_export", _("restored an export")


class Via(models.TextChoices):
    """From where something was done."""

    CHAT = "chat", _("the chat")
    ADMIN = "admin", _("the admin")
    COMMAND = "command", _("manage.py")
    PROGRAM = "program", _("a program")


class Unchangeable(Exception):
    """Somebody has tried to change or delete what was noted."""


class ActQuerySet(models.QuerySet["ModerationAct"]):
    """Rows that are added and read."""

    def update(self, **_fields: Any) -> int:
        """Raises Unchangeable."""
        raise Unchangeable

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises Unchangeable."""
        raise Unchangeable


class ModerationAct(models.Model):
    """One thing that a moderator did. It names whom and what it was about even when those are gone."""

    kind = models.CharField(_("what"), max_length=16, choices=ActKind)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    via = models.CharField(_("from where"), max_length=8, choices=Via)
    #: Who: the id of their person, the key of their user of the site, and what they were called.
    actor = models.CharField(_("who (id)"), max_length=64, blank=True, default="")
    actor_user = models.CharField(max_length=64, blank=True, default="")
    actor_name = models.CharField(_("who"), max_length=150, blank=True, default="")
    #: Where: no constraint of the database, since the row outlives the room; None for the whole site.
    room = models.ForeignKey(
        Room,
        on_delete=models.DO_NOTHING,
        null=True,
        default=None,
        db_constraint=False,
        related_name="+",
        verbose_name=_("room"),
    )
    room_title = models.CharField(max_length=TITLE_LIMIT, blank=True, default="")
    #: Whom.
    person = models.CharField(_("whom (id)"), max_length=64, blank=True, default="", db_index=True)
    person_name = models.CharField(_("whom"), max_length=NAME_LIMIT, blank=True, default="")
    #: The key of the message that it was about, if it was about one.
    message = models.BigIntegerField(_("message"), null=True, default=None)
    reason = models.CharField(_("reason"), max_length=REASON_LIMIT, blank=True, default="")
    #: What else there is to say: until when, how many, the topic before and after.
    details = models.JSONField(_("details"), default=dict)
    #: The actor's own name for the command, so that a retry does nothing.
    ref = models.CharField(max_length=64, null=True, default=None)  # noqa: DJ001

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act of a moderator")
        verbose_name_plural = _("acts of moderators")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("actor", "ref"), name="moderated_once"),)

    def __str__(self) -> str:
        return f"{self.by}: {self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises Unchangeable where it is there already."""
        if not self._state.adding:
            raise Unchangeable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises Unchangeable."""
        raise Unchangeable

    @property
    def by(self) -> str:
        """Who did it, for people: where nobody is named, from where it was done."""
        return self.actor_name or str(self.get_via_display())
