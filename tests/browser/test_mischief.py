"""What Mallory does to everybody's page, and what a fault in one line does to the others."""

import secrets

import pytest
from playwright.async_api import expect
from websockets import connect

from harness.site import Site
from tests.browser.conftest import Open
from tests.browser.page import log, message, say, write
from tests.serve.guests import come_in, hear_of
from tests.serve.guests import say as send

#: Has the page fail at every line with a certain word in it.
POISON = """() => {
  const Line = customElements.get("chat-message");
  const show = Line.prototype.show;
  Line.prototype.show = function (row) {
    if (row.text.includes("poison")) throw new Error("poisoned");
    show.call(this, row);
  };
}"""


@pytest.mark.parametrize("id", ["constructor", "__proto__", "toString"])
async def test_a_reaction_under_a_strange_id_is_a_reaction(visit: Open, own_site: Site, id: str) -> None:
    say(own_site, ["one", "two", "three"])
    with own_site.served_by("serve"):
        async with connect(own_site.socket(id)) as mallory:
            await come_in(mallory, "Mallory", v=2)
            await send(mallory, type="history", room="lobby")
            first = (await hear_of(mallory, type="history"))["messages"][0]
            await send(mallory, type="react", id=first["id"], emoji="👍", on=True, ref="r")
            await hear_of(mallory, type="ack", ref="r")

        alice = await visit("Alice", at=own_site)

        await expect(message(alice, "three")).to_be_visible()
        chip = message(alice, "one").get_by_role("button", name="👍")
        await expect(chip).to_have_attribute("title", "+1")
        await chip.click()
        await expect(chip).to_have_attribute("title", "You and +1")


async def test_a_line_that_cannot_be_painted_says_so_once_and_stops_no_other(
    visit: Open, faults: list[str]
) -> None:
    alice, bob = await visit("Alice"), await visit("Bob")
    await alice.evaluate(POISON)
    mark = secrets.token_hex(4)

    for text in ("before", "poison", "after"):
        await write(bob, f"{text} {mark}")

    await expect(message(alice, f"after {mark}")).to_be_visible()
    await expect(message(alice, f"before {mark}")).to_be_visible()
    await expect(log(alice).get_by_text("This line cannot be shown.")).to_have_count(1)
    await expect(log(alice).locator("[data-broken] + chat-message")).to_contain_text(f"after {mark}")
    assert faults == ["poisoned"]
    faults.clear()
