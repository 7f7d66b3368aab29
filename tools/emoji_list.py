"""Makes the lists of emoji from which the page chooses: `make emoji`, where Unicode has a new version.

Which there are, and in what order, is Unicode's own list. What they are called says in English the package
`emoji`, with the names that GitHub and Slack know, and in Russian the CLDR. Both lists are Debian's:
unicode-data and unicode-cldr-core.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import emoji
from emoji import EMOJI_DATA

from chat.core import emojis

PAGE = Path(__file__).parent.parent / "chat/static/chat/js"
UNICODE = Path("/usr/share/unicode")

#: Groups of the list, by what the page calls them.
GROUPS = {
    "Smileys & Emotion": "smileys",
    "People & Body": "people",
    "Animals & Nature": "nature",
    "Food & Drink": "food",
    "Travel & Places": "travel",
    "Activities": "activities",
    "Objects": "objects",
    "Symbols": "symbols",
    "Flags": "flags",
}
#: The page makes the skin tones itself; men and women stand there without what they are by trade.
LEFT_OUT = re.compile("[\U0001f3fb-\U0001f3ff]|\u200d.*[♂♀]|[👨👩🧑].*\u200d|^[\u2640\u2642]")
REGION = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
#: The page looks for what is typed between two colons.
NO_NAME = re.compile(r"[^\w+-]+|(?<=\w)-(?=\w)")


def main(unicode: Path) -> None:
    emoji.config.load_language("ru")
    groups = read(unicode / "emoji" / "emoji-test.txt")
    russian = annotations(unicode / "cldr" / "common", "ru")
    english: list[str] = []
    in_russian: list[str] = []
    for group, symbols in groups.items():
        english.append(f"={group}")
        for symbol in symbols:
            data = EMOJI_DATA[symbol]
            english.append(" ".join([symbol, *names([*data.get("alias", []), data["en"]])]))
            in_russian += names([russian.get(symbol.replace("\ufe0f", "")) or data["ru"]])
    write("emoji-list.js", "LIST", [*english, "=regions", regions(unicode)])
    write("emoji-names-ru.js", "NAMES", in_russian)


def read(path: Path) -> dict[str, list[str]]:
    """The emoji of each group that are listed one by one, in order."""
    groups: dict[str, list[str]] = {}
    for symbol, group in symbols(path):
        if (
            not LEFT_OUT.search(symbol)
            and not REGION.fullmatch(symbol)
            and emojis.spelled_out(symbol) == symbol
        ):
            groups.setdefault(group, []).append(symbol)
    return groups


def symbols(path: Path) -> Iterator[tuple[str, str]]:
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# group: "):
            group = GROUPS.get(line.removeprefix("# group: "), "")
        elif "; fully-qualified" in line and group:
            yield "".join(chr(int(code, 16)) for code in line.split(";")[0].split()), group


def regions(unicode: Path) -> str:
    """The two letters of each flag of a region. What they are called in any language, a browser knows."""
    found = (
        symbol for symbol, _ in symbols(unicode / "emoji" / "emoji-test.txt") if REGION.fullmatch(symbol)
    )
    return " ".join("".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in symbol) for symbol in found)


def annotations(cldr: Path, language: str) -> dict[str, str]:
    """What each emoji is called."""
    found: dict[str, str] = {}
    for folder in ("annotations", "annotationsDerived"):
        tree: Any = ElementTree.parse(cldr / folder / f"{language}.xml")  # noqa: S314  # of the system's own
        found |= {one.get("cp"): one.text for one in tree.iter("annotation") if one.get("type") == "tts"}
    return found


def names(raw: list[str]) -> list[str]:
    """Each as it is typed between two colons: small letters, digits and `_`, and the sign of `+1`."""
    bare = (name.strip(":").lower().replace("’", "").replace("ё", "е") for name in raw)
    cleaned = [NO_NAME.sub("_", name).strip("_") for name in bare]
    return list(dict.fromkeys(filter(None, cleaned)))


def write(name: str, constant: str, lines: list[str]) -> None:
    text = "\n".join(lines)
    (PAGE / name).write_text(
        f"// Made by tools/emoji_list.py.\nexport const {constant} = `{text}`;\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else UNICODE)
