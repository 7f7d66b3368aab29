"""What stands in frames of the server: a room, somebody in it, what is pinned there, who may not speak."""

from msgspec import UNSET, Struct, UnsetType

from chat.core.protocol.types import (
    FRAME_LIMIT,
    HISTORY_LIMIT,
    MESSAGE_LIMIT,
    NAME_LIMIT,
    Count,
    Moment,
    Right,
    Role,
    RoomMode,
    Titles,
)


class Limits(Struct, frozen=True):
    """What a client may send at most."""

    message: int = MESSAGE_LIMIT
    name: int = NAME_LIMIT
    frame: int = FRAME_LIMIT
    history: int = HISTORY_LIMIT


class Pinned(Struct):
    """The message that is shown above all others of a room, as it now stands."""

    id: Count
    sender: str
    message: str


class Quote(Struct, omit_defaults=True):
    """The message that another one answers, as it stood when that was told."""

    id: Count
    #: Left out, as all else, where it is gone.
    sender: str | UnsetType = UNSET
    sender_id: str | UnsetType = UNSET
    #: At most 200 characters of it; left out where it is deleted.
    message: str | UnsetType = UNSET


class Muted(Struct, omit_defaults=True):
    """You may say nothing here: until when, None for good; and why."""

    until: Moment | None = None
    reason: str = ""


class Member(Struct):
    """Somebody in a room."""

    id: str
    name: str
    role: Role


class RoomSummary(Struct, omit_defaults=True, kw_only=True):
    """A room as the list of rooms has it."""

    room: str
    title: str
    #: What it is called in languages in which it is not called `title`.
    titles: Titles | UnsetType = UNSET
    topic: str
    mode: RoomMode
    #: How many people are there now.
    online: Count
    #: Your role there, and whether you may say something.
    role: Role
    speak: bool
    #: What you may do there as a moderator, once you are not muted; left out where that is nothing.
    may: list[Right] | UnsetType = UNSET
    #: How many messages others have said after the one you have read last; 100 stands for more than 99.
    #: Left out where you have read nothing yet, save in a room that you belong to, and where the list is
    #: not `counted`.
    unread: Count | UnsetType = UNSET
    #: How many of these mention you, counted as `unread`; left out where none does.
    mentions: Count | UnsetType = UNSET
    #: The message that you have read last.
    read: Count | UnsetType = UNSET
    #: How far the room had come when that was counted; left out with `unread`.
    version: Count | UnsetType = UNSET
    #: Of a direct conversation: whom it is with.
    direct: Member | UnsetType = UNSET
