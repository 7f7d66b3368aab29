"""A message: what one person said in one room, as it now stands."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.core.protocol import HISTORY_LIMIT, NAME_LIMIT
from chat.models.person import Person
from chat.models.room import Room

#: How long the digest of a command is, in hexadecimal digits.
DIGEST = 16
#: How many rows are read at a time where each may be large, and how many a walk asks for first: a page of
#: history, and one to see whether there are more.
FEW, PAGE = 10, HISTORY_LIMIT + 1
#: Above every key.
LAST = 2**63 - 1


class MessageQuerySet(models.QuerySet["Message"]):
    """Phrases about messages. Each page is one walk along one index."""

    def of(self, room: Room | int) -> "MessageQuerySet":
        """Those of a room, each with what its frame needs."""
        return self.filter(room=room).select_related("room")

    def said_by(self, person: Person, room: Room) -> "MessageQuerySet":
        """What somebody has said in a room, by a walk through what they have said."""
        # Plus 0, or SQLite would walk through all that was said there.
        return self.alias(where=models.F("room_id") + 0).filter(where=room.pk, author=person.pk)

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

    def first_at(self, moment: datetime) -> int:
        """The key of the first message of the site that was said at a moment or after it.

        Beyond all keys where none was. Keys follow the clock, but for moments.
        """
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:  # in the first or the last hours that there are
            moment = (datetime.min if moment.year == 1 else datetime.max).replace(tzinfo=UTC)
        times = Message.objects.filter(sent_at__gte=moment).order_by("sent_at")
        first = times.values_list("sent_at", flat=True)[:1]
        keys = Message.objects.filter(sent_at__in=list(first))  # many may be said in one moment
        return int(keys.aggregate(first=models.Min("pk", default=LAST))["first"])

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
        # Found by `said_once`.
        Person,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
        verbose_name=_("author"),
    )
    #: The author's own name for it; None from clients of dialect v1, which give none.
    ref = models.CharField(_("ref"), max_length=64, null=True, default=None)  # noqa: DJ001
    #: Of the command with that ref, to tell a retry from another command; None where nobody noted it.
    digest = models.CharField(max_length=DIGEST, null=True, default=None, editable=False)  # noqa: DJ001
    #: The server's own name for it where there is no `ref`: see storage/accepted_command.py.
    key = models.CharField(max_length=32, null=True, default=None, editable=False)  # noqa: DJ001
    #: The author's name at the time, and their role in the room.
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    role = models.CharField(_("role"), max_length=10, default="guest", editable=False)
    #: Kept for moderators when the message is deleted; `updated` does not tell it then.
    text = models.TextField(_("text"))
    #: The client's own note of the time as JSON text, so that it is handed back as it came.
    timestamp = models.TextField(_("client's timestamp"), null=True, default=None)  # noqa: DJ001
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, db_index=True)
    edited_at = models.DateTimeField(_("edited"), null=True, default=None)
    deleted_at = models.DateTimeField(_("deleted"), null=True, default=None)
    #: Whether it was a moderator who deleted it; then a moderator may restore it.
    is_removed = models.BooleanField(_("removed by a moderator"), default=False, db_default=False)
    #: The key of the message that this one answers. That may be gone, and nothing changes here then.
    reply_to = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        default=None,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    #: Who put which emoji on it: {emoji: [id, …]}.
    reactions = models.JSONField(_("reactions"), default=dict)
    #: The ids of those whom it mentions; None where it mentions nobody.
    mentions = models.JSONField(null=True, default=None, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-id",)
        # A room's pages of history are walks along this index.
        indexes = (
            models.Index(fields=("room", "id"), name="message_in_room"),
            # Few mention somebody, and what is unread is counted among those.
            models.Index(
                fields=("room", "id"), condition=models.Q(mentions__isnull=False), name="mentions_in_room"
            ),
            # Few rows are deleted.
            models.Index(
                fields=("id",), condition=models.Q(deleted_at__isnull=False), name="deleted_message"
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
