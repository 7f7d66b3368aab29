"""Likeness: whether two texts say nearly the same."""

import re
from functools import cached_property

from chat.core.words import words

#: How much of all their triples of letters two texts have in common that are nearly the same.
_ALIKE = 0.8
#: A text shorter than this, in letters, has to be the same.
_SHORT = 20
_REPEATED = re.compile(r"(.)\1+")


class Likeness:
    """What there is to compare of a text: its words, without case, marks, and letters that are repeated."""

    def __init__(self, text: str) -> None:
        letters = " ".join(word.folded for word in words(text)) or "".join(text.split())
        self._letters = _REPEATED.sub(r"\1", letters)

    @cached_property
    def _triples(self) -> frozenset[str]:
        letters = self._letters
        return frozenset(letters[at : at + 3] for at in range(len(letters) - 2))

    def is_near(self, other: "Likeness") -> bool:
        """Whether they are nearly the same."""
        one, two = sorted((len(self._letters), len(other._letters)))
        if one < _SHORT or one < _ALIKE * two:
            return self._letters == other._letters
        common = len(self._triples & other._triples)
        return common >= _ALIKE * (len(self._triples) + len(other._triples) - common)
