"""Keys of names: what looks the same has one, what does not has another."""

import time
import unicodedata
from collections import defaultdict

import precis_i18n
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chat import conf
from chat.core import emojis, name_keys, names
from chat.core.name_keys import key, looks_like_one_of, readings, stem
from tests.core.names_corpus import HONEST, IMPERSONATIONS, OFFICIAL

#: What RFC 8266 compares nicknames by.
NICKNAME = precis_i18n.get_profile("NicknameCaseMapped:CaseFold")
RESERVED = frozenset(map(key, conf.Conf().reserved_names))
#: What makes and breaks names: letters of several alphabets, digits and signs for letters, marks, emoji.
TRICKY = st.sampled_from([*"aAаАαΑiIl1|0оοrnvmмМ@$!.-_ \u0301\u0903\u200c\u200d\ufe0f👩🚀❤🇷🇺🅰Ⓜ🏽ﷺßﬁㅤ가が"])
RUBBISH = st.lists(TRICKY | st.characters(codec=None), max_size=60).map("".join)


def test_who_looks_like_somebody_has_their_key() -> None:
    pairs = [(name, other) for name, others in IMPERSONATIONS.items() for other in others]

    assert [(name, other) for name, other in pairs if key(other) != key(name)] == []


def test_who_looks_official_is_found_out() -> None:
    assert [name for name in OFFICIAL if not looks_like_one_of(names.clean(name), RESERVED)] == []


def test_an_honest_name_is_shown_as_it_was_typed() -> None:
    assert [names.clean(name) for name in HONEST] == [unicodedata.normalize("NFC", name) for name in HONEST]


def test_an_honest_name_looks_like_nobody_official() -> None:
    assert [name for name in HONEST if looks_like_one_of(name, RESERVED)] == []


def test_honest_people_are_nobodys_doubles() -> None:
    by_key = defaultdict(list)
    for name in [*HONEST, *IMPERSONATIONS]:
        by_key[key(name)].append(name)

    assert [doubles for doubles in by_key.values() if len(doubles) > 1] == []


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    scripts = {unicodedata.name(name[0]).split()[0] for name in HONEST if name[0].isalpha()}

    assert len(HONEST) >= 60
    assert len(OFFICIAL) + sum(map(len, IMPERSONATIONS.values())) >= 120
    assert len(scripts) >= 20


@pytest.mark.parametrize(
    ("name", "stem_of"),
    [
        ("Anna 2", "Anna"),
        ("Аня 17", "Аня"),
        ("anna_02", "Anna"),
        ("Anna2", "Anna"),
        ("Anna 2024", "Anna"),
        ("anna1985", "anna1985"),
        ("R2D2", "R2D"),
        ("007", "007"),
        ("🦊", "🦊"),
    ],
)
def test_a_number_at_the_end_makes_no_other_name(name: str, stem_of: str) -> None:
    assert stem(name) == key(stem_of)


def test_numbers_tell_people_of_one_name_apart() -> None:
    numbered = [
        names.unlike("Аня", {"Аня", *(f"Аня {n}" for n in range(2, upto))}.__contains__)
        for upto in range(2, 200)
    ]

    assert len({key(name) for name in ["Аня", *numbered]}) == 1 + len(set(numbered))


def test_a_name_of_somebody_who_has_none_is_reserved_by_nothing() -> None:
    assert key("") == stem("") == key("\u200b") == ""
    assert not looks_like_one_of("", RESERVED)


@given(RUBBISH)
def test_whatever_is_seen_has_a_key_of_bounded_length(raw: str) -> None:
    name = names.clean(raw)

    assert bool(key(raw)) == bool(name)
    assert len(key(raw)) <= name_keys.LIMIT
    assert len(stem(raw)) <= name_keys.LIMIT
    assert bool(stem(raw)) == bool(name)
    looks_like_one_of(raw, RESERVED)


@given(RUBBISH)
def test_a_name_has_the_key_of_what_is_shown_of_it(raw: str) -> None:
    assert key(names.clean(raw)) == key(raw)
    assert stem(names.clean(raw)) == stem(raw)


@given(RUBBISH)
def test_case_makes_no_other_name(raw: str) -> None:
    letters = "".join(
        one for one in names.clean(raw) if "a" <= one.lower() <= "z" or "а" <= one.lower() <= "я"
    )

    assert key(letters.lower()) == key(letters.upper()) == key(letters)


@given(RUBBISH)
def test_what_rfc_8266_takes_for_one_name_is_one(raw: str) -> None:
    name = names.clean(raw)
    compared = NICKNAME.apply_five_rules(NICKNAME.apply_five_rules(name))
    assume(names.clean(compared) == compared)  # what is longer in its plain spelling, or blank, is no name
    assume(not any(is_emoji for _, is_emoji in emojis.split(name)))  # ™ is one: it is no TM here
    assume(not any(one in "@$!¡€+|" or one.isdigit() for one in compared))  # these go by the letters around
    # A Greek letter may read otherwise as a capital, among Latin ones.
    assume(not any("\u0370" <= one <= "\u03ff" for one in unicodedata.normalize("NFKD", name)))

    assert key(compared) == key(name)


@pytest.mark.parametrize("piece", ["x", "a\u0301", "👩\u200d🚀", "ﷺ", "Ⓜ", "м ", "|", "\u200d", "1", "rn"])
def test_ten_thousand_characters_cost_no_more_than_a_few(piece: str) -> None:
    started = time.process_time()
    for number in range(10):
        looks_like_one_of(f"{number}{piece * (10_000 // len(piece))}", RESERVED)

    assert (time.process_time() - started) / 10 < 0.05


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("$ergey", "Sergey"),
        ("＄ergey", "Sergey"),
        ("@lex", "Alex"),
        ("@lex 2", "Alex"),
        ("€va", "Eva"),
        ("@Max", "Max"),
        ("Max 2", "Max"),
    ],
)
def test_a_sign_is_read_as_a_letter_beside_a_user(name: str, user: str) -> None:
    assert key(user) in readings(name)


def test_what_says_nothing_else_has_no_other_reading() -> None:
    assert readings("Anna") == {key("Anna")}
    assert readings("Anna 2") == {key("Anna 2"), key("Anna")}
    assert readings("") == frozenset()
    assert key("अशा") != key("आशा")
