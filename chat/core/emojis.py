"""Emoji: which sequences of characters are one, by Unicode's own list (the package `emoji`)."""

from collections.abc import Iterator

from emoji import EMOJI_DATA, STATUS

#: U+FE0F asks for the colourful picture. Keyboards leave it out here and there, and mean the same.
_VARIANT = "\ufe0f"
#: The full spelling of each emoji, by its spelling without any U+FE0F. Bare skin tones and hair are none.
_FULL = {
    spelling.replace(_VARIANT, ""): spelling
    for spelling, data in EMOJI_DATA.items()
    if data["status"] == STATUS["fully_qualified"]
}
_LONGEST = max(map(len, EMOJI_DATA))
_FIRST = frozenset(spelling[0] for spelling in EMOJI_DATA)


def spelled_out(raw: str) -> str | None:
    """The one emoji that `raw` is, in its full spelling; None where it is anything else."""
    return _FULL.get(raw.replace(_VARIANT, "")) if raw in EMOJI_DATA else None


def split(text: str) -> Iterator[tuple[str, bool]]:
    """The text as emoji, each whole, and single characters; of each piece, whether it is an emoji."""
    at = 0
    while at < len(text):
        size = _emoji_at(text, at)
        yield text[at : at + max(size, 1)], size > 0
        at += max(size, 1)


def _emoji_at(text: str, at: int) -> int:
    """How long the longest emoji is that begins there; 0 where none does."""
    if text[at] not in _FIRST:
        return 0
    return next((size for size in range(_LONGEST, 0, -1) if text[at : at + size] in EMOJI_DATA), 0)
