"""Slugs: the address of a room, made from its title."""

import re
import unicodedata

#: How long the part is that is made from the title.
LONGEST = 40
#: Cyrillic letters as they are mostly written in addresses.
_LATIN = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфыэіґў", "abvgdeziyklmnoprstufyeigu", strict=True)),
        "ё": "e",
        "ж": "zh",
        "х": "kh",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ъ": "",
        "ь": "",
        "ю": "yu",
        "я": "ya",
        "є": "ye",
        "ї": "yi",
        "ß": "ss",
    }
)


def from_title(title: str, suffix: str) -> str:
    """An address that says what the room is called as far as ASCII can, and ends with `suffix`.

    With one that nobody can guess it tells nothing of the addresses that are in use.
    """
    # Composed first, so that й is a letter of its own; what Latin letters wear is taken off after that.
    latin = unicodedata.normalize("NFC", title).lower().translate(_LATIN)
    letters = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", letters)[:LONGEST].strip("-")
    return f"{words or 'room'}-{suffix}"
