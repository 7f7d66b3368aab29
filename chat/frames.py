"""The frames that tell of a row."""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_noop, ngettext
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from chat.core.fitting import fitted
from chat.core.protocol import (
    NAME_LIMIT,
    QUOTE_LIMIT,
    MessagePosted,
    MessageUpdated,
    Notified,
    Pinned,
    Quote,
    RoomMode,
    Timestamp,
    Titles,
)
from chat.models import Message, Room

#: How much of a pinned message is told with its room, and in the line of it, in characters.
PINNED, PINNED_LINE = 1000, 100

_timestamps = msgspec.json.Decoder(Timestamp)


Said = TypeVar("Said", bound=MessagePosted | MessageUpdated)


def posted(message: Message, quote: Quote | UnsetType = UNSET) -> MessagePosted:
    """The frame that tells of a message for the first time."""
    return said(vars(message), message.room, timestamp_told(message.timestamp), quote, id=message.id)


def said(
    row: dict[str, Any], room: Room, timestamp: Timestamp, quote: Quote | UnsetType, id: int = 0
) -> MessagePosted:
    """The same of a message that is this row by its columns, or is about to be: then it has no key yet."""
    event = MessagePosted(
        sender=row["name"],
        sender_id=row["author_id"],
        message=row["text"],
        timestamp=timestamp,
        room=room.slug,
        id=id,
        version=row["version"],
        sent_at=iso(row["sent_at"]),
        role=row["role"],
        ref=UNSET if row["ref"] is None else row["ref"],
        reply_to=UNSET if row["reply_to_id"] is None else row["reply_to_id"],
        quote=quote,
        mentions=row["mentions"] or UNSET,
    )
    return fitted(event)


def updated(message: Message, quote: Quote | UnsetType = UNSET) -> MessageUpdated:
    """The frame that tells how a message now stands."""
    is_deleted = message.deleted_at is not None
    event = MessageUpdated(
        **_said(message),
        quote=quote,
        message=UNSET if is_deleted else message.text,
        mentions=message.mentions if message.mentions and not is_deleted else UNSET,
        edited_at=iso(message.edited_at) if message.edited_at else UNSET,
        deleted=True if is_deleted else UNSET,
        removed=True if is_deleted and message.is_removed else UNSET,
        reactions=message.reactions if message.reactions and not is_deleted else UNSET,
    )
    return fitted(event)


def since(message: Message, version: int) -> MessagePosted | MessageUpdated:
    """The frame for somebody who knows the room as it was at `version`."""
    is_untouched = message.version == message.first_version > version
    return posted(message) if is_untouched else updated(message)


def quoting(event: Said, quote: Quote) -> Said:
    """The frame of an answer with what it answers."""
    return fitted(replace(event, quote=quote))


def quoted(id: int, sender: str, sender_id: str, text: str, *, is_deleted: bool) -> Quote:
    """A message as it now stands in answers to it. Of a deleted one nothing is told of what it said."""
    return Quote(id, sender[:NAME_LIMIT], sender_id, UNSET if is_deleted else text[:QUOTE_LIMIT])


#: What is said of a room whose mode has changed.
_NOW = {
    "open": gettext_noop("Everybody can write here now."),
    "users": gettext_noop("Only users of the site can write here now."),
    "read_only": gettext_noop("Only members can write here now."),
    "members": gettext_noop("The room is for its members only now."),
    "archived": gettext_noop("The room is archived: nothing more is said here."),
}


class Description(NamedTuple):
    """What everybody in a room knows of it."""

    title: str
    titles: Titles
    topic: str
    mode: RoomMode
    slow: int
    #: The key of the message that is pinned; None where none is.
    pinned: int | None


def description(room: Room) -> Description:
    """What there is to know of a room."""
    return Description(room.title, room.titles, room.topic, room.state, room.slow, room.pinned)


def described(room: Room, before: Description, pinned: Message | None) -> Notified:
    """The line that tells those who know this of a room how it is now, and what is pinned there.

    A message that is pinned and gone is none.
    """
    sentences = []
    if before.title != room.title:
        sentences.append(gettext("The room is called “%(title)s” now.") % {"title": room.title})
    if before.titles != room.titles:
        sentences.append(
            gettext("In other languages it is called “%(titles)s” now.")
            % {"titles": "”, “".join(room.titles.values())}
            if room.titles
            else gettext("It is called so in all languages now.")
        )
    if before.topic != room.topic:
        sentences.append(
            gettext("Its topic is “%(topic)s” now.") % {"topic": room.topic}
            if room.topic
            else gettext("It has no topic any more.")
        )
    if before.mode != room.state:
        sentences.append(gettext(_NOW[room.state]))
    if before.slow != room.slow:
        sentences.append(_paced(room.slow))
    if before.pinned != room.pinned:
        sentences.append(
            gettext("Pinned: “%(text)s” (%(name)s)")
            % {"name": pinned.name, "text": Truncator(" ".join(pinned.text.split())).chars(PINNED_LINE)}
            if pinned
            else gettext("Nothing is pinned here any more.")
        )
    return Notified(
        message=" ".join(sentences),
        color="info",
        event="room",
        room=room.slug,
        title=room.title,
        titles=room.titles if room.titles or before.titles else None,
        topic=room.topic,
        mode=room.state,
        slow=room.slow,
        pinned=pin(pinned) if pinned else None,
    )


def pin(message: Message) -> Pinned:
    """A message as it is told with the room where it is pinned: the beginning of a long one."""
    return Pinned(message.pk, message.name, Truncator(message.text).chars(PINNED))


def _paced(slow: int) -> str:
    if not slow:
        return gettext("There is no wait between two messages any more.")
    sentence = ngettext(
        "Slow mode: %(slow)d second between two messages.",
        "Slow mode: %(slow)d seconds between two messages.",
        slow,
    )
    return sentence % {"slow": slow}


@lru_cache(maxsize=64)  # all that is said in one transaction is said at one moment, and told twice
def iso(moment: datetime) -> str:
    """The moment as the wire has it: ISO 8601 in UTC with milliseconds."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _said(message: Message) -> dict[str, Any]:
    reply_to = message.reply_to_id
    return {
        "sender": message.name,
        "sender_id": message.author_id,
        "timestamp": timestamp_told(message.timestamp),
        "room": message.room.slug,
        "id": message.id,  # `pk` is a property that looks for the name of the key
        "version": message.version,
        "sent_at": iso(message.sent_at),
        "role": message.role,
        "ref": UNSET if message.ref is None else message.ref,
        "reply_to": UNSET if reply_to is None else reply_to,
    }


def timestamp_kept(timestamp: Timestamp) -> str | None:
    """A client's own note of the time, as a row has it."""
    return None if timestamp is None else msgspec.json.encode(timestamp).decode()


def timestamp_told(kept: str | None) -> Timestamp:
    """What a client noted; None where a row written by hand has something that nobody may send."""
    try:
        return None if kept is None else _timestamps.decode(kept)
    except msgspec.MsgspecError:
        return None
