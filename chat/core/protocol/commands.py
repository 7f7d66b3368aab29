"""What a client says: each frame declared once, as its schema and its parser.

To add a command: a class here and in AnyCommand, and what services/commands.py says.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from chat.core.protocol.base import Change, Command
from chat.core.protocol.moderation import AnyModeration, ListQueue, RestoreMessage
from chat.core.protocol.types import (
    FOUND_LIMIT,
    HISTORY_LIMIT,
    MEMBERS_LIMIT,
    QUERY_LIMIT,
    TITLE_LIMIT,
    TOPIC_LIMIT,
    MessageId,
    Reason,
    Ref,
    RoomSlug,
    Timestamp,
    Version,
)


class Cursor(Struct, frozen=True):
    """How far a client has read a room."""

    after: Version | None = None
    epoch: str | None = None


class Reply(Struct):
    """The answer to `request_name`: a client's first object, whatever its type."""

    #: Anything at all may stand in these; only text is a name or a token, only 2 is dialect v2, only
    #: true has the rooms be watched, and only true is a reader: somebody without a name, who reads.
    name: Any = None
    v: Any = None
    token: Any = None
    lang: Any = None
    rooms: Any = None
    watch: Any = None
    reader: Any = None


class PostMessage(Change, tag="message"):
    """Say something to a room."""

    message: str
    timestamp: Timestamp = None
    room: RoomSlug | None = None
    ref: Ref | None = None
    reply_to: MessageId | None = None


class PlainMessage(Command, tag="message"):
    """A message in dialect v1: nothing else in it is looked at."""

    message: str
    timestamp: Timestamp = None


class EditMessage(Change, tag="edit"):
    """Put one's own words otherwise."""

    id: MessageId
    message: str
    ref: Ref


class DeleteMessage(Change, tag="delete"):
    """Take one's own words back, or as a moderator what anybody has said."""

    id: MessageId
    ref: Ref
    #: Of a moderator: why.
    reason: Reason = ""


class React(Change, tag="react"):
    """Put an emoji on a message, or take one's own off."""

    id: MessageId
    emoji: Annotated[str, Meta(min_length=1, max_length=32)]
    on: bool
    #: May be left out: to react twice is to react once.
    ref: Ref | None = None


class ReadHistory(Command, tag="history"):
    """A page of a room: the latest, or the one before, after or around a message, or from a moment on."""

    room: RoomSlug
    before: MessageId | None = None
    after: MessageId | None = None
    around: MessageId | None = None
    #: ISO 8601 in UTC, as `sent_at`.
    at: Annotated[datetime, Meta(tz=True)] | None = None
    limit: Annotated[int, Meta(ge=1, le=HISTORY_LIMIT)] = 50


class Search(Command, tag="search"):
    """What was said with these words, the newest first: in one room, or in all that I may read."""

    q: Annotated[str, Meta(min_length=1, max_length=QUERY_LIMIT, pattern=r"\A[^\x00]*\Z")]
    room: RoomSlug | None = None
    #: Only what was said before this message.
    before: MessageId | None = None
    limit: Annotated[int, Meta(ge=1, le=FOUND_LIMIT)] = 20


class EnterRoom(Command, tag="enter"):
    """Listen to one more room, or ask once more for what was missed in one."""

    room: RoomSlug
    after: Version | None = None
    epoch: str | None = None
    #: To hear what is said without being there: such a listener is in no roster, and misses nothing either.
    watch: bool = False


class LeaveRoom(Command, tag="leave"):
    """Listen to a room no longer."""

    room: RoomSlug


class Rename(Command, tag="rename"):
    """Be called otherwise from now on, in every room and tab."""

    name: str


class Type(Command, tag="typing"):
    """I am writing something in this room."""

    room: RoomSlug


class MarkRead(Command, tag="read"):
    """I have read this room up to this message."""

    room: RoomSlug
    id: MessageId


class ListMembers(Command, tag="members"):
    """A page of those who are in a room, in the order of their ids."""

    room: RoomSlug
    after: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=1, le=MEMBERS_LIMIT)] = 100


class ListRooms(Command, tag="rooms"):
    """The rooms that I may enter, now and again whenever that list changes."""


class CreateRoom(Command, tag="create"):
    """Make a room, and be its owner."""

    title: Annotated[str, Meta(min_length=1, max_length=TITLE_LIMIT)]
    topic: Annotated[str, Meta(max_length=TOPIC_LIMIT)] = ""
    mode: Literal["open", "users", "read_only", "members"] = "open"


class OpenDirect(Command, tag="direct"):
    """The conversation of just the two of us, made if there is none yet."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]


class SetMember(Command, tag="member"):
    """Have somebody be a member of a room in this role, or no longer."""

    room: RoomSlug
    id: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Literal["member", "moderator", "owner"] | None


class Ping(Command, tag="ping"):
    """Are you there?"""

    n: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] = 0


AnyChange = PostMessage | EditMessage | DeleteMessage | RestoreMessage | React
AnyCommand = (
    AnyChange
    | ReadHistory
    | Search
    | EnterRoom
    | LeaveRoom
    | Rename
    | Type
    | MarkRead
    | ListMembers
    | ListRooms
    | CreateRoom
    | OpenDirect
    | SetMember
    | AnyModeration
    | ListQueue
    | Ping
)
