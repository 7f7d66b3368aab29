"""What is kept: rooms, people, what they said, and which commands were carried out."""

from chat.models.message import Message
from chat.models.person import Person
from chat.models.processed_command import ProcessedCommand
from chat.models.room import Room

__all__ = ["Message", "Person", "ProcessedCommand", "Room"]
