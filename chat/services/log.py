"""The log of a room: every durable change takes the room's next version, in the transaction that makes it.

The rows are the log: a message carries the version of its latest change, so what changed after a
version is one walk along an index, and gives each message once, as it now stands.
"""

import hashlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count

import msgspec
from django.db import transaction
from django.utils import timezone

from chat import conf
from chat.core import reactions, text
from chat.core.errors import ChatError, Forbidden, NotFound, RefReused
from chat.core.protocol import (
    AnyChange,
    DeleteMessage,
    EditMessage,
    MessagePosted,
    MessageUpdated,
    PostMessage,
    React,
)
from chat.models import Message, Person, Receipt, Room
from chat.services import statements

#: How old can be what is tried again: much older than anybody waits for the database.
RETRIED_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Order:
    """Somebody's wish for a change."""

    #: None for a moderator, who takes back what anybody said.
    author: Person | None
    change: AnyChange
    #: The rooms the author listens to, by key: nothing elsewhere can be changed.
    rooms: frozenset[int]
    #: The room where something new is said.
    room: int | None = None
    #: A name of the server's own for what has no `ref`, so that a retry finds what was kept.
    key: str | None = None


_numbers = count()


def new_key() -> str:
    """A key that no other order has, of this process or another; much cheaper than a UUID for each."""
    return f"{_key_prefix(os.getpid())}{next(_numbers):012x}"


@cache
def _key_prefix(process: int) -> str:
    return uuid.uuid4().hex[:20]  # by its process, lest one that was forked goes on with the other's


@dataclass(frozen=True)
class Done:
    """What came of an order: the message it is about, and the version that the change took."""

    id: int
    version: int
    at: datetime
    room: int
    #: Whether it had been carried out before, so that nothing has happened now.
    is_repeat: bool = False
    #: What the room is to be told; None where nothing has changed.
    event: MessagePosted | MessageUpdated | None = None


Outcome = Done | ChatError


@transaction.atomic(savepoint=False)  # within a larger transaction, all of that is kept or nothing
def carry_out(orders: Sequence[Order], *, is_retry: bool = False) -> list[Outcome]:
    """Carry out many orders in one transaction: for each, in turn, what came of it.

    An order that may not be carried out gives its error, with its `ref`, and harms no other. Where the
    database cannot keep them, raises its error, and then nothing of any of them is kept. A retry may find
    that some were kept before.
    """
    page = _Page(orders, is_retry=is_retry)
    drafts = [page.draft(order) for order in orders]
    page.save()
    return [draft if isinstance(draft, ChatError) else draft.done() for draft in drafts]


@dataclass
class _Draft:
    """A change on the page; its message has no key before it is saved."""

    message: Message
    version: int
    at: datetime
    #: None for what is said for the first time, whose frame needs the key.
    event: MessageUpdated | None = None
    is_new: bool = False
    is_repeat: bool = False

    def done(self) -> Done:
        event = self.message.posted() if self.is_new and not self.is_repeat else self.event
        return Done(self.message.pk, self.version, self.at, self.message.room_id, self.is_repeat, event)


