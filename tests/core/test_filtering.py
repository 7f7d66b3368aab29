"""What filters find in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.core import filtering
from chat.core.filtering import Action, BadRule, Filter, Kind, Rule
from chat.core.likeness import Likeness
from chat.core.links import links


def masked(text: str, kind: Kind, *values: str) -> str:
    return Filter(Rule(kind, value, "mask") for value in values).verdict(text).text


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("спам", "Это СПАМ, а спамер нет", "Это ****, а спамер нет"),
        ("спам*", "Это СПАМ, и спамер тоже", "Это ****, и ****** тоже"),
        ("спам", "это cпaм", "это ****"),  # two letters of Latin's
        ("ёлка", "Елка", "****"),
        ("spam", "sp\u200bam s\u0301pam ѕраm", "***** ***** ****"),
        ("spam", "s p a m, s.p.a.m", "* * * *, *******"),
        ("spam", "spaaaam 5pam sp@m", "******* **** ****"),
        ("spam", "spamspam spamming", "spamspam spamming"),
        ("kill", "ki11 k1ll", "**** ****"),
        ("fail", "fall", "fall"),
        ("corn", "com", "com"),
        ("1488", "1488 и 14888", "**** и 14888"),
        ("buy now", "Buy\nNOW! now buy", "***\n***! now buy"),
        ("купи слон*", "Купи слонов", "**** ******"),
        ("spam", "ask spam@example.org", "ask ****@example.org"),
    ],
)
def test_words_are_found_however_they_are_spelled(value: str, text: str, expected: str) -> None:
    assert masked(text, "word", value) == expected


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://example.org/x, or (http://a.b)!", ["example.org", "a.b"]),
        ("www.example.org and awww.nice", ["www.example.org"]),
        ("https://good.example@evil.example/", ["evil.example"]),
        (r"https:////evil.example\@good.example", ["evil.example"]),
        ("HTTPS://EXAMPLE.org:8000", ["example.org"]),
        ("https://пример.рф", ["xn--e1afmkfd.xn--p1ai"]),
        ("https://%65xample.org", ["example.org"]),
        ("no https:// here, nor example.org", []),
    ],
)
def test_links_lead_where_a_browser_goes(text: str, hosts: list[str]) -> None:
    assert [link.host for link in links(text)] == hosts


def test_only_the_hosts_of_a_rule_are_let_by() -> None:
    own = Filter([Rule("link", "Example.org пример.рф", "refuse")])

    for text in ("https://example.org/", "http://www.example.org", "https://пример.рф/"):
        assert own.verdict(text).action is None
    for text in ("https://example.org.evil", "https://notexample.org", "https://example.org@evil.x"):
        assert own.verdict(text).action == "refuse"


def test_to_refuse_is_more_than_to_hold_and_that_more_than_to_mask() -> None:
    rules = [Rule("word", "one", "mask"), Rule("word", "two", "hold"), Rule("pattern", "th.ee", "refuse")]
    ready = Filter(rules)

    assert ready.verdict("One") == ("***", None, None)
    assert ready.verdict("one two") == ("*** two", "hold", rules[1])
    assert ready.verdict("one two THREE").action == "refuse"


@pytest.mark.parametrize(
    ("kind", "value", "action"),
    [
        ("word", "*", "refuse"),
        ("word", "", "refuse"),
        ("word", "a*b", "refuse"),
        ("pattern", "(", "refuse"),
        ("pattern", "(?=a)", "refuse"),
        ("pattern", r"(a)\1", "refuse"),
        ("pattern", "a*", "refuse"),
        ("pattern", "\ud800", "refuse"),
        ("pattern", "(.?){200}z", "refuse"),
        ("pattern", "((a{1,100}){1,100}){1,100}", "refuse"),
        ("link", "https://example.org/", "refuse"),
        ("link", "localhost", "refuse"),
        ("newcomer", "", "hold"),
        ("newcomer", "0", "hold"),
        ("newcomer", "²", "hold"),
        ("newcomer", "3", "refuse"),
        ("repeat", "3", "refuse"),
        ("repeat", "", "mask"),
    ],
)
def test_a_rule_that_is_none_is_refused(kind: Kind, value: str, action: Action) -> None:
    with pytest.raises(BadRule):
        filtering.check(kind, value, action)


#: Each takes a backtracking engine longer than the world has stood.
EVIL = ["(a+)+$", "(a|a)*b", "(.*a){12}b", "(a|aa)+$", r"^(\w+\s?)*$", "(x+x+)+y", "([a-z]+)*#"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("pattern", EVIL)
def test_an_evil_pattern_hangs_nothing(pattern: str) -> None:
    for text in ("a" * 3999 + "!", "x" * 4000, "a " * 1999 + "!", "😀a" * 2000):
        Filter([Rule("pattern", pattern, "mask")]).verdict(text)


WORDS = st.text("abсорsp@m1 аб\u0301\u200b-", max_size=40)


@given(WORDS, st.lists(WORDS.filter(lambda value: bool(filtering.folded_words(value)))), st.booleans())
def test_a_masked_text_is_as_long_and_has_nothing_more_to_mask(
    text: str, values: list[str], is_stem: bool
) -> None:
    ready = Filter(Rule("word", value + "*" * is_stem, "mask") for value in values)

    once = ready.verdict(text).text

    assert len(once) == len(text)
    assert ready.verdict(once).text == once
    assert all(new in (old, "*") for new, old in zip(once, text, strict=True))


@given(st.text(max_size=60), st.sampled_from(["a", "[0-9]+", r"\bx", ".", r"\s", "é|ё"]))
def test_a_mask_of_a_pattern_changes_no_length(text: str, pattern: str) -> None:
    text = text.encode(errors="replace").decode()

    once = masked(text, "pattern", pattern)

    assert len(once) == len(text)
    assert [one for one in once if one.isspace()] == [one for one in text if one.isspace()]


@given(st.text(max_size=60))
def test_every_word_of_a_text_is_found_in_it(text: str) -> None:
    for word in filtering.folded_words(text):
        assert Filter([Rule("word", word, "refuse")]).verdict(word).action == "refuse"


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("Buy now!!!", "buy NOW", True),
        ("+1", "+1", True),
        ("ход 1", "ход 2", False),
        ("да", "нет", False),
        ("😀😀😀", "😀😀", True),
        ("Купи слона! Отличный слон, недорого 1", "купи слонааа отличный слон недорого 2", True),
        ("Сегодня в семь собираемся у входа", "Завтра в десять встречаемся на месте", False),
    ],
)
def test_what_is_nearly_the_same_is_told_from_what_is_not(one: str, other: str, is_near: bool) -> None:
    assert Likeness(one).is_near(Likeness(other)) is is_near
    assert Likeness(other).is_near(Likeness(one)) is is_near
