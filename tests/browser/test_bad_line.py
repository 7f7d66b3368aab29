"""A line between the page and the server that loses things."""

import json
import secrets
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Open
from tests.browser.page import connected, log, message, write

#: Whether a text from the server reaches the page; may close the line.
Gate = Callable[[WebSocketRoute, str], Awaitable[bool]]


async def through(page: Page, gate: Gate) -> None:
    """Load the page anew, its line leading through `gate`."""

    def route(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        async def hear(text: str | bytes) -> None:
            if await gate(line, str(text)):
                line.send(text)

        server.on_message(hear)

    await page.route_web_socket("**/ws/**", route)
    await page.reload()
    await connected(page)


async def test_a_message_whose_acknowledgement_is_lost_is_there_once(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = secrets.token_hex(4)
    cut: list[WebSocketRoute] = []

    async def gate(line: WebSocketRoute, text: str) -> bool:
        if mark in text and not cut:
            cut.append(line)
            await line.close(code=4012)
        return line not in cut

    await through(alice, gate)
    await write(alice, mark)
    await expect(message(alice, mark)).to_have_attribute("data-status", "sent", timeout=10_000)

    await write(alice, f"after {mark}")
    await expect(message(bob, mark)).to_have_count(2)
    await expect(message(alice, f"after {mark}")).to_have_attribute("data-status", "sent")
    for page in (alice, bob):
        assert (await log(page).locator("[data-body]").all_inner_texts())[-2:] == [mark, f"after {mark}"]
    assert len(cut) == 1


async def test_what_is_lost_on_the_way_is_asked_for(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = secrets.token_hex(4)
    lost: list[str] = []

    async def gate(line: WebSocketRoute, text: str) -> bool:
        if f"one {mark}" in text and not lost:
            lost.append(text)
            return False
        return True

    await through(alice, gate)
    for text in (f"one {mark}", f"two {mark}"):
        await write(bob, text)
        await expect(message(bob, text)).to_have_attribute("data-status", "sent")

    await expect(message(alice, f"two {mark}")).to_be_visible()
    said = await log(alice).locator("[data-body]").all_inner_texts()
    assert said[-2:] == [f"one {mark}", f"two {mark}"]
    assert len(lost) == 1


async def test_a_line_that_goes_dead_without_a_word_is_replaced(visit: Open) -> None:
    alice = await visit("Alice")
    await alice.clock.install()
    dead: list[WebSocketRoute] = []
    lines: list[WebSocketRoute] = []

    async def gate(line: WebSocketRoute, text: str) -> bool:
        lines.append(line)
        return line not in dead

    await through(alice, gate)
    dead.append(lines[-1])
    for seconds in (20, 10):
        await alice.clock.run_for(seconds * 1000)

    mark = secrets.token_hex(4)
    await write(alice, mark)
    await expect(message(alice, mark)).to_have_attribute("data-status", "sent", timeout=10_000)
    assert lines[-1] not in dead


async def test_a_server_that_cannot_let_anybody_in_is_tried_again(visit: Open) -> None:
    alice = await visit("Alice")
    refused: list[WebSocketRoute] = []

    async def gate(line: WebSocketRoute, text: str) -> bool:
        if not refused:
            refused.append(line)
        if line in refused and '"welcome"' in text:
            line.send(json.dumps({"type": "error", "code": "internal", "message": "Not just now."}))
        return line not in refused or "request_name" in text

    await through(alice, gate)

    assert len(refused) == 1
