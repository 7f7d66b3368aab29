"""Held messages: what a filter keeps back waits here, and a retry is answered as the first time."""

from chat import frames
from chat.core.errors import Held, RateLimited, RefReused, RefusedByModerator
from chat.core.protocol import AnyChange, EditMessage, PostMessage
from chat.models import HeldMessage, Person, Room
from chat.services import queue
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import LogTransaction

#: How much may wait of one person, and of one room; and after how many seconds somebody may try again.
OF_PERSON, OF_ROOM, AGAIN = 20, 500, 60.0


def check(
    log: LogTransaction, command: AcceptedCommand[PostMessage] | AcceptedCommand[EditMessage]
) -> None:
    """Return if nothing is held under the ref of a command.

    Raises Held as long as it waits, then RefusedByModerator; and RefReused where that was something else.
    """
    held = log.once(_known).get(_name(command))
    if held is None:
        return
    if held.digest not in (None, command.digest):
        raise RefReused
    raise RefusedByModerator if held.is_refused else Held


def hold(
    log: LogTransaction,
    command: AcceptedCommand[PostMessage],
    room: Room,
    author: Person,
    text: str,
    why: str,
) -> Held:
    """Keep a message back for the moderators of its room: the error that says so.

    Raises RateLimited where too much waits already.
    """
    waiting = HeldMessage.objects.filter(is_refused=False).order_by()
    of_person = waiting.filter(author=author)[:OF_PERSON].count()
    if of_person == OF_PERSON or waiting.filter(room=room)[:OF_ROOM].count() == OF_ROOM:
        log.answered()
        raise RateLimited(AGAIN)
    change = command.change
    author_id, ref = _name(command)
    held = HeldMessage.objects.create(
        room=room,
        author_id=author_id,
        name=author.name,
        role=command.actor.role_in(room),
        ref=ref,
        digest=command.digest if change.ref else None,
        text=text,
        timestamp=frames.timestamp_kept(change.timestamp),
        reply_to_id=change.reply_to,
        at=log.now,
        why=why[:200],
    )
    log.once(_known)[author_id, ref] = held
    log.answered()
    queue.changed()
    return Held()


def _known(log: LogTransaction) -> dict[tuple[str, str | None], HeldMessage]:
    """What is held, or was refused, of all that is said in this transaction."""
    said = [_name(command) for command in log.commands]
    rows = HeldMessage.objects.filter(
        author__in={author for author, _ref in said}, ref__in={ref for _author, ref in said if ref}
    )
    return {(row.author_id, row.ref): row for row in rows}


def _name(command: AcceptedCommand[AnyChange]) -> tuple[str, str | None]:
    """Under which a message is held: its author and the ref, or in v1 the server's own key."""
    author = command.actor.person
    return "" if author is None else author.pk, command.change.ref or command.key
