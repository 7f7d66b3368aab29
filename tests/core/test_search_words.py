"""Words as they are searched for."""

import pytest

from chat.core.search_words import has, stems, terms


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("чайник", "Мы пришли с чайниками."),
        ("чайниками", "Чайник кипит"),
        ("ЁЛКА", "под елками"),
        ("елка", "зелёная ёлка"),
        ("замок", "ста́рый за́мок"),
        ("run", "he was running"),
        ("running", "she runs"),
        ("cafe", "the cafés of Paris"),
        ("чайн", "два чайника"),
        ("inter", "the internet"),
        ("привет мир", "Миру — привет!"),
        ("naïve", "so naive"),
        ("ﬁsh", "fish"),
        ("東京", "明日は東京へ"),
        ("ве\u00adло\u200bсипед", "велосипеды"),
    ],
)
def test_a_word_is_found_in_every_form(question: str, text: str) -> None:
    assert has(text, terms(question))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("чайник", "чай"),
        ("йод", "иод"),
        ("cat", "concatenate"),
        ("привет мир", "привет"),
        # What is followed by something is a whole word, and so is what has three letters.
        ("чайн ", "чайник"),
        ("cha", "chair"),
    ],
)
def test_another_word_is_not_found(question: str, text: str) -> None:
    assert not has(text, terms(question))


@pytest.mark.parametrize("question", ["", "  ", "?!…", "🫖", "_", "\u0301\u200b", "\u00ad"])
def test_a_question_without_words_asks_for_nothing(question: str) -> None:
    assert terms(question) == ()


def test_a_stem_is_of_letters_and_digits_whatever_is_written() -> None:
    hostile = "_r1 _b2 a'b \"x\" (y) z* AND:NEAR ½ ﷺ '); DROP TABLE и͛̆̈й҉ \ud7ff ⁇ Ǆ ŉ ẛ̣ İ"
    assert all(stem.isalnum() for stem in stems(hostile)), stems(hostile)
    assert not stems(hostile) & {"_r1", "_b2"}


def test_a_long_question_and_a_long_word_are_bounded() -> None:
    assert len(terms(" ".join(f"w{number}" for number in range(60)))) == 16
    assert max(map(len, stems("х" * 4000))) == 40