class _Page:
    """One transaction's worth of the log: the rows that the orders are about, behind their room's lock."""

    def __init__(self, orders: Sequence[Order], *, is_retry: bool = False) -> None:
        self.now = timezone.now()
        wanted = {id for order in orders if (id := _target(order.change)) is not None}
        homes = dict(Message.objects.filter(pk__in=wanted).values_list("pk", "room_id")) if wanted else {}
        keys = {order.room for order in orders if order.room is not None} | set(homes.values())
        self.rooms = statements.locked(keys)
        # Only behind the lock does a message stand still.
        self.messages = Message.objects.in_bulk(homes) if homes else {}
        self.known = _receipts(orders)
        self.kept = _kept(orders, since=self.now - RETRIED_WITHIN) if is_retry else {}
        self.posted: list[Message] = []
        self.changed: dict[int, Message] = {}
        self.signed: list[tuple[Receipt, Message]] = []

    def draft(self, order: Order) -> _Draft | ChatError:
        """Put one order on the page, or say why not, and then the page is as it was."""
        change = order.change
        try:
            if order.author is None or change.ref is None:
                return self.kept.get(order.key or "") or self._carry_out(order)
            key, digest = (order.author.pk, change.ref), _digest(change)
            if key in self.known:
                first_digest, first = self.known[key]
                if digest != first_digest:
                    raise RefReused
                return replace(first, event=None, is_repeat=True)
            draft = self._carry_out(order)
        except ChatError as error:
            error.ref = change.ref
            return error
        self.known[key] = digest, draft
        receipt = Receipt(
            author=order.author, ref=change.ref, digest=digest, version=draft.version, at=self.now
        )
        self.signed.append((receipt, draft.message))
        return draft

    def save(self) -> None:
        """Write the page."""
        statements.insert(self.posted)
        if self.changed:
            Message.objects.bulk_update(
                self.changed.values(), ["version", "text", "edited_at", "deleted_at", "reactions"]
            )
        for receipt, message in self.signed:
            receipt.message_id = message.pk
        statements.insert([receipt for receipt, _message in self.signed])
        for room in {message.room for message in (*self.posted, *self.changed.values())}:
            statements.advance(room)

    def _carry_out(self, order: Order) -> _Draft:
        match order.author, order.change:
            case author, DeleteMessage() as change:
                return self._delete(order, author, change)
            case Person() as author, PostMessage() as change:
                return self._post(order, author, change)
            case Person() as author, EditMessage() as change:
                return self._edit(order, author, change)
            case Person() as author, React() as change:
                return self._react(order, author, change)
        raise Forbidden

    def _post(self, order: Order, author: Person, change: PostMessage) -> _Draft:
        room = self.rooms.get(order.room or 0)
        if room is None:
            raise NotFound
        if change.reply_to is not None and self._message(order, change.reply_to).room_id != room.pk:
            raise NotFound
        message = Message(
            room=room,
            author=author,
            ref=change.ref,
            key=order.key,
            name=author.name,
            text=text.clean(change.message),
            timestamp=None if change.timestamp is None else msgspec.json.encode(change.timestamp).decode(),
            sent_at=self.now,
            reply_to_id=change.reply_to,
        )
        message.version = message.first_version = self._next_version(room)
        self.posted.append(message)
        return _Draft(message, message.version, self.now, is_new=True)

    def _edit(self, order: Order, author: Person, change: EditMessage) -> _Draft:
        message = self._message(order, change.id)
        _check_is_own(message, author)
        message.text, message.edited_at = text.clean(change.message), self.now
        return self._change(message)

    def _delete(self, order: Order, author: Person | None, change: DeleteMessage) -> _Draft:
        message = self._message(order, change.id)
        if author is not None:
            _check_is_own(message, author)
        message.deleted_at = self.now
        return self._change(message)

    def _react(self, order: Order, author: Person, change: React) -> _Draft:
        message = self._message(order, change.id)
        if change.on:
            limits = conf.current().reaction_limits
            found = reactions.put(message.reactions, change.emoji, author.pk, limits)
        else:
            found = reactions.take_off(message.reactions, change.emoji, author.pk)
        if found == message.reactions:
            return _Draft(message, message.version, self.now)
        message.reactions = found
        return self._change(message)

    def _message(self, order: Order, id: int) -> Message:
        """The message `id`, if the author of the order can see it."""
        message = self.messages.get(id)
        if message is None or message.deleted_at is not None or message.room_id not in order.rooms:
            raise NotFound
        if (room := self.rooms.get(message.room_id)) is None:
            raise NotFound
        message.room = room
        return message

    def _change(self, message: Message) -> _Draft:
        message.version = self._next_version(message.room)
        self.changed[message.pk] = message
        return _Draft(message, message.version, self.now, event=message.updated())

    @staticmethod
    def _next_version(room: Room) -> int:
        room.version += 1
        return room.version


def _check_is_own(message: Message, author: Person) -> None:
    if message.author_id != author.pk or not message.has_owner:
        raise Forbidden


def _target(change: AnyChange) -> int | None:
    """The message that a change is about, if there is one already."""
    return change.reply_to if isinstance(change, PostMessage) else change.id


def _receipts(orders: Sequence[Order]) -> dict[tuple[str, str], tuple[str, _Draft]]:
    """What was carried out before under the refs of these orders: its digest and what came of it."""
    signed = {
        (order.author.pk, order.change.ref)
        for order in orders
        if order.author is not None and order.change.ref is not None
    }
    return {
        (receipt.author_id, receipt.ref): (
            receipt.digest,
            _Draft(receipt.message, receipt.version, receipt.at),
        )
        for receipt in statements.receipts(signed)
    }


def _kept(orders: Sequence[Order], since: datetime) -> dict[str, _Draft]:
    """What was said since then under the keys of these orders."""
    keys = [order.key for order in orders if order.key is not None]
    found = Message.objects.filter(sent_at__gte=since, key__in=keys).order_by()
    return {
        message.key or "": _Draft(message, message.first_version, message.sent_at, is_repeat=True)
        for message in found
    }


def _digest(change: AnyChange) -> str:
    """Of what a change is, without when: a retry may bring another timestamp."""
    content = msgspec.to_builtins(change)
    content.pop("timestamp", None)
    return hashlib.blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).hexdigest()
