"""A room: a place to talk. Its messages are its log."""

import uuid
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from chat.conf import DAYS_LIMIT
from chat.core.protocol import SLOW_LIMIT, TITLE_LIMIT, TOPIC_LIMIT, RoomMode


def new_epoch() -> str:
    """A name for a history, unlike that of any other."""
    return uuid.uuid4().hex


class Mode(models.TextChoices):
    """Who may read a room, and who may speak in it, in the words of the wire."""

    OPEN = "open", _("open: everybody reads and speaks")
    READ_ONLY = "read_only", _("read-only: everybody reads, members speak")
    USERS = "users", _("guests read: users of the site speak")
    MEMBERS = "members", _("members only: nobody else knows of it")


class Room(models.Model):
    """A place to talk, known on the wire and in addresses by its slug."""

    #: The room everybody finds; it comes with the migrations.
    LOBBY = "lobby"
    #: What the slug of a room begins with that is being deleted: no address does, so nobody finds it.
    DELETED = "~"

    slug = models.SlugField(_("address"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=TITLE_LIMIT)
    #: What it is called in languages in which it is not called `title`, by their codes.
    titles = models.JSONField(
        _("titles"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    topic = models.CharField(_("topic"), max_length=TOPIC_LIMIT, blank=True)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.OPEN)
    #: Whether those who have not given a name may not even read it.
    needs_name = models.BooleanField(
        _("a name is needed to read"),
        default=False,
        db_default=False,
        help_text=_("Otherwise whoever may read it reads before they have given one."),
    )
    #: Whoever could read it still can, and nobody says anything more.
    is_archived = models.BooleanField(_("archived"), default=False)
    #: How long somebody waits between two messages, in seconds; moderators do not.
    slow = models.PositiveIntegerField(
        _("slow mode"),
        default=0,
        validators=(MaxValueValidator(SLOW_LIMIT),),
        help_text=_("Seconds between two messages of one person; 0 for none."),
    )
    #: The key of the message that is shown above all others. It may be gone since: then none is.
    pinned = models.BigIntegerField(null=True, default=None, editable=False)
    #: How long messages are kept, and how many; None as the site has it, 0 for ever.
    keep_days = models.PositiveIntegerField(
        _("keep messages for days"),
        null=True,
        blank=True,
        default=None,
        validators=(MaxValueValidator(DAYS_LIMIT),),
        help_text=_("Empty: as the site has it (KEEP_DAYS). 0: for ever."),
    )
    keep_messages = models.PositiveIntegerField(
        _("keep so many messages"),
        null=True,
        blank=True,
        default=None,
        help_text=_("Empty: as the site has it (KEEP_MESSAGES). 0: all."),
    )
    #: Where it stands in the list of rooms; those with the same number go by their titles.
    position = models.IntegerField(_("position"), default=0)
    #: Of a direct conversation the keys of its two users, the smaller first: "3:17".
    direct = models.CharField(  # noqa: DJ001
        max_length=80, null=True, default=None, editable=False
    )
    #: The user who made it in the chat, if one did, whoever owns it now.
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        default=None,
        editable=False,
        db_index=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    #: The number of the latest durable change. Only storage/log.py moves it.
    version = models.BigIntegerField(_("version"), default=0, editable=False)
    #: Changes only where the history was wiped or restored, so that cursors into it mean nothing.
    epoch = models.CharField(_("epoch"), max_length=32, default=new_epoch, editable=False)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ("position", "title")
        permissions = (
            ("moderate", "Can moderate: delete messages, mute, kick and warn people, run rooms"),
            ("ban", "Can ban people"),
            ("see_addresses", "Can see hashes of addresses"),
            ("export", "Can export and erase what was said"),
        )
        constraints = (
            # Partial, or SQLite would look in it for all rooms that are no conversation.
            models.UniqueConstraint(
                fields=("direct",), condition=models.Q(direct__isnull=False), name="direct_once"
            ),
        )
        indexes = (
            # The list of rooms is a walk along this, past none of the many conversations of two.
            models.Index(
                fields=("position", "title"), condition=models.Q(direct__isnull=True), name="room_in_list"
            ),
            models.Index(fields=("maker",), condition=models.Q(maker__isnull=False), name="rooms_made"),
        )

    def __str__(self) -> str:
        return self.title_in(get_language() or "")

    def clean(self) -> None:
        """Raises ValidationError for titles that are none, or in languages that the site does not have."""
        if not isinstance(self.titles, dict) or not all(
            language in dict(settings.LANGUAGES) and isinstance(title, str) and len(title) <= TITLE_LIMIT
            for language, title in self.titles.items()
        ):
            raise ValidationError({"titles": gettext("A title for a language of the site, or several.")})

    def title_in(self, language: str) -> str:
        """What it is called in a language."""
        return self.titles.get(language) or self.title

    @property
    def state(self) -> RoomMode:
        """Its mode in the words of the wire, where nothing says as much as that it is archived."""
        return "archived" if self.is_archived else cast(RoomMode, str(self.mode))

    @property
    def is_deleted(self) -> bool:
        """Whether it is as good as gone: nobody comes in, and nothing more is said in it."""
        return self.slug.startswith(self.DELETED)

    @staticmethod
    def direct_key(one: Any, other: Any) -> str:
        """What the conversation of two users of these keys is found by."""
        return ":".join(sorted((str(one), str(other))))

    def other_user(self, user: Any) -> str:
        """Of the two users of a conversation the other one's key."""
        one, _colon, other = (self.direct or "").partition(":")
        return other if one == str(user) else one
