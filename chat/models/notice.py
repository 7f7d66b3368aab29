"""A notice: a word of the moderators to one person, kept until they have heard it."""

from django.db import models
from django.utils import timezone

from chat.core.protocol import REASON_LIMIT
from chat.models.person import Person
from chat.models.room import Room


class Notice(models.Model):
    """What somebody is to be told: that they are warned or muted, or what came of their report."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    #: What happened: one of the acts that `notification` has on the wire.
    act = models.CharField(max_length=16)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, default=None, related_name="+")
    reason = models.CharField(max_length=REASON_LIMIT, blank=True, default="")
    until = models.DateTimeField(null=True, default=None)
    at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, default=None)

    class Meta:
        indexes = (
            # Most have been told.
            models.Index(
                fields=("person",), condition=models.Q(told_at__isnull=True), name="notice_to_tell"
            ),
        )

    def __str__(self) -> str:
        return self.act
