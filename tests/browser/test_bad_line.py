"""A line between the page and the server that loses things."""

import json
import secrets
from collections.abc import Awaitable, Callable

from playwright.async_api import Page, WebSocketRoute, expect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import connected, log, message, page_alone, say, write

pytestmark = page_alone

#: Whether a text from the server reaches the page; may close the line.
Gate = Callable[[WebSocketRoute, str], Awaitable[bool]]


async def passing(line: WebSocketRoute, text: str) -> bool:
    return True


async def through(page: Page, gate: Gate = passing, outward: Gate = passing, stays: bool = True) -> None:
    """Load the page anew, its line leading through `gate`, and through `outward` to the server."""

    def route(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        async def speak(text: str | bytes) -> None:
            if await outward(line, str(text)):
                server.send(text)

        line.on_message(speak)

        async def hear(text: str | bytes) -> None:
            if await gate(line, str(text)):
                line.send(text)

        server.on_message(hear)

    await page.route_web_socket("**/ws/**", route)
    await page.reload()
    if stays:
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
    alice = await visit("Alice", clock=True)
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


async def test_who_is_too_fast_sees_it_and_everything_arrives_in_order(visit: Open) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    mark = secrets.token_hex(4)
    refused: list[str] = []
    status = alice.get_by_role("status").filter(has_text="faster than this chat allows")
    heard: list[str] = []
    await alice.expose_function("heard", lambda words: heard.append(words))

    async def outward(line: WebSocketRoute, text: str) -> bool:
        frame = json.loads(text)
        if frame.get("type") != "message" or len(refused) == 5:
            return True
        refused.append(frame["message"])
        error = {"type": "error", "code": "rate_limited", "message": "No.", "ref": frame["ref"]}
        line.send(json.dumps({**error, "retry_after": 0.3}))
        return False

    await through(alice, outward=outward)
    await alice.locator("[data-limited-status]").evaluate(
        "status => new MutationObserver(() => heard(status.textContent)).observe(status, {childList: true})"
    )
    await write(alice, f"one {mark}")
    first = message(alice, f"one {mark}")
    await expect(first).to_contain_text("You are faster than this chat allows.", use_inner_text=True)
    await expect(first).to_have_attribute("data-status", "pending")
    await expect(status).to_have_count(1)
    await write(alice, f"two {mark}")

    for text in ("one", "two"):
        await expect(message(alice, f"{text} {mark}")).to_have_attribute("data-status", "sent")
    await expect(alice.locator("[data-limited]:not([hidden])")).to_have_count(0)
    assert set(refused) == {f"one {mark}"}
    said = await log(bob).locator("[data-body]").all_inner_texts()
    assert said[-2:] == [f"one {mark}", f"two {mark}"]
    assert await log(alice).locator("[data-color=danger]").count() == 0
    assert len(heard) == 2, "said once, and taken back once"


async def test_history_that_is_refused_is_asked_for_again_once(visit: Open, own_site: Site) -> None:
    say(own_site, [f"word {number}" for number in range(60)])
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
        asked: list[str] = []

        async def outward(line: WebSocketRoute, text: str) -> bool:
            if json.loads(text).get("type") != "history":
                return True
            asked.append(text)
            if len(asked) > 2:
                return True
            error = {"type": "error", "code": "rate_limited", "message": "No.", "retry_after": 0.2}
            line.send(json.dumps(error))
            return False

        await through(alice, outward=outward)
        await log(alice).evaluate("scroller => { scroller.scrollTop = 0; }")

        await expect(log(alice).get_by_role("article")).to_have_count(60)
        assert len(asked) == 3
        assert await log(alice).locator("[data-color=danger]").count() == 0


async def test_who_is_shown_out_for_being_too_fast_decides_when_to_come_back(visit: Open) -> None:
    alice = await visit("Alice")
    shown_out: list[str] = []

    async def gate(line: WebSocketRoute, text: str) -> bool:
        if not shown_out and '"room"' in text:
            shown_out.append(text)
            closing = {"type": "closing", "code": 4506, "reason": "That was too much.", "retry_after": 3}
            line.send(text)
            line.send(json.dumps(closing))
            await line.close(code=4506, reason="rate_limited")
            return False
        return True

    await through(alice, gate, stays=False)
    await expect(alice.get_by_text("That was too much.")).to_be_visible()
    await alice.get_by_role("button", name="Connect again").click()

    await connected(alice)
    await expect(alice.get_by_text("That was too much.")).to_be_hidden()


async def test_a_page_without_a_network_is_not_green(visit: Open) -> None:
    alice = await visit("Alice", clock=True)
    lines: list[WebSocketRoute] = []
    dead: list[WebSocketRoute] = []

    async def gate(line: WebSocketRoute, text: str) -> bool:
        lines.append(line)
        return line not in dead

    await through(alice, gate)
    dead.append(lines[-1])
    await alice.context.set_offline(True)

    await expect(alice.get_by_text("Checking the connection…")).to_be_visible()
    await expect(alice.get_by_text("Connected", exact=True)).to_have_count(0)
    await write(alice, "into the dark")
    await expect(message(alice, "into the dark").last).to_have_attribute("data-status", "pending")
    await alice.context.set_offline(False)
    await alice.clock.run_for(10_000)
    await expect(message(alice, "into the dark").last).to_have_attribute(
        "data-status", "sent", timeout=10_000
    )


async def test_a_line_that_holds_without_a_network_is_trusted_again(visit: Open) -> None:
    alice = await visit("Alice")
    phases: list[str] = []
    await alice.expose_function("seen", lambda phase: phases.append(phase))
    await alice.locator("connection-line").evaluate(
        """line => new MutationObserver(() => seen(line.dataset.phase))
          .observe(line, { attributeFilter: ["data-phase"] })"""
    )

    await alice.evaluate("dispatchEvent(new Event('offline'))")

    await alice.wait_for_function(
        "() => document.querySelector('connection-line').dataset.phase === 'connected'"
    )
    mark = secrets.token_hex(4)
    await write(alice, mark)
    await expect(message(alice, mark)).to_have_attribute("data-status", "sent")
    assert set(phases) <= {"doubtful", "connected"}


async def test_a_clock_set_back_an_hour_leaves_the_countdown_alone(visit: Open, own_site: Site) -> None:
    with own_site.served_by("serve"):
        alice = await visit("Alice", at=own_site)
    seconds = alice.locator("[data-seconds]")
    await expect(seconds).to_be_visible()
    before = await seconds.inner_text()

    await alice.evaluate("(now => { Date.now = () => now() - 3_600_000; })(Date.now)")
    await expect(seconds).not_to_have_text(before)

    assert int(await seconds.inner_text()) <= 40


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
