"""Slow mode: how long somebody waits between two messages in a room."""

from datetime import timedelta

from chat import access
from chat.access import Act
from chat.core.errors import SlowMode
from chat.core.protocol import PostMessage
from chat.models import Person, Room
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import LogTransaction


def check(log: LogTransaction, command: AcceptedCommand[PostMessage], room: Room, author: Person) -> None:
    """Return if somebody may speak now in a room that is slow. Its moderators always may.

    Raises SlowMode. When they have spoken, `log` notes behind the lock of the room: so it is the same in
    however many tabs and processes they try.
    """
    last = log.slow_marks.last(room, author.pk)
    if last is None or access.may(command.actor, Act.MODERATE, room):
        return
    wait = min(timedelta(seconds=room.slow), last + timedelta(seconds=room.slow) - log.now)
    if wait > timedelta(0):
        raise SlowMode(wait.total_seconds())
