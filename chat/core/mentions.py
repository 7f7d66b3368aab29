"""Mentions: where a text may name somebody, by "@" and what they are called. Who that is, services know."""

import re
from collections.abc import Callable, Iterable, Sequence

from chat.core.name_keys import key
from chat.core.protocol import MENTIONS_LIMIT, NAME_LIMIT

#: How many keys are made for one text: what asks for more is no talk, and each takes some microseconds.
LOOKS = 100

#: Begins a mention: not within an address, and not one of many.
_AT = re.compile(r"(?<![^\W_])(?<!@)@(?=[^\s@])")
#: Where no name goes on: at the end of the line, and before the next mention.
_BREAK = re.compile(r"\n|\s@")
#: Ends what may be a name: the last letter of a word, or a picture.
_END = re.compile(r"\w(?!\w)|[^\w\s\x00-\x7f]")


def places(text: str) -> list[Sequence[str]]:
    """For each "@" that may mention somebody the keys of what may be a name behind it, the longest first.

    Of a text without any, nearly nothing is looked at; of one with many only the first ones, LOOKS keys in
    all, and a few.
    """
    found: list[Sequence[str]] = []
    left = LOOKS
    for at in _AT.finditer(text):
        if left <= 0:
            break
        names = _names(text[at.end() : at.end() + NAME_LIMIT + 1])
        left -= len(names)
        found.append(list(dict.fromkeys(map(key, names))))
    return found


def whom(found: Iterable[Sequence[str]], who: Callable[[str], str | None]) -> list[str]:
    """The ids of those mentioned at these places, each once, at most MENTIONS_LIMIT. `who` has a key?"""
    ids: dict[str, None] = {}
    for keys in found:
        id = next((id for key in keys if (id := who(key)) is not None), None)
        if id is not None:
            ids[id] = None
        if len(ids) == MENTIONS_LIMIT:
            break
    return list(ids)


def _names(rest: str) -> list[str]:
    """What a line may begin with that is a name, and ends where a word does: the longest first."""
    line = _BREAK.split(rest, maxsplit=1)[0]
    ends = [end.end() for end in _END.finditer(line)]
    return [line[:end] for end in reversed(ends) if end <= NAME_LIMIT]
