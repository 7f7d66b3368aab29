"""One connection: who it is, the way to its client, and the parts that do something for it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext, override
from msgspec import UNSET

from chat import access, conf, frames
from chat.actors import VISITOR, Actor
from chat.core.errors import TIME_LEFT, WHY, Banned, ChatError, ClosingError
from chat.core.protocol import Closing, Command, Event, NameWas, Notified, Refused, Welcomed, encode_utf8
from chat.live import process
from chat.live.send_queue import SendQueue
from chat.services import indexing, naming, people, presence, retention
from chat.services.room_list import RoomList
from chat.socket.admission import ConnectionAdmission
from chat.socket.closing import Closer
from chat.socket.commands import Commands
from chat.socket.identity import Identity
from chat.socket.subscriptions import Subscriptions

#: What is rounded to minutes is rounded up from here on, in seconds: it has mostly just begun.
HALF_A_MINUTE = 30


class Connection:
    """What the parts of one connection share. Belongs to the event loop it was made in."""

    #: 1 or 2, once the name reply has told.
    dialect = 1
    #: The language that a client of dialect v2 has asked for.
    language: str | None = None
    #: Who this is, and who sees the same; known once the handshake is over.
    actor: Actor | None = None
    audience = VISITOR
    #: The list of rooms that the client was told, if it has asked for one.
    room_list: RoomList | None = None
    #: What waits for the end of what shuts them out of a room.
    end: asyncio.TimerHandle | None = None

    def __init__(
        self,
        scope: Any,
        send: Any,
        close: Callable[..., Awaitable[None]],
        heard: Callable[[str], bool],
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.process = process.current()
        self.process.once(_begin)
        self.limits = conf.current()
        self.client_id: str = scope["url_route"]["kwargs"]["client_id"]
        self.admission = ConnectionAdmission((scope.get("client") or [""])[0])
        self.closing = Closer(self, close)
        self.identity = Identity(self)
        self.subscriptions = Subscriptions(self)
        self.commands = Commands(self)
        self.queue = SendQueue.to(
            scope,
            send,
            dropped=self.closing.client_dropped,
            going_down=self.closing.server_goes_down,
            left=self.closing.client_left,
            heard=heard,
        )

    def send(self, event: Event) -> None:
        """Tell this client alone, after all that it was told before."""
        self.queue.send(encode_utf8(event))

    def become(self, actor: Actor) -> None:
        """It is known who this is."""
        self.actor, self.audience = actor, actor.audience
        # A reader is nobody else's: no id of a person has a blank in it.
        self.admission.person = f"reader {self.client_id}" if actor.is_reader else actor.id
        self.process.connections.add(actor.id, self)
        self.closing.deadline = None

    def be_called(self, name: str, name_was: NameWas) -> None:
        """This person has another name from now on; why, where they have not asked for it."""
        assert self.actor
        assert self.actor.person
        person = copy(self.actor.person)
        person.name = name
        self.actor = replace(self.actor, person=person)
        if self.dialect == 2:
            self.send(self.welcome(name_was))

    def welcome(self, name_was: NameWas = UNSET) -> Welcomed:
        """The frame that says who this is, and why not under the name that was asked for."""
        assert self.actor
        person, user = self.actor.person, self.actor.user
        token = people.token(person.pk) if person is not None and user is None else ""
        return Welcomed(
            self.actor.id,
            person.name if person is not None else "",
            self.actor.role,
            token,
            user=user is not None,
            name_was=name_was,
            may=access.rights(self.actor) or UNSET,
            at=frames.iso(timezone.now()),
        )

    def speak(self, dialect: int, language: str | None) -> None:
        """From now on the client is spoken to like this."""
        self.dialect = self.queue.dialect = dialect
        self.language = language

    def refusal(self, error: ChatError, command: Command | None = None) -> Notified | Refused:
        """The frame that says what was wrong, and with what, where that was a command."""
        if self.dialect == 1:
            return Notified(message=self._sentence(error), color="danger", code=error.code)
        named = command.named if command else ()
        return Refused(error.code, self._sentence(error), error.ref, error.retry_after, *named)

    def farewell(self, error: ClosingError) -> Notified | Refused | Closing:
        """The frame that says why the connection is closed."""
        if self.dialect == 1:
            return self.refusal(error)
        return Closing(error.close_code, self._sentence(error), error.retry_after)

    def speaking(self) -> contextlib.AbstractContextManager[Any]:
        """While it lasts, Django speaks the language of the client."""
        return override(self.language) if self.language else contextlib.nullcontext()

    def in_words(self, sentence: str, **details: object) -> str:
        """A sentence in the language of the client."""
        with self.speaking():
            return gettext(sentence) % details

    def _sentence(self, error: ChatError) -> str:
        sentences = [self.in_words(error.sentence, **error.details)]
        if isinstance(error, Banned) and error.retry_after:
            sentences.append(self.in_words(TIME_LEFT, time=self.duration(error.retry_after)))
        if error.why:
            sentences.append(self.in_words(WHY, reason=error.why))
        return " ".join(sentences)

    def duration(self, seconds: float) -> str:
        """So many seconds, to the minute and in the language of the client: "2 hours, 5 minutes"."""
        now = timezone.now()
        with self.speaking():
            return timeuntil(now + timedelta(seconds=seconds + HALF_A_MINUTE), now)

    def forget_end(self) -> None:
        """Wait for the end of nothing."""
        if self.end is not None:
            self.end.cancel()
            self.end = None

    async def depart(self) -> None:
        """Give back what this connection holds, and tell the rooms it was in."""
        self.closing.is_closing = True
        self.forget_end()
        self.queue.discard()
        try:
            await self.commands.settle()
        finally:  # also where the server has no more patience with this task
            if self.actor is not None:
                self.process.connections.remove(self.actor.id, self)
            rooms = self.subscriptions.stop_all()
            self.admission.release()
            self.identity.depart(rooms, at_once=bool(self.closing.is_goodbye))


def _begin() -> None:
    """What a process does from its first connection on."""
    retention.begin()
    indexing.begin()
    presence.begin()
    naming.begin()
