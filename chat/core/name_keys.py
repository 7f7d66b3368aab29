"""What two names have in common that look the same: a key, to compare names by."""

import unicodedata


def key(name: str) -> str:
    """The key of a name, of at most 128 characters: two names with one key are taken for each other."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())[:128]
