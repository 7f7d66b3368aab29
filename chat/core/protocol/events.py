"""What the server says: each frame declared once, as its schema and its words.

To add an event: a class here and in AnyEvent, a check in the page's protocol.js and a `case` in its
frames.js, a section in docs/PROTOCOL.md.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from chat.core.codes import CloseCode
from chat.core.protocol.base import Event
from chat.core.protocol.parts import Limits, Member, Muted, Pinned, Quote, RoomSummary
from chat.core.protocol.types import (
    Count,
    Moment,
    NameWas,
    QueueKind,
    Right,
    Role,
    RoomMode,
    Seconds,
    Timestamp,
    Titles,
)


class NameRequested(Event, tag="request_name"):
    """The first frame of every connection."""

    v: int = 2
    limits: Limits = Limits()
    #: The name of the site user that you are signed in as: whatever name you give, you are called so.
    user: str | UnsetType = UNSET
    #: What a guest may do, where that is less than to speak: so nobody need be asked for a name in vain.
    guests: Literal["read", "none"] | UnsetType = UNSET


class Welcomed(Event, tag="welcome"):
    """v2: who you are now; the token proves it next time. Told again after a change of name."""

    id: str
    name: str
    role: Role
    #: Empty for users of the site, whose session proves it.
    token: str
    limits: Limits = Limits()
    #: Whether you are a user of the site.
    user: bool = False
    #: Why the name is not the one that was asked for: somebody is called so, or it is not for guests.
    name_was: NameWas = UNSET
    #: What you may do as a moderator of the whole site.
    may: list[Right] | UnsetType = UNSET
    #: The moment at which that is said, by the server's clock.
    at: Moment | UnsetType = UNSET


class RoomEntered(Event, tag="room"):
    """v2: you listen to this room; `version` is how far the frames that follow will bring you."""

    room: str
    title: str
    topic: str
    mode: RoomMode
    #: Whether you may say something there.
    speak: bool
    #: How long you have to wait between two messages, in seconds.
    slow: Count
    epoch: str
    version: Count
    recovered: bool
    members: list[Member]
    online: Count
    #: What it is called in languages in which it is not called `title`.
    titles: Titles | UnsetType = UNSET
    pinned: Pinned | UnsetType = UNSET
    muted: Muted | UnsetType = UNSET
    #: What you may do here as a moderator.
    may: list[Right] | UnsetType = UNSET


class RoomLeft(Event, tag="left"):
    """v2: you listen to this room no longer: as you asked, or because it is no longer there for you."""

    room: str


class _Said(Event, kw_only=True):
    """What a message frame has in every dialect; the keys of the seed come first."""

    sender: str
    sender_id: str
    message: str | UnsetType = UNSET
    timestamp: Timestamp
    room: str
    id: Count
    version: Count
    sent_at: Moment
    role: Role
    ref: str | UnsetType = UNSET
    reply_to: Count | UnsetType = UNSET
    #: The message that this one answers.
    quote: Quote | UnsetType = UNSET
    #: The ids of those whom it mentions by "@" and their name.
    mentions: list[str] | UnsetType = UNSET
    #: v2: whoever knows everything up to this version misses nothing, where it is not the one before: what
    #: lies between was overtaken by later changes.
    follows: Count | UnsetType = UNSET


class MessagePosted(_Said, tag="message", kw_only=True):
    """Somebody said something; its author is told as well."""

    message: str


class MessageUpdated(_Said, tag="update", kw_only=True):
    """v2: a message as it now stands. A deleted one has no text, and no other is without."""

    edited_at: Moment | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    #: Whether a moderator has deleted it, and may restore it.
    removed: bool | UnsetType = UNSET
    #: Who put which emoji on it, by id.
    reactions: dict[str, list[str]] | UnsetType = UNSET


class Notified(Event, tag="notification", omit_defaults=True):
    """A line of the room, or a word to one client alone, in the server's language.

    `join`, `leave` and `rename` have `id` and `name`, `crowd` has `came` and `went`, `room` has `title`,
    `titles`, `topic`, `mode`, `slow` and `pinned`, `moderation` has `act`, `until` and `reason`.
    """

    message: str
    color: Literal["success", "warning", "danger", "info"]
    event: Literal["join", "leave", "rename", "crowd", "room", "announce", "moderation"] | None = None
    room: str | None = None
    id: str | None = None
    name: str | None = None
    #: Of a join and a rename; and what somebody is in the room now, for whom has made them so.
    role: Role | None = None
    online: Count | None = None
    #: v2, of a crowd: how many came and went since that was told last.
    came: Count | None = None
    went: Count | None = None
    #: What the room is called now, what it is about and who speaks there, where one of these has changed.
    title: str | None = None
    #: Left out where it has and had no others; empty where it has none any more.
    titles: Titles | None = None
    topic: str | None = None
    mode: RoomMode | None = None
    #: And how slow it is, and what is pinned there: None where nothing is.
    slow: Count | UnsetType = UNSET
    pinned: Pinned | UnsetType | None = UNSET
    #: v2: what has been done to you, or has come of what you have reported or said; until when, and why.
    act: Literal["warn", "mute", "unmute", "accept_report", "dismiss_report", "dismiss_held"] | None = None
    until: Moment | None = None
    reason: str | None = None
    #: v1: why something was refused; one of the codes of core/errors.py.
    code: str | None = None


class Acknowledged(Event, tag="ack"):
    """v2: the change that you named `ref` is stored."""

    ref: str | None
    id: Count
    version: Count
    sent_at: Moment
    dup: bool


class HistoryRead(Event, tag="history"):
    """v2: a page of a room in ascending order; `more` where there is more in the same direction."""

    room: str
    messages: list[MessageUpdated]
    more: bool


class Found(Event, tag="found"):
    """v2: what was found, the newest first; where there may be `more`, it is asked for by `before`."""

    q: str
    messages: list[MessageUpdated]
    more: bool
    #: The key to go on from. Where it took too long to find enough, that is below the last of these.
    before: Count | UnsetType = UNSET


class Position(Event, tag="position"):
    """v2: how far this room has come, so that a client finds out whether it has missed anything."""

    room: str
    epoch: str
    version: Count


class Refused(Event, tag="error", omit_defaults=True):
    """v2: a command that changed nothing, and why."""

    code: str
    message: str
    ref: str | None = None
    #: Seconds after which the same command may succeed.
    retry_after: Seconds | None = None
    #: The type of the command, where it was one, and the room that it names, if it names one.
    command: str | None = None
    room: str | None = None


class Closing(Event, tag="closing", omit_defaults=True):
    """v2: the server is about to close this connection, and why."""

    code: CloseCode
    reason: str
    retry_after: Seconds | None = None


class Typing(Event, tag="typing"):
    """v2: somebody is writing in a room; after six seconds without another of these no longer."""

    room: str
    id: str
    name: str


class MembersListed(Event, tag="members"):
    """v2: a page of those who are in a room; `more` where others follow the last of these."""

    room: str
    members: list[Member]
    more: bool


class RoomsListed(Event, tag="rooms"):
    """v2: all rooms that you may enter, in their order; told again where that has changed.

    `more` where there are more open rooms than the list holds.
    """

    rooms: list[RoomSummary]
    more: bool
    #: Whether it says what is unread: the answer to `rooms` does; told again, the list leaves that out.
    counted: bool
    #: Whether you may make a room.
    create: bool


class ReadMarked(Event, tag="read"):
    """v2: how far you have read a room, on another device or in another tab."""

    room: str
    id: Count


class QueueItem(Struct, omit_defaults=True, kw_only=True):
    """What waits for a moderator: a message that was reported, or one that a filter has held."""

    kind: QueueKind
    #: Of a report that of the message.
    id: Count
    room: str
    title: str
    sender: str
    sender_id: str
    message: str
    sent_at: Moment
    #: Of a report: how many have reported it, and what they say.
    reports: Count = 0
    #: Of a report the reasons, of what is held the filter's name.
    reasons: list[str] = []
    #: Of a report: what was said just before and after.
    before: list[MessageUpdated] = []
    after: list[MessageUpdated] = []


class QueueListed(Event, tag="queue"):
    """v2: what waits for moderators in your rooms, the oldest first; `next` where there is more."""

    items: list[QueueItem]
    count: Count
    next: str | UnsetType = UNSET


class QueueCounted(Event, tag="waiting"):
    """v2: how much waits for you; told to who has asked for the queue, whenever that changes."""

    count: Count


class Pong(Event, tag="pong"):
    """v2: I am here."""

    n: int
    #: By the server's clock.
    at: Moment | UnsetType = UNSET


AnyEvent = (
    NameRequested
    | Welcomed
    | RoomEntered
    | RoomLeft
    | MessagePosted
    | MessageUpdated
    | Notified
    | Acknowledged
    | HistoryRead
    | Found
    | Position
    | Refused
    | Closing
    | Typing
    | MembersListed
    | RoomsListed
    | ReadMarked
    | QueueListed
    | QueueCounted
    | Pong
)
