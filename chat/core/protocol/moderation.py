"""Moderation: what moderators ask for, and what everybody may ask of them."""

from typing import Annotated, Literal

from msgspec import Meta

from chat.core.protocol.base import Change, Command
from chat.core.protocol.types import (
    MESSAGE_LIMIT,
    MINUTES_LIMIT,
    QUEUE_LIMIT,
    REASON_LIMIT,
    SLOW_LIMIT,
    TOPIC_LIMIT,
    MessageId,
    QueueKind,
    Reason,
    Ref,
    RoomMode,
    RoomSlug,
    SanctionKind,
)

PersonId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[^\x00]*\Z")]
Minutes = Annotated[int, Meta(ge=1, le=MINUTES_LIMIT)]


class RestoreMessage(Change, tag="restore"):
    """Have a message back that a moderator has deleted."""

    id: MessageId
    ref: Ref
    reason: Reason = ""


class Moderation(Command):
    """Done to a person or to a room, and noted. Answered by `ack` with the number of the act."""


class ImposeSanction(Moderation, tag="sanction"):
    """Have somebody be muted, kicked or banned: in one room, or on the whole site."""

    kind: SanctionKind
    id: PersonId
    ref: Ref
    room: RoomSlug | None = None
    #: For how long; None for good. A kick lasts a minute.
    minutes: Minutes | None = None
    reason: Reason = ""
    #: Of a ban on the site: guests who come from their latest addresses are kept out as well.
    address: bool = False


class LiftSanction(Moderation, tag="lift"):
    """Have somebody be muted, or banned, no longer."""

    kind: Literal["mute", "ban"]
    id: PersonId
    ref: Ref
    room: RoomSlug | None = None
    reason: Reason = ""


class Warn(Moderation, tag="warn"):
    """Tell somebody, and nobody else, what they shall not do."""

    id: PersonId
    ref: Ref
    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LIMIT, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
    room: RoomSlug | None = None


class Purge(Moderation, tag="purge"):
    """Delete what somebody has said lately: in one room, or everywhere."""

    id: PersonId
    ref: Ref
    #: How far back; None for all.
    minutes: Minutes | None = None
    room: RoomSlug | None = None
    reason: Reason = ""


class RunRoom(Moderation, tag="run"):
    """Have a room be slow, about something else, or for others. What is left out stays."""

    room: RoomSlug
    ref: Ref
    topic: Annotated[str, Meta(max_length=TOPIC_LIMIT)] | None = None
    mode: RoomMode | None = None
    slow: Annotated[int, Meta(ge=0, le=SLOW_LIMIT)] | None = None
    reason: Reason = ""


class Pin(Moderation, tag="pin"):
    """Show a message above all others of its room; None for none."""

    room: RoomSlug
    id: MessageId | None
    ref: Ref


class Announce(Moderation, tag="announce"):
    """Tell everybody in a room something, as the room and not as a person."""

    room: RoomSlug
    message: Annotated[str, Meta(max_length=MESSAGE_LIMIT)]
    ref: Ref


class ReportMessage(Moderation, tag="report"):
    """Tell the moderators that something is wrong with a message. Once for each."""

    id: MessageId
    ref: Ref
    reason: Reason = ""


class ListQueue(Command, tag="queue"):
    """What waits for moderators where I am one, the oldest first; and its number whenever that changes."""

    #: What was the last of the page before: `next` of the answer.
    after: Annotated[str, Meta(max_length=40)] = ""
    limit: Annotated[int, Meta(ge=1, le=QUEUE_LIMIT)] = 20


class Decide(Moderation, tag="decide"):
    """A report is right, and its message goes; or it is not. A held message may be said; or it may not."""

    kind: QueueKind
    #: Of a report the message, of a held message its own number.
    id: MessageId
    accept: bool
    ref: Ref
    reason: Reason = ""


AnyModeration = (
    ImposeSanction | LiftSanction | Warn | Purge | RunRoom | Pin | Announce | ReportMessage | Decide
)
