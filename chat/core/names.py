"""Names of people: how one is cleaned, what stands in for a missing one, how two are told apart."""

import unicodedata
from collections.abc import Container

from chat.core.protocol import NAME_LIMIT
from chat.core.text import is_mark, is_visible

#: How many marks may stand on one letter; real scripts need no more.
_MARKS = 2


def clean(raw: object) -> str:
    """The name as the room will see it: at most NAME_LIMIT characters, maybe none.

    One line of visible characters in Unicode's composed form. Controls, bidi controls, zero-width
    characters, unassigned ones and lone surrogates are gone, and so are towers of accents; every run
    of spaces is one space. What is no text gives no name.
    """
    if not isinstance(raw, str):
        return ""
    # Far more than what is kept of any name, so that 10,000 characters cost no more than these.
    raw = raw[: NAME_LIMIT * 32]
    visible = "".join(c if is_visible(c) else " " if _is_space(c) else "" for c in raw)
    text = unicodedata.normalize("NFC", " ".join(visible.split()))
    return _without_towers(text)[:NAME_LIMIT].strip()


def default(client_id: str) -> str:
    """The name of somebody who gave none."""
    return f"User-{client_id[:4]}"


def unlike(name: str, taken: Container[str]) -> str:
    """The name itself where nobody has it, else the name with the first free number from 2 up."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        suffix = f" {number}"
        candidate = name[: NAME_LIMIT - len(suffix)].rstrip() + suffix
    return candidate


def _is_space(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("Z")


def _without_towers(text: str) -> str:
    """The text with at most _MARKS marks on each character, and none on a space or on nothing."""
    kept: list[str] = []
    marks = _MARKS
    for character in text:
        if is_mark(character):
            marks += 1
            if marks > _MARKS:
                continue
        else:
            marks = _MARKS if character == " " else 0
        kept.append(character)
    return "".join(kept)
