"""A search mark: how far the index of words has come in a room."""

from django.db import models

from chat.models.room import Room


class SearchMark(models.Model):
    """What was said after the index was begun comes in as it is said; what was there before, backwards."""

    # No constraint of the database, as for a read marker.
    room = models.OneToOneField(
        Room, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    #: Of another history of the room than this one nothing is known.
    epoch = models.CharField(max_length=32)
    #: Every change up to this version is in the index.
    version = models.BigIntegerField()
    #: The messages below this key are not yet, where they have not changed since; 0 where all are.
    left = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.room_id}: {self.version}, from {self.left} on"
