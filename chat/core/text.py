"""Text from people: what is kept of a message, when there is too little or too much, what can be seen."""

import re
import unicodedata

from chat.core.errors import Empty, MessageTooLong, NotAnEmoji
from chat.core.protocol import MESSAGE_LIMIT

#: What no reader sees and some programs trip over: the controls of C0 and C1, all but tab and line
#: feed (PostgreSQL refuses NUL, terminals obey ESC), and the bidi embeddings and overrides, which
#: show a text in another order than it has.
_UNWANTED = dict.fromkeys(
    code for code in [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F)] if chr(code) not in "\t\n"
)
#: Letters and symbols by their category, yet nothing to see: Hangul fillers and the empty Braille cell.
_BLANK = "\u115f\u1160\u3164\uffa0\u2800"

#: Unassigned characters that will never show: Default_Ignorable_Code_Point, and noncharacters.
_IGNORABLE = re.compile(
    "[\u2065\ufff0-\ufff8\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff\U0010fffe\U0010ffff]"
)


def clean(raw: str) -> str:
    """The text to keep: as written, with plain line ends and without controls.

    Raises MessageTooLong above MESSAGE_LIMIT characters, and Empty where nothing is left to read.
    """
    if len(raw) > MESSAGE_LIMIT:
        raise MessageTooLong(limit=MESSAGE_LIMIT)
    text = raw.replace("\r\n", "\n").replace("\r", "\n").translate(_UNWANTED)
    if not any(is_visible(character) and not is_mark(character) for character in text):
        raise Empty
    return text


def emoji(raw: str) -> str:
    """The emoji itself. Raises NotAnEmoji for anything else: letters, spaces, several words.

    A symbol (Unicode's category So, which has the flags' letters, too) or a keycap (U+20E3), with
    whatever joins and varies it.
    """
    categories = [unicodedata.category(character) for character in raw]
    has_symbol = "So" in categories or raw.endswith("\u20e3")
    if len(raw) > 32 or not has_symbol or any(c[0] in "LZ" or c in ("Cc", "Cs", "Cn") for c in categories):
        raise NotAnEmoji
    return raw


def is_visible(character: str) -> bool:
    """Whether a reader sees something: no space, no control, nothing of zero width."""
    category = unicodedata.category(character)
    if category == "Cn":
        # Unknown to this Python's Unicode: next year's emoji, unless it is reserved to be invisible.
        return _IGNORABLE.search(character) is None
    return category[0] != "Z" and category not in ("Cc", "Cf", "Cs") and character not in _BLANK


def is_mark(character: str) -> bool:
    """Whether it has no place of its own but sits on the character before (accents, U+FE0F)."""
    return unicodedata.category(character) in ("Mn", "Me")
