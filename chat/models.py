"""What is kept: rooms, people and what they said."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import NAME_LIMIT


class Room(models.Model):
    """A place to talk, known on the wire and in addresses by its slug."""

    #: The room everybody finds; it comes with the migrations.
    LOBBY = "lobby"

    slug = models.SlugField(_("address"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=100)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Person(models.Model):
    """Somebody who once gave a name. The key is the public id, `sender_id` on the wire."""

    id = models.CharField(_("id"), primary_key=True, max_length=64)
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    first_seen = models.DateTimeField(_("first seen"), default=timezone.now)
    arrived_at = models.DateTimeField(_("last arrival"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("-arrived_at",)

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet["Message"]):
    """Phrases about messages."""

    def latest_page(self, size: int) -> list["Message"]:
        """The newest `size` messages, the oldest of them first."""
        return list(reversed(self.order_by("-id")[:size]))


class Message(models.Model):
    """What one person said in one room."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="messages", db_index=False, verbose_name=_("room")
    )
    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="messages", verbose_name=_("author")
    )
    #: The author's name at the time.
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    text = models.TextField(_("text"))
    #: The client's own note of the time, handed back as it came: text, a number or null.
    timestamp = models.JSONField(_("client's timestamp"), null=True, default=None)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, db_index=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-id",)
        # A room's latest page is one walk along this index.
        indexes = (models.Index(fields=("room", "id"), name="message_in_room"),)

    def __str__(self) -> str:
        return self.text[:80]
