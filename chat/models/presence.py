"""Presence: the processes that serve the site just now, and who is here through which of them."""

import uuid

from django.db import models
from django.utils import timezone

from chat.core.protocol import NAME_LIMIT


def new_process_id() -> str:
    """A name for a process, unlike that of any other."""
    return uuid.uuid4().hex


class Process(models.Model):
    """A process that serves the chat. It renews its lease; who does not is gone, and its people with it."""

    id = models.CharField(primary_key=True, max_length=32, default=new_process_id)
    #: Where it runs, as far as another process of the same machine can tell; see live/lease.py.
    host = models.CharField(max_length=200)
    #: 0 once it has ended in order, and its people have some seconds to come back unnoticed.
    pid = models.BigIntegerField()
    #: When it was started, by the clock of its machine: numbers of processes are given again.
    started = models.BigIntegerField(default=0)
    #: By the database's clock.
    renewed_at = models.DateTimeField(default=timezone.now)
    #: How long after that its people are here without it, in seconds.
    lease = models.FloatField()
    #: The number of the latest change of its rows below.
    version = models.BigIntegerField(default=0)
    #: How many of them are of people who are here: whoever has read others has missed something.
    people = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.id


class Presence(models.Model):
    """Somebody who is here through one process. Only that process writes the row."""

    # Neither is a foreign key: rows go in bulk, and nobody has to look at those they belong to.
    process = models.CharField(max_length=32)
    person = models.CharField(max_length=64)
    name = models.CharField(max_length=NAME_LIMIT)
    #: Since when they are here under this name.
    since = models.DateTimeField(default=timezone.now)
    #: How many connections they have; none while they may still come back unnoticed.
    connections = models.PositiveSmallIntegerField(default=1)
    #: The keys of the rooms they are in, each with their role there: {"1": "guest"}.
    rooms = models.JSONField(default=dict)
    #: Of the process, at the latest change of this row.
    version = models.BigIntegerField()
    #: False once they have left; the row goes when every process has had time to read that.
    is_here = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("process", "person"), name="here_once"),)
        indexes = (models.Index(fields=("process", "version"), name="presence_changes"),)

    def __str__(self) -> str:
        return self.name
