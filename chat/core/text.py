"""Text from people: what is kept of a message, when there is too little or too much, what can be seen."""

import re
import unicodedata

from chat.core.errors import Empty, MessageTooLong
from chat.core.protocol import MESSAGE_LIMIT

#: What no reader sees and some programs trip over: the controls of C0 and C1, all but tab and line
#: feed (PostgreSQL refuses NUL, terminals obey ESC), and the bidi embeddings and overrides, which
#: show a text in another order than it has.
_UNWANTED = dict.fromkeys(
    code for code in [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F)] if chr(code) not in "\t\n"
)
_IS_UNWANTED = re.compile(f"[{re.escape(''.join(map(chr, _UNWANTED)))}]")
#: Noncharacters: the last two of each plane, and a row of Arabic ones.
_NONE = "\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
#: Letters, marks and symbols by their category, yet without ink: the empty Braille cell, the filler of
#: Khitan, the blanks of Egyptian, the musical null notehead.
_BLANK = "\u2800\U00016fe4\U00013441\U00013442\U0001d159"
#: What never shows, whatever its category says: these, and Default_Ignorable_Code_Point of Unicode.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    f"{_NONE}{_BLANK}]"
)


def clean(raw: str) -> str:
    """The text to keep: as written, with plain line ends and without controls.

    Raises MessageTooLong above MESSAGE_LIMIT characters, and Empty where nothing is left to read.
    """
    if len(raw) > MESSAGE_LIMIT:
        raise MessageTooLong(limit=MESSAGE_LIMIT)
    text = raw
    # Of hardly any, and to translate all of them takes longer. What can be printed has none of these.
    if not raw.isprintable() and _IS_UNWANTED.search(raw):
        text = raw.replace("\r\n", "\n").replace("\r", "\n").translate(_UNWANTED)
    if not _begins_plainly(text) and not any(is_visible(one) and not is_mark(one) for one in text):
        raise Empty
    return text


def one_line(raw: str, limit: int, *, may_be_empty: bool = False) -> str:
    """Words that stand in one line, as a title does.

    Raises MessageTooLong above `limit` characters, and Empty where nothing is left to read; where it may be
    empty, and there are blanks alone, that is "".
    """
    if may_be_empty and not raw.strip():
        return ""
    line = " ".join(clean(raw).split())
    if len(line) > limit:
        raise MessageTooLong(limit=limit)
    return line


def is_visible(character: str) -> bool:
    """Whether a reader sees something: no space, no control, nothing of zero width."""
    category = unicodedata.category(character)
    # Cn is unknown to this Python's Unicode: next year's emoji, unless it is reserved to be invisible.
    is_of_a_kind_to_see = category[0] != "Z" and category not in ("Cc", "Cf", "Cs")
    return is_of_a_kind_to_see and _IGNORABLE.match(character) is None


def _begins_plainly(text: str) -> bool:
    """Whether it begins with a letter or a digit of ASCII, as most texts in Latin letters do."""
    return text[:1].isascii() and text[:1].isalnum()


def is_plain(text: str) -> bool:
    """Whether it is letters, digits and plain spaces alone, all of them to be seen. Quickly told."""
    return text.replace(" ", "").isalnum() and (text.isascii() or _IGNORABLE.search(text) is None)


def is_mark(character: str) -> bool:
    """Whether it has no place of its own but sits on the character before, as accents do."""
    return unicodedata.category(character) in ("Mn", "Me")
