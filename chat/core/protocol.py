"""The wire: every frame that may pass, each declared once, as its schema, its parser and its words.

To add a frame: a class here, a `case` in the consumer or the page's reducer, a section in
docs/PROTOCOL.md.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chat.core.errors import BadFrame, BadJSON, FrameTooLarge, UnknownType

#: The longest frame a client may send, and the server sends, in bytes of UTF-8.
FRAME_LIMIT = 65536
#: The longest message, in characters (code points).
MESSAGE_LIMIT = 4000
#: The longest name, in characters (code points).
NAME_LIMIT = 32
#: The largest page of history, in messages.
HISTORY_LIMIT = 100
#: What a client_id looks like: the unreserved characters of RFC 3986, section 2.3.
CLIENT_ID = r"[A-Za-z0-9._~-]{1,64}"

#: A client's own note of the time, handed back as it came. Whole numbers have to fit into 64 bits.
Timestamp = (
    Annotated[str, Meta(max_length=128, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
    | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    | float
    | None
)
#: The client's own name for a command, so that sending it again changes nothing.
#: PostgreSQL keeps no NUL.
Ref = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[^\x00]*\Z")]
RoomSlug = Annotated[str, Meta(max_length=64, pattern=r"\A[^\x00]*\Z")]
MessageId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Version = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Role = Literal["guest", "member", "moderator"]


# What a client says


class Bookmark(Struct, frozen=True):
    """How far a client has read a room."""

    after: Version | None = None
    epoch: str | None = None


class Reply(Struct):
    """The answer to `request_name`: a client's first object, whatever its type."""

    #: Anything at all may stand in these; only text is a name or a token, only 2 is dialect v2.
    name: Any = None
    v: Any = None
    token: Any = None
    lang: Any = None
    rooms: Any = None


class Command(Struct, tag_field="type"):
    """Asked by a client that has a name."""


class Change(Command):
    """Asks for a durable change. Its `ref` comes back in the answer, so a retry is harmless."""


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
    """Take one's own words back."""

    id: MessageId
    ref: Ref


class React(Change, tag="react"):
    """Put an emoji on a message, or take one's own off."""

    id: MessageId
    emoji: Annotated[str, Meta(min_length=1, max_length=32)]
    on: bool
    #: May be left out: to react twice is to react once.
    ref: Ref | None = None


class ReadHistory(Command, tag="history"):
    """A page of a room: the latest, or the one before, after or around a message."""

    room: RoomSlug
    before: MessageId | None = None
    after: MessageId | None = None
    around: MessageId | None = None
    limit: Annotated[int, Meta(ge=1, le=HISTORY_LIMIT)] = 50


class EnterRoom(Command, tag="enter"):
    """Listen to one more room, or ask once more for what was missed in one."""

    room: RoomSlug
    after: Version | None = None
    epoch: str | None = None


class LeaveRoom(Command, tag="leave"):
    """Listen to a room no longer."""

    room: RoomSlug


class Ping(Command, tag="ping"):
    """Are you there?"""

    n: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] = 0


AnyChange = PostMessage | EditMessage | DeleteMessage | React
AnyCommand = AnyChange | ReadHistory | EnterRoom | LeaveRoom | Ping


# What the server says


class Event(Struct, tag_field="type"):
    """Told by the server."""


class Limits(Struct, frozen=True):
    """What a client may send at most."""

    message: int = MESSAGE_LIMIT
    name: int = NAME_LIMIT
    frame: int = FRAME_LIMIT
    history: int = HISTORY_LIMIT


class NameRequested(Event, tag="request_name"):
    """The first frame of every connection."""

    v: int = 2
    limits: Limits = Limits()


class Welcomed(Event, tag="welcome"):
    """v2: who you are now; the token proves it next time."""

    id: str
    name: str
    role: Role
    token: str
    limits: Limits = Limits()


class Member(Struct):
    """Somebody in a room."""

    id: str
    name: str
    role: Role


class RoomEntered(Event, tag="room"):
    """v2: you listen to this room; `version` is how far the frames that follow will bring you."""

    room: str
    title: str
    topic: str
    mode: Literal["open"]
    slow: int
    epoch: str
    version: int
    recovered: bool
    members: list[Member]
    online: int


class RoomLeft(Event, tag="left"):
    """v2: you listen to this room no longer, as you asked, or because it was deleted."""

    room: str


class _Said(Event, kw_only=True):
    """What a message frame has in every dialect; the keys of the seed come first."""

    sender: str
    sender_id: str
    message: str | UnsetType = UNSET
    timestamp: Timestamp
    room: str
    id: int
    version: int
    #: ISO 8601 in UTC, by the server's clock.
    sent_at: str
    role: Role
    ref: str | UnsetType = UNSET
    reply_to: int | UnsetType = UNSET


class MessagePosted(_Said, tag="message", kw_only=True):
    """Somebody said something; its author is told as well."""


class MessageUpdated(_Said, tag="update", kw_only=True):
    """v2: a message as it now stands. A deleted one has no text."""

    edited_at: str | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    #: Who put which emoji on it, by id.
    reactions: dict[str, list[str]] | UnsetType = UNSET


