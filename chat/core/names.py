"""Names of people: how one is cleaned, what stands in for a missing one, how two are told apart."""

import secrets
import unicodedata
from collections.abc import Callable

import idna

from chat.core import emojis
from chat.core.protocol import NAME_LIMIT
from chat.core.text import is_mark, is_plain, is_visible

#: How many marks may stand on one letter; real scripts need no more.
_MARKS = 2
#: Joiners: seen by nobody, yet Persian words and Indic ligatures need them.
_NON_JOINER, _JOINER = "\u200c", "\u200d"
#: How far from a joiner is looked for what it joins: marks stand between.
_NEAR = 2 + _MARKS
#: Up to which number every one is tried, to tell apart people of one name.
_FEW = 10


def clean(raw: object) -> str:
    """The name as the room will see it: at most NAME_LIMIT characters, maybe none.

    One line of visible characters in Unicode's composed form, and of emoji, each whole. Controls, bidi
    controls, what is invisible, unknown or never will be seen, and lone surrogates are gone, save joiners
    where a script needs them; so are towers of accents; every run of spaces is one space. What is no text
    gives no name. To clean it again changes nothing.
    """
    if not isinstance(raw, str):
        return ""
    # Far more than what is kept of any name, so that 10,000 characters cost no more than these.
    text, before = raw[: NAME_LIMIT * 8], ""
    if is_plain(text):  # nearly every name, for a tenth of what it costs to look at each character
        return unicodedata.normalize("NFC", " ".join(text.split()))[:NAME_LIMIT].rstrip()
    while text != before:  # what was taken out may have stood between what belongs together
        text, before = _cleaned(text), text
    return text


def default(client_id: str) -> str:
    """The name of somebody who gave none."""
    return f"User-{client_id[:4]}"


def by_chance() -> str:
    """As `default`, where that is somebody's: of letters that make no word, and no number."""
    return default("".join(secrets.choice("bcdfghjkmnpqrstvwxz") for _ in range(4)))


def unlike(name: str, is_taken: Callable[[str], bool]) -> str:
    """The name itself where it is not taken, else the name with a number from 2 up that makes it free.

    That is the first such number, save where many have the name: then so many are not all asked for.
    """
    if not is_taken(name):
        return name
    for number in range(2, _FEW):
        if not is_taken(candidate := _numbered(name, number)):
            return candidate
    taken, free = _FEW - 1, 2 * _FEW
    while is_taken(_numbered(name, free)):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_taken(_numbered(name, middle)):
            taken = middle
        else:
            free = middle
    return _numbered(name, free)


def _numbered(name: str, number: int) -> str:
    suffix = f" {number}"
    return _start_of(name, NAME_LIMIT - len(suffix)) + suffix


def _cleaned(text: str) -> str:
    visible = "".join(
        piece if is_emoji or _is_kept(piece) else _space(piece) for piece, is_emoji in emojis.split(text)
    )
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    return _start_of(_without_towers(_without_loose_joiners(composed)), NAME_LIMIT)


def _is_kept(character: str) -> bool:
    """Whether it is seen, or joins. What Python's Unicode does not know (Cn) may look like any letter."""
    is_seen = is_visible(character) and unicodedata.category(character) != "Cn"
    return is_seen or character in (_NON_JOINER, _JOINER)


def _space(character: str) -> str:
    return " " if character.isspace() or unicodedata.category(character).startswith("Z") else ""


def _without_loose_joiners(text: str) -> str:
    """The text without joiners that join nothing; those inside an emoji belong to it."""
    kept: list[str] = []
    at = 0
    for piece, _is_emoji in emojis.split(text):
        if piece not in (_NON_JOINER, _JOINER) or _may_join(text, at):
            kept.append(piece)
        at += len(piece)
    return "".join(kept)


def _may_join(text: str, at: int) -> bool:
    """Whether a script needs the joiner that stands there (RFC 5892, appendix A), and something follows."""
    near = text[max(0, at - _NEAR) : at + _NEAR]
    try:
        return text[at + 1 : at + 2].isalpha() and idna.valid_contextj(near, min(at, _NEAR))
    except ValueError:  # beside a character that Python does not know
        return False


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


def _start_of(text: str, size: int) -> str:
    """As much of the text as so many characters hold; of an emoji all or nothing."""
    kept = 0
    for piece, _is_emoji in emojis.split(text):
        if kept + len(piece) > size:
            break
        kept += len(piece)
    return text[:kept].rstrip(f" {_NON_JOINER}{_JOINER}")
