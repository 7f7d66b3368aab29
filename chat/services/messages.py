"""Messages: saying something, and reading what was said."""

from functools import partial

from django.db import transaction

from chat import live
from chat.core import text
from chat.core.protocol import MessagePosted, Timestamp
from chat.models import Message, Person, Room


@transaction.atomic
def post(author: Person, room: Room, raw: str, timestamp: Timestamp = None) -> Message:
    """Say something in a room; the room is told after the commit.

    Raises Empty or MessageTooLong, and then nothing has happened.
    """
    message = Message.objects.create(
        room=room, author=author, name=author.name, text=text.clean(raw), timestamp=timestamp
    )
    transaction.on_commit(partial(live.publish, room.pk, posted(message)))
    return message


def recent(room: Room, size: int) -> list[MessagePosted]:
    """The newest `size` messages of a room as frames, the oldest first."""
    page = room.messages.select_related("room").latest_page(size)
    return [posted(message) for message in page]


def posted(message: Message) -> MessagePosted:
    """The frame that tells of a message."""
    return MessagePosted(
        sender=message.name,
        sender_id=message.author_id,
        message=message.text,
        timestamp=message.timestamp,
        room=message.room.slug,
        id=message.pk,
        sent_at=message.sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )
