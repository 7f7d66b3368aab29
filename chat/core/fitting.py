"""Frames of messages that keep the promise of FRAME_LIMIT, whatever their row holds.

What a client can say today always fits. Rows of earlier versions, and rows written by hand, may not.
"""

from typing import TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from chat.core.protocol import (
    FRAME_LIMIT,
    MESSAGE_LIMIT,
    NAME_LIMIT,
    MessagePosted,
    MessageUpdated,
    encoded_size,
)
from chat.core.reactions import SIZE_LIMIT, Reactions

#: What a history frame takes beside its messages, in bytes, and more.
PAGE_ROOM = 512
#: The largest frame of a message: so large that a page of history holds at least one.
LIMIT = FRAME_LIMIT - PAGE_ROOM
#: The most characters of what a client notes beside a message, its timestamp or its ref.
_NOTE_LIMIT = 128

Said = TypeVar("Said", bound=MessagePosted | MessageUpdated)


def fitted(event: Said) -> Said:
    """The event, in LIMIT bytes: where it is larger, with fewer reactions, and then with less text.

    Reactions that a message may have today stay: then it is the text that is at fault.
    """
    if not _is_doubtful(event) or encoded_size(event) <= LIMIT:
        return event
    event = _with_short_notes(event)
    if isinstance(event, MessageUpdated) and event.reactions:
        bare = replace(event, reactions={})
        room = max(LIMIT - encoded_size(bare), SIZE_LIMIT)
        event = replace(bare, reactions=_most_of(event.reactions, room) or UNSET)
    if event.message and (excess := encoded_size(event) - LIMIT) > 0:
        event = replace(event, message=_start_of(event.message, encoded_size(event.message) - excess))
    return event


def _is_doubtful(event: MessagePosted | MessageUpdated) -> bool:
    """Whether it is worth while to measure it: what is said for the first time hardly ever is."""
    return (
        len(event.message or "") > MESSAGE_LIMIT
        or len(event.sender) > NAME_LIMIT
        or len(event.ref or "") > _NOTE_LIMIT
        or (isinstance(event.timestamp, str) and len(event.timestamp) > _NOTE_LIMIT)
        or (isinstance(event, MessageUpdated) and bool(event.reactions))
    )


def _with_short_notes(event: Said) -> Said:
    """With a name, a ref and a timestamp no longer than anybody may send them."""
    is_long = isinstance(event.timestamp, str) and len(event.timestamp) > _NOTE_LIMIT
    return replace(
        event,
        sender=event.sender[:NAME_LIMIT],
        ref=UNSET if len(event.ref or "") > _NOTE_LIMIT else event.ref,
        timestamp=None if is_long else event.timestamp,
    )


def _most_of(reactions: Reactions, size: int) -> Reactions:
    """As many people's reactions as so many bytes of JSON hold: those first that take the least."""

    def cost(emoji: str) -> float:
        return encoded_size({emoji: reactions[emoji]}) / max(1, len(reactions[emoji]))

    kept: Reactions = {}
    for emoji in sorted(reactions, key=cost):
        size -= encoded_size(emoji) + len(":[],")
        people = []
        for person in reactions[emoji]:
            size -= encoded_size(person) + len(",")
            if size < 0:
                break
            people.append(person)
        if people:
            kept[emoji] = people
        if size < 0:
            break
    return {emoji: kept[emoji] for emoji in reactions if emoji in kept}


def _start_of(text: str, size: int) -> str:
    """As much of the text as so many bytes of JSON hold, and an ellipsis."""
    shortest, longest = 0, max(0, size)  # each character takes a byte at least
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if encoded_size(text[:middle] + "…") <= size:
            shortest = middle
        else:
            longest = middle - 1
    return text[:shortest] + "…"
