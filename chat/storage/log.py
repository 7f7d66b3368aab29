"""The log of a room: every durable change takes the room's next version, in the transaction that makes it.

The rows are the log: a message carries the version of its latest change, so what changed after a
version is one walk along an index, and gives each message once, as it now stands.
"""

import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, Generic, TypeVar

import msgspec
from django.db import transaction
from django.utils import timezone

from chat import frames
from chat.access import Actor
from chat.core.errors import ChatError, NotFound, RefReused
from chat.core.protocol import AnyChange, MessagePosted, MessageUpdated, PostMessage
from chat.models import Message, Person, ProcessedCommand, Room
from chat.storage import epochs, statements

#: How old can be what is tried again: much older than anybody waits for the database.
RETRIED_WITHIN = timedelta(minutes=1)


C = TypeVar("C", bound=AnyChange, covariant=True)


@dataclass(frozen=True)
class AcceptedCommand(Generic[C]):
    """A command for a durable change, and who has sent it."""

    actor: Actor
    change: C
    #: The rooms that the sender listens to, by key: what is elsewhere is not found. None where there is no
    #: such bound: then it is the actor's rights alone that decide.
    listened: frozenset[int] | None = None
    #: The room where something new is said.
    room: int | None = None
    #: A name of the server's own for what has no `ref`, so that a retry finds what was kept.
    key: str | None = None


_numbers = count()


def new_key() -> str:
    """A key that no other command has, of this process or another; much cheaper than a UUID for each."""
    return f"{_key_prefix(os.getpid())}{next(_numbers):012x}"


@cache
def _key_prefix(process: int) -> str:
    return uuid.uuid4().hex[:20]  # by its process, lest one that was forked goes on with the other's


@dataclass(frozen=True)
class Done:
    """What came of a command: the message it is about, and the version that the change took."""

    id: int
    version: int
    at: datetime
    room: int
    #: The history that the version belongs to; empty where nothing has changed.
    epoch: str = ""
    #: Whether it had been carried out before, so that nothing has happened now.
    is_repeat: bool = False
    #: What the room is to be told; None where nothing has changed.
    event: MessagePosted | MessageUpdated | None = None


Outcome = Done | ChatError


@dataclass
class Draft:
    """A change that is not saved yet; a new message has no key before."""

    message: Message
    version: int
    at: datetime
    #: None for what is said for the first time, whose frame needs the key.
    event: MessageUpdated | None = None
    is_new: bool = False
    is_repeat: bool = False

    def done(self) -> Done:
        """What came of it, once it is saved."""
        event = frames.posted(self.message) if self.is_new and not self.is_repeat else self.event
        epoch = "" if event is None else self.message.room.epoch
        return Done(
            self.message.pk, self.version, self.at, self.message.room_id, epoch, self.is_repeat, event
        )


#: How a command is carried out: drafts the change in a transaction, or raises a ChatError.
CarryOut = Callable[["LogTransaction", AcceptedCommand[Any]], Draft]