class Notified(Event, tag="notification", omit_defaults=True):
    """A line of the room, or a word to one client alone, in the server's language."""

    message: str
    color: Literal["success", "warning", "danger", "info"]
    event: Literal["join", "leave", "crowd", "room"] | None = None
    room: str | None = None
    id: str | None = None
    name: str | None = None
    online: int | None = None
    #: v2, of a crowd: how many came and went since that was told last.
    came: int | None = None
    went: int | None = None
    #: What the room is called now, and what it is about, where one of these has changed.
    title: str | None = None
    topic: str | None = None
    #: v1: why something was refused; one of the codes of core/errors.py.
    code: str | None = None


class Acknowledged(Event, tag="ack"):
    """v2: the change that you named `ref` is stored."""

    ref: str | None
    id: int
    version: int
    sent_at: str
    dup: bool


class HistoryRead(Event, tag="history"):
    """v2: a page of a room in ascending order; `more` where there is more in the same direction."""

    room: str
    messages: list[MessageUpdated]
    more: bool


class Position(Event, tag="position"):
    """v2: how far this room has come, so that a client finds out whether it has missed anything."""

    room: str
    epoch: str
    version: int


class Refused(Event, tag="error", omit_defaults=True):
    """v2: a command that changed nothing, and why."""

    code: str
    message: str
    ref: str | None = None
    #: Seconds after which the same command may succeed.
    retry_after: float | None = None


class Closing(Event, tag="closing", omit_defaults=True):
    """v2: the server is about to close this connection, and why."""

    code: int
    reason: str
    retry_after: float | None = None


class Pong(Event, tag="pong"):
    """v2: I am here."""

    n: int


# In and out

_reply = msgspec.json.Decoder(Reply)
_typed = msgspec.json.Decoder(msgspec.defstruct("Typed", [("type", str), ("ref", Any, None)]))
#: More rooms than somebody looks at, and few enough to look for.
_bookmarks = Annotated[dict[RoomSlug, Bookmark], Meta(max_length=20)]
_encoder = msgspec.json.Encoder()


def _decoders(commands: Iterable[type[Command]]) -> dict[Any, msgspec.json.Decoder[Any]]:
    return {command.__struct_config__.tag: msgspec.json.Decoder(command) for command in commands}


#: The commands of each dialect.
_commands = {
    1: _decoders([PlainMessage]),
    2: _decoders([PostMessage, EditMessage, DeleteMessage, React, ReadHistory, EnterRoom, LeaveRoom, Ping]),
}


def parse_reply(text: str | None) -> Reply:
    """The name reply in a text frame; None stands for a binary one.

    Raises BadJSON, BadFrame or FrameTooLarge.
    """
    reply: Reply = _decode(_reply, text)
    return reply


def bookmarks(reply: Reply) -> dict[str, Bookmark]:
    """The rooms that a v2 reply asks for, and how far each was read. Raises BadFrame."""
    if reply.rooms is None:
        return {}
    try:
        return msgspec.convert(reply.rooms, _bookmarks)
    except msgspec.ValidationError as error:
        raise BadFrame(why=f"`rooms`: {error}") from None


def parse(text: str | None, dialect: int) -> AnyCommand | None:
    """The command in a text frame of a client that speaks `dialect`, 1 or 2.

    An unknown type is None in v1, which ignores it, and raises UnknownType in v2. Raises BadJSON,
    BadFrame or FrameTooLarge, with the `ref` of the frame where one can be made out. Lone surrogates,
    NaN and numbers out of range are no JSON here (RFC 8259, sections 6 and 8).
    """
    typed = _decode(_typed, text)
    ref = typed.ref if isinstance(typed.ref, str) and 0 < len(typed.ref) <= 64 else None
    decoder = _commands[dialect].get(typed.type)
    if decoder is None:
        if dialect == 1:
            return None
        raise UnknownType(ref=ref)
    try:
        command: AnyCommand | PlainMessage = _decode(decoder, text)
        if isinstance(command, PlainMessage):
            return PostMessage(command.message, command.timestamp)
        if isinstance(command, PostMessage) and command.ref is None:
            raise BadFrame(why="Object missing required field `ref`")
    except BadFrame as error:
        error.ref = ref
        raise
    return command


def encode(event: Event) -> str:
    """The event as the text of one frame."""
    return _encoder.encode(event).decode()


def encoded_size(value: Any) -> int:
    """How many bytes an event takes, or a part of one."""
    return len(_encoder.encode(value))


def pack(texts: list[str]) -> Iterable[str]:
    """Encoded frames as v2 sends them: gathered into JSON arrays of at most FRAME_LIMIT bytes.

    A frame that waits alone stays as it is.
    """
    batch: list[str] = []
    size = 0
    for text in texts:
        length = len(text.encode()) + 1
        if batch and size + length > FRAME_LIMIT - 1:
            yield _joined(batch)
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield _joined(batch)


def _joined(batch: list[str]) -> str:
    return batch[0] if len(batch) == 1 else f"[{','.join(batch)}]"


def _decode(decoder: msgspec.json.Decoder[Any], text: str | None) -> Any:
    if text is None:
        raise BadFrame(why="it is binary; send text")
    if _is_too_large(text):
        raise FrameTooLarge(limit=FRAME_LIMIT)
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise BadFrame(why=str(error)) from None
    except RecursionError:
        raise BadFrame(why="it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise BadJSON from None


def _is_too_large(text: str) -> bool:
    if len(text) * 4 <= FRAME_LIMIT:
        return False  # no character takes more than four bytes
    return len(text) > FRAME_LIMIT or len(text.encode(errors="surrogatepass")) > FRAME_LIMIT
