"""The wire: every frame that may pass, each declared once, as its schema, its parser and its words.

To add a frame: a class here, a `case` in the consumer, a section in docs/PROTOCOL.md.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from chat.core.errors import BadFrame, BadJSON, FrameTooLarge

#: The longest frame a client may send, in bytes of UTF-8.
FRAME_LIMIT = 65536
#: The longest message, in characters (code points).
MESSAGE_LIMIT = 4000
#: The longest name, in characters (code points).
NAME_LIMIT = 32
#: What a client_id looks like: the unreserved characters of RFC 3986, section 2.3.
CLIENT_ID = r"[A-Za-z0-9._~-]{1,64}"

#: A client's own note of the time, handed back as it came. Whole numbers have to fit into 64 bits.
Timestamp = (
    Annotated[str, Meta(max_length=128)] | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | float | None
)


# What a client says


class Reply(Struct):
    """The answer to `request_name`: a client's first object, whatever its type."""

    #: Anything at all may stand here; only text is a name.
    name: Any = None


class Command(Struct, tag_field="type"):
    """Asked by a client that has a name."""


class PostMessage(Command, tag="message"):
    """Say something to the room."""

    message: str
    timestamp: Timestamp = None


AnyCommand = PostMessage


# What the server says


class Event(Struct, tag_field="type"):
    """Told by the server."""


class Limits(Struct, frozen=True):
    """What a client may send at most."""

    message: int = MESSAGE_LIMIT
    name: int = NAME_LIMIT
    frame: int = FRAME_LIMIT


class NameRequested(Event, tag="request_name"):
    """The first frame of every connection."""

    limits: Limits = Limits()


class MessagePosted(Event, tag="message"):
    """Somebody said something; its author is told as well."""

    sender: str
    sender_id: str
    message: str
    timestamp: Timestamp
    room: str
    id: int
    #: ISO 8601 in UTC, by the server's clock.
    sent_at: str


class Notified(Event, tag="notification", omit_defaults=True):
    """A line of the room, or a word to one client alone, in the server's language."""

    message: str
    color: Literal["success", "warning", "danger", "info"]
    event: Literal["join", "leave"] | None = None
    room: str | None = None
    id: str | None = None
    name: str | None = None
    #: Why something was refused; one of the codes of core/errors.py.
    code: str | None = None


# In and out

_reply = msgspec.json.Decoder(Reply)
_typed = msgspec.json.Decoder(msgspec.defstruct("Typed", [("type", str)]))
_commands = {command.__struct_config__.tag: msgspec.json.Decoder(command) for command in (PostMessage,)}
_encoder = msgspec.json.Encoder()


def parse_reply(text: str | None) -> Reply:
    """The name reply in a text frame; None stands for a binary one. Raises what `parse` raises."""
    reply: Reply = _decode(_reply, text)
    return reply


def parse(text: str | None) -> AnyCommand | None:
    """The command in a text frame, or None where its type is unknown, which dialect v1 ignores.

    Raises BadJSON, BadFrame or FrameTooLarge. Lone surrogates, NaN and numbers out of range are no
    JSON here (RFC 8259, sections 6 and 8).
    """
    decoder = _commands.get(_decode(_typed, text).type)
    command: AnyCommand | None = decoder and _decode(decoder, text)
    return command


def encode(event: Event) -> str:
    """The event as the text of one frame."""
    return _encoder.encode(event).decode()


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