class LogTransaction:
    """One transaction's worth of the log: the rows that the commands are about, behind their room's lock.

    Has to be made within a transaction of the database; `save` writes what was drafted.
    """

    def __init__(self, commands: Sequence[AcceptedCommand[AnyChange]], *, is_retry: bool = False) -> None:
        #: The moment of all that changes here.
        self.now = timezone.now()
        wanted = {id for command in commands if (id := _target(command.change)) is not None}
        homes = dict(Message.objects.filter(pk__in=wanted).values_list("pk", "room_id")) if wanted else {}
        keys = {command.room for command in commands if command.room is not None} | set(homes.values())
        self._rooms = statements.locked(keys)
        for room in self._rooms.values():
            epochs.renew_older(
                room
            )  # or what is kept now would be told under versions that are told already
        # Only behind the lock does a message stand still.
        self._messages = Message.objects.in_bulk(homes) if homes else {}
        self._processed = _processed(commands)
        self._kept = _kept(commands, since=self.now - RETRIED_WITHIN) if is_retry else {}
        self._posted: list[Message] = []
        self._changed: dict[int, Message] = {}
        self._answered: list[tuple[ProcessedCommand, Message]] = []

    def draft(self, command: AcceptedCommand[AnyChange], carry_out: CarryOut) -> Draft | ChatError:
        """Draft one change, or say why not, and then nothing is left of it. A `ref` is never done twice."""
        author, change = command.actor.person, command.change
        try:
            if author is None or not change.ref:
                return self._kept.get(command.key or "") or carry_out(self, command)
            key, digest = (author.pk, change.ref), _digest(change)
            if key in self._processed:
                first_digest, first = self._processed[key]
                if digest != first_digest:
                    raise RefReused
                return replace(first, event=None, is_repeat=True)
            draft = carry_out(self, command)
        except ChatError as error:
            error.ref = change.ref
            return error
        self._processed[key] = digest, draft
        row = ProcessedCommand(
            author=author, ref=change.ref, digest=digest, version=draft.version, at=self.now
        )
        self._answered.append((row, draft.message))
        return draft

    def save(self) -> None:
        """Write what was drafted."""
        statements.insert(self._posted)
        if self._changed:
            Message.objects.bulk_update(
                self._changed.values(), ["version", "text", "edited_at", "deleted_at", "reactions"]
            )
        for row, message in self._answered:
            row.message_id = message.pk
        statements.insert([row for row, _message in self._answered])
        for room in {message.room for message in (*self._posted, *self._changed.values())}:
            statements.advance(room)

    # For those who carry out a command

    def room(self, command: AcceptedCommand[AnyChange]) -> Room:
        """The room that a command is about: where something is said, or was. Raises NotFound."""
        if not isinstance(command.change, PostMessage):
            return self.message(command, command.change.id).room
        room = self._rooms.get(command.room or 0)
        if room is None:
            raise NotFound
        return room

    def message(self, command: AcceptedCommand[AnyChange], id: int) -> Message:
        """The message `id`, if it is there for the sender. Raises NotFound."""
        message = self._messages.get(id)
        if message is None or message.deleted_at is not None:
            raise NotFound
        room = self._rooms.get(message.room_id)
        if room is None or (command.listened is not None and room.pk not in command.listened):
            raise NotFound
        message.room = room
        return message

    def post(self, room: Room, author: Person, **fields: Any) -> Draft:
        """Add a message of these fields to the end of the room's log."""
        message = Message(room=room, author=author, name=author.name, sent_at=self.now, **fields)
        message.version = message.first_version = self._next_version(room)
        self._posted.append(message)
        return Draft(message, message.version, self.now, is_new=True)

    def change(self, message: Message) -> Draft:
        """Note that a message stands otherwise now."""
        message.version = self._next_version(message.room)
        self._changed[message.pk] = message
        return Draft(message, message.version, self.now, event=frames.updated(message))

    def unchanged(self, message: Message) -> Draft:
        """It stands as it was asked for already: nothing is told."""
        return Draft(message, message.version, self.now)

    @staticmethod
    def _next_version(room: Room) -> int:
        room.version += 1
        return room.version


@transaction.atomic(savepoint=False)  # within a larger transaction, all of that is kept or nothing
def apply(
    commands: Sequence[AcceptedCommand[AnyChange]], carry_out: CarryOut, *, is_retry: bool = False
) -> list[Outcome]:
    """Carry out many commands in one transaction: for each, in turn, what came of it.

    A command that may not be carried out gives its error, with its `ref`, and harms no other. Where the
    database cannot keep them, raises its error, and then nothing of any of them is kept. A retry may find
    that some were kept before.
    """
    log = LogTransaction(commands, is_retry=is_retry)
    drafts = [log.draft(command, carry_out) for command in commands]
    log.save()
    return [draft if isinstance(draft, ChatError) else draft.done() for draft in drafts]


def _target(change: AnyChange) -> int | None:
    """The message that a change is about, if there is one already."""
    return change.reply_to if isinstance(change, PostMessage) else change.id


def _processed(commands: Sequence[AcceptedCommand[AnyChange]]) -> dict[tuple[str, str], tuple[str, Draft]]:
    """What was carried out before under the refs of these commands: its digest and what came of it."""
    signed = {
        (command.actor.person.pk, command.change.ref)
        for command in commands
        if command.actor.person is not None and command.change.ref
    }
    return {
        (row.author_id, row.ref): (row.digest, Draft(row.message, row.version, row.at))
        for row in statements.processed(signed)
    }


def _kept(commands: Sequence[AcceptedCommand[AnyChange]], since: datetime) -> dict[str, Draft]:
    """What was said since then under the keys of these commands."""
    keys = [command.key for command in commands if command.key is not None]
    found = Message.objects.filter(sent_at__gte=since, key__in=keys).order_by()
    return {
        message.key or "": Draft(message, message.first_version, message.sent_at, is_repeat=True)
        for message in found
    }


def _digest(change: AnyChange) -> str:
    """Of what a change is, without when: a retry may bring another timestamp."""
    content = msgspec.to_builtins(change)
    content.pop("timestamp", None)
    return hashlib.blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).hexdigest()
