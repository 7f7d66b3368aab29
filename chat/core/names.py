"""Names of people: how one is cleaned, what stands in for a missing one, how two are told apart."""

import unicodedata
from collections.abc import Container

from chat.core import emojis
from chat.core.protocol import NAME_LIMIT
from chat.core.text import is_mark, is_visible

#: How many marks may stand on one letter; real scripts need no more.
_MARKS = 2
#: Joiners: seen by nobody, yet Persian words and Indic ligatures need them.
_NON_JOINER, _JOINER = "\u200c", "\u200d"
#: The combining class of a virama, which kills the vowel of an Indic letter.
_VIRAMA = 9


def clean(raw: object) -> str:
    """The name as the room will see it: at most NAME_LIMIT characters, maybe none.

    One line of visible characters in Unicode's composed form, and of emoji, each whole. Controls, bidi
    controls, what is invisible or never will be seen, and lone surrogates are gone, save joiners where a
    script needs them; so are towers of accents; every run of spaces is one space. What is no text gives no
    name. To clean it again changes nothing.
    """
    if not isinstance(raw, str):
        return ""
    # Far more than what is kept of any name, so that 10,000 characters cost no more than these.
    text, before = raw[: NAME_LIMIT * 32], ""
    while text != before:  # what was taken out may have stood between what belongs together
        text, before = _cleaned(text), text
    return text


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


def _cleaned(text: str) -> str:
    visible = "".join(
        piece if is_emoji or is_visible(piece) or piece in (_NON_JOINER, _JOINER) else _space(piece)
        for piece, is_emoji in emojis.split(text)
    )
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    kept: list[tuple[str, bool]] = []
    left = NAME_LIMIT
    for piece, is_emoji in emojis.split(_without_towers(_without_loose_joiners(composed))):
        left -= len(piece)
        if left < 0:
            break
        kept.append((piece, is_emoji))
    return _without_loose_joiners("".join(piece for piece, _is_emoji in kept)).strip()


def _space(character: str) -> str:
    return " " if character.isspace() or unicodedata.category(character).startswith("Z") else ""


def _without_loose_joiners(text: str) -> str:
    """The text without joiners that join nothing.

    After RFC 5892, appendix A: both stand after a virama, and ZWNJ between two Arabic letters, of whose
    joining types Python knows nothing. Those inside an emoji belong to it.
    """
    pieces = list(emojis.split(text))
    kept: list[str] = []
    for at, (piece, _is_emoji) in enumerate(pieces):
        before = kept[-1][-1] if kept else ""
        after = pieces[at + 1][0] if at + 1 < len(pieces) else ""
        if piece in (_NON_JOINER, _JOINER) and not _may_join(piece, before, after):
            continue
        kept.append(piece)
    return "".join(kept)


def _may_join(joiner: str, before: str, after: str) -> bool:
    if not before or not after or after == " ":
        return False
    if unicodedata.combining(before) == _VIRAMA:
        return True
    is_between_arabic = unicodedata.bidirectional(before) == "AL" == unicodedata.bidirectional(after[0])
    return joiner == _NON_JOINER and is_between_arabic


def _without_towers(text: str) -> str:
    """The text with at most _MARKS marks on each character, and none on a space or on nothing."""
    kept: list[str] = []
    marks = _MARKS
    for piece, is_emoji in emojis.split(text):
        if not is_emoji and is_mark(piece):
            marks += 1
            if marks > _MARKS:
                continue
        else:
            marks = _MARKS if piece == " " else 0
        kept.append(piece)
    return "".join(kept)
