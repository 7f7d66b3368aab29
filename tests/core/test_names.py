"""Names of people."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from chat.core import emojis, names
from chat.core.protocol import NAME_LIMIT


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("Alice", "Alice"),
        ("  Аня   из\tПетербурга \n", "Аня из Петербурга"),
        ("A\u202elice", "Alice"),  # right-to-left override
        ("\u200bA\u200dli\ufeffce\u2060", "Alice"),  # zero-width characters
        ("Al\x00i\x1b[31mce", "Ali[31mce"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("\U0001fae8", "\U0001fae8"),  # an emoji younger than Python's Unicode
        ("a" + "\u0301\u0302\u0303\u0304" * 9, "á\u0302\u0303"),
        ("\u0301\u0301", ""),
        ("\u3164\u2800", ""),  # letters and symbols without ink
        ("\U000e0041lice", "lice"),  # a tag character
        ("\ud800", ""),
        ("👩‍🚀", "👩‍🚀"),
        ("x" * 10_000, "x" * NAME_LIMIT),
        ("\u202e" * 10_000 + "x", ""),
        ("", ""),
        (None, ""),
        (42, ""),
        (["Alice"], ""),
    ],
)
def test_a_name_is_cleaned(raw: object, seen: str) -> None:
    assert names.clean(raw) == seen


@given(st.text(st.characters(codec=None), max_size=100))
def test_a_clean_name_has_nothing_to_hide(raw: str) -> None:
    name = names.clean(raw)

    assert len(name) <= NAME_LIMIT
    assert name == name.strip()
    assert "  " not in name
    assert all(c == " " or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)


@given(st.text(max_size=100))
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    assert names.clean(names.clean(raw)) == names.clean(raw)


def test_a_missing_name_comes_from_the_id() -> None:
    assert names.default("abcdef") == "User-abcd"


def test_two_people_are_told_apart() -> None:
    assert names.unlike("Alice", {"Bob"}.__contains__) == "Alice"
    assert names.unlike("Alice", {"Alice", "Alice 2"}.__contains__) == "Alice 3"
    assert names.unlike("x" * NAME_LIMIT, {"x" * NAME_LIMIT}.__contains__) == "x" * (NAME_LIMIT - 2) + " 2"


@pytest.mark.parametrize(
    "mark",
    [
        "\u034f",
        "\ufe0f",
        "\u17b4",
        "\u17b5",
        "\u180b",
        "\u180f",
        "\u200b",
        "\u2060",
        "\u3164",
        "\U000e0041",
        "\U00016fe4",  # the filler of Khitan
        "\U0001d159",  # the null notehead of music
        "\U0002ffff",  # a noncharacter
    ],
)
def test_what_nobody_sees_is_no_part_of_a_name(mark: str) -> None:
    assert names.clean(f"{mark}An{mark}{mark}na{mark}") == "Anna"


@pytest.mark.parametrize(
    "name",
    [
        "می\u200cخواهم",  # Persian
        "ක්\u200dෂ",  # Sinhala
        "👨\u200d👩\u200d👧",
        "👩🏽\u200d🚀 Ada",
        "❤️",
        "1️⃣",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🇷🇺",
    ],
)
def test_what_a_script_or_an_emoji_needs_stays(name: str) -> None:
    assert names.clean(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "name", ["An\u200dna", "An\u200cna", "Anna\u200d", "\u200cAnna", "An\u200d\u200dna", "Anna \u200c"]
)
def test_a_joiner_that_joins_nothing_is_gone(name: str) -> None:
    assert names.clean(name) == "Anna"


def test_an_emoji_is_kept_whole_or_not_at_all() -> None:
    family = "👨\u200d👩\u200d👧"

    assert names.clean("x" * 27 + family) == "x" * 27 + family
    assert names.clean("x" * 28 + family) == "x" * 28
    assert names.unlike("x" * 27 + family, {"x" * 27 + family}.__contains__) == "x" * 27 + " 2"
    persian = "x" * 28 + "می\u200cخ"
    assert names.unlike(persian, {persian}.__contains__) == "x" * 28 + "می 2"


@given(
    st.text(
        st.one_of(
            st.characters(),
            st.sampled_from(
                "aя \u0301\u200c\u200d\ufe0f\u034f👨👩❤1\u20e3🇷🇺🏽\u0645\u06cc\u0dca\u0d9a\u1100\u1161"
            ),
        ),
        max_size=60,
    )
)
def test_a_clean_name_is_its_own(raw: str) -> None:
    name = names.clean(raw)

    assert names.clean(name) == name
    assert len(name) <= 32


#: What makes and breaks emoji, Persian and Indic words, and towers.
TRICKY = st.sampled_from(
    [*"👩🚀❤🇷🇺👍🏽🔥1#a \u200c\u200d\ufe0f\u20e3\u0301\u0302\u034f\U000e0067\U000e007f🏴میخक्ष़"]
)


@given(st.lists(TRICKY | st.characters(), max_size=60).map("".join))
def test_whatever_nobody_sees_has_a_use(raw: str) -> None:
    """It is within an emoji, or between letters that look otherwise without it."""
    name = names.clean(raw)

    assert names.clean(name) == name
    rest = "".join(" " if is_emoji else piece for piece, is_emoji in emojis.split(name))
    unseen = regex.findall(r"\p{Default_Ignorable_Code_Point}", rest)
    assert unseen == regex.findall(
        r"(?<=[\p{Joining_Type=D}\p{Joining_Type=T}])\u200c(?=\p{L})|(?<=\p{ccc=9})[\u200c\u200d](?=\p{L})",
        rest,
    )


def test_a_thousand_of_one_name_are_not_all_asked_for() -> None:
    taken = {"Max", *(f"Max {number}" for number in range(2, 1000))}
    asked: list[str] = []

    def is_taken(name: str) -> bool:
        asked.append(name)
        return name in taken

    assert names.unlike("Max", is_taken) == "Max 1000"
    assert len(asked) < 30


def test_a_letter_that_is_not_known_yet_is_left_out() -> None:
    unknown = "\U000105ff"  # of no Unicode so far

    assert unicodedata.category(unknown) == "Cn"
    assert names.clean(f"An{unknown}na") == "Anna"
    assert names.clean(unknown) == ""
