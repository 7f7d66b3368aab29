"""The archive: what an export is made of, one JSON object a line, and an import takes.

The first line is the header, the last one the end; between them each line is a row, in the order of KINDS
and then of its key. The class is the schema, the parser and the documentation. People are named by their
ids, users of the site by their usernames, groups by their names, rooms and messages by their keys.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from chat.core.filtering import Action, Kind
from chat.core.protocol import NAME_LIMIT, REASON_LIMIT, TITLE_LIMIT, Role, SanctionKind

#: The format that is written, and the only one that is read.
FORMAT = 1

Key = Annotated[int, Meta(ge=1, le=2**62)]
Number = Annotated[int, Meta(ge=0, le=2**62)]
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(max_length=NAME_LIMIT)]
Words = Annotated[str, Meta(max_length=REASON_LIMIT)]
Short = Annotated[str, Meta(max_length=64)]
Title = Annotated[str, Meta(max_length=TITLE_LIMIT)]
Digest = Annotated[str, Meta(max_length=16)]
#: A moment always says where on earth.
Moment = Annotated[datetime, Meta(tz=True)]
Scope = Literal["site", "room", "person"]


class Line(Struct, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """One line of an archive."""


class Header(Line, tag="header"):
    """What the archive is of."""

    format: int
    scope: Scope
    #: The address of the room, or the id of the person; empty for the whole site.
    of: str
    #: What the site is called among those that share a Redis.
    site: str
    made_at: Moment
    #: The highest key that a message has ever had: no other gets it again.
    last_message: Number


class Room(Line, tag="room"):
    """A room, and how far its log has come. Its epoch is what its history was called where it was made."""

    id: Key
    slug: Id
    title: Title
    topic: Words
    mode: Literal["open", "users", "read_only", "members"]
    is_archived: bool
    slow: Number
    pinned: Number | None
    keep_days: Number | None
    keep_messages: Number | None
    position: int
    #: The users of a conversation of two; None for one who is a user no more.
    direct: tuple[str | None, str | None] | None
    maker: str | None
    created_at: Moment
    version: Number
    epoch: Annotated[str, Meta(max_length=32)]
    #: Left out in older archives.
    needs_name: bool = False
    #: By languages. Older archives have none.
    titles: dict[Short, Title] = {}


class Person(Line, tag="person"):
    """Somebody who once gave a name. What proves who they are is in no archive: tokens go on holding."""

    id: Id
    user: str | None
    name: Name
    first_seen: Moment
    arrived_at: Moment
    is_owned: bool


class Somebody(Line, tag="somebody"):
    """A person as everybody in a room knows them: in the archive of a room."""

    id: Id
    name: Name


class Membership(Line, tag="membership"):
    """A person, a user or a group in a room."""

    id: Key
    room: Key
    person: Id | None
    user: str | None
    group: str | None
    role: Literal["member", "moderator", "owner"]


class Message(Line, tag="message"):
    """What was said, as it stands. What was deleted has its text in the archive of the whole site alone."""

    id: Key
    room: Key
    version: Key
    first_version: Key
    author: Id
    ref: Short | None
    digest: Digest | None
    key: Annotated[str, Meta(max_length=32)] | None
    name: Name
    role: Role
    text: str
    timestamp: str | None
    sent_at: Moment
    edited_at: Moment | None
    deleted_at: Moment | None
    is_removed: bool
    reply_to: Number | None
    reactions: dict[str, list[str]]
    #: Not in archives of earlier versions.
    mentions: list[Id] | None = None


class Reaction(Line, tag="reaction"):
    """What a person has put on a message: in the archive of a person."""

    message: Key
    room: Key
    emoji: str


class Receipt(Line, tag="receipt"):
    """A command that was carried out, so that a retry changes nothing."""

    id: Key
    author: Id
    ref: Short
    digest: Digest | None
    message: Number
    version: Number
    at: Moment


class Marker(Line, tag="marker"):
    """How far somebody has read a room."""

    id: Key
    person: Id
    room: Key
    message: Number
    at: Moment


class Report(Line, tag="report"):
    """What one person says is wrong with one message."""

    id: Key
    message: Key
    reporter: Id
    reason: Words
    at: Moment
    state: Literal["open", "accepted", "dismissed"]
    decided_at: Moment | None


class Sanction(Line, tag="sanction"):
    """A mute, kick or ban; its address is a hash under a key that is in no archive."""

    id: Key
    person: Id
    type: SanctionKind
    room: Key | None
    address: Annotated[str, Meta(max_length=32)]
    since: Moment
    until: Moment | None
    lifted_at: Moment | None
    reason: Words


class Filter(Line, tag="filter"):
    """What a room or the site does not let by."""

    id: Key
    room: Key | None
    type: Kind
    value: Annotated[str, Meta(max_length=500)]
    action: Action
    is_active: bool
    note: Words


class Held(Line, tag="held"):
    """What a filter keeps back."""

    id: Key
    room: Key
    author: Id
    name: Name
    role: Role
    ref: Short | None
    digest: Digest | None
    text: str
    timestamp: str | None
    reply_to: Key | None
    at: Moment
    why: Words
    is_refused: bool


class Notice(Line, tag="notice"):
    """A word of the moderators to one person."""

    id: Key
    person: Id
    act: Annotated[str, Meta(max_length=16)]
    room: Key | None
    reason: Words
    until: Moment | None
    at: Moment
    told_at: Moment | None


class Act(Line, tag="act"):
    """What a moderator did."""

    id: Key
    type: Annotated[str, Meta(max_length=16)]
    at: Moment
    via: Annotated[str, Meta(max_length=8)]
    actor: Short
    actor_user: Short
    actor_name: Annotated[str, Meta(max_length=150)]
    room: Key | None
    room_title: Title
    person: Short
    person_name: Name
    message: Number | None
    reason: Words
    details: Any
    ref: Short | None


class End(Line, tag="end"):
    """There is nothing more: how many lines of each kind there were. Without it something is missing."""

    rows: dict[str, int]


Row = (
    Room
    | Person
    | Somebody
    | Membership
    | Message
    | Reaction
    | Receipt
    | Marker
    | Report
    | Sanction
    | Filter
    | Held
    | Notice
    | Act
)
AnyLine = Header | Row | End

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)


def kind_of(line: type[Line]) -> str:
    """What lines of a class are called."""
    return str(line.__struct_config__.tag)


def encode(line: Line) -> bytes:
    """A line, with its end."""
    return _encoder.encode(line) + b"\n"


def decode(line: bytes) -> AnyLine:
    """What a line says. Raises msgspec.MsgspecError, which says what is wrong with it."""
    return _decoder.decode(line)
