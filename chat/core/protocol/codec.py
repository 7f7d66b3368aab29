"""Frames in and out: text to commands, events to text."""

from collections.abc import Iterable
from typing import Annotated, Any, AnyStr, get_args

import msgspec
from msgspec import Meta

from chat.core.errors import BadFrame, BadJSON, FrameTooLarge, UnknownType
from chat.core.protocol.base import Command, Event
from chat.core.protocol.commands import AnyCommand, Cursor, Ping, PlainMessage, PostMessage, Reply
from chat.core.protocol.types import FRAME_LIMIT, RoomSlug

_reply = msgspec.json.Decoder(Reply)
_typed = msgspec.json.Decoder(msgspec.defstruct("Typed", [("type", str), ("ref", Any, None)]))
#: More rooms than somebody looks at, and few enough to look for.
_cursors = Annotated[dict[RoomSlug, Cursor], Meta(max_length=20)]
_encoder = msgspec.json.Encoder()


def _decoders(commands: Iterable[type[Command]]) -> dict[Any, msgspec.json.Decoder[Any]]:
    return {command.__struct_config__.tag: msgspec.json.Decoder(command) for command in commands}


#: The commands of each dialect: one by one, and all of them, for a text that nothing is wrong with. Where
#: there is a choice of two a frame has to have a type, so v1 has one more to choose from.
_commands = {1: _decoders([PlainMessage]), 2: _decoders(get_args(AnyCommand))}
_any_command: dict[int, msgspec.json.Decoder[Any]] = {
    1: msgspec.json.Decoder(PlainMessage | Ping),
    2: msgspec.json.Decoder(AnyCommand),
}
#: What decoding raises.
_WRONG = (msgspec.MsgspecError, RecursionError, UnicodeEncodeError)


def parse_reply(text: str | None) -> Reply:
    """The name reply in a text frame; None stands for a binary one.

    Raises BadJSON, BadFrame or FrameTooLarge.
    """
    reply: Reply = _decode(_reply, text)
    return reply


def cursors(reply: Reply) -> dict[str, Cursor]:
    """The rooms that a v2 reply asks for, and how far each was read. Raises BadFrame."""
    if reply.rooms is None:
        return {}
    try:
        return msgspec.convert(reply.rooms, _cursors)
    except msgspec.ValidationError as error:
        raise BadFrame(why=f"`rooms`: {error}") from None


def parse(text: str | None, dialect: int) -> AnyCommand | None:
    """The command in a text frame of a client that speaks `dialect`, 1 or 2.

    An unknown type is None in v1, which ignores it, and raises UnknownType in v2. Raises BadJSON,
    BadFrame or FrameTooLarge, with the `ref` of the frame where one can be made out. Lone surrogates,
    NaN and numbers out of range are no JSON here (RFC 8259, sections 6 and 8).
    """
    if text is not None and not _is_too_large(text):
        try:
            command: AnyCommand | PlainMessage = _any_command[dialect].decode(text)
        except _WRONG:
            return _parse_closely(text, dialect)
        if isinstance(command, PlainMessage):
            return PostMessage(command.message, command.timestamp)
        if dialect == 2 and not (isinstance(command, PostMessage) and command.ref is None):
            return command
    return _parse_closely(text, dialect)


def _parse_closely(text: str | None, dialect: int) -> AnyCommand | None:
    """As `parse`, in two steps: of what is wrong there is more to say."""
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
    return encode_utf8(event).decode()


def encode_utf8(event: Event) -> bytes:
    """As `encode`, in UTF-8: where one letter is not Latin, to decode it and encode it again costs more."""
    return _encoder.encode(event)


def encoded_size(value: Any) -> int:
    """How many bytes an event takes, or a part of one."""
    return len(_encoder.encode(value))


def pack(texts: list[AnyStr]) -> list[AnyStr]:
    """Encoded frames as v2 sends them: gathered into JSON arrays of at most FRAME_LIMIT bytes.

    A frame that waits alone stays as it is.
    """
    if len(texts) < 2:
        return texts
    if sum(map(len, texts)) * 4 + len(texts) < FRAME_LIMIT:  # no character takes more than four bytes
        return [_joined(texts)]
    packed: list[AnyStr] = []
    batch: list[AnyStr] = []
    size = 0
    for text in texts:
        length = len(text if isinstance(text, bytes) else text.encode()) + 1
        if batch and size + length > FRAME_LIMIT - 1:
            packed.append(_joined(batch))
            batch, size = [], 0
        batch.append(text)
        size += length
    packed.append(_joined(batch))
    return packed


def _joined(batch: list[AnyStr]) -> AnyStr:
    first = batch[0]
    if len(batch) == 1:
        return first
    return b"[%b]" % b",".join(batch) if isinstance(first, bytes) else f"[{','.join(batch)}]"


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
