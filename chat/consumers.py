"""The socket: one consumer for each connection, from the name handshake to the farewell."""

import asyncio
import contextlib
import time
import uuid
from typing import Any

from autobahn.exception import Disconnected
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils.translation import gettext

from chat import conf, live
from chat.core import names
from chat.core.errors import ChatError, NoNameInTime, TooManyBadFrames
from chat.core.limits import Strikes
from chat.core.protocol import (
    AnyCommand,
    Event,
    NameRequested,
    Notified,
    PostMessage,
    Reply,
    encode,
    parse,
    parse_reply,
)
from chat.models import Person, Room
from chat.services import messages, presence

#: What sending raises once the client has gone: under Daphne, and by the ASGI specification.
GONE = (Disconnected, OSError)

enter = database_sync_to_async(presence.enter)
post_message = database_sync_to_async(messages.post)


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One connection. It asks for a name, joins the room's group through the hub, and then listens."""

    #: Who this is and where; known once the handshake is over.
    person: Person
    room: Room
    _is_in = False
    #: The id held in the roster, from the name on.
    _held: str | None = None
    #: When the patience with a newcomer ends, by the loop's clock.
    _deadline: float | None = None
    _is_closing = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the connection. However it ends, the room is left.

        Channels would give each consumer a channel of its own and wait for that, too. Here the hub
        has the only channel of the process, and the socket is all there is to wait for.
        """
        self.scope, self.base_send = scope, send
        try:
            while True:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        message = await receive()
                except TimeoutError:
                    await self._expel(NoNameInTime(), 4503)
                else:
                    await self.dispatch(message)
        except StopConsumer:
            pass
        finally:
            await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand an event of the server to its method. What a client sends never names a method.

        Channels tidies up the database's connections here, at the cost of a thread hop for each
        frame; `database_sync_to_async` does it anyway, where there is something to tidy up.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Let the client in and ask for a name."""
        settings = conf.current()
        self._strikes = Strikes(most=settings.bad_frames_per_minute, seconds=60)
        if settings.name_timeout:
            self._deadline = asyncio.get_running_loop().time() + settings.name_timeout
        await self.accept()
        await self.send_json(NameRequested())

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """Take one frame. Whatever is wrong with it is answered here, once, and changes nothing."""
        if self._is_closing:
            return
        try:
            if not self._is_in:
                await self._introduce(parse_reply(text_data))
            elif command := parse(text_data):
                await self.receive_json(command)
        except ChatError as error:
            await self._refuse(error)

    async def receive_json(self, content: AnyCommand, **kwargs: Any) -> None:
        """Do what a client with a name asks for."""
        match content:
            case PostMessage():
                await post_message(self.person, self.room, content.message, content.timestamp)

    async def hear(self, text: str) -> None:
        """Pass on what the room is told."""
        await self.send(text_data=text)

    async def send(self, *args: Any, **kwargs: Any) -> None:
        """Send a frame, unless the client has just gone; then its `disconnect` is on the way."""
        with contextlib.suppress(*GONE):
            await super().send(*args, **kwargs)

    async def disconnect(self, code: int) -> None:
        """The client is gone."""
        await self._leave()

    async def send_json(self, content: Event, close: bool = False) -> None:
        """Tell this client alone."""
        await self.send(text_data=encode(content), close=close)

    async def _introduce(self, reply: Reply) -> None:
        """The name has come: find out who this is, and go in."""
        self._deadline = None
        client_id = self.scope["url_route"]["kwargs"]["client_id"]
        name = names.clean(reply.name) or names.default(client_id)
        roster = live.hub().roster
        if client_id in roster:
            # The id is public, so it proves nothing. Somebody has it: this is somebody else.
            client_id, name = uuid.uuid4().hex, names.unlike(name, roster.names())
        roster.hold(client_id, name)
        self._held = client_id
        self.person, self.room = await enter(client_id, name)
        self._is_in = True
        await live.hub().join(self.room.pk, self)
        live.publish(self.room.pk, presence.joined(self.room, self.person))

    async def _leave(self) -> None:
        """Give back what this connection holds, and tell the room if it was in one."""
        if self._held is not None:
            live.hub().roster.let_go(self._held)
            self._held = None
        if self._is_in:
            self._is_in = False
            await live.hub().leave(self.room.pk, self)
            live.publish(self.room.pk, presence.left(self.room, self.person))

    async def _refuse(self, error: ChatError) -> None:
        """Say what is wrong, to this client alone; who cannot stop is shown the door."""
        await self._warn(error)
        if self._strikes.add(time.monotonic()):
            await self._expel(TooManyBadFrames(), 4505)

    async def _expel(self, error: ChatError, code: int) -> None:
        """Say why, and close with `code`."""
        self._is_closing, self._deadline = True, None
        await self._warn(error)
        await self.close(code, reason=error.code)

    async def _warn(self, error: ChatError) -> None:
        sentence = gettext(error.sentence) % error.details
        await self.send_json(Notified(message=sentence, color="danger", code=error.code))
