"""The log of a room: every durable change takes the room's next version, in the transaction that makes it.

The rows are the log: a message carries the version of its latest change, so what changed after a
version is one walk along an index, and gives each message once, as it now stands.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from msgspec import UNSET, Struct, UnsetType

from chat import frames
from chat.core.errors import ChatError, NotFound, RefReused
from chat.core.protocol import (
    AnyChange,
    MessagePosted,
    MessageUpdated,
    PostMessage,
    Quote,
    RestoreMessage,
)
from chat.models import Message, ModerationAct, Person, ProcessedCommand, Room
from chat.storage import epochs, pipeline, statements
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.known_rooms import KnownRooms
from chat.storage.slow_marks import SlowMarks

#: How old can be what is tried again: much older than anybody waits for the database.
RETRIED_WITHIN = timedelta(minutes=1)

T = TypeVar("T")


class Done(Struct):
    """What came of a command: the message it is about, and the version that the change took.

    A new message has no key (0) before its transaction is saved.
    """

    id: int
    version: int
    at: datetime
    #: Where that is; 0 where nothing has happened.
    room: int = 0
    #: The history that the version belongs to; empty where nothing has changed.
    epoch: str = ""
    #: Whether it had been carried out before, so that nothing has happened now.
    is_repeat: bool = False
    #: What the room is to be told; None where nothing has changed.
    event: MessagePosted | MessageUpdated | None = None


Outcome = Done | ChatError


#: How a command is carried out: drafts the change in a transaction, or raises a ChatError.
CarryOut = Callable[["LogTransaction", AcceptedCommand[Any]], Done]


class LogTransaction:
    """One transaction's worth of the log: the rows that the commands are about, behind their room's lock.

    Has to be made within a transaction of the database, and a pipeline; `save` writes what was drafted.
    """

    def __init__(
        self,
        commands: Sequence[AcceptedCommand[AnyChange]],
        answered: pipeline.Answered,
        *,
        is_retry: bool = False,
    ) -> None:
        #: The moment of all that changes here.
        self.now = datetime.now(UTC)
        self.commands = commands
        #: To be called once Django was asked for something, behind the locks (see pipeline).
        self.answered = answered
        self._read: dict[Callable[[LogTransaction], Any], Any] = {}
        rooms = {command.room for command in commands if command.room is not None}
        targets = {id for command in commands if (id := _target(command.change)) is not None}
        signed = {signature: command.digest for command in commands if (signature := command.signature)}
        # From here on everybody else who wants these rooms waits: what can be done before is done.
        self._known_rooms = KnownRooms()
        self._rooms, self._messages, known = statements.locked(
            rooms, targets, signed, answered, self._known_rooms
        )
        self._known = {
            signature: (first.digest, Done(first.message, first.version, first.at, is_repeat=True))
            for signature, first in known.items()
        }
        # Or what is kept now would be told under versions that are told already.
        renewed = [room for room in self._rooms.values() if epochs.renew_older(room)]
        self._kept = _kept(commands, since=self.now - RETRIED_WITHIN) if is_retry else {}
        #: Who has spoken when in those that are slow.
        self.slow_marks = SlowMarks(self._rooms, commands)
        if known or renewed or is_retry or self.slow_marks.is_needed:
            answered()  # what Django has asked for has stopped the clock of who stands still
        #: What is said, as rows to be, with what comes of it; and what is asked for once more, with that of
        #: the first time.
        self._posted: list[tuple[dict[str, Any], Done]] = []
        self._repeated: list[tuple[Done, Done]] = []
        self._changed: dict[int, Message] = {}
        #: The rooms in which something has happened.
        self._moved: dict[int, Room] = {}
        self._processed: list[ProcessedCommand] = []
        self._noted: list[ModerationAct] = []

    def draft(self, command: AcceptedCommand[AnyChange], carry_out: CarryOut) -> Outcome:
        """Draft one change, or say why not, and then nothing is left of it. A `ref` is never done twice."""
        signature = command.signature
        try:
            if signature is None:
                return self._kept.get(command.key or "") or carry_out(self, command)
            if signature in self._known:
                digest, first = self._known[signature]
                if digest not in (None, command.digest):
                    raise RefReused
                return first if first.is_repeat else self._repeat(first)
            done = carry_out(self, command)
        except ChatError as error:
            error.ref = command.change.ref
            return error
        self._known[signature] = command.digest, done
        if not isinstance(command.change, PostMessage):  # what is said notes its own ref
            self._processed.append(_noted(command, done))
        return done

    def _repeat(self, first: Done) -> Done:
        repeat = Done(first.id, first.version, first.at, is_repeat=True)
        self._repeated.append((repeat, first))
        return repeat

    def save(self, *, is_last: bool) -> Callable[[], None]:
        """Write what was drafted, and commit it where it is the last of its transaction.

        What is new has its key once what this returns is called, after the pipeline.
        """
        rows: tuple[list[Any], ...] = (
            [row for row, _done in self._posted],
            list(self._changed.values()),
            self._processed,
            list(self._moved.values()),
            self._noted,
            self.slow_marks.changed,
        )
        keys = statements.save(*rows, is_last=is_last)
        self._known_rooms.keep(self._rooms, written=sum(map(len, rows)))

        def give_keys() -> None:
            for (_row, done), key in zip(self._posted, keys(), strict=True):
                done.id = key
                if done.event is not None:
                    done.event.id = key
            for repeat, first in self._repeated:
                repeat.id = first.id

        return give_keys

    # For those who carry out a command

    def room(self, command: AcceptedCommand[AnyChange]) -> Room:
        """The room that a command is about: where something is said, or was. Raises NotFound."""
        if not isinstance(command.change, PostMessage):
            is_removed = isinstance(command.change, RestoreMessage)
            return self.message(command, command.change.id, is_removed=is_removed).room
        room = self._rooms.get(command.room or 0)
        if room is None:
            raise NotFound
        return room

    def message(self, command: AcceptedCommand[AnyChange], id: int, *, is_removed: bool = False) -> Message:
        """The message `id`, if it is there for the sender, or was until a moderator removed it.

        Raises NotFound.
        """
        message = self._messages.get(id)
        if message is None or (message.deleted_at is not None) != is_removed:
            raise NotFound
        if message.is_removed != is_removed:  # its author has taken it back
            raise NotFound
        room = self._rooms.get(message.room_id)
        if room is None or (command.listened is not None and room.pk not in command.listened):
            raise NotFound
        message.room = room
        return message

    def once(self, read: "Callable[[LogTransaction], T]") -> T:
        """What `read`, a function with a name, gives: asked once for all that is carried out here."""
        if read not in self._read:
            self._read[read] = read(self)
            self.answered()
        found: T = self._read[read]
        return found

    def row(self, command: AcceptedCommand[AnyChange]) -> Message:
        """The message that a change is about, whatever has become of it. Raises NotFound."""
        message = self._messages.get(_target(command.change) or 0)
        room = self._rooms.get(message.room_id) if message is not None else None
        if message is None or room is None:
            raise NotFound
        message.room = room
        return message

    def post(
        self,
        room: Room,
        author: Person,
        command: AcceptedCommand[PostMessage],
        text: str,
        mentions: list[str] | None,
    ) -> Done:
        """Add what a command asks for, as it may be said, to the end of the room's log."""
        change, version = command.change, self._next_version(room)
        row = {
            "room_id": room.id,
            "version": version,
            "first_version": version,
            "author_id": author.id,
            "ref": change.ref,
            "digest": command.digest if change.ref else None,
            "key": command.key,
            "name": author.name,
            "role": command.actor.role_in(room),
            "text": text,
            "timestamp": frames.timestamp_kept(change.timestamp),
            "sent_at": self.now,
            "reply_to_id": change.reply_to,
            "reactions": {},
            "mentions": mentions,
        }
        event = frames.said(row, room, change.timestamp, self._quote(room.id, change.reply_to))
        done = Done(0, version, self.now, room.id, room.epoch, event=event)
        self._posted.append((row, done))
        self.slow_marks.note(room, author.id, self.now)
        return done

    def change(self, message: Message) -> Done:
        """Note that a message stands otherwise now."""
        room = message.room
        message.version = self._next_version(room)
        self._changed[message.id] = message
        event = frames.updated(message, self._quote(room.id, message.reply_to_id))
        return Done(message.id, message.version, self.now, room.id, room.epoch, event=event)

    def note(self, act: ModerationAct) -> None:
        """Keep what a moderator has done, with all that changes here."""
        self._noted.append(act)

    def unchanged(self, message: Message) -> Done:
        """It stands as it was asked for already: nothing is told."""
        return Done(message.id, message.version, self.now)

    def _quote(self, room: int, answered: int | None) -> Quote | UnsetType:
        """The message that is answered in a room, as it stands at this point of the transaction."""
        if answered is None:
            return UNSET
        original = self._messages.get(answered)
        if original is None or original.room_id != room:
            return Quote(answered)
        is_deleted = original.deleted_at is not None
        return frames.quoted(
            original.pk, original.name, original.author_id, original.text, is_deleted=is_deleted
        )

    def _next_version(self, room: Room) -> int:
        self._moved[room.id] = room
        room.version += 1
        return room.version


