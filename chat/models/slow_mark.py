"""A slow mark: when somebody last spoke in a room that is slow."""

from django.db import models
from django.utils import timezone

from chat.models.person import Person
from chat.models.room import Room


class SlowMark(models.Model):
    """Written behind the lock of the room, so it holds over all processes."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "room"), name="slowed_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.room_id}"
