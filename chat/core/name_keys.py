"""What names have in common that look the same: a key, to compare them by. It is never shown.

It begins with what RFC 8266 says of comparing nicknames (PRECIS), and goes on to what a reader mistakes:
letters that look like others, marks on them, separators between them, digits for letters, pictures.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, product

import precis_i18n

from chat.core import emojis, names
from chat.core.confusables import looks_like
from chat.core.text import is_plain

#: The longest key, in characters: what is one letter may be eighteen in Unicode's plainest spelling.
LIMIT = 128

#: RFC 8266 without its rule of case, which has to wait: a Greek Ν looks like N, and a small ν like v.
_nickname = precis_i18n.get_profile("NicknameCasePreserved")

#: One stroke in some typeface, or in some case; a small o and a zero.
_STROKES = str.maketrans("i|10", "lllo")
#: Two letters that look like one. Unicode has the first; everybody tries the second as well.
_PAIRS = (("rn", "m"), ("vv", "w"))
#: Vowels that look the same in two pieces (UTS #39), and last in one: no word has both pieces in a row.
_VOWELS = (
    *("เเแ", "अाॆऒ", "अाेओ", "अाैऔ", "अाआ", "अॆऄ", "अॉऑ", "एॅऍ", "एॆऎ", "एेऐ", "অাআ", "ੳੁਉ", "ੳੂਊ", "ਅਾਆ"),
    *("ਅੈਐ", "ਅੌਔ", "ੲਿਇ", "ੲੀਈ", "ੲੇਏ", "અાૅઑ", "અાેઓ", "અાૈઔ", "અાઆ", "અૅઍ", "અેએ", "અૈઐ", "ଅାଆ"),
    *("ഇൗഈ", "എെഐ", "ഒാഓ", "ഒൗഔ"),
)
#: What is read as a letter where a Latin letter follows (adm1n), and between letters (M@x).
_DIGITS = str.maketrans("0123456789", "ol2easbtbg")
_SYMBOLS = dict(zip("@$!¡€+", "asiiet", strict=True))
#: Stretches Arabic words, and is no letter.
_TATWEEL = "\u0640"
#: Marks without which a word is the same: accents, points of Hebrew and Arabic, titlos of Cyrillic. Those
#: of other scripts are vowels and tones, or make another syllable of one.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
#: The last character of the alphabets that need no marks: Latin, Greek, Cyrillic, Armenian.
_LAST_WITHOUT_MARKS = "\u058f"
#: Hangul syllables, which stay whole.
_SYLLABLES = ("\uac00", "\ud7a3")

#: What may be read as a letter and is none.
_READABLE = frozenset("0123456789|").union(_SYMBOLS)
#: The letters that flags are spelled with, two for each.
_FLAGS = {0x1F1E6 + number: chr(ord("a") + number) for number in range(26)}
#: Where "TheAdmin" has its second word.
_HUMP = re.compile("(?<=[a-zа-я])(?=[A-ZА-Я])")
#: The number at the end of a name: "Anna 2", "anna_02", "Anna2"; but "anna1985" is a name of its own.
_NUMBER = re.compile(r"(?<=.) \d+$|(?<=[^\d ])\d{1,2}$")
#: How long a reserved name is that is recognised between other letters, and what is put to shorter ones.
_UNMISTAKABLE = 8
_BEFORE = ("", *"the real official super head chat site web sys mr im iam xx".translate(_STROKES).split())
_AFTER = ("", *"s ы team official chat xx".translate(_STROKES).split())


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    """The key of a name, of at most LIMIT characters: two names with one key are taken for each other.

    The name is cleaned first. Where there is anything to see, the key is not empty.
    """
    return _key(_words(name, is_eager=False)) or _picture(names.clean(name))


def readings(name: str) -> frozenset[str]:
    """The keys that are nobody's where a guest may be called so: also without a number, with signs read.

    "$ergey" is read as "Sergey" and "@lex" as "Alex", where among those who are here it is one of its own.
    """
    keys = {key(name), stem(name)}
    seen = name if name.isascii() else unicodedata.normalize("NFKC", name)
    if not _SYMBOLS.keys().isdisjoint(seen):
        words = _words(name, is_eager=True)
        keys |= {_key(words), _stem(words)}
    return frozenset(keys - {""})


@lru_cache(maxsize=4096)
def stem(name: str) -> str:
    """The key of a name without the number at its end: for "Anna 2" and "anna_02" that of "Anna"."""
    return _stem(_words(name, is_eager=False)) or key(name)


def looks_like_one_of(name: str, reserved: Collection[str]) -> bool:
    """Whether a name is one of those with these keys, or has one in it as a word, however it is dressed."""
    # Digits of a plain name are read as letters in either way.
    is_read_once = _READABLE.isdisjoint(name) or (name.isascii() and is_plain(name))
    ways = (False,) if is_read_once else (False, True)
    spellings = (name,) if _FLAGS.keys().isdisjoint(map(ord, name)) else (name, name.translate(_FLAGS))
    return any(_reads_as_one_of(one, reserved, is_eager=is_eager) for one in spellings for is_eager in ways)


def _reads_as_one_of(name: str, reserved: Collection[str], *, is_eager: bool) -> bool:
    words = _words(name, is_eager=is_eager)
    whole = _key(words)
    # A pair that looks like one letter may stand within a word, or be two words' that are written as one.
    by_words = "".join(map(_key_of_word, words)) if len(words) > 1 else whole
    raw = "".join(words).translate(_STROKES)
    within = f"{whole} {by_words} {raw}"
    met = {one for one in reserved if one in within}
    if not met:  # nearly every name
        return False
    if any(len(one) >= _UNMISTAKABLE for one in met):
        return True
    return not met.isdisjoint(_parts(name, is_eager=is_eager))


def _parts(name: str, *, is_eager: bool) -> Iterator[str]:
    """The keys of all in a name that somebody may read as a word."""
    words = _words(name, is_eager=is_eager, splits_humps=True)
    for word in (*words, "".join(words)):
        for bare in (word, word.strip("0123456789|")):
            part = _key_of_word(bare)
            for before, after in product(_BEFORE, _AFTER):
                yield part.removeprefix(before).removesuffix(after)


@lru_cache(maxsize=4096)
def _words(name: str, *, is_eager: bool, splits_humps: bool = False) -> Sequence[str]:
    """The words of a name as they are read; letters that stand alone side by side are one.

    Eager, whatever may be read as a letter is one; with humps split, "TheAdmin" is two words.
    """
    text = names.clean(name)
    if emojis.has_any(text):
        text = _without_pictures(text)
    if not text.isascii():
        text = _nickname.apply_five_rules(text)
    if splits_humps:
        text = _HUMP.sub(" ", text)
    words = (text if is_plain(text) and text.isascii() else _separated(text, is_eager=is_eager)).split()
    number = words[-1:] if len(words) > 1 and words[-1].isdigit() else []
    together = _together(words[: len(words) - len(number)]) if len(words) > 1 else words
    return [_read(word, is_eager=is_eager) for word in together] + number


def _together(words: Sequence[str]) -> Iterator[str]:
    """The words, with letters that stand alone side by side as one."""
    for is_alone, some in groupby(words, key=lambda word: len(word) == 1):
        if is_alone:
            yield "".join(some)
        else:
            yield from some


def _without_pictures(text: str) -> str:
    """The text with a space for each emoji, save those that are a letter in a frame."""
    return "".join(_framed(piece) or " " if is_emoji else piece for piece, is_emoji in emojis.split(text))


def _framed(emoji: str) -> str:
    if len(emoji) > 1 and emoji[1:] != "\ufe0f":
        return ""
    seen = looks_like(unicodedata.normalize("NFKC", emoji[0])[0], as_written=True)
    return seen if seen.isascii() and seen.isalpha() and emoji[0] != "™" else ""


def _separated(text: str, *, is_eager: bool) -> str:
    """The text with a space for whatever is neither letter nor digit, and with plain digits."""
    kinds = [_kind(character) for character in text]
    around = [" ", *kinds, " "]
    seen = []
    for at, (character, kind) in enumerate(zip(text, kinds, strict=True)):
        before, after = around[at] == "L", around[at + 2] == "L"
        if character in _SYMBOLS:
            is_letter = (before or is_eager) and after
            seen.append(_SYMBOLS[character] if is_letter else " ")
        elif character == "|":
            is_letter = (before or after) and (is_eager or not text.strip().endswith("|"))
            seen.append("|" if is_letter else " ")
        elif kind == "L":
            digit = unicodedata.digit(character, None)
            seen.append(character if digit is None else str(digit))
        else:
            seen.append(kind)
    return "".join(seen)


@lru_cache(maxsize=8192)
def _kind(character: str) -> str:
    """L for what is part of a word, nothing for what stretches it, a space for what separates."""
    if character == _TATWEEL:
        return ""
    if unicodedata.category(character)[0] in "LNM":
        return "L"
    seen = looks_like(character, as_written=True)
    return "L" if not character.isascii() and seen.isascii() and seen.isalnum() else " "


@lru_cache(maxsize=4096)
def _read(word: str, *, is_eager: bool) -> str:
    """A word as somebody reads it, in lower case and without accents."""
    if word.isascii():
        return _with_letters_for_digits(word).lower()
    letters = [character for character in word.casefold() if character.isalpha()]
    is_latin = 2 * sum(map(_is_latin, letters)) >= len(letters)
    read = ""
    for character in word:
        seen = _seen(character, as_written=is_latin)
        if not (_is_mark(seen) and read[-1:] <= _LAST_WITHOUT_MARKS):
            read += seen
    read = unicodedata.normalize("NFC", read)
    return _with_letters_for_digits(read) if is_latin or is_eager else read


@lru_cache(maxsize=8192)
def _seen(character: str, *, as_written: bool) -> str:
    """What a letter is read as, with those of its marks that are no accents; a mark may be nothing."""
    if _SYLLABLES[0] <= character <= _SYLLABLES[1]:
        return character
    return "".join(
        part if _is_mark(part) else looks_like(part, as_written=as_written)
        for part in unicodedata.normalize("NFD", character)
        if not _ACCENTS.match(part)
    )


@lru_cache(maxsize=8192)
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


def _is_mark(seen: str) -> bool:
    return unicodedata.category(seen[0]).startswith("M") if seen else False


def _with_letters_for_digits(word: str) -> str:
    """The word with a letter for each digit that has one after it."""
    number = len(word.rstrip("0123456789"))
    return word[:number].translate(_DIGITS) + word[number:]


def _key(words: Iterable[str]) -> str:
    joined = "".join(words).translate(_STROKES)
    for pair, letter in _PAIRS:
        joined = joined.replace(pair, letter)
    if not joined.isascii():
        for pieces in _VOWELS:
            joined = joined.replace(pieces[:-1], pieces[-1])
    return joined[:LIMIT]


def _stem(words: Sequence[str]) -> str:
    return _key(_NUMBER.sub("", " ".join(words)).split())


def _key_of_word(word: str) -> str:
    return _key([word])


def _picture(name: str) -> str:
    """The key of a name that has no letters: its emoji and signs, however these are spelled."""
    plain = unicodedata.normalize("NFKC", name.replace("\ufe0f", "")).casefold()
    return plain.replace(" ", "")[:LIMIT]
