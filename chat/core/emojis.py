"""Emoji: which sequences of characters are one, by Unicode's own list (the package `emoji`)."""

from collections.abc import Iterator

from emoji import EMOJI_DATA, STATUS

#: U+FE0F asks for the colourful picture. Keyboards leave it out, or add it (⭐️), and mean the same.
_VARIANT = "\ufe0f"
#: The full spelling of each emoji, by its spelling without any U+FE0F. Bare skin tones and hair are none.
_FULL = {
    spelling.replace(_VARIANT, ""): spelling
    for spelling, data in EMOJI_DATA.items()
    if data["status"] == STATUS["fully_qualified"]
}
#: How long the longest emoji is that begins with a character.
_LONGEST: dict[str, int] = {}
for _spelling in EMOJI_DATA:
    _LONGEST[_spelling[0]] = max(_LONGEST.get(_spelling[0], 0), len(_spelling))


def spelled_out(raw: str) -> str | None:
    """The one emoji that `raw` is, in its full spelling; None where it is anything else."""
    return _FULL.get(raw.replace(_VARIANT, ""))


def split(text: str) -> Iterator[tuple[str, bool]]:
    """The text as emoji, each whole, and single characters; of each piece, whether it is an emoji."""
    at = 0
    while at < len(text):
        size = _emoji_at(text, at)
        yield text[at : at + max(size, 1)], size > 0
        at += max(size, 1)


def has_any(text: str) -> bool:
    """False where no emoji can be in the text; quicker to tell than by `split`.

    A digit begins one, where a frame follows it that is not ASCII.
    """
    return not text.isascii() and not _LONGEST.keys().isdisjoint(text)


def _emoji_at(text: str, at: int) -> int:
    """How long the longest emoji is that begins there; 0 where none does."""
    if text[at] not in _LONGEST:
        return 0
    longest = min(_LONGEST[text[at]], len(text) - at)
    return next((size for size in range(longest, 0, -1) if text[at : at + size] in EMOJI_DATA), 0)
