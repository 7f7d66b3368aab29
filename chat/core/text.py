"""Text from people: what is kept of a message, when there is too little or too much, what can be seen."""

import unicodedata

from chat.core.errors import Empty, MessageTooLong
from chat.core.protocol import MESSAGE_LIMIT

#: What no reader sees and some programs trip over: the controls of C0 and C1, all but tab and line
#: feed (PostgreSQL refuses NUL, terminals obey ESC), and the bidi embeddings and overrides, which
#: show a text in another order than it has.
_UNWANTED = dict.fromkeys(
    code for code in [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F)] if chr(code) not in "\t\n"
)
#: Letters and symbols by their category, yet nothing to see: Hangul fillers and the empty Braille cell.
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"


def clean(raw: str) -> str:
    """The text to keep: as written, with plain line ends and without controls.

    Raises MessageTooLong above MESSAGE_LIMIT characters, and Empty where nothing is left to read.
    """
    if len(raw) > MESSAGE_LIMIT:
        raise MessageTooLong(limit=MESSAGE_LIMIT)
    text = raw.replace("\r\n", "\n").translate(_UNWANTED)
    if not any(map(is_visible, text)):
        raise Empty
    return text


def is_visible(character: str) -> bool:
    """Whether a reader sees something: no space, no control, no zero-width or unassigned character."""
    return unicodedata.category(character)[0] not in "ZC" and character not in _BLANK


def is_mark(character: str) -> bool:
    """Whether it has no place of its own but sits on the character before (accents, U+FE0F)."""
    return unicodedata.category(character) in ("Mn", "Me")
