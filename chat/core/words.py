"""Words of a text in one spelling for all that looks the same, each with its place: filters compare them.

Simpler than the key of a name (name_keys): a name that is taken for another costs somebody a digit more, a
word that is taken for another costs them what they wanted to say. So `rn` is no m here, and i is no l.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chat.core.confusables import looks_like

#: What never shows between letters: soft hyphens, joiners, spaces without width; and marks on letters.
_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff"
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u20d0-\u20ff"
)
_WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{_UNSEEN}])*")
_DROPPED = re.compile(f"[{_UNSEEN}]")
#: A word with signs in it that are read as letters: `M@x`, `$ex`.
_SIGNED = re.compile(f"(?:[^\\W_]|[{_UNSEEN}])*(?:[@$](?:[^\\W_]|[{_UNSEEN}])+)+")
#: Digits and signs are read as letters in a word that has letters; a 1 is an i, or an l.
_READ = str.maketrans("013456789@$", "oieasbtbgas")
_READ_L = str.maketrans("013456789@$", "oleasbtbgas")
#: A letter that is stretched: `spaaaam`.
_STRETCHED = re.compile(r"([^\W\d])\1{2,}")
#: So many single letters in a row are read as one word, too: `s p a m`.
_SPACED = 3
#: With so many characters between two of them at most.
_APART = 3


class Word(NamedTuple):
    """A word, and from where to where it stands."""

    start: int
    end: int
    folded: str


def words(text: str) -> list[Word]:
    """The words of a text, in turn, folded."""
    return [Word(*found.span(), fold(found[0])) for found in _WORD.finditer(text)]


def variants(text: str, plain: Sequence[Word]) -> Iterator[Word]:
    """What else is read in a text of these words: letters apart, stretched, or signs for letters."""
    for row in _rows(text, plain):
        if len(row) >= _SPACED:
            yield Word(row[0].start, row[-1].end, fold("".join(text[one.start] for one in row)))
    for word in plain:
        raw = text[word.start : word.end]
        if "1" in raw:
            yield word._replace(folded=fold(raw, is_l=True))
        if _STRETCHED.search(word.folded):
            for short in (r"\1", r"\1\1"):
                yield word._replace(folded=_STRETCHED.sub(short, word.folded))
    if "@" in text or "$" in text:
        for found in _SIGNED.finditer(text):
            yield Word(*found.span(), fold(found[0]))


def _rows(text: str, plain: Sequence[Word]) -> Iterator[list[Word]]:
    """Single letters in a row, with always the same between them."""
    row: list[Word] = []
    between = ""
    for word in plain:
        if word.end - word.start > 1:
            continue
        gap = text[row[-1].end : word.start] if row else ""
        if (len(row) > 1 and gap != between) or len(gap) > _APART:
            yield row
            row = []
        between = gap
        row.append(word)
    yield row


@lru_cache(maxsize=8192)
def fold(word: str, *, is_l: bool = False) -> str:
    """A word as it is compared: without case, accents and whatever does not show, alike where it looks so.

    So `ё` is `е` and `й` is `и`, in whatever alphabet `сор` is written. A number stays a number; a 1 in
    a word is an i, or an l.
    """
    if not word.isascii():
        word = "".join(_folded(character) for character in _DROPPED.sub("", word))
    word = word.lower()
    return word.translate(_READ_L if is_l else _READ) if any(map(str.isalpha, word)) else word


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    if character.isascii():
        return character
    plain = unicodedata.normalize("NFKD", character)
    return "".join(
        part if part.isascii() else looks_like(part, as_written=False) for part in _DROPPED.sub("", plain)
    )
