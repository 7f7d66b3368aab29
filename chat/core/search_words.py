"""Words as they are searched for, whatever their form: `чайник` is in `чайниками`, `run` in `running`.

What is indexed and what is asked for come through here alike, whichever database keeps the index.
"""

import re
import threading
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import Stemmer

#: What does not tell one word from another: stresses and accents, vowel points, and what has no width. The
#: breve stays, or `й` would be `и`; `ё` is `е`, as most people write it.
_MARK = (
    "\u00ad\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u200b-\u200f\u2060\ufeff"
)
#: Chinese and Japanese are written without spaces: there each sign is a word.
_SIGN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
#: Letters in a row are taken in one step, and not one by one as any of what a word may be made of.
_WORD = re.compile(f"[{_SIGN}]|[^\\W_{_SIGN}]+(?:[\u0306{_MARK}]+[^\\W_{_SIGN}]*)*")
_UNWANTED = re.compile(f"[{_MARK}]|[^\\w\u0306]|_")
#: A longer word is known by its beginning, and of a longer question the first words count.
_LENGTH, _WORDS = 40, 16
#: From so many letters on the last word of a question may be the beginning of one.
_BEGINNING = 4
_CYRILLIC = range(0x400, 0x530)

_of_thread = threading.local()


@dataclass(frozen=True)
class Term:
    """One word of a question: a stem, or the beginning of one."""

    stem: str
    #: The letters that it begins with; empty where it has to be the whole.
    beginning: str = ""

    def is_in(self, stems: Collection[str]) -> bool:
        """Whether a text of these stems has it."""
        if self.stem in stems:
            return True
        return self.beginning != "" and any(stem.startswith(self.beginning) for stem in stems)


def terms(question: str) -> tuple[Term, ...]:
    """What has to be in a text, all of it, to answer a question; nothing where that has no words."""
    words = list(dict.fromkeys(_WORD.findall(question)))[:_WORDS]
    found = [Term(stem) for word in words if (stem := _stem(word))]
    if found and question.endswith(words[-1]) and len(beginning := _folded(words[-1])) >= _BEGINNING:
        found[-1] = Term(found[-1].stem, beginning)
    return tuple(dict.fromkeys(found))


def whole(wanted: Iterable[Term]) -> tuple[Term, ...]:
    """The same terms, none of them the beginning of another word."""
    return tuple(Term(term.stem) for term in wanted)


def stems(text: str) -> set[str]:
    """The stems of the words of a text, of letters and digits alone."""
    return {stem for word in _WORD.findall(text) if (stem := _stem(word))}


def has(text: str, wanted: Iterable[Term]) -> bool:
    """Whether a text has all that is asked for."""
    known = stems(text)
    return all(term.is_in(known) for term in wanted)


@lru_cache(maxsize=1 << 15)
def _stem(word: str) -> str:
    """What a Russian or an English word has in common with its other forms; another word as it is."""
    folded = _folded(word)
    if folded.isascii():
        return str(_stemmer("english").stemWord(folded))
    return str(_stemmer("russian").stemWord(folded)) if ord(folded[0]) in _CYRILLIC else folded


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()[:_LENGTH]
    plain = unicodedata.normalize("NFKD", word).casefold()
    return unicodedata.normalize("NFC", _UNWANTED.sub("", plain))[:_LENGTH]


def _stemmer(language: str) -> Any:
    """One for each thread: they are not to be shared."""
    if not hasattr(_of_thread, language):
        setattr(_of_thread, language, Stemmer.Stemmer(language, 0))  # _stem remembers
    return getattr(_of_thread, language)
