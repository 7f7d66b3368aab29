"""Confusables: which letter each letter looks like, by Unicode's data (UTS #39) and by its own name."""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from importlib import resources

from msgspec import Struct, json

#: What a letter is called that is one of Latin's in another dress: a small capital, in a box, with a hook.
_DRESSED = re.compile(
    r"(?:(?:NEGATIVE )?(?:SQUARED|CIRCLED) LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER"
    r"|LATIN LETTER SMALL CAPITAL|LATIN (?:SMALL|CAPITAL) LETTER) (?P<letter>[A-Z])(?: WITH .*)?"
)
#: And one of Cyrillic with something added, as Kazakh has some: a reader of another language misses that.
_EXTENDED = re.compile(r"(?P<plain>CYRILLIC (?:SMALL|CAPITAL) LETTER .+) WITH .*")
#: What Unicode's table does not have: signs of money that stand for letters, small letters of Cyrillic, and
#: of Canadian syllabics what is drawn like a letter.
_OTHERS = dict(zip("₳฿₿₵₫₣₲₭₥₦₱₽₴₮₩¥£пчʍĸᗩᑎ", "abbcdfgkmnppstwyln4mkan", strict=True))
#: What nobody mistakes in a Greek word, and everybody reads so in a Latin one.
_AMONG_LATIN = dict(zip("ΛΔΞδ", "aaed", strict=True))
#: What the package puts around characters of scripts that run from right to left.
_MARK = "\u200e"


class _Lookalike(Struct):
    """A character, or several, as the package lists it; its name is left unread."""

    c: str


_Pairs = dict[str, list[_Lookalike]]


@lru_cache(maxsize=8192)
def looks_like(letter: str, *, as_written: bool) -> str:
    """What a letter looks like, in lower case: letters and digits of ASCII if it can be, maybe several.

    As written, a Greek ν is a v and Ν an n, which is how somebody reads them among Latin letters. Otherwise
    both are an n: in a word of their own, capitals and small letters are the same.
    """
    forms = (letter.upper(), letter.casefold())
    for form in (letter, *forms) if as_written else forms:
        if as_written and form in _AMONG_LATIN:
            return _AMONG_LATIN[form]
        if form in _OTHERS:
            return _OTHERS[form]
        seen = _without_marks(_prototypes().get(form, form))
        if seen.isascii() and seen.isalnum():
            return seen.lower()
    name = unicodedata.name(letter, "")
    if dressed := _DRESSED.fullmatch(name):
        return dressed["letter"].lower()
    if extended := _EXTENDED.fullmatch(name):
        return looks_like(_named(extended["plain"], letter), as_written=as_written)
    plain = letter.casefold()
    seen = _without_marks(_prototypes().get(plain, plain))
    return seen if seen.isalpha() else plain


def _named(name: str, otherwise: str) -> str:
    with suppress(KeyError):
        return unicodedata.lookup(name)
    return otherwise


def _without_marks(text: str) -> str:
    return "".join(
        character
        for character in unicodedata.normalize("NFD", text)
        if not unicodedata.category(character).startswith("M")
    )


@cache
def _prototypes() -> Mapping[str, str]:
    """Of each character that looks like others, what stands for all of them.

    The package lists the pairs of Unicode's table in both directions, and RTL ones between marks: of each
    group one is paired with all the others, and these with it alone.
    """
    # Read with the first name that is not ASCII: most commands of manage.py need none of it.
    table = (resources.files("confusable_homoglyphs") / "confusables.json").read_bytes()
    pairs = {one.strip(_MARK): others for one, others in json.decode(table, type=_Pairs).items()}
    prototypes = {}
    for one, others in pairs.items():
        if len(one) == 1 and not one.isascii() and len(others) == 1:
            other = others[0].c.strip(_MARK)
            is_a_pair = len(pairs[other]) == 1
            prototypes[one] = min(one, other, key=_plainness) if is_a_pair else other
    return prototypes


def _plainness(text: str) -> tuple[bool, int, str]:
    return not text.isascii(), len(text), text
