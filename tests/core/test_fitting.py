"""Frames of messages that would be too large."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.core.fitting import LIMIT, fitted
from chat.core.protocol import MessagePosted, MessageUpdated, encoded_size

SAID: dict[str, Any] = {
    "sender": "Alice",
    "sender_id": "alice",
    "timestamp": None,
    "room": "lounge",
    "id": 1,
    "version": 2,
    "sent_at": "2026-11-22T10:00:00.123Z",
    "role": "guest",
}


def test_what_fits_stays_as_it_is() -> None:
    posted = MessagePosted(**SAID, message="😀" * 4000)
    updated = MessageUpdated(**SAID, message="😀" * 4000, reactions={"👍": ["a" * 64] * 300})

    assert fitted(posted) is posted
    assert fitted(updated) is updated


def test_a_text_ends_with_an_ellipsis_and_fills_the_frame() -> None:
    short = fitted(MessagePosted(**SAID, message="я" * 500_000))

    assert short.message
    assert short.message.lstrip("я") == "…"
    assert LIMIT - 2 <= encoded_size(short) <= LIMIT


def test_reactions_go_before_text_and_those_that_cost_most_before_others() -> None:
    odd = {"x" * 30_000: ["bob"], "y" * 40_000: ["bob"]}

    short = fitted(MessageUpdated(**SAID, message="hi", reactions={**odd, "👍": ["bob"], "🎉": ["carol"]}))

    assert short.message == "hi"
    assert short.reactions
    assert list(short.reactions) == ["x" * 30_000, "👍", "🎉"]


def test_nobody_is_lost_for_a_text_that_is_too_long() -> None:
    """What a message may have today stays beside it."""
    reactions = {"👍": [f"{number:064}" for number in range(300)], "🎉": ["bob"]}

    short = fitted(MessageUpdated(**SAID, message="я" * 500_000, reactions=reactions))

    assert short.reactions == reactions
    assert short.message
    assert short.message.endswith("я…")
    assert LIMIT - 2 <= encoded_size(short) <= LIMIT


def test_of_too_many_people_the_first_stay() -> None:
    people = [f"{number:060}" for number in range(5000)]

    short = fitted(MessageUpdated(**SAID, message="hi", reactions={"👍": people}))

    assert short.reactions
    assert short.reactions["👍"] == people[: len(short.reactions["👍"])]
    assert LIMIT - 64 <= encoded_size(short) <= LIMIT


# Sizes are drawn, and not the texts themselves, which would be too large to draw.
text = st.tuples(st.text(min_size=1, max_size=5), st.integers(0, 40_000)).map(
    lambda drawn: drawn[0] * drawn[1]
)
people = st.integers(0, 2000).map(lambda count: [f"{number:032}" for number in range(count)])


@settings(max_examples=60)
@given(text, text, text, st.dictionaries(text, people, max_size=4))
def test_everything_fits(message: str, name: str, note: str, reactions: dict[str, list[str]]) -> None:
    said = {**SAID, "sender": name, "timestamp": note, "ref": note}

    assert encoded_size(fitted(MessagePosted(**said, message=message))) <= LIMIT
    assert encoded_size(fitted(MessageUpdated(**said, message=message, reactions=reactions))) <= LIMIT
