"""A membership: somebody who is a member of a room, and in which role."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chat.models.person import Person
from chat.models.room import Room


class RoomRole(models.TextChoices):
    """What a member is in a room, in the words of the wire."""

    MEMBER = "member", _("member")
    MODERATOR = "moderator", _("moderator")
    OWNER = "owner", _("owner")


class Membership(models.Model):
    """A person of the chat, a user of the site, or everybody in a group of users, in a room."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("room")
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="memberships",
        verbose_name=_("person"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="chat_memberships",
        verbose_name=_("user"),
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="chat_memberships",
        verbose_name=_("group"),
    )
    role = models.CharField(_("role"), max_length=10, choices=RoomRole, default=RoomRole.MEMBER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        # For each kind of member its own: an index of all rows would tell a planner that most are the same.
        indexes = tuple(
            models.Index(fields=(kind,), condition=Q(**{f"{kind}__isnull": False}), name=f"{kind}_in_rooms")
            for kind in ("person", "user", "group")
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, user__isnull=True, group__isnull=True)
                | Q(person__isnull=True, user__isnull=False, group__isnull=True)
                | Q(person__isnull=True, user__isnull=True, group__isnull=False),
                name="one_kind_of_member",
                violation_error_message=_("A member is a person, a user or a group: choose one."),
            ),
            *(
                models.UniqueConstraint(
                    fields=("room", kind),
                    condition=Q(**{f"{kind}__isnull": False}),
                    name=f"{kind}_once_in_room",
                    violation_error_message=_("They are a member already."),
                )
                for kind in ("person", "user", "group")
            ),
        )

    def __str__(self) -> str:
        return str(self.person or self.user or self.group)

    def clean(self) -> None:
        """Refuse a person whom anybody may be, and one who is a user of the site: that is the member."""
        if self.person is None:
            return
        if not self.person.is_owned:
            raise ValidationError({"person": _("Anybody may come under this id: it has no token.")})
        if self.person.user is not None:  # a page knows nothing of their person
            sentence = _("This is the user %(user)s: choose the user, and no person.")
            raise ValidationError({"person": ValidationError(sentence, params={"user": self.person.user})})
