"""The socket: one consumer for each connection, from the first frame to the farewell."""

import asyncio
import contextlib
import itertools
import logging
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError, InterfaceError

from chat.core.errors import ChatError, DatabaseUnreachable, NoNameInTime, TooManyConnections
from chat.core.limits import FRAMES_A_TURN
from chat.core.protocol import AnyCommand, Change, Command, Event, Reply, encode, parse, parse_reply
from chat.socket import handshake
from chat.socket.connection import Connection

logger = logging.getLogger(__name__)

#: What a close is called that came without a word.
BROKEN = 1006


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """The life of one connection. It asks for a name, and then takes commands (see chat/socket).

    It joins the groups of its rooms through the hub, which has the only channel of the process.
    """

    #: Whether all that has come is done, and more is waited for.
    _is_idle = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the connection. However it ends, its rooms are left.

        Channels would give each consumer a channel of its own and wait for that, too. Here the socket is
        all there is to wait for.
        """
        self.scope, self.base_send = scope, send
        self.connection = Connection(scope, send, close=self.close, heard=self.hear)
        try:
            for frames in itertools.count(1):
                deadline = self.connection.closing.deadline
                try:
                    self._is_idle = True
                    async with asyncio.timeout_at(deadline) if deadline else contextlib.nullcontext():
                        message = await receive()
                    self._is_idle = False
                except TimeoutError:
                    await self.connection.closing.close(NoNameInTime())
                else:
                    await self.dispatch(message)
                    if frames % FRAMES_A_TURN == 0:
                        await asyncio.sleep(0)  # `receive` does not wait while there is more
        except StopConsumer:
            pass
        finally:
            await self.connection.depart()

    def hear(self, text: str) -> bool:
        """Take what most say, a change that nothing has to be waited for, by a call of the server.

        False where it is anything else: then it comes by `receive`, as all does under any other server, and
        so does whatever is said before that is done. A queue and a task to be woken for each message are an
        eighth of what it costs.
        """
        connection = self.connection
        if not self._is_idle or connection.actor is None or connection.closing.is_closing:
            return False
        try:
            command = parse(text, connection.dialect)
        except ChatError:
            return False  # which is answered in one place
        return isinstance(command, Change) and connection.commands.take_at_once(command)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand an event of the server to its method. What a client sends never names a method.

        Channels tidies up the database's connections here, at the cost of a thread hop for each
        frame; whatever goes to the database does it anyway, where there is something to tidy up.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        """Let the client in and ask for a name."""
        await self.accept()
        admission = self.connection.admission
        if not admission.acquire():
            network = admission.network or "a proxy's"
            logger.warning("Turned away, for there are too many connections: %s", network)
            await self.connection.closing.close(TooManyConnections())
            return
        try:
            await handshake.begin(self.connection, self.scope)
        except (DatabaseError, InterfaceError) as error:
            await self._close_unreachable(error)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """Take one frame. Whatever is wrong with it is answered here, once, and changes nothing."""
        closing = self.connection.closing
        if closing.is_closing:
            return
        content = None
        try:
            content = await self.decode_json(text_data)
            if content is not None:
                await self.receive_json(content)
        except ChatError as error:
            await closing.refuse_patiently(error, content if isinstance(content, Command) else None)
        except (DatabaseError, InterfaceError) as error:
            await self._close_unreachable(error)

    async def _close_unreachable(self, error: Exception) -> None:
        """Half in and half out of a room is no place to stay: the client comes again."""
        logger.warning("The database cannot be read: %s", str(error).strip())
        await self.connection.closing.close(DatabaseUnreachable())

    async def receive_json(self, content: Reply | AnyCommand, **kwargs: Any) -> None:
        """Do what the client asks for. Raises ChatError."""
        if isinstance(content, Reply):
            await handshake.introduce(self.connection, content)
        else:
            await self.connection.commands.take(content)

    async def send_json(self, content: Event, close: bool = False) -> None:
        """Tell this client alone, after all that it was told before.

        The chat itself sends by the queue. Channels' own, which whoever knows Channels may call, would
        overtake what waits there.
        """
        self.connection.queue.send(await self.encode_json(content))
        if close:
            await self.close()

    async def decode_json(self, text_data: str | None) -> Reply | AnyCommand | None:  # type: ignore[override]
        """What the client says: its name, then commands; None for what v1 ignores. Raises ChatError."""
        connection = self.connection
        return parse_reply(text_data) if connection.actor is None else parse(text_data, connection.dialect)

    @classmethod
    async def encode_json(cls, content: Event) -> str:
        """The event as the text of one frame."""
        return encode(content)

    async def websocket_disconnect(self, message: Any) -> None:
        """The client is gone, with a goodbye unless the line broke; `__call__` sees to the rest."""
        self.connection.closing.client_gone(message.get("code", BROKEN))
        raise StopConsumer
