"""The inbox: what waits for the application."""

import asyncio

from chat.server.inbox import Inbox

HI, BYE = {"type": "websocket.receive", "text": "hi"}, {"type": "websocket.disconnect", "code": 1000}


async def test_an_application_is_given_each_event_in_turn_and_messages_alone_are_counted() -> None:
    taken: list[str] = []
    inbox = Inbox(lambda: taken.append("message"))
    first = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)

    inbox.put_nowait(HI)
    inbox.put_nowait(BYE)

    assert [await first, await inbox.get()] == [HI, BYE]
    assert taken == ["message"]


async def test_who_has_no_patience_takes_nothing_from_who_waits_on() -> None:
    inbox = Inbox(lambda: None)
    gives_up, waits = (asyncio.create_task(inbox.get()) for _ in range(2))
    await asyncio.sleep(0)

    inbox.put_nowait(HI)
    gives_up.cancel()

    assert await waits == HI
    assert gives_up.cancelled()
