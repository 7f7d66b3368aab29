"""Where a text may name somebody."""

import pytest

from chat.core import mentions
from chat.core.mentions import LOOKS, places, whom
from chat.core.name_keys import key
from chat.core.protocol import MENTIONS_LIMIT, MESSAGE_LIMIT, NAME_LIMIT

PEOPLE = {
    key(name): name for name in ("Anna", "Anna Maria", "Борис", "O'Neil", "anna_02", "🐱", "x" * NAME_LIMIT)
}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Anna", ["Anna"]),
        ("hi @anna, and @ANNA!", ["Anna"]),
        ("(@Anna Maria): yes", ["Anna Maria"]),
        ("@Anna Marias", ["Anna"]),
        ("@Annabel", []),
        ("*@Борис* и _@Anna_", ["Борис", "Anna"]),
        ("@Бopис", ["Борис"]),  # with letters of two alphabets
        ("@Anna\nMaria", ["Anna"]),
        ("@o'neil's", ["O'Neil"]),
        ("@anna_02", ["anna_02"]),
        ("@🐱 come", ["🐱"]),
        ("@" + "x" * NAME_LIMIT + " and more", ["x" * NAME_LIMIT]),
        ("@" + "x" * (NAME_LIMIT + 1), []),
        ("anna@anna", []),
        ("@ Anna", []),
        ("@", []),
        ("", []),
    ],
)
def test_whom_a_text_mentions(text: str, names: list[str]) -> None:
    assert whom(places(text), PEOPLE.get) == names


def test_so_many_are_mentioned_at_most() -> None:
    text = " ".join(f"@{letter}{letter}" for letter in "abcdefghklmnopqrstuvxyz")

    assert len(whom(places(text), lambda key: key)) == MENTIONS_LIMIT


@pytest.mark.parametrize(
    "piece", ["@", "@ ", "@@a", "@a ", "@a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p ", "@\u0301", "@🐱🐱"]
)
def test_no_text_has_more_looked_up_than_a_talk(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    monkeypatch.setattr(mentions, "key", looked_up.append)

    places((piece * MESSAGE_LIMIT)[:MESSAGE_LIMIT])

    assert len(looked_up) < LOOKS + NAME_LIMIT
