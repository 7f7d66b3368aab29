"""How often a change waits for PostgreSQL, which may be far away."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from django.db import connection

from chat.actors import guest
from chat.core.protocol import AnyChange, PostMessage, React
from chat.live import process
from chat.models import Person, Room
from chat.services import batches
from chat.storage import vendor
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.thread import DatabaseThread

pytestmark = [pytest.mark.stack("postgresql"), pytest.mark.django_db(transaction=True)]


class Relay:
    """Stands before the database, and counts how often it was asked for something and has answered."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self.round_trips = 0
        self._is_asked = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._place)
        try:
            await asyncio.gather(
                self._carry(reader, back, is_question=True), self._carry(there, writer, is_question=False)
            )
        finally:
            back.close()
            writer.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_question: bool
    ) -> None:
        while data := await reader.read(65536):
            self.round_trips += is_question and not self._is_asked
            self._is_asked = is_question
            writer.write(data)
        writer.write_eof()

    async def stand_before(self, thread: DatabaseThread) -> asyncio.Server:
        """Have this thread come to the database through the relay, and no other: they outlive the test."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        await thread.run(partial(_come_by, server.sockets[0].getsockname()[1]))
        return server


def _come_by(port: int) -> None:
    mine = vendor.here()
    mine.close()
    mine.settings_dict = {**mine.settings_dict, "PORT": port}


@pytest.fixture
def thread() -> DatabaseThread:
    return DatabaseThread("test", prepares=True)


@pytest_asyncio.fixture
async def relay(thread: DatabaseThread) -> AsyncIterator[Relay]:
    relay = Relay(connection.settings_dict["HOST"], int(connection.settings_dict["PORT"]))
    server = await relay.stand_before(thread)
    yield relay
    server.close()


async def test_a_change_is_three_round_trips(relay: Relay, thread: DatabaseThread, lobby: Room) -> None:
    """BEGIN; the lock, with all that is read behind it; all that is written, with COMMIT."""
    await process.current().directory.known()  # whose version says for how long filters need not be read
    alice = await Person.objects.acreate(id="alice", name="Alice", is_owned=True)
    taken: list[int] = []
    await process.current().directory.known()  # as where somebody is connected; filters go by it

    async def carry_out(*changes: AnyChange) -> int:
        asked = [AcceptedCommand(guest(alice), change, room=lobby.pk) for change in changes]
        before = relay.round_trips
        outcomes = await thread.run(partial(batches.carry_out, asked), 5)
        taken.append(relay.round_trips - before)
        return int(outcomes[0].id)

    await carry_out(PostMessage(message="hi", ref="0"))  # which also connects, and prepares
    said = await carry_out(PostMessage(message="hi", ref="1"))
    await carry_out(PostMessage(message="hi", reply_to=said, ref="2"))
    await carry_out(React(id=said, emoji="👍", on=True, ref="3"))
    await carry_out(*(PostMessage(message="hi" * 100, ref=f"many-{number}") for number in range(100)))

    assert taken[1:] == [3, 3, 3, 3]