@transaction.atomic(savepoint=False)  # within a larger transaction, all of that is kept or nothing
def write(commands: Sequence[AcceptedCommand[AnyChange]], carry_out: CarryOut) -> list[Outcome]:
    """As `write_within`, in a transaction of its own, or in the one that there is."""
    return write_within(commands, carry_out)


def write_within(
    commands: Sequence[AcceptedCommand[AnyChange]],
    carry_out: CarryOut,
    *,
    is_retry: bool = False,
    is_last: bool = False,
) -> list[Outcome]:
    """Carry out many commands in a transaction that has begun: for each what came of it, or why not.

    A command that may not be carried out gives its error, with its `ref`, and harms no other. Where the
    database cannot keep them, raises its error, and then nothing of any of them is kept. A retry may find
    that some were kept before. `is_last` says that the transaction has nothing more to do.
    """
    with pipeline.opened() as answered:
        log = LogTransaction(commands, answered, is_retry=is_retry)
        outcomes = [log.draft(command, carry_out) for command in commands]
        give_keys = log.save(is_last=is_last)
    give_keys()
    return outcomes


def _target(change: AnyChange) -> int | None:
    """The message that a change is about, if there is one already."""
    return change.reply_to if isinstance(change, PostMessage) else change.id


def _kept(commands: Sequence[AcceptedCommand[AnyChange]], since: datetime) -> dict[str, Done]:
    """What was said since then under the keys of these commands."""
    keys = [command.key for command in commands if command.key is not None]
    found = Message.objects.filter(sent_at__gte=since, key__in=keys).order_by()
    return {
        message.key or "": Done(message.id, message.first_version, message.sent_at, is_repeat=True)
        for message in found
    }


def _noted(command: AcceptedCommand[AnyChange], done: Done) -> ProcessedCommand:
    return ProcessedCommand(
        author=command.actor.person,
        ref=command.change.ref or "",
        digest=command.digest,
        message_id=done.id,
        version=done.version,
        at=done.at,
    )
