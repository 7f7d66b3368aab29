"""An accepted command: a change of a room's log that somebody may ask for, on its way to the writer."""

import hashlib
import os
import uuid
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Generic, TypeVar

import msgspec

from chat.actors import Actor
from chat.core.protocol import AnyChange
from chat.models.message import DIGEST

C = TypeVar("C", bound=AnyChange, covariant=True)


@dataclass(frozen=True)
class AcceptedCommand(Generic[C]):
    """A command for a change of a room's log, and who has sent it."""

    actor: Actor
    change: C
    #: The rooms in which what the command is about is looked for, by key: those that the sender listens to;
    #: for what is said, its own. None where there is no such bound: the actor's rights alone decide.
    listened: frozenset[int] | None = None
    #: The room where something new is said.
    room: int | None = None
    #: A name of the server's own for what has no `ref`, so that a retry finds what was kept.
    key: str | None = None
    #: Whether it is a part of what a moderator does at one time and notes as a whole.
    is_part: bool = False

    @property
    def signature(self) -> tuple[str, str] | None:
        """The author and the ref, where it has one: under it nothing else is ever done."""
        author, ref = self.actor.person, self.change.ref
        return (author.id, ref) if author is not None and ref else None

    @property
    def digest(self) -> str:
        """Of what is asked for, without when and why: a retry may bring others, and is the same command.

        What stood here before a key was added to a command is kept for months: what is added stays out.
        """
        known = self.__dict__
        if "_digest" not in known:  # as functools.cached_property, whose lock costs more than the digest
            content = msgspec.to_builtins(self.change)
            for beside in ("timestamp", "reason"):
                content.pop(beside, None)
            ordered = msgspec.json.encode(content, order="sorted")
            known["_digest"] = hashlib.blake2b(ordered, digest_size=16).hexdigest()[:DIGEST]
        return str(known["_digest"])


_numbers = count()


def new_key() -> str:
    """A key that no other command has, of this process or another; much cheaper than a UUID for each."""
    return f"{_key_prefix(os.getpid())}{next(_numbers):012x}"


@cache
def _key_prefix(process: int) -> str:
    return uuid.uuid4().hex[:20]  # by its process, lest one that was forked goes on with the other's
