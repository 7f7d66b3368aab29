"""A read marker: how far somebody has read a room."""

from django.db import models
from django.utils import timezone

from chat.models.person import Person
from chat.models.room import Room


class ReadMarker(models.Model):
    """The latest message of a room that somebody has read, on whichever device."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    # No constraint of the database: its check would wait for whoever has locked that room to say something
    # there, while others wait for the rooms of this transaction.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    #: The key of the message. It may be deleted since: what counts is where it stood.
    message = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "room"), name="read_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.room_id}: {self.message}"
