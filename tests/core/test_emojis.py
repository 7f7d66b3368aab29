"""Emoji by Unicode's list."""

import emoji as unicode_list
from hypothesis import given
from hypothesis import strategies as st

from chat.core import emojis


def test_every_spelling_of_the_list_is_one_emoji_but_bare_skin_and_hair() -> None:
    unknown = {spelling for spelling in unicode_list.EMOJI_DATA if emojis.spelled_out(spelling) is None}

    assert unknown == set("🏻🏼🏽🏾🏿🦰🦱🦲🦳")


@given(st.lists(st.sampled_from(sorted(unicode_list.EMOJI_DATA)) | st.characters()).map("".join))
def test_split_loses_nothing_and_finds_whole_emoji(text: str) -> None:
    pieces = list(emojis.split(text))

    assert "".join(piece for piece, _is_emoji in pieces) == text
    assert all(
        piece in unicode_list.EMOJI_DATA if is_emoji else len(piece) == 1 for piece, is_emoji in pieces
    )


def test_the_longest_emoji_is_found() -> None:
    assert list(emojis.split("a👩‍🚀❤️1")) == [("a", False), ("👩‍🚀", True), ("❤️", True), ("1", False)]
