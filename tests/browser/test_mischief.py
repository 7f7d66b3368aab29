"""What Mallory does to everybody's page, and what a fault in one line does to the others."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.async_api import expect
from websockets import connect

from harness.site import Site
from tests.browser.conftest import Build, Open
from tests.browser.page import log, message, page_alone, say, write
from tests.serve.guests import come_in, hear_of
from tests.serve.guests import say as send
from tests.serve.sites import assert_is_well

pytestmark = page_alone

#: Has the page fail at every line with a certain word in it.
POISON = """() => {
  const Line = customElements.get("chat-message");
  const show = Line.prototype.show;
  Line.prototype.show = function (row) {
    if (row.text.includes("poison")) throw new Error("poisoned");
    show.call(this, row);
  };
}"""


@pytest.fixture(scope="module")
def talk(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site where four things were said."""
    site = build(tmp_path_factory.mktemp("talk"))
    say(site, ["one", "two", "three", "four"])
    with site.served_by("serve"):
        yield site
    assert_is_well(site)


@pytest.mark.parametrize(
    ("id", "place", "text"), [("constructor", 0, "one"), ("__proto__", 1, "two"), ("toString", 2, "three")]
)
async def test_a_reaction_under_a_strange_id_is_a_reaction(
    visit: Open, talk: Site, id: str, place: int, text: str
) -> None:
    async with connect(talk.socket(id)) as mallory:
        await come_in(mallory, "Mallory", v=2)
        await send(mallory, type="history", room="lobby")
        liked = (await hear_of(mallory, type="history"))["messages"][place]
        await send(mallory, type="react", id=liked["id"], emoji="👍", on=True, ref="r")
        await hear_of(mallory, type="ack", ref="r")

    alice = await visit("Alice", at=talk)

    await expect(message(alice, "four")).to_be_visible()
    chip = message(alice, text).get_by_role("button", name="👍")
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
