"""What is kept: rooms, their members and moderation, people, what they said and read, and who is here."""

from chat.models.address import AddressKey, PersonAddress
from chat.models.directory import Directory
from chat.models.filter_rule import FilterAction, FilterKind, FilterRule
from chat.models.held_message import HeldMessage
from chat.models.membership import Membership, RoomRole
from chat.models.message import Message
from chat.models.moderation_act import ActKind, ModerationAct, Via
from chat.models.notice import Notice
from chat.models.person import Person
from chat.models.presence import Presence, Process
from chat.models.processed_command import ProcessedCommand
from chat.models.read_marker import ReadMarker
from chat.models.report import Report, ReportState
from chat.models.room import Mode, Room
from chat.models.sanction import Sanction, SanctionKind
from chat.models.search_mark import SearchMark
from chat.models.slow_mark import SlowMark
from chat.models.user_name import UserName

__all__ = [
    "ActKind",
    "AddressKey",
    "Directory",
    "FilterAction",
    "FilterKind",
    "FilterRule",
    "HeldMessage",
    "Membership",
    "Message",
    "Mode",
    "ModerationAct",
    "Notice",
    "Person",
    "PersonAddress",
    "Presence",
    "Process",
    "ProcessedCommand",
    "ReadMarker",
    "Report",
    "ReportState",
    "Room",
    "RoomRole",
    "Sanction",
    "SanctionKind",
    "SearchMark",
    "SlowMark",
    "UserName",
    "Via",
]
