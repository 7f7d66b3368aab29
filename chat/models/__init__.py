"""What is kept: rooms and their members, people, what they said and read, and who is here."""

from chat.models.directory import Directory
from chat.models.membership import Membership, RoomRole
from chat.models.message import Message
from chat.models.person import Person
from chat.models.presence import Presence, Process
from chat.models.processed_command import ProcessedCommand
from chat.models.read_marker import ReadMarker
from chat.models.room import Mode, Room
from chat.models.user_name import UserName

__all__ = [
    "Directory",
    "Membership",
    "Message",
    "Mode",
    "Person",
    "Presence",
    "Process",
    "ProcessedCommand",
    "ReadMarker",
    "Room",
    "RoomRole",
    "UserName",
]
