"""A system that replaces all colours by a few of its own, for people who see little."""

import secrets
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.page import box, choose, message, page_alone, write

pytestmark = page_alone


async def style(element: Locator, *names: str) -> list[Any]:
    """How these properties of the element come out."""
    styles: list[Any] = await element.evaluate(
        "(element, names) => names.map((name) => getComputedStyle(element)[name])", names
    )
    return styles


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_is_chosen_and_where_the_focus_is_can_be_seen(visit: Open, scheme: str) -> None:
    alice = await visit("Alice", forced_colors="active", color_scheme=scheme)
    mark = secrets.token_hex(4)
    await write(alice, mark)
    line = message(alice, mark)
    await expect(line).to_have_attribute("data-status", "sent")
    for emoji in ("👍", "🎉"):
        await choose(line, emoji)
    bob = await visit("Bob", forced_colors="active", color_scheme=scheme)
    await choose(message(bob, mark), "👍")
    theirs = message(bob, mark).get_by_role("button", name="🎉")
    ours = message(bob, mark).get_by_role("button", name="👍")
    await expect(ours).to_have_attribute("aria-pressed", "true")

    look = ("color", "backgroundColor")
    assert await style(ours, *look) != await style(theirs, *look)
    chosen, other = (bob.get_by_role("button", name=name) for name in ("EN, English", "RU, Русский"))
    assert await style(chosen, *look) != await style(other, *look)
    dot, header = bob.locator(".connection-dot"), bob.locator(".room-header")
    assert await style(dot, "backgroundColor") != await style(header, "backgroundColor")

    frame = bob.locator(".composer-box")
    await box(bob).focus()
    focused = await style(frame, "borderColor", "outlineStyle", "outlineColor")
    await chosen.focus()
    assert await style(frame, "borderColor", "outlineStyle", "outlineColor") != focused
    assert focused[1] == "solid"
    assert focused[2] != "rgba(0, 0, 0, 0)"
