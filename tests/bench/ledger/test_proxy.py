"""What a proxy does to the connections that it carries."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from random import Random

import pytest

from bench.ledger.proxy import HOST, Place, Proxy

#: How long nothing has to come before it counts as nothing, in seconds.
LONG = 0.2
_CHANCE = Random(1)  # noqa: S311  # to be repeated, not to be secret


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A way to somebody who says everything back."""

    async def echo(reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    proxy = Proxy([Place(server.sockets[0].getsockname()[1])], _CHANCE)
    await proxy.open()
    yield proxy
    proxy.close()
    server.close()
    await asyncio.sleep(0.05)  # those who carried see that it is over


async def test_what_is_held_comes_when_it_heals(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    proxy.hold(proxy.down)
    writer.write(b"hi")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(2), LONG)
    proxy.heal()

    assert await asyncio.wait_for(reader.readexactly(2), 5) == b"hi"
    writer.close()


async def test_who_is_stranded_hears_nothing_more_and_who_comes_anew_is_well(proxy: Proxy) -> None:
    old_reader, old_writer = await asyncio.open_connection(HOST, proxy.port)
    old_writer.write(b"hi")
    assert await asyncio.wait_for(old_reader.readexactly(2), 5) == b"hi"

    proxy.strand()
    proxy.heal()
    old_writer.write(b"hi")
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(b"ho")

    assert await asyncio.wait_for(reader.readexactly(2), 5) == b"ho"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(old_reader.read(2), LONG)
    old_writer.close()
    writer.close()


async def test_a_balanced_one_leads_to_who_is_up() -> None:
    up, down = Place(1), Place(2, is_up=False)

    proxy = Proxy([down, up], _CHANCE, is_balanced=True)

    assert [await proxy._route() for _ in range(20)] == [up] * 20
    assert not proxy.is_spoilt
