"""The text of a message."""

import pytest
import regex

from chat.core import text
from chat.core.errors import Empty, MessageTooLong


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("hello", "hello"),
        ("  two\n\tlines ", "  two\n\tlines "),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\U0001fae8", "\U0001fae8"),  # an emoji younger than Python's Unicode
        ("a\x00b\x1b[31mc\x9b", "ab[31mc"),
        ("abc\u202edef", "abcdef"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("👩‍🚀 می‌خواهم", "👩‍🚀 می‌خواهم"),  # joiners are part of emoji and of Persian
        ("я" * 4000, "я" * 4000),
    ],
)
def test_a_text_is_kept_as_written_without_controls(raw: str, kept: str) -> None:
    assert text.clean(raw) == kept


def test_nothing_that_is_taken_out_can_be_printed() -> None:
    """So a text that can be need not be looked through."""
    assert not any(chr(code).isprintable() for code in text._UNWANTED)


@pytest.mark.parametrize(
    "raw",
    ["", " \n\t ", "\x00", "\u200b\u2060", "\u3164\u2800", "\ufe0f\u034f", "\U000e0fff", "\U0001d159"],
)
def test_a_text_without_anything_to_read_is_refused(raw: str) -> None:
    with pytest.raises(Empty):
        text.clean(raw)


def test_what_unicode_never_shows_is_not_visible() -> None:
    """By another package's list, which is as young as its version."""
    unseen = regex.findall(r"\p{Default_Ignorable_Code_Point}", "".join(map(chr, range(0x110000))))

    assert len(unseen) > 4000
    assert [character for character in unseen if text.is_visible(character)] == []


def test_a_long_text_is_refused() -> None:
    with pytest.raises(MessageTooLong, match="4000"):
        text.clean("x" * 4001)
