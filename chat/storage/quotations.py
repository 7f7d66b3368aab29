"""Quotations: what messages answer, as it now stands.

They are never kept, or what is deleted would live on in them.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db.models.functions import Left
from msgspec import UNSET

from chat import frames
from chat.core.protocol import QUOTE_LIMIT, MessagePosted, MessageUpdated, Quote
from chat.models import Message

#: The key of a room, and that of a message which is answered there.
Answered = tuple[int, int]
Said = TypeVar("Said", bound=MessagePosted | MessageUpdated)


def of(answered: Iterable[Answered]) -> dict[Answered, Quote]:
    """What these quote, in one query, and in none where they are none.

    Of what is gone, or was said in another room, the id alone.
    """
    wanted = set(answered)
    if not wanted:
        return {}
    rows = Message.objects.filter(pk__in={id for _room, id in wanted}).order_by()
    found = {
        (room, id): frames.quoted(id, name, author, text, is_deleted=deleted_at is not None)
        for id, room, name, author, deleted_at, text in rows.values_list(
            # Not all of a text that may be long.
            "pk",
            "room",
            "name",
            "author",
            "deleted_at",
            Left("text", QUOTE_LIMIT),
        )
    }
    return {key: found.get(key) or Quote(key[1]) for key in wanted}


def added(room: int, events: Sequence[Said]) -> list[Said]:
    """What was said in a room, each answer with what it answers."""
    quotes = of((room, event.reply_to) for event in events if event.reply_to is not UNSET)
    return [
        event if event.reply_to is UNSET else frames.quoting(event, quotes[room, event.reply_to])
        for event in events
    ]
