"""What is kept: rooms, people and what they said. A room's messages are its log."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET

from chat.core.fitting import fitted
from chat.core.protocol import HISTORY_LIMIT, NAME_LIMIT, MessagePosted, MessageUpdated, Notified, Timestamp

#: How many rows are read at a time where each may be large, and how many a walk asks for first: a page of
#: history, and one to see whether there are more.
FEW, PAGE = 10, HISTORY_LIMIT + 1


def new_epoch() -> str:
    """A name for a history, unlike that of any other."""
    return uuid.uuid4().hex


def iso(moment: datetime) -> str:
    """The moment as the wire has it: ISO 8601 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Room(models.Model):
    """A place to talk, known on the wire and in addresses by its slug."""

    #: The room everybody finds; it comes with the migrations.
    LOBBY = "lobby"
    #: What the slug of a room begins with that is being deleted: no address does, so nobody finds it.
    DELETED = "~"

    slug = models.SlugField(_("address"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=100)
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    #: The number of the latest durable change. Only services/log.py moves it.
    version = models.BigIntegerField(_("version"), default=0, editable=False)
    #: Changes only where the history was wiped or restored, so that cursors into it mean nothing.
    epoch = models.CharField(_("epoch"), max_length=32, default=new_epoch, editable=False)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_deleted(self) -> bool:
        """Whether it is as good as gone: nobody comes in, and nothing more is said in it."""
        return self.slug.startswith(self.DELETED)

    def described_anew(self, title: str, topic: str) -> Notified:
        """The line that tells those who know another title or topic what the room is called now."""
        sentences = []
        if title != self.title:
            sentences.append(gettext("The room is called “%(title)s” now.") % {"title": self.title})
        if topic != self.topic:
            sentences.append(
                gettext("Its topic is “%(topic)s” now.") % {"topic": self.topic}
                if self.topic
                else gettext("It has no topic any more.")
            )
        return Notified(
            message=" ".join(sentences),
            color="info",
            event="room",
            room=self.slug,
            title=self.title,
            topic=self.topic,
        )


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


class MessageQuerySet(models.QuerySet["Message"]):
    """Phrases about messages. Each page is one walk along one index."""

    def of(self, room: Room | int) -> "MessageQuerySet":
        """Those of a room, each with what its frame needs."""
        return self.filter(room=room).select_related("room")

    def changed_after(self, version: int) -> "MessageQuerySet":
        """Those of a room that changed after `version`, in the order of their latest change."""
        return self.filter(version__gt=version).order_by("version")

    def backward(self) -> "MessageQuerySet":
        """The newest first."""
        return self.order_by("-id")

    def before(self, id: int) -> "MessageQuerySet":
        """Those said before message `id`, the newest first."""
        return self.filter(id__lt=id).backward()

    def since(self, id: int) -> "MessageQuerySet":
        """Those said from message `id` on, the oldest first."""
        return self.filter(id__gte=id).order_by("id")

    def walk(self, most: int) -> Iterator["Message"]:
        """At most so many, read a few at a time, so that no more is held than whoever walks has use for.

        A page is one query; what is more is asked for as the walk gets there. Outside a transaction
        PostgreSQL writes all that a query finds down before it gives the first.
        """
        order = str(self.query.order_by[0])
        field, beyond = order.removeprefix("-"), "lt" if order.startswith("-") else "gt"
        rows, size, last, count = self, PAGE, None, 0
        while count < most:
            end = count + min(size, most - count)
            for last in rows[: end - count].iterator(chunk_size=FEW):
                count += 1
                yield last
            if count < end:
                return
            rows, size = self.filter(**{f"{field}__{beyond}": getattr(last, field)}), 5 * size


class Message(models.Model):
    """What one person said in one room, as it now stands."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="messages", db_index=False, verbose_name=_("room")
    )
    #: The room's version at the latest change of this message.
    version = models.BigIntegerField(_("version"), editable=False)
    #: The room's version at which it was said.
    first_version = models.BigIntegerField(editable=False)
    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="messages", verbose_name=_("author")
    )
    #: The author's own name for it; None from clients of dialect v1, which give none.
    ref = models.CharField(_("ref"), max_length=64, null=True, default=None)  # noqa: DJ001
    #: The server's own name for it where there is no `ref`: see Order.
    key = models.CharField(max_length=32, null=True, default=None, editable=False)  # noqa: DJ001
    #: The author's name at the time.
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    #: Kept for moderators when the message is deleted; `updated` does not tell it then.
    text = models.TextField(_("text"))
    #: The client's own note of the time as JSON text, so that it is handed back as it came.
    timestamp = models.TextField(_("client's timestamp"), null=True, default=None)  # noqa: DJ001
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, db_index=True)
    edited_at = models.DateTimeField(_("edited"), null=True, default=None)
    deleted_at = models.DateTimeField(_("deleted"), null=True, default=None)
    reply_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, default=None, db_index=False, related_name="+"
    )
    #: Who put which emoji on it: {emoji: [id, …]}.
    reactions = models.JSONField(_("reactions"), default=dict)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-id",)
        # A room's pages of history are walks along this index.
        indexes = (
            models.Index(fields=("room", "id"), name="message_in_room"),
            # Few rows have a reply_to; SQLite looks for them where it checks foreign keys.
            models.Index(
                fields=("reply_to",), condition=models.Q(reply_to__isnull=False), name="reply_to_message"
            ),
        )
        constraints = (
            # What changed after a version is a walk along this one.
            models.UniqueConstraint(fields=("room", "version"), name="version_once_in_room"),
            models.UniqueConstraint(fields=("author", "ref"), name="said_once"),
        )

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def has_owner(self) -> bool:
        """Whether its author had shown that the id was theirs, so that they alone may change it.

        That is so of whatever has a `ref`: all of v2 does. What was said in v1 has none; whoever comes
        under that id later may be somebody else.
        """
        return self.ref is not None

    def posted(self) -> MessagePosted:
        """The frame that tells of it for the first time."""
        return fitted(MessagePosted(**self._said(), message=self.text))

    def updated(self) -> MessageUpdated:
        """The frame that tells how it now stands."""
        is_deleted = self.deleted_at is not None
        event = MessageUpdated(
            **self._said(),
            message=UNSET if is_deleted else self.text,
            edited_at=iso(self.edited_at) if self.edited_at else UNSET,
            deleted=True if is_deleted else UNSET,
            reactions=self.reactions if self.reactions and not is_deleted else UNSET,
        )
        return fitted(event)

    def told_after(self, version: int) -> MessagePosted | MessageUpdated:
        """The frame for somebody who knows the room as it was at `version`."""
        is_untouched = self.version == self.first_version > version
        return self.posted() if is_untouched else self.updated()

    def _said(self) -> dict[str, Any]:
        return {
            "sender": self.name,
            "sender_id": self.author_id,
            "timestamp": _noted(self.timestamp),
            "room": self.room.slug,
            "id": self.pk,
            "version": self.version,
            "sent_at": iso(self.sent_at),
            "role": "guest",
            "ref": UNSET if self.ref is None else self.ref,
            "reply_to": UNSET if self.reply_to_id is None else self.reply_to_id,
        }


_timestamps = msgspec.json.Decoder(Timestamp)


def _noted(timestamp: str | None) -> Timestamp:
    """What a client noted; None where a row written by hand has something that nobody may send."""
    try:
        return None if timestamp is None else _timestamps.decode(timestamp)
    except msgspec.MsgspecError:
        return None


class Receipt(models.Model):
    """A change that was carried out, so that the same one asked for again is not done again."""

    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    ref = models.CharField(max_length=64)
    #: Of the content, to tell a retry from another command under the same ref.
    digest = models.CharField(max_length=32)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    version = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("author", "ref"), name="done_once"),)

    def __str__(self) -> str:
        return self.ref
